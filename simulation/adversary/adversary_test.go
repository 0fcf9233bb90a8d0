package adversary

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/verifier"
)

var update = flag.Bool("update", false, "write record/testdata instead of comparing with it")

const testdata = "../../record/testdata"

// TestCorpus makes the corpus again: the same bytes must come out. With -update
// it writes them (make corpus).
func TestCorpus(t *testing.T) {
	made := Corpus()
	if *update {
		write(t, made)
	}
	var wrong []string
	there := map[string]bool{}
	err := filepath.WalkDir(testdata, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(testdata, path)
		name = filepath.ToSlash(name)
		if err != nil || !(strings.HasPrefix(name, "valid/") || strings.HasPrefix(name, "corrupt/")) {
			return err
		}
		there[name] = true
		b, err := os.ReadFile(path)
		if want, ok := made[name]; !ok {
			wrong = append(wrong, name+": nobody makes this file")
		} else if !bytes.Equal(b, want) {
			wrong = append(wrong, name+": made again, it is another file")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range made {
		if !there[name] {
			wrong = append(wrong, name+": not there")
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		t.Errorf("%d files differ; if that is meant: make corpus. The first are\n%s", len(wrong), strings.Join(wrong[:min(len(wrong), 10)], "\n"))
	}
}

func write(t *testing.T, made map[string][]byte) {
	for _, dir := range []string{"valid", "corrupt"} {
		if err := os.RemoveAll(filepath.Join(testdata, dir)); err != nil {
			t.Fatal(err)
		}
	}
	for name, b := range made {
		path := filepath.Join(testdata, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNamesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range Attacks() {
		if seen[a.Name] {
			t.Errorf("two attacks are called %s", a.Name)
		}
		seen[a.Name] = true
		if len(a.Rejects) == 0 || a.Reason == "" || a.Attacker == "" {
			t.Errorf("%s: incomplete", a.Name)
		}
	}
}

// TestThreatModel holds docs/threat-model.md against the attacks: each stands
// in the row of its threat, and every one that the document names is played.
func TestThreatModel(t *testing.T) {
	b, err := os.ReadFile("../../docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`^\| (T[0-9]{2}) \|`)
	attack := regexp.MustCompile("`adversary/([a-z0-9-]+)`")
	threat := map[string]string{}
	for line := range strings.Lines(string(b)) {
		m := row.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, a := range attack.FindAllStringSubmatch(line, -1) {
			if before, again := threat[a[1]]; again {
				t.Errorf("adversary/%s stands at %s and %s", a[1], before, m[1])
			}
			threat[a[1]] = m[1]
		}
	}
	played := map[string]string{"flips": "T02"} // all of flips.json
	for _, a := range Attacks() {
		played[a.Name] = a.Threat
	}
	for _, name := range slices.Sorted(maps.Keys(played)) {
		if threat[name] != played[name] {
			t.Errorf("adversary/%s belongs to %s, docs/threat-model.md has it at %q", name, played[name], threat[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(threat)) {
		if _, ok := played[name]; !ok {
			t.Errorf("docs/threat-model.md names adversary/%s, which nobody plays", name)
		}
	}
}

// TestThreatsAreShown: every test that docs/threat-model.md names is there, and
// every threat of a check has a row.
func TestThreatsAreShown(t *testing.T) {
	b, err := os.ReadFile("../../docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	named := 0
	for _, m := range regexp.MustCompile("`([a-z/0-9-]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(text, -1) {
		named++
		if !declares(t, "../../"+m[1], m[2]) {
			t.Errorf("docs/threat-model.md names %s.%s, which is not there", m[1], m[2])
		}
	}
	for _, m := range regexp.MustCompile("`([a-z/]+/testdata/[a-z-]+\\.txtar)`").FindAllStringSubmatch(text, -1) {
		named++
		if _, err := os.Stat("../../" + m[1]); err != nil {
			t.Errorf("docs/threat-model.md names %s, which is not there", m[1])
		}
	}
	if named < 60 {
		t.Errorf("only %d tests are named", named)
	}
	rows := regexp.MustCompile(`(?m)^\| (T[0-9]{2}) \|.*$`).FindAllString(text, -1)
	for i, row := range rows {
		if want := fmt.Sprintf("| T%02d |", i+1); !strings.HasPrefix(row, want) {
			t.Errorf("row %d is %.7s instead of %s", i+1, row, want)
		}
		if !strings.Contains(row, ".Test") && !strings.Contains(row, ".txtar") && !strings.Contains(row, ".Fuzz") {
			t.Errorf("no test shows %.7s", row)
		}
	}
	for _, c := range verifier.Checks {
		if !slices.ContainsFunc(rows, func(row string) bool { return strings.HasPrefix(row, "| "+c.Threat+" |") }) {
			t.Errorf("%s answers %s, which has no row", c.ID, c.Threat)
		}
	}
}

// declares reports whether a test file in a folder has this function.
func declares(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(dir + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("\nfunc "+name+"(")) {
			return true
		}
	}
	return false
}
