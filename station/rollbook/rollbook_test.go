package rollbook_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/rollbook"
)

func voter(i int) record.Voter { return record.Voter{byte(i >> 8), byte(i), 0xaa} }

func voters(n int) (all []record.Voter) {
	for i := range n {
		all = append(all, voter(i))
	}
	return all
}

// attendance is the i-th voter's; every third voted without a card.
func attendance(i int) rollbook.Attendance {
	a := rollbook.Attendance{Nonce: [32]byte{byte(i), 1}, Certificate: record.Hash{byte(i), 2}, Signature: bytes.Repeat([]byte{byte(i), 3}, 35+i%7)}
	if i%3 == 0 {
		a.Kind = rollbook.ByOfficials
	}
	return a
}

func empty(t *testing.T) (*database.DB, database.Config) {
	t.Helper()
	dir := t.TempDir()
	c := database.Config{Main: filepath.Join(dir, "main"), Mirror: filepath.Join(dir, "mirror")}
	db, err := database.Create(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, c
}

func open(t *testing.T, n int) (*database.DB, database.Config) {
	t.Helper()
	db, c := empty(t)
	if err := db.Update(func(tx *database.Tx) error { return rollbook.Create(tx, voters(n)) }); err != nil {
		t.Fatal(err)
	}
	return db, c
}

func mark(db *database.DB, i int) error {
	return db.Update(func(tx *database.Tx) error { return rollbook.Mark(tx, voter(i), attendance(i)) })
}

func fails(t *testing.T, err error, says string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("error %q does not say %q", err, says)
	}
}

func TestCreateRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		roll []record.Voter
		says string
	}{
		{"twice the same", []record.Voter{voter(1), voter(2), voter(2)}, "entry 3 is out of order, or stands twice"},
		{"out of order", []record.Voter{voter(2), voter(1)}, "entry 2 is out of order, or stands twice"},
		{"too many", make([]record.Voter, record.MaxRegistered+1), fmt.Sprint(record.MaxRegistered+1, " voters")},
	} {
		db, _ := empty(t)
		err := db.Update(func(tx *database.Tx) error { return rollbook.Create(tx, test.roll) })
		fails(t, err, "creating the roll: "+test.says)
	}
	db, _ := open(t, 1)
	fails(t, db.Update(func(tx *database.Tx) error { return rollbook.Create(tx, nil) }), "creating the roll: main: table roll already exists")
}

func TestMarkRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		voter record.Voter
		spoil func(a *rollbook.Attendance)
		says  string
		is    error
	}{
		{"a stranger", record.Voter{9, 9}, func(*rollbook.Attendance) {}, "rollbook: not on this station's roll", rollbook.ErrNotOnRoll},
		{"who has voted", voter(1), func(*rollbook.Attendance) {}, "rollbook: has voted already", rollbook.ErrHasVoted},
		{"no such kind", voter(2), func(a *rollbook.Attendance) { a.Kind = 2 }, "attendance: kind 2", nil},
		{"no signature", voter(2), func(a *rollbook.Attendance) { a.Signature = nil }, "attendance: signature of 0 bytes", nil},
		{"a long signature", voter(2), func(a *rollbook.Attendance) { a.Signature = make([]byte, 513) }, "attendance: signature of 513 bytes", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			db, c := open(t, 4)
			if err := mark(db, 1); err != nil {
				t.Fatal(err)
			}
			before := files(t, c)
			a := attendance(2)
			test.spoil(&a)
			err := db.Update(func(tx *database.Tx) error { return rollbook.Mark(tx, test.voter, a) })
			fails(t, err, test.says)
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
			after := files(t, c)
			if !bytes.Equal(before[0], after[0]) || !bytes.Equal(before[1], after[1]) {
				t.Error("a refused mark changed a file")
			}
		})
	}
}

