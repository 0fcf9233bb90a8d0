package verifier_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/verifier"
)

// TestVerificationDocument holds docs/verification.md against the checks and
// the corpus: each check has its section, with what it shows, the threat it
// answers, and all cases that are about it.
func TestVerificationDocument(t *testing.T) {
	b, err := os.ReadFile("../docs/verification.md")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string][]string{}
	for _, name := range folders(t, testdata+"/corrupt") {
		var c corrupted
		readJSON(t, testdata+"/corrupt/"+name+"/case.json", &c)
		cases[c.Checks[0].Check] = append(cases[c.Checks[0].Check], name)
	}
	sections := regexp.MustCompile(`(?m)^### (V[0-9]{2}) (.*)$`).FindAllStringSubmatchIndex(string(b), -1)
	if len(sections) != len(verifier.Checks) {
		t.Fatalf("%d sections for %d checks", len(sections), len(verifier.Checks))
	}
	item := func(section, name string) string {
		m := regexp.MustCompile(`(?m)^- \*\*` + name + `:\*\* (.*)\.$`).FindStringSubmatch(section)
		if m == nil {
			return ""
		}
		return m[1]
	}
	for i, c := range verifier.Checks {
		text := string(b)[sections[i][0]:]
		if end := strings.Index(text[1:], "\n#"); end >= 0 {
			text = text[:end+2]
		}
		if !strings.HasPrefix(text, "### "+c.ID+" "+c.Title+"\n") {
			t.Errorf("section %d is not %s %s", i+1, c.ID, c.Title)
		}
		for name, want := range map[string]string{"Shows": c.Shows, "Answers": c.Threat} {
			if got := item(text, name); got != want {
				t.Errorf("%s: %s: %q instead of %q", c.ID, name, got, want)
			}
		}
		for _, name := range []string{"How", "Specified in"} {
			if len(item(text, name)) < 8 {
				t.Errorf("%s: %s is missing", c.ID, name)
			}
		}
		var named []string
		for _, m := range regexp.MustCompile("`([^`]*)`").FindAllStringSubmatch(item(text, "Cases"), -1) {
			named = append(named, m[1])
		}
		if !slices.Equal(named, cases[c.ID]) {
			t.Errorf("%s: cases %q instead of %q", c.ID, named, cases[c.ID])
		}
	}
}
