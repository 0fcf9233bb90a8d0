// Package architecture holds docs/architecture.md against the code: who imports
// whom, what pure packages may touch, what the offline programs must not
// contain.
package architecture

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	everything = "everything" // in the table: may import all of ours

	module = "github.com/openreferendum/referendum"
	root   = "../.."
)

// A rule is one row of the table in docs/architecture.md.
type rule struct {
	pkg  string   // a package, or a folder with /… for all below it
	may  []string // of ours
	pure bool
}

// readTable reads the rows "| `pkg` | may import | pure |" of the document.
func readTable(t *testing.T) []rule {
	t.Helper()
	b, err := os.ReadFile(root + "/docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	var rules []rule
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		for _, pkg := range codeSpans(cells[1]) {
			rules = append(rules, rule{pkg, codeSpans(cells[2]), strings.TrimSpace(cells[3]) == "✓"})
		}
	}
	if len(rules) < 15 {
		t.Fatalf("the import table has only %d rows", len(rules))
	}
	return rules
}

func codeSpans(s string) []string {
	var spans []string
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			spans = append(spans, part)
		}
	}
	return spans
}

func matches(pattern, pkg string) bool {
	if dir, ok := strings.CutSuffix(pattern, "/…"); ok {
		return strings.HasPrefix(pkg, dir+"/")
	}
	return pattern == pkg || pattern == everything
}

// imports lists every package of ours with the imports of its non-test files.
// It reads the sources, so a cached test result can never answer for them.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || name == "build" || (strings.HasPrefix(name, ".") && file != root)) {
			return filepath.SkipDir
		}
		if d.IsDir() && file != root {
			if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil {
				return filepath.SkipDir // a module of its own
			}
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		pkg = filepath.ToSlash(pkg)
		if _, ok := found[pkg]; !ok {
			found[pkg] = nil
		}
		for _, i := range f.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			found[pkg] = append(found[pkg], p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("found only %d packages", len(found))
	}
	return found
}

func TestImportTable(t *testing.T) {
	rules := readTable(t)
	for pkg, list := range imports(t) {
		r, ok := ruleFor(rules, pkg)
		if !ok {
			t.Errorf("package %s has no row in docs/architecture.md", pkg)
			continue
		}
		for _, imported := range list {
			ours, ok := strings.CutPrefix(imported, module+"/")
			if ok && !slices.ContainsFunc(r.may, func(p string) bool { return matches(p, ours) }) {
				t.Errorf("%s imports %s, which docs/architecture.md does not allow", pkg, ours)
			}
			if r.pure && slices.Contains(impure, imported) {
				t.Errorf("%s is pure and imports %s", pkg, imported)
			}
			if strings.HasPrefix(imported, "github.com/cloudflare/circl/group") && pkg != "crypto/group" {
				t.Errorf("%s imports the curve library; only crypto/group may", pkg)
			}
		}
	}
}

// ruleFor prefers the row of the package itself to the row of a folder.
func ruleFor(rules []rule, pkg string) (rule, bool) {
	best, found := rule{}, false
	for _, r := range rules {
		if r.pkg == pkg {
			return r, true
		}
		if matches(r.pkg, pkg) && len(r.pkg) > len(best.pkg) {
			best, found = r, true
		}
	}
	return best, found
}

// impure is what a pure package must not import: files, network, devices,
// processes, clocks and chance come in as arguments.
var impure = []string{
	"os", "os/exec", "os/signal", "io/ioutil", "net", "net/http", "net/rpc", "log", "syscall", "unsafe",
	"math/rand", "math/rand/v2", "crypto/rand", "database/sql", "golang.org/x/sys/unix",
}

// TestWalksAreForSimulations: elements whose logarithms follow from each other
// are for records that keep no secret.
func TestWalksAreForSimulations(t *testing.T) {
	used := 0
	for pkg := range imports(t) {
		files, err := filepath.Glob(path.Join(root, pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(b), "group.NewWalk(") || strings.HasSuffix(file, "_test.go") {
				continue
			}
			if used++; pkg != "simulation" {
				t.Errorf("%s walks over elements; only simulation may", file)
			}
		}
	}
	if used == 0 {
		t.Error("nobody does: delete group.Walk")
	}
}

// TestPureNeedsNoClock looks for time.Now, Since, Sleep and the like in pure
// packages.
func TestPureNeedsNoClock(t *testing.T) {
	rules := readTable(t)
	clock := []string{"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "time.Tick", "time.NewTimer"}
	for pkg := range imports(t) {
		if r, ok := ruleFor(rules, pkg); !ok || !r.pure {
			continue
		}
		files, err := filepath.Glob(path.Join(root, pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range clock {
				if strings.Contains(string(b), c+"(") {
					t.Errorf("%s is in a pure package and calls %s", file, c)
				}
			}
		}
	}
}

// TestOfflinePrograms looks at everything the offline programs contain, however
// indirectly.
func TestOfflinePrograms(t *testing.T) {
	forbidden := []string{"net/http", "net/rpc", "os/exec"}
	for _, program := range []string{"ceremony", "tally"} {
		for _, dep := range dependencies(t, "./cmd/"+program) {
			if slices.Contains(forbidden, dep) {
				t.Errorf("cmd/%s contains %s", program, dep)
			}
		}
	}
}

// TestNoFakesInProduction refuses packages ending in "test" in what is
// installed, and tests' own package in what of it is ours (Fyne's window
// contains its test driver). simulate and desk are not installed anywhere: they
// play devices.
func TestNoFakesInProduction(t *testing.T) {
	entries, err := os.ReadDir(root + "/cmd")
	if err != nil {
		t.Fatal(err)
	}
	ownTests := map[string]bool{}
	for _, pkg := range strings.Fields(goOutput(t, "list", "-f", `{{range .Imports}}{{if eq . "testing"}}{{$.ImportPath}}{{end}}{{end}}`, "./...")) {
		ownTests[pkg] = true
	}
	enough(t, "packages that import testing", len(ownTests), 2)
	for _, entry := range entries {
		if entry.Name() == "simulate" || entry.Name() == "desk" {
			continue
		}
		for _, dep := range dependencies(t, "./cmd/"+entry.Name()) {
			if ownTests[dep] {
				t.Errorf("%s, which cmd/%s contains, imports testing", dep, entry.Name())
			}
			if strings.HasPrefix(dep, module) && (strings.HasSuffix(dep, "test") || strings.Contains(dep, "/simulation")) {
				t.Errorf("cmd/%s contains %s", entry.Name(), dep)
			}
		}
	}
}

func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath", pkg)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v", pkg, err)
	}
	var deps []string
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct{ ImportPath string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		deps = append(deps, p.ImportPath)
	}
	if len(deps) < 20 {
		t.Fatalf("%s has only %d dependencies", pkg, len(deps))
	}
	return deps
}
