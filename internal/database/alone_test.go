package database_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
)

func TestOpenAloneRefuses(t *testing.T) {
	dir := t.TempDir()
	c := config(dir)
	if err := create(t, c).Close(); err != nil {
		t.Fatal(err)
	}
	text, link := filepath.Join(dir, "text"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(text, bytes.Repeat([]byte("x"), 9000), 0o600), os.Symlink(c.Main, link)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ path, says string }{
		{filepath.Join(dir, "none"), "none alone: main: lstat"},
		{filepath.Join(dir, "no", "folder"), "folder alone: lstat"},
		{dir, "is not a file"},
		{link, "is not a file"},
		{text, "file is not a database"},
	} {
		_, err := database.OpenAlone(test.path)
		fails(t, err, "opening ", test.says)
	}
}

func TestAloneIsNotWritten(t *testing.T) {
	c := config(t.TempDir())
	if err := create(t, c).Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(c.Mirror)
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.OpenAlone(c.Mirror)
	if err != nil {
		t.Fatal(err)
	}
	fails(t, add(db), "database: one copy alone is not written")
	if got := sum(t, db); got != 0 {
		t.Errorf("reads %d", got)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(c.Mirror)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("reading one copy changed it: %v", err)
	}
}

func TestCopyToNeverReplaces(t *testing.T) {
	dir := t.TempDir()
	db := create(t, config(dir))
	for _, there := range []string{"copy", "copy-journal"} {
		if err := os.WriteFile(filepath.Join(dir, there), []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
		fails(t, db.CopyTo(filepath.Join(dir, "copy")), "copying the station's database: ", there+": file already exists")
		if err := os.Remove(filepath.Join(dir, there)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.CopyTo(filepath.Join(dir, "none", "copy")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("copying into no folder: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".writing-*")); err != nil || len(left) > 0 {
		t.Errorf("failed copies left %v, %v", left, err)
	}
}

// TestRecreate loses each medium in turn; the copy that is made again is as good
// as the other, and the station goes on with both.
func TestRecreate(t *testing.T) {
	c := config(t.TempDir())
	db := create(t, c)
	for range 3 {
		if err := add(db); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	fails(t, database.Recreate(c.Main, c.Mirror), "mirror.db: file already exists")
	want := 3
	for _, pair := range [][2]string{{c.Main, c.Mirror}, {c.Mirror, c.Main}} {
		if err := errors.Join(os.Remove(pair[1]), os.Remove(pair[1]+"-journal"), database.Recreate(pair[0], pair[1])); err != nil {
			t.Fatal(err)
		}
		again, err := database.Open(c)
		if err != nil {
			t.Fatal(err)
		}
		if got := sum(t, again); got != want {
			t.Errorf("recreated %d", got)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		if again, err = database.Open(c); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(add(again), add(again), again.Close()); err != nil {
			t.Error(err)
		}
		want += 2
		if info, err := os.Stat(pair[1]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the new copy's mode is %v, %v", info.Mode(), err)
		}
	}
}
