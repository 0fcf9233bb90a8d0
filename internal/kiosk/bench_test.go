package kiosk_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/slip/raster"
	"github.com/openreferendum/referendum/station/stationtest"
)

const benchQuestions = 10

// benchHands are at an opened station with ten questions, whose reader has the
// given profile.
func benchHands(b *testing.B, profile string) (*kiosktest.Machine, *kiosktest.Hands) {
	b.Helper()
	m := kiosktest.NewFor(b, stationtest.NewWorldOf(record.TestDeck, 50, benchQuestions))
	m.Config.Reader.Voter = json.RawMessage(profile)
	m.Provision(b, record.Hash{})
	h := m.Start(b)
	must(b, h.Do(kiosk.Open))
	return m, h
}

// meteredCard is a voter's card that adds up the time in which it computes.
func meteredCard(m *kiosktest.Machine, own *atomic.Int64) *eidtest.Card {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	certificate := m.World.Authority.IssueFor(key, stationtest.HolderOf(1), kiosktest.Validity).Certificate.Raw
	inner, outer := kiosktest.Slot9A(key, certificate), kiosktest.Slot9A(key, certificate)
	outer.Hook(func(command []byte) ([]byte, bool) {
		start := time.Now()
		defer func() { own.Add(int64(time.Since(start))) }()
		return inner.Transmit(command), true
	})
	return outer
}

// BenchmarkCheckIn is from the card that is in to the voter who may choose, through
// the real stack, with the PIN typed in no time: reader's daemon, module, chain,
// signature, roll, daybook on both media, log. The card's own time is apart.
func BenchmarkCheckIn(b *testing.B) {
	for _, profile := range []string{"piv", "opensc"} {
		b.Run(profile, func(b *testing.B) {
			m, h := benchHands(b, `"`+profile+`"`)
			var own atomic.Int64
			card := meteredCard(m, &own)
			var all time.Duration
			for b.Loop() {
				must(b, h.Booth.Cards.Insert(card))
				e := <-h.K.Events()
				own.Store(0)
				start := time.Now()
				h.K.Handle(e)
				must(b, h.K.EnterPIN(eidtest.DefaultPIN))
				all += time.Since(start) - time.Duration(own.Load())
				must(b, h.At(station.Choosing))
				must(b, h.Leave())
			}
			b.ReportMetric(0, "ns/op") // mostly the daemon's look for a card
			b.ReportMetric(float64(own.Load())/1e6, "card-ms")
			b.ReportMetric(float64(all.Milliseconds())/float64(b.N), "beyond-ms/op")
		})
	}
}

// BenchmarkConfirmToPrint is from the last confirmation of ten questions to the first
// row on the slip's paper, at 115,200 bauds' protocol without their time: a pseudo
// terminal has none.
func BenchmarkConfirmToPrint(b *testing.B) {
	m, h := benchHands(b, `"piv"`)
	selections := make([]int, benchQuestions)
	for i := range selections {
		selections[i] = i % 4
	}
	card := m.Voter(1)
	var all time.Duration
	for b.Loop() {
		must(b, h.Begin(card))
		first := make(chan time.Time, 1)
		h.Booth.Slips.At(0, func() { first <- time.Now() })
		start := time.Now()
		must(b, h.Choose(selections))
		all += (<-first).Sub(start)
		must(b, h.Leave())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(all.Milliseconds())/float64(b.N), "first-row-ms/op")
}

// BenchmarkSelfTest is the whole readiness report, which a start with a screen waits
// for, of a station with as many voters as a large one has.
func BenchmarkSelfTest(b *testing.B) {
	m := kiosktest.NewFor(b, stationtest.NewWorldOf(record.TestDeck, 2500, benchQuestions))
	m.Provision(b, record.Hash{})
	for b.Loop() {
		if report := kiosk.SelfTest(m.Config, m.Options()); !kiosk.Ready(report) {
			b.Fatal(report)
		}
	}
}

// BenchmarkDrawSlip draws the slip of ten questions in two languages.
func BenchmarkDrawSlip(b *testing.B) {
	w := stationtest.NewWorldOf(record.Live, 50, benchQuestions)
	place, _ := w.Election.Station(stationtest.Station)
	page, err := slip.Slip(w.Election.Manifest, place, make([]int, benchQuestions))
	must(b, err)
	r := raster.New()
	for b.Loop() {
		_, err := r.Draw(page)
		must(b, err)
	}
}
