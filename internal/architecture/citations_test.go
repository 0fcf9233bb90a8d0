package architecture

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A text is what somebody wrote in one place: a document, or one comment. Its
// white space is single spaces, so that no citation hides in a broken line.
type text struct {
	file string // from the root, with slashes
	body string
}

// texts reads every document, and every comment of the Go sources.
func texts(t *testing.T) []text {
	t.Helper()
	var found []text
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && file != root && (name == "testdata" || name == "build" || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch path.Ext(rel) {
		case ".md":
			b, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			found = append(found, text{rel, oneLine(string(b))})
		case ".go":
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			for _, c := range f.Comments {
				found = append(found, text{rel, oneLine(c.Text())})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// enough fails a test that has looked at so little that it cannot have worked.
func enough(t *testing.T, what string, n, least int) {
	t.Helper()
	if n < least {
		t.Errorf("only %d %s were found, not %d: does this test still read them?", n, what, least)
	}
}

var (
	numbers  = `[0-9]+(?:\.[0-9]+)*(?:(?:, and |, | and | to |–)[0-9]+(?:\.[0-9]+)*)*`
	places   = `(?:Section|Algorithm)s? ` + numbers
	citation = regexp.MustCompile("(RFC [0-9]+|[A-Za-z][A-Za-z0-9./-]*)[`)]?(?:\\]\\([^)]*)?, (" + places + "(?:(?:, and |, | and |; )" + places + ")*)")
	place    = regexp.MustCompile(`(Section|Algorithm)s? (` + numbers + `)`)
	number   = regexp.MustCompile(`[0-9]+(\.[0-9]+)*`)
	heading  = regexp.MustCompile(`(?m)^(?:#+ |\*\*)(Algorithm )?([0-9]+(?:\.[0-9]+)*)[. ]`)
)

// TestSectionsAreThere looks up every section and algorithm that a comment or
// a document cites: "docs/spec/crypto.md, Algorithm 4.4" anywhere, "crypto,
// Section 4" as the specifications cite each other, and in a document
// "Section 4" of its own.
func TestSectionsAreThere(t *testing.T) {
	known := headings(t)
	cited := 0
	look := func(where, doc, list string) {
		for _, p := range place.FindAllStringSubmatch(list, -1) {
			for _, n := range number.FindAllString(p[2], -1) {
				cited++
				if !known[doc][p[1]+" "+n] {
					t.Errorf("%s cites %s, %s %s, which is not there", where, doc, p[1], n)
				}
			}
		}
	}
	for _, x := range texts(t) {
		for _, c := range citation.FindAllStringSubmatch(x.body, -1) {
			doc := documentNamed(known, strings.ToLower(c[1]))
			if doc != "" {
				look(x.file, doc, c[2])
			} else if strings.Contains(c[1], "/") {
				t.Errorf("%s cites %s, %s, of which no section has a number", x.file, c[1], c[2])
			}
		}
		if known[x.file] != nil {
			look(x.file, x.file, citation.ReplaceAllString(x.body, ""))
		}
	}
	enough(t, "citations of sections", cited, 250)
}

// headings lists the sections and algorithms of every document that numbers
// them.
func headings(t *testing.T) map[string]map[string]bool {
	t.Helper()
	known := map[string]map[string]bool{}
	for _, pattern := range []string{"/docs/*.md", "/docs/*/*.md"} {
		files, err := filepath.Glob(root + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			here := map[string]bool{}
			for _, h := range heading.FindAllStringSubmatch(string(b), -1) {
				kind := "Section "
				if h[1] != "" {
					kind = h[1]
				}
				here[kind+h[2]] = true
			}
			if len(here) > 0 {
				known[strings.TrimPrefix(filepath.ToSlash(file), root+"/")] = here
			}
		}
	}
	return known
}

// documentNamed finds the document that a citation means by its path, or by
// the short name that the specifications use.
func documentNamed(known map[string]map[string]bool, name string) string {
	if name == "database" {
		name = "station-database"
	}
	base := strings.TrimSuffix(path.Base(name), ".md") + ".md"
	for _, folder := range []string{"docs/spec/", "docs/operators/", "docs/observers/", "docs/"} {
		if doc := folder + base; known[doc] != nil && (name+".md" == base || strings.HasSuffix(doc, strings.TrimLeft(name, "./"))) {
			return doc
		}
	}
	return ""
}

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
			if name == "docs/performance.md" {
				continue // in work
			}
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
				if path.Base(l[1]) == "performance.md" {
					continue // in work
				}
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
