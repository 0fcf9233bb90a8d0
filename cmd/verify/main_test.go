package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/code"
	"github.com/openreferendum/referendum/verifier"
)

const corpus = "../../record/testdata"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"verify": main})
}

func TestScripts(t *testing.T) {
	root, err := filepath.Abs(corpus)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("CORPUS", root)
			e.Setenv("GORACE", os.Getenv("GORACE"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"lay": lay, "code": putCode, "challenge": putChallenge, "cut": cut, "fifo": fifo, "exit": exit,
		},
		RequireExplicitExec: true,
	})
}

// lay makes a record: "lay valid/county DIR" or "lay corrupt/CASE DIR".
func lay(ts *testscript.TestScript, _ bool, args []string) {
	from, to := filepath.Join(ts.Getenv("CORPUS"), args[0]), ts.MkAbs(args[1])
	if strings.HasPrefix(args[0], "valid/") {
		ts.Check(os.CopyFS(to, os.DirFS(from)))
		return
	}
	var c struct {
		Base   string
		Remove []string
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(filepath.Join(from, "case.json"))), &c))
	ts.Check(os.CopyFS(to, os.DirFS(filepath.Join(ts.Getenv("CORPUS"), c.Base))))
	for _, name := range c.Remove {
		ts.Check(os.Remove(filepath.Join(to, name)))
	}
	overlay := filepath.Join(from, "files")
	ts.Check(filepath.WalkDir(overlay, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(overlay, path)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), b, 0o644)
	}))
}

func election(ts *testscript.TestScript, dir string) *record.Election {
	e, err := record.ReadElection(os.DirFS(ts.MkAbs(dir)))
	ts.Check(err)
	return e
}

// putCode puts into $CODE the code of a ballot: "code DIR STATION FILE NUMBER".
func putCode(ts *testscript.TestScript, _ bool, args []string) {
	e := election(ts, args[0])
	size := e.BallotSize()
	if args[2] == record.ChallengedFile {
		size = record.ChallengedSize(e.Manifest.Shape())
	}
	n, err := strconv.Atoi(args[3])
	ts.Check(err)
	b := []byte(ts.ReadFile(filepath.Join(args[0], "stations", args[1], args[2])))[(n-1)*size:]
	ts.Setenv("CODE", code.Format(record.ConfirmationCode(e.ID, args[1], b[:e.BallotSize()])))
	ts.Setenv("ELECTION", e.ID.String())
	ts.Setenv("PREFIX", e.ID.String()[:16])
}

// putChallenge writes the challenge file of the first challenged ballot of a
// station: "challenge DIR STATION FILE".
func putChallenge(ts *testscript.TestScript, _ bool, args []string) {
	e := election(ts, args[0])
	all, err := record.SplitChallenged(e, args[1], []byte(ts.ReadFile(filepath.Join(args[0], "stations", args[1], record.ChallengedFile))))
	ts.Check(err)
	c := all[0]
	b, err := record.Marshal(record.Challenge{Election: e.ID, Station: args[1], Code: c.Code, Seed: c.Seed, Selections: c.Selections, Ballot: c.Ballot})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), b, 0o644))
}

// cut makes a file as long as said, shorter or longer: "cut FILE SIZE". What is
// added takes no room on the disk.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

func fifo(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o644))
}

// exit runs verify and wants exactly this status: "exit 2 ARGS".
func exit(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("verify", args[1:]...)
	status := "0"
	if err != nil {
		status = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if status != args[0] {
		ts.Fatalf("exit status %s instead of %s", status, args[0])
	}
}

// TestHelp holds the help against the program: every flag and example that it
// names exists, and --help says it all.
func TestHelp(t *testing.T) {
	var out bytes.Buffer
	if status := terminal.Run(command(), []string{"--help"}, nil, &out, &out); status != terminal.ExitOK {
		t.Fatalf("status %d", status)
	}
	if len(verifier.Checks) != 28 || !strings.Contains(help, "in 28\nnumbered checks") {
		t.Errorf("the help does not say that there are %d checks", len(verifier.Checks))
	}
	for _, want := range []string{help, example, "receipt", "challenge", "hints", "--json", "--election", "--part", "--notebook", "--hints", "--one-by-one", "--workers"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("--help lacks %q", want)
		}
	}
	for _, c := range append(command().Commands(), command()) {
		if c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		for l := range strings.Lines(c.Example) {
			checkExample(t, c, strings.TrimSpace(l))
		}
	}
}

