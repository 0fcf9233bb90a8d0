package database_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/internal/durable/durabletest"
)

// TestCreateMeetsFaults: what Create reported is there after a power cut; what
// it failed to make it takes away again, so that the next try succeeds.
func TestCreateMeetsFaults(t *testing.T) {
	m := durabletest.Boot(t, 2)
	c := config(m.Disk(0).Path(), m.Disk(1).Path())
	empty := m.Image()
	for n := 1; ; n += 3 {
		m.Restore(empty, uint64(n))
		m.Arm(n, durabletest.PowerCut())
		db, told := database.Create(c)
		if told == nil {
			m.CutPower()
			db.Close() // its error is the power cut's
		}
		m.Reboot()
		db, err := database.Open(c)
		if err == nil {
			err = db.Close()
		} else if told != nil {
			err = nil // refused, and nobody was told otherwise
		}
		if err != nil {
			t.Fatalf("power cut at %d: %v", n, err)
		}
		if told == nil {
			break
		}
	}
	for n := 1; ; n += 2 {
		m.Restore(empty, uint64(n))
		m.Arm(n, durabletest.Once(syscall.EIO))
		db, err := database.Create(c)
		if err == nil && m.Struck() == nil {
			db.Close()
			return
		}
		if err != nil {
			if db, err = database.Create(c); err != nil {
				t.Fatalf("error at %d: the next try: %v", n, err)
			}
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestRecreateMeetsFaults: under the final name is the whole copy or nothing.
func TestRecreateMeetsFaults(t *testing.T) {
	m := durabletest.Boot(t, 2)
	c := config(m.Disk(0).Path(), m.Disk(1).Path())
	db := create(t, c)
	if err := errors.Join(add(db), db.Close(), os.Remove(c.Mirror), os.Remove(c.Mirror+"-journal")); err != nil {
		t.Fatal(err)
	}
	before := m.Image()
	for _, fault := range []durabletest.Fault{durabletest.PowerCut(), durabletest.Once(syscall.EIO), durabletest.Full(m.Disk(1))} {
		for n := 1; ; n += 2 {
			m.Restore(before, uint64(n))
			m.Arm(n, fault)
			told := database.Recreate(c.Main, c.Mirror)
			struck := m.Struck() != nil
			m.CutPower()
			m.Reboot()
			if _, err := os.Lstat(c.Mirror); err != nil {
				if told == nil {
					t.Fatalf("at %d: reported and lost", n)
				}
				if err := database.Recreate(c.Main, c.Mirror); err != nil {
					t.Fatalf("at %d: the next try: %v", n, err)
				}
			}
			again, err := database.Open(c)
			if err != nil {
				t.Fatalf("at %d: %v", n, err)
			}
			if got := sum(t, again); got != 1 {
				t.Errorf("at %d: the copy says %d", n, got)
			}
			if err := again.Close(); err != nil {
				t.Error(err)
			}
			onlyLeftovers(t, m.Disk(1).Path())
			if !struck {
				break
			}
		}
	}
}

// onlyLeftovers wants nothing beside the copy but what carries the name of
// something unfinished.
func onlyLeftovers(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "mirror.db" && e.Name() != "mirror.db-journal" && !strings.HasPrefix(e.Name(), ".writing-") {
			t.Errorf("a strange file %s", filepath.Join(dir, e.Name()))
		}
	}
}

func TestCreateBesideAnOldJournal(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mirror.db-journal"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := database.Create(config(dir))
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v", err)
	}
	fails(t, err, "creating the station's database: ", "mirror.db-journal")
}