func TestEmptyRoll(t *testing.T) {
	db, _ := open(t, 0)
	fails(t, mark(db, 0), "not on this station's roll")
	err := db.View(func(tx *database.Tx) error {
		leaves, err := rollbook.Leaves(tx, record.Hash{}, "1")
		if len(leaves) != 0 {
			t.Errorf("%d leaves", len(leaves))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestCounts marks everybody, one after the other.
func TestCounts(t *testing.T) {
	const n = 20
	db, _ := open(t, n)
	for i := range n {
		if err := mark(db, i); err != nil {
			t.Fatal(err)
		}
		err := db.View(func(tx *database.Tx) error {
			registered, err1 := rollbook.Registered(tx)
			marked, err2 := rollbook.Marked(tx)
			if registered != n || marked != i+1 {
				t.Errorf("%d registered, %d marked", registered, marked)
			}
			if err := rollbook.Find(tx, voter(i)); !errors.Is(err, rollbook.ErrHasVoted) {
				t.Errorf("voter %d was just marked: %v", i, err)
			}
			if err := rollbook.Find(tx, voter(i+1)); (i < n-1) != (err == nil) {
				t.Errorf("voter %d was not marked: %v", i+1, err)
			}
			return errors.Join(err1, err2)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func files(t *testing.T, c database.Config) (both [2][]byte) {
	t.Helper()
	for i, path := range []string{c.Main, c.Mirror} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		both[i] = b
		if info, err := os.Stat(path + "-journal"); err == nil && info.Size() != 0 {
			t.Errorf("%s is left with %d bytes", path+"-journal", info.Size())
		}
	}
	return both
}

// TestFilesDoNotTellTheOrder marks the same voters in several orders: the files
// are the same, byte for byte, and as large as before the first; so are the
// leaves.
func TestFilesDoNotTellTheOrder(t *testing.T) {
	const n = 40
	ascending := []int{0, 3, 4, 5, 17, 18, 30, 39}
	descending := slices.Clone(ascending)
	slices.Reverse(descending)
	var wantFiles [2][]byte
	var wantLeaves [][32]byte
	for k, order := range [][]int{ascending, descending, {17, 0, 39, 5, 3, 30, 4, 18}} {
		db, c := open(t, n)
		before := files(t, c)
		for _, i := range order {
			if err := mark(db, i); err != nil {
				t.Fatal(err)
			}
		}
		var leaves [][32]byte
		err := db.View(func(tx *database.Tx) (err error) {
			leaves, err = rollbook.Leaves(tx, record.Hash{1}, "0001")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got := files(t, c)
		if len(got[0]) != len(before[0]) || !bytes.Equal(got[0], got[1]) {
			t.Errorf("files of %d and %d bytes, before the first mark %d", len(got[0]), len(got[1]), len(before[0]))
		}
		if k == 0 {
			wantFiles, wantLeaves = got, leaves
			continue
		}
		if !bytes.Equal(got[0], wantFiles[0]) || !bytes.Equal(got[1], wantFiles[1]) {
			t.Errorf("the files tell order %v from %v", order, ascending)
		}
		if !slices.Equal(leaves, wantLeaves) {
			t.Errorf("the leaves tell order %v from %v", order, ascending)
		}
	}
	if len(wantLeaves) != len(ascending) || !slices.IsSortedFunc(wantLeaves, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) }) {
		t.Errorf("%d leaves for %d marks, or not sorted", len(wantLeaves), len(ascending))
	}
}

// TestLeavesBindTheirPlace: an attendance of one station is not one of another.
func TestLeavesBindTheirPlace(t *testing.T) {
	db, _ := open(t, 2)
	if err := mark(db, 1); err != nil {
		t.Fatal(err)
	}
	seen := map[[32]byte]string{}
	err := db.View(func(tx *database.Tx) error {
		for _, place := range []struct {
			election record.Hash
			station  string
		}{{record.Hash{1}, "1"}, {record.Hash{2}, "1"}, {record.Hash{1}, "2"}} {
			leaves, err := rollbook.Leaves(tx, place.election, place.station)
			if err != nil {
				return err
			}
			if other, twice := seen[leaves[0]]; twice {
				t.Errorf("the same leaf at %s and %v", other, place)
			}
			seen[leaves[0]] = fmt.Sprint(place)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDamagedAttendance(t *testing.T) {
	db, _ := open(t, 1)
	if err := mark(db, 0); err != nil {
		t.Fatal(err)
	}
	err := db.Update(func(tx *database.Tx) error {
		if err := tx.Exec(1, `UPDATE {m}.roll SET attendance = x'01'`); err != nil {
			return err
		}
		_, err := rollbook.Leaves(tx, record.Hash{}, "1")
		return err
	})
	fails(t, err, "reading the attendances: one of 1 bytes")
}

// TestSchema: the roll, and the index that finds a voter; nothing counts.
func TestSchema(t *testing.T) {
	db, _ := open(t, 1)
	var names string
	err := db.View(func(tx *database.Tx) error {
		return tx.QueryRow(`SELECT group_concat(name) FROM (SELECT name FROM {m}.sqlite_schema ORDER BY name)`).Scan(&names)
	})
	if err != nil || names != "roll,sqlite_autoindex_roll_1" {
		t.Errorf("the schema has %q, %v", names, err)
	}
}
