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
	required := requiredModules(t)
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

// requiredModules lists the modules that go.mod requires for us, not for
// others, and those of the tools.
func requiredModules(t *testing.T) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(root + "/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var tools []string
	for line := range strings.Lines(string(b)) {
		if path, ok := strings.CutPrefix(line, "tool "); ok {
			tools = append(tools, path)
		}
	}
	required := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(f) < 2 || !strings.HasPrefix(f[1], "v") {
			continue
		}
		indirect := len(f) == 4 && f[3] == "indirect"
		if !indirect || slices.ContainsFunc(tools, func(path string) bool { return strings.HasPrefix(path, f[0]+"/") }) {
			required[f[0]] = true
		}
	}
	return required
}
