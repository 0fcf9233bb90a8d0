package kiosk_test

import (
	"slices"
	"testing"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/stationtest"
)

// TestIdentify: two poll workers let a voter vote whose card does not work, once;
// one of them cannot, whoever is not on the roll is not let in, and no line of the log says
// that anybody was.
func TestIdentify(t *testing.T) {
	m, h := opened(t, 3)
	number := func(i int) []byte { return []byte(stationtest.HolderOf(i)) }
	before := len(said(t, m))
	refused := func(name string, holder []byte, reason record.CardReason, code string) {
		t.Helper()
		if err := h.K.IdentifyVoter(holder, reason); err == nil || kiosk.Explain(err).Code != code || h.K.View().Act != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused("nobody", nil, record.CardBlocked, kiosk.Unknown)
	refused("without a reason", number(1), "", kiosk.Unknown)
	refused("not on the roll", []byte("Z999999999"), record.CardBlocked, "not-on-roll")
	refused("without end", make([]byte, 129), record.CardBlocked, kiosk.Unknown)

	holder := number(1)
	must(t, h.K.IdentifyVoter(holder, record.CardDamaged))
	if !slices.Equal(holder, make([]byte, len(holder))) {
		t.Errorf("the number is still there: %q", holder)
	}
	for range 2 {
		must(t, h.Show(h.Officials[0], eidtest.DefaultPIN))
		must(t, h.At(station.Idle))
	}
	must(t, h.Show(h.Officials[2], eidtest.DefaultPIN)) // and takes the card out
	must(t, h.At(station.Choosing))
	if v := h.K.View(); !v.NoCard || v.Done != kiosk.Identify {
		t.Errorf("%+v", v)
	}
	must(t, h.Booth.Cards.Insert(m.Voter(2)))
	must(t, h.Until("a card that nobody waits for is seen", func(v kiosk.View) bool { return v.CardIn }))
	must(t, h.At(station.Choosing))
	must(t, h.Remove())
	must(t, h.Choose([]int{1, 2}))
	h.K.Cast()
	must(t, h.At(station.Leaving))
	h.K.Leave()
	must(t, h.At(station.Idle))
	refused("a second time", number(1), record.CardDamaged, "has-voted")

	// Void, then again: who left is not marked.
	must(t, h.K.IdentifyVoter(number(2), record.CardMissing))
	for _, key := range m.World.Officials[:2] {
		must(t, h.K.Sign(key))
	}
	must(t, h.At(station.Choosing))
	must(t, h.K.VoidSession())
	must(t, h.Begin(m.Voter(2)))
	if h.K.View().NoCard {
		t.Error("a voter with a card has none")
	}
	must(t, h.Choose([]int{1, 2}))
	must(t, h.Cast())
	if n, err := h.K.Identified(); err != nil || n != 1 {
		t.Errorf("%d were identified, %v", n, err)
	}
	if n, err := h.K.Counts(); err != nil || n.Attendances != 2 || n.Cast != 2 || n.Abandoned != 1 {
		t.Errorf("%+v, %v", n, err)
	}
	if after := len(said(t, m)); after != before {
		t.Errorf("%d lines of voters", after-before)
	}
	must(t, h.Do(kiosk.Close))
}
