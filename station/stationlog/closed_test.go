package stationlog

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/operators/log-events.md")

// files parses the sources of this package, without the tests.
func files(t *testing.T) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	if len(files) < 5 {
		t.Fatalf("found only %d files", len(files))
	}
	return files
}

// TestNothingElseGetsIn reads the sources: the only exported functions that
// give a Detail take one number of a closed list, and what Append takes has no
// string, no bytes and no open interface in it.
func TestNothingElseGetsIn(t *testing.T) {
	numbers := map[string]bool{} // type X int
	constructors := 0
	for _, f := range files(t) {
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				for _, s := range g.Specs {
					s := s.(*ast.TypeSpec)
					if id, ok := s.Type.(*ast.Ident); ok && id.Name == "int" {
						numbers[s.Name.Name] = true
					}
				}
			}
		}
	}
	for _, f := range files(t) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() {
				continue
			}
			if fn.Recv == nil && fn.Type.Results != nil && returnsDetail(fn) {
				constructors++
				for _, p := range fn.Type.Params.List {
					if id, ok := p.Type.(*ast.Ident); !ok || !numbers[id.Name] {
						t.Errorf("%s makes a Detail of something that is no number of a closed list", fn.Name)
					}
				}
			}
			if fn.Name.Name == "Append" {
				for i, p := range fn.Type.Params.List {
					if got, want := types(p.Type), []string{"Hour", "Event", "...Detail"}[i]; got != want {
						t.Errorf("Append takes a %s", got)
					}
				}
			}
		}
	}
	if constructors != len(vocabulary) {
		t.Errorf("%d constructors for %d lists of values", constructors, len(vocabulary))
	}
}

func returnsDetail(fn *ast.FuncDecl) bool {
	return slices.ContainsFunc(fn.Type.Results.List, func(f *ast.Field) bool { return strings.Contains(types(f.Type), "Detail") })
}

func types(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.Ellipsis:
		return "..." + types(e.Elt)
	case *ast.StarExpr:
		return "*" + types(e.X)
	case *ast.ArrayType:
		return "[]" + types(e.Elt)
	}
	return fmt.Sprintf("%T", e)
}

// TestFieldsAreHidden: no caller can fill a Detail or an Hour but by the
// functions.
func TestFieldsAreHidden(t *testing.T) {
	for _, f := range files(t) {
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.TypeSpec)
			if !ok || (s.Name.Name != "Detail" && s.Name.Name != "Hour") {
				return true
			}
			for _, field := range s.Type.(*ast.StructType).Fields.List {
				for _, name := range field.Names {
					if name.IsExported() {
						t.Errorf("%s.%s is exported", s.Name, name)
					}
				}
			}
			return true
		})
	}
}

// TestVocabulary: sixteen values at most, so an entry says four bits and no
// more.
func TestVocabulary(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9]+(-[a-z]+)*$`)
	for key, values := range vocabulary {
		if len(values) < 2 || len(values) > maxValues {
			t.Errorf("%s has %d values, allowed are 2 to %d", key, len(values), maxValues)
		}
		for _, v := range values {
			if !name.MatchString(v) {
				t.Errorf("%s: value %q", key, v)
			}
		}
	}
	for key, last := range map[string]Detail{"official": By(16), "part": Of(SystemClock), "cause": Because(PanelFault), "printer": With(PrinterUnplugged),
		"medium": On(Mirror), "clock": Clock(Stopped), "switch": At(Motion), "kind": For(TestDeck), "seal": Under(Passphrase), "unsealing": Sealed(WrongPassphrase),
		"books": Books(BooksDoNotFit), "refusal": Refused(MediumFormat)} {
		if values := vocabulary[key]; last != (Detail{key, values[len(values)-1]}) {
			t.Errorf("%s: the last constant gives %q", key, last)
		}
	}
}

// sessionWords are words of what happens once for each voter, or to a ballot.
// An event named so would say something about sessions.
var sessionWords = regexp.MustCompile(`session|voter|vote|cast|challeng|abandon|receipt|card-inserted|choice|begun|timed-out`)

func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for i, d := range Catalogue() {
		if int(d.Event) != i+1 || d.Name == "" || d.English.Meaning == "" || d.English.Do == "" || d.Chinese.Meaning == "" || d.Chinese.Do == "" || len(d.Answers) == 0 || seen[d.Name] || d.Severity.String() == "unknown" {
			t.Errorf("description %d is not whole: %+v", i, d)
		}
		seen[d.Name] = true
		if sessionWords.MatchString(d.Name) {
			t.Errorf("%s happens in a session: docs/adr/0011-what-a-machine-may-log.md", d.Name)
		}
		if len(d.Details) > 1 {
			t.Errorf("%s has %d details", d.Name, len(d.Details))
		}
		for _, key := range d.Details {
			if vocabulary[key] == nil {
				t.Errorf("%s has a detail %q without values", d.Name, key)
			}
		}
	}
	if MachineStopped != Event(len(catalogue)) || Event(0).String() != "unknown-event" {
		t.Errorf("%d events, %d descriptions", MachineStopped, len(catalogue))
	}
}

// TestEveryEventIsWritten: what the catalogue says can be in a log, some program
// writes; else it would answer a row of the guidelines with words.
func TestEveryEventIsWritten(t *testing.T) {
	written := map[string]bool{}
	use := regexp.MustCompile(`stationlog\.([A-Z]\w+)`)
	for _, programs := range []string{"../../station", "../../internal", "../../cmd"} {
		err := filepath.WalkDir(programs, func(path string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case e.IsDir() && strings.HasSuffix(path, "test"):
				return fs.SkipDir
			case e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			source, err := os.ReadFile(path)
			for _, name := range use.FindAllSubmatch(source, -1) {
				written[string(name[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range Catalogue() {
		if constant := constantOf(d.Name); !written[constant] {
			t.Errorf("no program writes %s", constant)
		}
	}
}

// constantOf returns the name of an event's constant.
func constantOf(name string) string {
	constant := ""
	for word := range strings.SplitSeq(name, "-") {
		constant += strings.ToUpper(word[:1]) + word[1:]
	}
	return constant
}

// TestDocument holds docs/operators/log-events.md in step with the catalogue.
func TestDocument(t *testing.T) {
	const name = "../../docs/operators/log-events.md"
	want := document()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not in step with the catalogue: go test ./station/stationlog -update rewrites it", name)
	}
}

const head = `# What the machine's log can say

