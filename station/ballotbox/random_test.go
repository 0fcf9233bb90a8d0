package ballotbox_test

import (
	"errors"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/station/ballotbox"
)

var errUndo = errors.New("undone on purpose")

// TestSlotsAreUniform puts a ballot many times into the same box, and undoes it:
// every free slot is hit as often as chance has it, with a fixed stream.
func TestSlotsAreUniform(t *testing.T) {
	const slots, times = 13, 1300
	for _, used := range []int{0, 5, 12} {
		h := newHouse(t, slots, 16)
		random := chacha(7)
		taken := map[int]bool{}
		for i := range used {
			if err := h.put(random, i); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range h.slots(t) {
			taken[s] = true
		}
		hits := map[int]int{}
		for range times {
			err := h.Update(func(tx *database.Tx) error {
				code, content := ballot(99, 16)
				if err := ballotbox.Cast.Put(tx, random, code, content); err != nil {
					return err
				}
				var slot int
				if err := tx.QueryRow(`SELECT slot FROM {m}.cast_ballots WHERE code = ?`, code[:]).Scan(&slot); err != nil {
					return err
				}
				hits[slot]++
				return errUndo
			})
			if !errors.Is(err, errUndo) {
				t.Fatal(err)
			}
		}
		free := slots - used
		expected, square := float64(times)/float64(free), 0.0
		for s := 1; s <= slots; s++ {
			if taken[s] {
				if hits[s] != 0 {
					t.Errorf("slot %d was hit although it is taken", s)
				}
				continue
			}
			d := float64(hits[s]) - expected
			square += d * d / expected
		}
		// The limit is beyond the 99.99th percentile for 12 degrees of freedom.
		if square > 40 {
			t.Errorf("%d slots free: chi-square is %.1f", free, square)
		}
	}
}

func (h *house) slots(t *testing.T) (slots []int) {
	t.Helper()
	err := h.View(func(tx *database.Tx) error {
		rows, err := tx.Query(`SELECT slot FROM {m}.cast_ballots WHERE used = 1`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s int
			if err := rows.Scan(&s); err != nil {
				return err
			}
			slots = append(slots, s)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return slots
}

// TestRandomnessDecidesTheSlotAlone: the content has no part in it.
func TestRandomnessDecidesTheSlotAlone(t *testing.T) {
	for k := range 6 {
		for i := range 3 {
			h := newHouse(t, 6, 16)
			if err := h.put(aimed(k), i); err != nil {
				t.Fatal(err)
			}
			if got := h.slots(t); len(got) != 1 || got[0] != k+1 {
				t.Errorf("ballot %d with number %d lies in %v", i, k, got)
			}
		}
	}
}
