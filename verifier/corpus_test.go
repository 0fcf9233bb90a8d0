package verifier_test

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/verifier"
)

const testdata = "../record/testdata"

// A corrupted record of record/testdata/README.md.
type corrupted struct {
	Base   string
	Checks []struct{ Check, Where string }
	Remove []string
}

// readFiles reads all files of a folder; an absent folder has none.
func readFiles(t testing.TB, dir string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return files
	}
	fsys := os.DirFS(dir)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(fsys, name)
		files[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

// lay lays the files of a case over its base.
func (c corrupted) lay(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	files := readFiles(t, path.Join(testdata, c.Base))
	for _, name := range c.Remove {
		if files[name] == nil {
			t.Errorf("the base has no %s to remove", name)
		}
		delete(files, name)
	}
	maps.Copy(files, readFiles(t, path.Join(testdata, "corrupt", name, "files")))
	return files
}

func folders(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// bothWays verifies many ballots at a time, and fails unless the report is the
// same ballot by ballot.
func bothWays(t *testing.T, files fs.FS) *verifier.Report {
	t.Helper()
	many := verifier.Verify(files, verifier.Options{Workers: 2, Random: rand.Reader})
	if one := verifier.Verify(files, verifier.Options{}); !reflect.DeepEqual(one, many) {
		t.Errorf("ballot by ballot the report is\n%+v\nmany at a time\n%+v", one, many)
	}
	return many
}

func TestValidRecordsVerify(t *testing.T) {
	names := folders(t, testdata+"/valid")
	if len(names) < 4 {
		t.Fatalf("only %q", names)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			r := bothWays(t, readFiles(t, testdata+"/valid/"+name))
			for _, f := range r.Failures {
				t.Errorf("%s %s: %s", f.Check, f.Where, f.Why)
			}
			for _, c := range r.Checks {
				if c.Status != verifier.Passed {
					t.Errorf("%s: %s", c.ID, c.Status)
				}
			}
			if !r.OK() || r.Result == nil {
				t.Error("it does not verify")
			}
		})
	}
}

// TestCorruptedRecordsFail asks of every case that the named checks fail, at the
// named places, and no others.
func TestCorruptedRecordsFail(t *testing.T) {
	names := folders(t, testdata+"/corrupt")
	if len(names) < 80 {
		t.Fatalf("only %d cases", len(names))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c corrupted
			readJSON(t, path.Join(testdata, "corrupt", name, "case.json"), &c)
			r := bothWays(t, c.lay(t, name))
			want, got := map[string]bool{}, map[string]bool{}
			for _, x := range c.Checks {
				want[x.Check+" "+x.Where] = true
			}
			for _, f := range r.Failures {
				got[f.Check+" "+f.Where] = true
				if !want[f.Check+" "+f.Where] {
					t.Errorf("fails beside what is named: %s %s: %s", f.Check, f.Where, f.Why)
				}
			}
			for _, x := range slices.Sorted(maps.Keys(want)) {
				if !got[x] {
					t.Errorf("does not fail: %s", x)
				}
			}
			if r.OK() || r.Result != nil {
				t.Error("it verifies, or shows a result")
			}
		})
	}
}

// TestEveryCheckRejectsSomething: a check that no case fails would not be
// missed.
func TestEveryCheckRejectsSomething(t *testing.T) {
	cases := map[string]int{}
	for _, name := range folders(t, testdata+"/corrupt") {
		var c corrupted
		readJSON(t, path.Join(testdata, "corrupt", name, "case.json"), &c)
		cases[c.Checks[0].Check]++
	}
	for _, c := range verifier.Checks {
		if cases[c.ID] == 0 {
			t.Errorf("no corrupted record is about %s", c.ID)
		}
	}
}

// A flip of flips.json.
type flip struct {
	File, Field string
	Offset      int
	Old, New    string
	Checks      []string
}

// TestEveryFlippedFieldFails changes one bit of one field at a time.
func TestEveryFlippedFieldFails(t *testing.T) {
	var list struct {
		Base  string
		Flips []flip
	}
	readJSON(t, testdata+"/corrupt/flips.json", &list)
	if len(list.Flips) < 150 {
		t.Fatalf("only %d flips", len(list.Flips))
	}
	base := readFiles(t, path.Join(testdata, list.Base))
	for name := range base {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flipped := 0
			for _, f := range list.Flips {
				if f.File == name {
					f.verify(t, base)
					flipped++
				}
			}
			if flipped == 0 {
				t.Error("no field of this file is flipped")
			}
		})
	}
}

func (f flip) verify(t *testing.T, base fstest.MapFS) {
	b := base[f.File].Data
	remove, insert := decode(t, f.Old), decode(t, f.New)
	if string(b[f.Offset:f.Offset+len(remove)]) != string(remove) {
		t.Fatalf("%s, %s: the base has other bytes", f.File, f.Field)
	}
	changed := maps.Clone(base)
	changed[f.File] = &fstest.MapFile{Data: slices.Concat(b[:f.Offset], insert, b[f.Offset+len(remove):])}
	r := bothWays(t, changed)
	if r.OK() {
		t.Errorf("%s, %s: it verifies", f.File, f.Field)
	}
	for _, c := range f.Checks {
		if !slices.ContainsFunc(r.Failures, func(x verifier.Failure) bool { return x.Check == c }) {
			t.Errorf("%s, %s: %s does not fail, but %+v", f.File, f.Field, c, r.Failures)
		}
	}
}

func decode(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil || strings.ToLower(s) != s {
		t.Fatalf("%q is not lower-case hexadecimal", s)
	}
	return b
}
