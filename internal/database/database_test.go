package database_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
)

// rows is the number of rows of the tests' table; each fills a page.
const rows = 4

func config(dirs ...string) database.Config {
	return database.Config{Main: filepath.Join(dirs[0], "main.db"), Mirror: filepath.Join(dirs[len(dirs)-1], "mirror.db")}
}

// create makes a database with one table whose rows all say 0.
func create(t testing.TB, c database.Config) *database.DB {
	t.Helper()
	db, err := database.Create(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	err = db.Update(func(tx *database.Tx) error {
		return errors.Join(
			tx.Exec(-1, `CREATE TABLE {m}.t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, filling BLOB NOT NULL) STRICT`),
			tx.Exec(rows, `WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 4)
				INSERT INTO {m}.t SELECT i, 0, zeroblob(3000) FROM i`))
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// add adds 1 to every row but the last.
func add(db *database.DB) error {
	return db.Update(func(tx *database.Tx) error { return tx.Exec(rows-1, `UPDATE {m}.t SET n = n + 1 WHERE id < 4`) })
}

// sum returns what add has added, and fails unless it was added to every row.
func sum(t testing.TB, db *database.DB) int {
	t.Helper()
	var least, most, last int
	err := db.View(func(tx *database.Tx) error {
		return tx.QueryRow(`SELECT min(n) FILTER (WHERE id < 4), max(n) FILTER (WHERE id < 4), min(n) FILTER (WHERE id = 4) FROM {m}.t`).Scan(&least, &most, &last)
	})
	if err != nil || least != most || last != 0 {
		t.Fatalf("rows say %d to %d, the last %d: %v", least, most, last, err)
	}
	return most
}

// fails wants an error that says each of the given things.
func fails(t testing.TB, err error, says ...string) {
	t.Helper()
	for _, s := range says {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not say %q", err, s)
		}
	}
}

func TestBadConfig(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		name string
		c    database.Config
		says string
	}{
		{"no main", database.Config{Mirror: filepath.Join(dir, "m")}, "no path for main"},
		{"no mirror", database.Config{Main: filepath.Join(dir, "m")}, "no path for mirror"},
		{"one file", database.Config{Main: filepath.Join(dir, "m"), Mirror: filepath.Join(dir, ".", "m")}, "main and mirror are the same file"},
		{"no folder", database.Config{Main: filepath.Join(dir, "none", "m"), Mirror: filepath.Join(dir, "m")}, "main: lstat"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := database.Create(test.c)
			fails(t, err, "creating the station's database: ", test.says)
			_, err = database.Open(test.c)
			fails(t, err, "opening the station's database: ", test.says)
		})
	}
}

func TestOpenRefusesWhatIsNotADatabase(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, c database.Config) error
		says  string
	}{
		{"main is missing", func(_ *testing.T, c database.Config) error { return os.Remove(c.Main) }, "main: lstat"},
		{"mirror is missing", func(_ *testing.T, c database.Config) error { return os.Remove(c.Mirror) }, "mirror: lstat"},
		{"main is empty", func(_ *testing.T, c database.Config) error { return os.Truncate(c.Main, 0) }, "main.db is not a station's database"},
		{"mirror is empty", func(_ *testing.T, c database.Config) error { return os.Truncate(c.Mirror, 0) }, "mirror.db is not a station's database"},
		{"mirror is truncated", func(_ *testing.T, c database.Config) error { return os.Truncate(c.Mirror, 8192) }, "malformed"},
		{"main is text", func(_ *testing.T, c database.Config) error {
			return os.WriteFile(c.Main, []byte(strings.Repeat("no database ", 1000)), 0o600)
		}, "file is not a database"},
		{"another program's", func(_ *testing.T, c database.Config) error { return patch(c.Mirror, 68, 1, 2, 3, 4) }, `application_id is "16909060"`},
		{"another version", func(_ *testing.T, c database.Config) error { return patch(c.Main, 60, 0, 0, 0, 9) }, `user_version is "9"`},
		{"a flipped page header", func(_ *testing.T, c database.Config) error { return patch(c.Mirror, 4096, 0xff) }, "mirror"},
		{"a changed value", func(_ *testing.T, c database.Config) error { return patch(c.Mirror, 5*4096-10, 7) }, database.ErrDiffer.Error()},
		{"main is a link", func(t *testing.T, c database.Config) error {
			return errors.Join(os.Rename(c.Main, c.Main+"2"), os.Symlink(c.Main+"2", c.Main))
		}, "main.db is not a file"},
		{"mirror is a folder", func(_ *testing.T, c database.Config) error {
			return errors.Join(os.Remove(c.Mirror), os.Mkdir(c.Mirror, 0o700))
		}, "mirror.db is not a file"},
		{"one file with two names", func(_ *testing.T, c database.Config) error {
			return errors.Join(os.Remove(c.Mirror), os.Link(c.Main, c.Mirror))
		}, "main and mirror are the same file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := config(t.TempDir())
			if err := errors.Join(create(t, c).Close(), test.spoil(t, c)); err != nil {
				t.Fatal(err)
			}
			_, err := database.Open(c)
			fails(t, err, "opening the station's database: ", test.says)
		})
	}
}

func patch(path string, off int64, b ...byte) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, off)
	return errors.Join(err, f.Close())
}

func TestCreateNeverReplacesAndLeavesNothingBehind(t *testing.T) {
	for _, there := range []string{"main.db", "mirror.db", "main.db-journal", "mirror.db-journal"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, there), []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := database.Create(config(dir))
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s is there: %v", there, err)
		}
		if b, err := os.ReadFile(filepath.Join(dir, there)); string(b) != "kept" {
			t.Errorf("%s was replaced by %q: %v", there, b, err)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 1 {
			t.Errorf("a failed Create left %v", entries)
		}
	}
}

// TestLinkedFolders opens a database through a link to its folder, as media are
// often mounted.
func TestLinkedFolders(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "medium")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if err := create(t, config(dir)).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(config(link))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := add(db); err != nil || sum(t, db) != 1 {
		t.Error(err)
	}
}

// TestWrongPairing opens the main copy of one station with the mirror of
// another, and with its own of yesterday.
func TestWrongPairing(t *testing.T) {
	a, b := config(t.TempDir()), config(t.TempDir())
	yesterday := filepath.Join(t.TempDir(), "yesterday.db")
	for i, c := range []database.Config{a, b} {
		db := create(t, c)
		for range i + 1 {
			if err := add(db); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(a.Mirror)
	if err := errors.Join(err, os.WriteFile(yesterday, old, 0o600)); err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(a)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(add(db), db.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = database.Open(database.Config{Main: a.Main, Mirror: yesterday})
	if !errors.Is(err, database.ErrDiffer) {
		t.Errorf("yesterday's mirror: %v", err)
	}
	fails(t, err, "table t: row 1")
	if _, err := database.Open(database.Config{Main: b.Main, Mirror: yesterday}); !errors.Is(err, database.ErrDiffer) {
		t.Errorf("another station's mirror: %v", err)
	}
}

// TestOneProgramAtATime: a second program on the same files is refused, whichever
// way it comes, and the first goes on.
func TestOneProgramAtATime(t *testing.T) {
	c := config(t.TempDir())
	first := create(t, c)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	first, err := database.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_, err = database.Open(c)
	fails(t, err, "opening the station's database: ", "locked")
	for _, path := range []string{c.Main, c.Mirror} {
		_, err := database.OpenAlone(path)
		fails(t, err, "opening "+path+" alone: ", "locked")
	}
	if err := add(first); err != nil || sum(t, first) != 1 {
		t.Error(err)
	}
}
