package architecture

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
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
