package architecture

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

var (
	document = regexp.MustCompile(`\bdocs/[A-Za-z0-9/-]+\.md\b`)
	decision = regexp.MustCompile(`\b(?:ADR |docs/adr/)([0-9]{4})`)
	span     = regexp.MustCompile("`([^`]+)`")
	fence    = regexp.MustCompile("```[^`]*```")
	source   = regexp.MustCompile(`(?:^|[ (])((?:cmd|crypto|record|station|ceremonies|tally|verifier|simulation|internal)(?:/[a-z0-9-]+)+(?:\.[a-z]+)?)`)
	link     = regexp.MustCompile(`\]\(([^)#: ]+)(?:#[^)]*)?\)`)
)

// TestPathsAreThere: every document, decision, package, folder of test data,
// file and relative link that a comment or a document names exists.
func TestPathsAreThere(t *testing.T) {
	documents, decisions, sources, links := 0, 0, 0, 0
	need := func(x text, name string) {
		if _, err := os.Stat(path.Join(root, name)); err != nil {
			t.Errorf("%s names %s, which is not there", x.file, name)
		}
	}
	for _, x := range texts(t) {
		for _, name := range document.FindAllString(x.body, -1) {
			documents++
			need(x, name)
		}
		for _, d := range decision.FindAllStringSubmatch(x.body, -1) {
			decisions++
			if found, err := filepath.Glob(root + "/docs/adr/" + d[1] + "-*.md"); err != nil || len(found) != 1 {
				t.Errorf("%s names ADR %s, which is not there (%v)", x.file, d[1], err)
			}
		}
		for _, name := range sourcesNamed(x) {
			sources++
			need(x, name)
		}
		if path.Ext(x.file) == ".md" {
			for _, l := range link.FindAllStringSubmatch(x.body, -1) {
				links++
				need(x, path.Join(path.Dir(x.file), l[1]))
			}
		}
	}
	enough(t, "names of documents", documents, 150)
	enough(t, "names of decisions", decisions, 15)
	enough(t, "names of folders and files", sources, 150)
	enough(t, "links", links, 15)
}

// sourcesNamed lists the packages, folders and files of ours that a text names:
// a comment plainly, a document in a code span. What guides for operators and
// observers name is on the reader's computer.
func sourcesNamed(x text) []string {
	spans := []string{x.body}
	if path.Ext(x.file) == ".md" {
		spans = nil
		for _, m := range span.FindAllStringSubmatch(fence.ReplaceAllString(x.body, ""), -1) {
			spans = append(spans, m[1])
		}
	}
	if folder := path.Dir(x.file); folder == "docs/operators" || folder == "docs/observers" {
		return nil
	}
	var names []string
	for _, s := range spans {
		for _, m := range source.FindAllStringSubmatch(s, -1) {
			if !slices.Contains(impure, m[1]) { // crypto/rand is Go's
				names = append(names, m[1])
			}
		}
	}
	return names
}
