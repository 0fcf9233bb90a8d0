package transcript

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every label and tag in the sources of the project serves one place and stands
// in docs/spec/crypto.md, Section 2.4.
func TestLabelsAreInTheSpecification(t *testing.T) {
	spec, err := os.ReadFile("../../docs/spec/crypto.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(spec), "**2.4 ")
	section, _, _ = strings.Cut(section, "**2.5 ")
	if !ok || len(section) < 1000 {
		t.Fatal("no Section 2.4")
	}
	use := regexp.MustCompile(`(?:transcript\.New|HashToScalar)\("([^"]+)"`)
	seen := map[string]string{}
	for _, folder := range []string{"crypto", "record", "station", "ceremonies", "tally", "verifier", "cmd"} {
		sources := os.DirFS("../../" + folder)
		err := fs.WalkDir(sources, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "test/") {
				return err
			}
			b, err := fs.ReadFile(sources, path)
			if err != nil {
				return err
			}
			for _, m := range use.FindAllStringSubmatch(string(b), -1) {
				kind := m[0][:strings.Index(m[0], "(")]
				if !strings.Contains(section, "`"+m[1]+"`") {
					t.Errorf("%s/%s: %s is not in Section 2.4", folder, path, m[0])
				}
				if other, ok := seen[kind+m[1]]; ok {
					t.Errorf("%s/%s: %s is used in %s too", folder, path, m[0], other)
				}
				seen[kind+m[1]] = folder + "/" + path
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d labels and tags found", len(seen))
	}
}
