package database_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/internal/durable/durabletest"
)

func pragma(t *testing.T, db *database.DB, query string) string {
	t.Helper()
	var got string
	if err := db.View(func(tx *database.Tx) error { return tx.QueryRow("PRAGMA " + query).Scan(&got) }); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return got
}

// TestSettings reads back every setting that docs/adr/0007-sqlite-settings.md
// argues, after Create and after Open.
func TestSettings(t *testing.T) {
	c := config(t.TempDir())
	created := create(t, c)
	check := func(db *database.DB) {
		t.Helper()
		for _, want := range [][2]string{
			{"foreign_keys", "1"}, {"temp_store", "2"}, {"cell_size_check", "1"}, {"trusted_schema", "0"}, {"busy_timeout", "0"},
		} {
			if got := pragma(t, db, want[0]); got != want[1] {
				t.Errorf("%s is %s", want[0], got)
			}
		}
		for _, medium := range []string{"main", "mirror"} {
			for _, want := range [][2]string{
				{"journal_mode", "truncate"}, {"synchronous", "3"}, {"secure_delete", "1"}, {"locking_mode", "exclusive"}, {"page_size", "4096"}, {"auto_vacuum", "0"},
				{"mmap_size", "0"}, {"freelist_count", "0"}, {"encoding", "UTF-8"}, {"application_id", fmt.Sprint(0x52664442)}, {"user_version", "1"},
			} {
				if got := pragma(t, db, medium+"."+want[0]); got != want[1] {
					t.Errorf("%s.%s is %s", medium, want[0], got)
				}
			}
		}
	}
	check(created)
	if err := created.Close(); err != nil {
		t.Fatal(err)
	}
	opened, err := database.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	check(opened)
}

// TestNoOtherFiles uses a database hard and finds nothing beside it but empty
// journals: no WAL, no shared memory, no super-journal, and no temporary file
// where SQLite would put one.
func TestNoOtherFiles(t *testing.T) {
	temporary := durabletest.Boot(t, 1)
	t.Setenv("SQLITE_TMPDIR", temporary.Disk(0).Path())
	dir := t.TempDir()
	db := create(t, config(dir))
	for range 5 {
		if err := add(db); err != nil {
			t.Fatal(err)
		}
	}
	err := db.Update(func(tx *database.Tx) error { // a statement that needs a statement journal, and a sorter
		return tx.Exec(2000, `WITH RECURSIVE i(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM i WHERE i < 2999)
			INSERT OR ABORT INTO {m}.t SELECT i, 0, randomblob(3000) FROM i ORDER BY random()`)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := temporary.Count(); n != 0 {
		t.Errorf("%d operations on temporary files", n)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"main.db": true, "mirror.db": true, "main.db-journal": true, "mirror.db-journal": true}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if !want[e.Name()] || len(e.Name()) > len("mirror.db") && info.Size() != 0 {
			t.Errorf("%s of %d bytes", e.Name(), info.Size())
		}
	}
}
