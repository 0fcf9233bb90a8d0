package record_test

import (
	"crypto/sha256"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/record"
)

func TestInventoryRefuses(t *testing.T) {
	files := func(paths ...string) []record.File {
		fs := []record.File{}
		for _, p := range paths {
			fs = append(fs, record.File{Path: p})
		}
		return fs
	}
	for _, tt := range []struct {
		name  string
		files []record.File
		err   string
	}{
		{"none", nil, "0 files"},
		{"too many", make([]record.File, 1<<20+1), "1048577 files"},
		{"itself", files("inventory.json"), `path "inventory.json" is not allowed`},
		{"parent", files("../manifest.json"), `path "../manifest.json" is not allowed`},
		{"within a parent", files("stations/../manifest.json"), `is not allowed`},
		{"absolute", files("/etc/passwd"), `path "/etc/passwd" is not allowed`},
		{"empty", files(""), `path "" is not allowed`},
		{"twice a slash", files("a//b"), `path "a//b" is not allowed`},
		{"backslash", files(`a\b`), `path "a\\b" is not allowed`},
		{"zero byte", files("a\x00"), `path "a\x00" is not allowed`},
		{"order", files("b", "a"), "files: not in ascending order"},
		{"twice", files("a", "a"), "files: not in ascending order"},
		{"negative size", []record.File{{Path: "a", Size: -1}}, "a: size -1"},
	} {
		v := record.Inventory{Files: tt.files}
		if err := v.Validate(); err == nil || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
	if err := (record.Inventory{Files: files("a", "a-b", "a/b", "b")}).Validate(); err != nil {
		t.Errorf("byte order: %v", err) // '-' before '/'
	}
}

func TestInventoryTellsWhatDiffers(t *testing.T) {
	w := theWorld()
	was := fstest.MapFS{"manifest.json": {Data: []byte("m")}, "stations/a-1/ballots": {}, "stations/a/ballots": {Data: []byte("b")}, "inventory.json": {Data: []byte("i")}}
	v := must(record.TakeInventory(w.election, was))
	ok(v.Validate())
	if len(v.Files) != 3 || v.Files[0] != (record.File{Path: "manifest.json", Size: 1, SHA256: sha256.Sum256([]byte("m"))}) || v.Files[1].Path != "stations/a-1/ballots" {
		t.Fatalf("files %v", v.Files)
	}
	if v.Election != w.election.ID || v.Compare(v) != nil {
		t.Errorf("differs from itself: %v", v.Compare(v))
	}
	is := fstest.MapFS{"manifest.json": {Data: []byte("M")}, "stations/a/ballots": {Data: []byte("b")}, "a\x1b[2J": {}, "z": {}}
	got := sprint(v.Compare(must(record.TakeInventory(w.election, is))))
	want := `["a\x1b[2J": there, but not in the inventory manifest.json: not the file of the inventory stations/a-1/ballots: in the inventory, but not there z: there, but not in the inventory]`
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestInventoryTakesFilesOnly(t *testing.T) {
	linked := fstest.MapFS{"manifest.json": {Mode: fs.ModeSymlink, Data: []byte("/etc/passwd")}}
	if _, err := record.TakeInventory(theWorld().election, linked); err == nil || err.Error() != "listing the record's files: manifest.json is not a regular file" {
		t.Errorf("error %v", err)
	}
}
