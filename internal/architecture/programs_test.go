package architecture

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestModulesInPrograms holds both tables of docs/dependencies.md against what
// the programs really contain.
func TestModulesInPrograms(t *testing.T) {
	told := map[string][]string{}
	document, err := os.ReadFile(root + "/docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(document)) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 && len(cells) != 7 {
			continue
		}
		for _, m := range codeSpans(cells[1]) {
			told[m] = containers(cells[4])
		}
	}
	real := modulesOf(t)
	enough(t, "modules in programs", len(real), 15)
	for m, in := range real {
		if !slices.Equal(in, told[m]) {
			t.Errorf("%s is contained in %q, docs/dependencies.md says %q", m, in, told[m])
		}
	}
	for m, in := range told {
		if len(in) > 0 && real[m] == nil {
			t.Errorf("%s is contained in nothing, docs/dependencies.md says %q", m, in)
		}
	}
}

// allContainers are the programs.
var allContainers = []string{"ceremony", "tally", "verify", "simulate", "kiosk"}

// containers reads the column "contained in".
func containers(cell string) []string {
	if strings.TrimSpace(cell) == "all" {
		return allContainers
	}
	return slices.DeleteFunc(codeSpans(cell), func(name string) bool { return !slices.Contains(allContainers, name) })
}

// modulesOf lists the modules of others with what contains them.
func modulesOf(t *testing.T) map[string][]string {
	t.Helper()
	in := map[string][]string{}
	for _, name := range allContainers {
		for _, m := range strings.Fields(goOutput(t, "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./cmd/"+name)) {
			if m != module && !slices.Contains(in[m], name) {
				in[m] = append(in[m], name)
			}
		}
	}
	return in
}

func goOutput(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v", args, err)
	}
	return string(out)
}
