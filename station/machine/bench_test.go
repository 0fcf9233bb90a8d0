package machine

import (
	"testing"

	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/station/stationtest"
)

// BenchmarkSession is a whole session on real files, from the card to the slip
// in the box: two questions, two copies of the database, every sync.
func BenchmarkSession(b *testing.B) {
	const roll = 1000
	h := opened(b, roll)
	i := 0
	for b.Loop() {
		if i == roll {
			b.StopTimer()
			h, i = opened(b, roll), 0
			b.StartTimer()
		}
		h.vote(b, i, 1, 2)
		i++
	}
}

// BenchmarkBallot makes a ballot of two questions at the station, and verifies
// it from its bytes.
func BenchmarkBallot(b *testing.B) {
	h := newHouse(b, 1)
	chosen, err := proof.NewSelections(h.world.Election.Manifest.Shape(), []int{1, 2})
	if err != nil {
		b.Fatal(err)
	}
	booth := booth{chosen: &chosen}
	for b.Loop() {
		if err := booth.encrypt(h.c.Random, h.world.Election, stationtest.Station); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart starts a station with a roll of 1000, of whom half have voted.
func BenchmarkStart(b *testing.B) {
	h := opened(b, 1000)
	for i := range 500 {
		h.vote(b, i, 1, 2)
	}
	for b.Loop() {
		h.restart(b)
	}
}

// BenchmarkExport writes the bundle of the same station to two media.
func BenchmarkExport(b *testing.B) {
	h := opened(b, 1000)
	for i := range 500 {
		h.vote(b, i, 1, 2)
	}
	if err := h.ClosePolls(h.officials(1, 2)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := h.Export(b.TempDir(), b.TempDir()); err != nil {
			b.Fatal(err)
		}
	}
}