This is everything that a station's machine can write into its log: events about the machine and its poll workers. There is no event for what a voter does, no event that happens
once for each voter, no time finer than the hour, and no free text. [ADR 0011](../adr/0011-what-a-machine-may-log.md) and [ADR 0026](../adr/0026-the-log-of-a-machine-with-devices.md) say why. The format is in
[paper, Section 6](../spec/paper.md). This page is made from the program's own catalogue; a test holds the two in step.

*Notice*: nothing to do. *Warning*: look at it soon. *Alarm*: no voting until it is dealt with. The last column has the rows of the table at the end that the event answers.

| event | severity | what happened | what to do | detail | rows |
|---|---|---|---|---|---|
`

const feet = `
` + "`official` is the number of the poll worker's key in the manifest. `medium`: `internal` and `mirror` hold the station's database and this log, `first` and `second` are the two removable media. `part` and `printer`: the printer without a further word prints the slips; the one in front prints receipts, opened ballots and tapes." + `

## What VVSG 2.0 asks for

The Voluntary Voting System Guidelines 2.0 (Election Assistance Commission, 2021) ask in Requirement 15.1-D for the events of their Table 15-1, and in 15.1 for logs without anything about voters. The rows are numbered here in the table's order of subjects; their names are shortened, and one of them, *voting events*, is taken apart into three.
In the common format of NIST SP 1500-101 (package ` + "`station/stationlog/cdf`" + `) the subject is an event's ` + "`Type`" + `.

| row | subject | asks for | answered by, or why not |
|---|---|---|---|
`

func document() []byte {
	var b bytes.Buffer
	b.WriteString(head)
	for _, d := range catalogue {
		detail := ""
		if len(d.Details) > 0 {
			detail = "`" + strings.Join(d.Details, "`, `") + "`"
		}
		rows := make([]string, 0, len(d.Answers))
		for _, r := range d.Answers {
			rows = append(rows, fmt.Sprint(int(r)))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s<br>%s | %s<br>%s | %s | %s |\n", d.Name, d.Severity, d.English.Meaning, d.Chinese.Meaning, d.English.Do, d.Chinese.Do, detail, strings.Join(rows, ", "))
	}
	b.WriteString("\n## Details\n\n| detail | values |\n|---|---|\n")
	keys := slices.Sorted(maps.Keys(vocabulary))
	for _, k := range keys {
		fmt.Fprintf(&b, "| `%s`<br>%s | %s |\n", k, chineseDetails[k].name, strings.Join(bothValues(k), ", "))
	}
	b.WriteString(feet)
	for _, r := range rows {
		answer := r.WhyNot
		if answer == "" {
			answer = "`" + strings.Join(answering(r.Row), "`, `") + "`"
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", int(r.Row), r.Category, r.Name, answer)
	}
	return b.Bytes()
}

// bothValues names the values of a detail, in the log and in Chinese.
func bothValues(key string) []string {
	var both []string
	for i, v := range vocabulary[key] {
		v, chinese := "`"+v+"`", chineseDetails[key].values[i]
		if key != "official" {
			v += " " + chinese
		}
		both = append(both, v)
	}
	return both
}

// answering names the events that answer a row.
func answering(r Row) []string {
	var names []string
	for _, d := range catalogue {
		if slices.Contains(d.Answers, r) {
			names = append(names, d.Name)
		}
	}
	return names
}

// TestRows: each row that the guidelines ask for has events, or a reason why it
// has none, and never both.
func TestRows(t *testing.T) {
	for i, r := range rows {
		if int(r.Row) != i+1 || r.Name == "" || r.Category == "other" || r.Row.Category() != r.Category {
			t.Errorf("row %d is not whole: %+v", i+1, r)
		}
		if n := len(answering(r.Row)); (n > 0) == (r.WhyNot != "") {
			t.Errorf("%q: %d events, and the reason for none %q", r.Name, n, r.WhyNot)
		}
	}
	for _, d := range Catalogue() {
		seen := map[Row]bool{}
		for _, r := range d.Answers {
			if r.Category() == "other" || seen[r] {
				t.Errorf("%s answers row %d", d.Name, r)
			}
			seen[r] = true
		}
		if d.Severity == Alarm && d.Outcome == Success {
			t.Errorf("%s is an alarm and a success", d.Name)
		}
	}
	if Row(0).Category() != "other" || Row(99).Category() != "other" || (Description{}).Category() != "other" {
		t.Error("a row that is none has a subject")
	}
	if got := answering(RowCasting); got != nil {
		t.Errorf("%v say something about a ballot: docs/adr/0011-what-a-machine-may-log.md", got)
	}
}
