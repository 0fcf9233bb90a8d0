package daybook_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/daybook"
)

var morning = daybook.Day{Election: record.Hash{7}, Station: "0001"}

func open(t *testing.T) (*database.DB, database.Config) {
	t.Helper()
	dir := t.TempDir()
	c := database.Config{Main: filepath.Join(dir, "main"), Mirror: filepath.Join(dir, "mirror")}
	db, err := database.Create(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Update(func(tx *database.Tx) error { return daybook.Create(tx, morning) }); err != nil {
		t.Fatal(err)
	}
	return db, c
}

func read(t *testing.T, db *database.DB) (d daybook.Day) {
	t.Helper()
	err := db.View(func(tx *database.Tx) (err error) {
		d, err = daybook.Read(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(tx *database.Tx) error
		says string
	}{
		{"a second daybook", func(tx *database.Tx) error { return daybook.Create(tx, morning) }, "creating the daybook: main: table day already exists"},
		{"no station", func(tx *database.Tx) error { return daybook.Create(tx, daybook.Day{}) }, "creating the daybook: station id of 0 bytes"},
		{"another station", func(tx *database.Tx) error {
			return daybook.Write(tx, daybook.Day{Election: record.Hash{7}, Station: "2"})
		}, "writing the daybook: another election or station"},
		{"closed before opened", func(tx *database.Tx) error {
			return daybook.Change(tx, func(d *daybook.Day) error { d.Phase = daybook.Closed; return nil })
		}, "writing the daybook: phase 3 after 0"},
		{"a change that fails", func(tx *database.Tx) error {
			return daybook.Change(tx, func(d *daybook.Day) error { d.Cast = 9; return errors.New("on purpose") })
		}, "on purpose"},
		{"a row of another size", func(tx *database.Tx) error {
			if err := tx.Exec(1, `UPDATE {m}.day SET content = x'00'`); err != nil {
				return err
			}
			_, err := daybook.Read(tx)
			return err
		}, "daybook: damaged"},
		{"a document without a name", func(tx *database.Tx) error { return daybook.Keep(tx, "", []byte("x")) }, `keeping "": name of 0 and document of 1 bytes`},
		{"a long name", func(tx *database.Tx) error { return daybook.Keep(tx, strings.Repeat("n", 65), nil) }, "name of 65"},
		{"a long document", func(tx *database.Tx) error { return daybook.Keep(tx, "n", make([]byte, daybook.MaxDocument+1)) }, "document of 65537 bytes"},
		{"a document twice", func(tx *database.Tx) error {
			if err := daybook.Keep(tx, "n", []byte("first")); err != nil {
				return err
			}
			return daybook.Keep(tx, "n", []byte("second"))
		}, `keeping "n": kept already`},
		{"one document too many", func(tx *database.Tx) error {
			for i := range daybook.MaxDocuments {
				if err := daybook.Keep(tx, string(rune('a'+i)), nil); err != nil {
					return err
				}
			}
			return daybook.Keep(tx, "n", nil)
		}, `keeping "n": all places are taken`},
		{"no such document", func(tx *database.Tx) error {
			_, err := daybook.Document(tx, "n")
			return err
		}, `reading "n": daybook: no such document`},
	} {
		t.Run(test.name, func(t *testing.T) {
			db, _ := open(t)
			err := db.Update(test.do)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v does not say %q", err, test.says)
			}
			if got := read(t, db); got != morning {
				t.Errorf("what was refused left %+v", got)
			}
		})
	}
}

func TestNoDocumentWithoutAName(t *testing.T) {
	db, _ := open(t)
	err := db.View(func(tx *database.Tx) error {
		_, err := daybook.Document(tx, "") // the name of a free place
		return err
	})
	if !errors.Is(err, daybook.ErrNoDocument) {
		t.Errorf("a document without a name: %v", err)
	}
}

// TestDay goes through a day; nothing of it makes either file larger.
func TestDay(t *testing.T) {
	db, c := open(t)
	before := sizes(t, c)
	largest := bytes.Repeat([]byte("d"), daybook.MaxDocument)
	for _, change := range []func(d *daybook.Day){
		func(d *daybook.Day) { d.Phase = daybook.Open },
		func(d *daybook.Day) { d.Sessions, d.InUse = d.Sessions+1, true },
		func(d *daybook.Day) { d.SlipsPrinted, d.Slip = d.SlipsPrinted+1, daybook.SlipPrinted },
		func(d *daybook.Day) { d.Cast, d.Slip = 1<<32-1, daybook.SlipCast },
		func(d *daybook.Day) { d.Slip, d.InUse, d.Phase = daybook.NoSlip, false, daybook.Closed },
	} {
		err := db.Update(func(tx *database.Tx) error {
			return daybook.Change(tx, func(d *daybook.Day) error { change(d); return nil })
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := db.Update(func(tx *database.Tx) error {
		return errors.Join(daybook.Keep(tx, "largest", largest), daybook.Keep(tx, "empty", nil))
	})
	if err != nil {
		t.Fatal(err)
	}
	want := daybook.Day{Election: record.Hash{7}, Station: "0001", Phase: daybook.Closed, Sessions: 1, Cast: 1<<32 - 1, SlipsPrinted: 1}
	if got := read(t, db); got != want {
		t.Errorf("the day ends with %+v", got)
	}
	err = db.View(func(tx *database.Tx) error {
		got, err1 := daybook.Document(tx, "largest")
		none, err2 := daybook.Document(tx, "empty")
		if !bytes.Equal(got, largest) || len(none) != 0 {
			t.Errorf("documents of %d and %d bytes", len(got), len(none))
		}
		return errors.Join(err1, err2)
	})
	if err != nil {
		t.Error(err)
	}
	if after := sizes(t, c); after != before {
		t.Errorf("the files grow from %v to %v bytes", before, after)
	}
}

func sizes(t *testing.T, c database.Config) (n [2]int64) {
	t.Helper()
	for i, path := range []string{c.Main, c.Mirror} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		n[i] = info.Size()
	}
	return n
}
