package ballotbox_test

import (
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/ballotbox"
)

// The box of a large station: 2,000 voters, four questions.
const (
	largeSlots = 2000
	largeSize  = 2700
)

// BenchmarkPut is one transaction on two media; the box is emptied by starting
// again whenever it is full.
func BenchmarkPut(b *testing.B) {
	h := newHouse(b, largeSlots, largeSize)
	random, i := chacha(0), 0
	for b.Loop() {
		if i == largeSlots {
			b.StopTimer()
			h, i = newHouse(b, largeSlots, largeSize), 0
			b.StartTimer()
		}
		if err := h.put(random, i); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkOpenFull opens a full box: integrity check and comparison of both
// media.
func BenchmarkOpenFull(b *testing.B) {
	h := fullBox(b)
	if err := h.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		db, err := database.Open(h.disk)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSorted reads a full box in the order of its codes.
func BenchmarkSorted(b *testing.B) {
	h := fullBox(b)
	for b.Loop() {
		err := h.View(func(tx *database.Tx) error {
			return ballotbox.Cast.Sorted(tx, func(record.Hash, []byte) error { return nil })
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func fullBox(b *testing.B) *house {
	h := newHouse(b, largeSlots, largeSize)
	random := chacha(0)
	err := h.Update(func(tx *database.Tx) error {
		for i := range largeSlots {
			code, content := ballot(i, largeSize)
			if err := ballotbox.Cast.Put(tx, random, code, content); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return h
}