// checkExample parses a line of an example as the command would, without
// running it.
func checkExample(t *testing.T, c *cobra.Command, text string) {
	t.Helper()
	if text == "" {
		t.Errorf("%s: no example", c.Name())
		return
	}
	words := strings.Fields(strings.Split(strings.ReplaceAll(text, "'", ""), ">")[0])
	found, rest, err := command().Find(words[1:])
	if err != nil || words[0] != "verify" || found.Name() != c.Name() && found.HasParent() {
		t.Errorf("%q: %v", text, err)
		return
	}
	if err := found.ParseFlags(rest); err != nil {
		t.Errorf("%q: %v", text, err)
	}
	if err := found.ValidateArgs(found.Flags().Args()); err != nil {
		t.Errorf("%q: %v", text, err)
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		var out bytes.Buffer
		if status := terminal.Run(command(), []string{"completion", shell}, nil, &out, &out); status != terminal.ExitOK || !strings.Contains(out.String(), "verify") {
			t.Errorf("%s: status %d", shell, status)
		}
	}
	var out bytes.Buffer
	if status := terminal.Run(command(), []string{"__complete", ""}, nil, &out, &out); status != terminal.ExitOK || !strings.Contains(out.String(), "receipt") {
		t.Errorf("status %d: %s", status, out.String())
	}
}

// TestDocument holds docs/observers/verify.md against the JSON: every field
// that can be in a report has a row, and every row is a field.
func TestDocument(t *testing.T) {
	b, err := os.ReadFile("../../docs/observers/verify.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(b), "## 5. The report as JSON")
	if !ok {
		t.Fatal("no section on JSON")
	}
	section, _, _ = strings.Cut(section, "\n## 6")
	fields := map[string]bool{}
	for _, path := range jsonFields(reflect.TypeFor[verifier.Report](), "") {
		fields[path] = true
	}
	documented := map[string]bool{}
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.Contains(cells[1], "`") {
			continue
		}
		for i, name := range strings.Split(cells[1], "`") {
			if i%2 == 0 {
				continue
			}
			if strings.HasPrefix(name, ".") {
				name = "checks[]" + name
			}
			documented[name] = true
		}
	}
	if !maps.Equal(fields, documented) {
		t.Errorf("fields     %q\ndocumented %q", slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(documented)))
	}
}

// TestDocumentedReport: the report that docs/observers/verify.md shows is what
// the program prints about that record.
func TestDocumentedReport(t *testing.T) {
	b, err := os.ReadFile("../../docs/observers/verify.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(b), "```console\n$ verify record\n")
	if !ok {
		t.Fatal("no report")
	}
	block, _, _ = strings.Cut(block, "```")
	var out, progress bytes.Buffer
	if status := terminal.Run(command(), []string{corpus + "/valid/missing"}, nil, &out, &progress); status != terminal.ExitOK {
		t.Fatalf("status %d: %s", status, progress.String())
	}
	printed := map[string]bool{}
	for l := range strings.Lines(out.String()) {
		printed[l] = true
	}
	for l := range strings.Lines(block) {
		if strings.TrimSpace(l) != "…" && !printed[l] {
			t.Errorf("it does not print %q", l)
		}
	}
}

// jsonFields lists the fields of our own types; the result's are the record's.
func jsonFields(typ reflect.Type, path string) []string {
	var all []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		all = append(all, path+name)
		if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct {
			all = append(all, jsonFields(f.Type.Elem(), path+name+"[].")...)
		}
	}
	return all
}
