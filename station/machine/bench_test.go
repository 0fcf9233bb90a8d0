package machine

import (
	"testing"

	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
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

// Ten questions, for the bars of the time that a voter waits.
const (
	benchRoll      = 200
	benchQuestions = 10
)

// tenQuestions returns an opened station with ten questions, and the choices of
// one voter.
func tenQuestions(b *testing.B) (*house, []int) {
	b.Helper()
	h := houseOf(b, stationtest.NewWorldOf(record.Live, benchRoll, benchQuestions))
	if err := h.OpenPolls(1); err != nil {
		b.Fatal(err)
	}
	selections := make([]int, benchQuestions)
	for i := range selections {
		selections[i] = i % 4
	}
	return h, selections
}

// BenchmarkCheckIn is from the card that is in to the voter who may choose: the
// chain checked, the card's signature verified, the roll asked, the session counted on both
// media. The card itself takes no time here, but for its signature (P-256).
func BenchmarkCheckIn(b *testing.B) {
	h, _ := tenQuestions(b)
	i := 0
	for b.Loop() {
		h.Insert(h.world.Cards[i%benchRoll])
		b.StopTimer()
		h.at(b, station.Choosing)
		h.Remove()
		h.at(b, station.Idle)
		i++
		b.StartTimer()
	}
}

// BenchmarkConfirmToPrint is from the voter's last confirmation of ten questions to
// the slip that is given to the printer: the ballot made, verified from its bytes, the
// slip counted on both media. Drawing the slip is the printer's part: BenchmarkSlip in package raster.
func BenchmarkConfirmToPrint(b *testing.B) {
	h, selections := tenQuestions(b)
	started := false
	h.paper.Hook = func(moment string) error {
		if !started {
			b.StopTimer()
			started = true
		}
		return nil
	}
	i := 0
	for b.Loop() {
		b.StopTimer()
		h.Insert(h.world.Cards[i%benchRoll])
		h.at(b, station.Choosing)
		started = false
		b.StartTimer()
		if _, err := h.Choose(selections); err != nil {
			b.Fatal(err)
		}
		h.at(b, station.Deciding)
		h.Remove()
		i++
		b.StartTimer()
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
