package ballotbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/station/ballotbox"
)

// sizes of slots: many on a page, about one on a page, and several pages each.
var sizes = []int{64, 1400, 2700, 5000, 20_000}

// fill puts the ballots in the given order, per as many in one transaction, so
// that ballot i always lies in slot i+1, and returns both files.
func fill(t *testing.T, slots, size int, order []int, per int) [2][]byte {
	t.Helper()
	h := newHouse(t, slots, size)
	var used []int
	for batch := range slices.Chunk(order, per) {
		err := h.Update(func(tx *database.Tx) error {
			for _, i := range batch {
				k := i // the free slots before slot i+1
				for _, u := range used {
					if u < i {
						k--
					}
				}
				used = append(used, i)
				code, content := ballot(i, size)
				if err := ballotbox.Cast.Put(tx, aimed(k), code, content); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	return files(t, h.disk)
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

// TestFilesDoNotTellTheOrder stores one set of ballots, each in its slot, in
// several orders. The files are the same, byte for byte: whatever they tell
// follows from the set and from chance.
func TestFilesDoNotTellTheOrder(t *testing.T) {
	const slots = 24
	for _, size := range sizes {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			ascending := []int{3, 4, 5, 8, 9, 13, 20, 23}
			descending := slices.Clone(ascending)
			slices.Reverse(descending)
			mixed := []int{13, 3, 23, 9, 4, 20, 8, 5}
			want := fill(t, slots, size, ascending, 1)
			for _, order := range [][]int{descending, mixed} {
				got := fill(t, slots, size, order, 1)
				for i := range want {
					if at := firstDifference(want[i], got[i]); at >= 0 {
						t.Errorf("file %d differs at byte %d", i, at)
					}
				}
			}
		})
	}
}

// TestFilesDoNotTellTheNumberOfTransactions: SQLite counts only the times that
// the files were opened and written to.
func TestFilesDoNotTellTheNumberOfTransactions(t *testing.T) {
	order := []int{3, 4, 5, 8, 9, 13, 20, 23}
	one, all := fill(t, 24, 2700, order, 1), fill(t, 24, 2700, order, len(order))
	for i := range one {
		if at := firstDifference(one[i], all[i]); at >= 0 {
			t.Errorf("file %d differs at byte %d", i, at)
		}
	}
}

// TestFilesTellTheNumberOfStarts shows the one thing beside the set: the counter
// in bytes 24–27 of the header, and again in 92–95.
func TestFilesTellTheNumberOfStarts(t *testing.T) {
	var both [2][2][]byte
	for starts := range both {
		h := newHouse(t, 4, 10)
		for i := range 3 {
			if err := h.put(aimed(0), i); err != nil {
				t.Fatal(err)
			}
			if starts == 0 {
				continue
			}
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			db, err := database.Open(h.disk)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			h.DB = db
		}
		both[starts] = files(t, h.disk)
	}
	for i := range both[0] {
		var at []int
		for k := range both[0][i] {
			if both[0][i][k] != both[1][i][k] {
				at = append(at, k)
			}
		}
		if !slices.Equal(at, []int{27, 95}) {
			t.Errorf("file %d differs at bytes %v", i, at)
		}
	}
}

func firstDifference(a, b []byte) int {
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}

// TestPutOverwritesInPlace looks at the pages that each ballot changes: those of
// its own slot, and the first time since the start the header. The file never
// grows, no page is freed, and between the pages nothing moves.
func TestPutOverwritesInPlace(t *testing.T) {
	const slots, page = 12, 4096
	for _, size := range sizes {
		h := newHouse(t, slots, size)
		before := files(t, h.disk)
		for i := range slots {
			if err := h.put(chacha(byte(i)), i); err != nil {
				t.Fatal(err)
			}
			after := files(t, h.disk)
			for m := range after {
				if len(after[m]) != len(before[m]) {
					t.Fatalf("slots of %d bytes: the file grows from %d to %d bytes", size, len(before[m]), len(after[m]))
				}
				changed := 0
				for p := page; p < len(after[m]); p += page {
					if !bytes.Equal(before[m][p:p+page], after[m][p:p+page]) {
						changed++
					}
				}
				if most := size/page + 2; changed < 1 || changed > most {
					t.Errorf("slots of %d bytes: one ballot changes %d pages instead of at most %d", size, changed, most)
				}
			}
			if !bytes.Equal(after[0], after[1]) {
				t.Error("the two media are not the same file")
			}
			before = after
		}
		err := h.View(func(tx *database.Tx) error {
			for _, medium := range []string{"main", "mirror"} {
				var free int
				if err := tx.QueryRow("PRAGMA " + medium + ".freelist_count").Scan(&free); err != nil || free != 0 {
					t.Errorf("%s has %d free pages, %v", medium, free, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestSchema: nothing beside the slots, and no table of SQLite's own that counts.
func TestSchema(t *testing.T) {
	h := newHouse(t, 2, 10)
	var names string
	err := h.View(func(tx *database.Tx) error {
		return tx.QueryRow(`SELECT group_concat(name) FROM (SELECT name FROM {m}.sqlite_schema ORDER BY name)`).Scan(&names)
	})
	if err != nil || names != "cast_ballots,cast_ballots_seal" {
		t.Errorf("the schema has %q, %v", names, err)
	}
}

// TestCopiesTellLess: a copy (VACUUM INTO) of either medium is the same file,
// whatever the order and whatever the number of transactions.
func TestCopiesTellLess(t *testing.T) {
	order := []int{3, 4, 5, 8, 9, 13, 20, 23}
	other := slices.Clone(order)
	slices.Reverse(other)
	var want []byte
	for _, both := range [][2][]byte{fill(t, 24, 2700, order, 1), fill(t, 24, 2700, other, 3)} {
		for _, content := range both {
			dir := t.TempDir()
			if err := os.WriteFile(dir+"/one", content, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := database.OpenAlone(dir + "/one")
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(db.CopyTo(dir+"/copy"), db.Close()); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(dir + "/copy")
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if at := firstDifference(want, got); at >= 0 {
				t.Errorf("the copies differ at byte %d", at)
			}
		}
	}
}
