package architecture

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestDependencies holds the table of docs/dependencies.md against go.mod:
// every module that we import ourselves is argued there, and no other.
func TestDependencies(t *testing.T) {
	argued := map[string]bool{}
	document, err := os.ReadFile(root + "/docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(document)) {
		cells := strings.Split(line, "|")
		if len(cells) != 7 {
			continue
		}
		for _, m := range codeSpans(cells[1]) {
			argued[m] = true
		}
	}
	required := map[string]bool{}
	b, err := os.ReadFile(root + "/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	tool := ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if path, ok := strings.CutPrefix(line, "tool "); ok {
			tool = path
			continue
		}
		f := strings.Fields(line)
		if len(f) == 2 && strings.HasPrefix(f[1], "v") {
			required[f[0]] = true
		}
		if len(f) == 4 && f[3] == "indirect" && strings.HasPrefix(tool, f[0]) {
			required[f[0]] = true
		}
	}
	if len(required) < 10 {
		t.Fatalf("go.mod requires only %q", slices.Sorted(maps.Keys(required)))
	}
	for m := range required {
		if !argued[m] {
			t.Errorf("%s is in go.mod and not in docs/dependencies.md", m)
		}
	}
	for m := range argued {
		if !required[m] {
			t.Errorf("%s is in docs/dependencies.md and not in go.mod", m)
		}
	}
}
