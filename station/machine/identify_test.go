package machine

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/rollbook"
	"github.com/openreferendum/referendum/station/stationtest"
)

// identifiedBy lets officials, numbered from 1, sign an identification.
func (h *house) identifiedBy(i *Identification, numbers ...int) []IdentifiedBy {
	var by []IdentifiedBy
	for _, n := range numbers {
		by = append(by, IdentifiedBy{n, ed25519.Sign(h.world.Officials[n-1], i.Message())})
	}
	return by
}

// TestIdentifyRefuses: no signature but those of two officials for this voter begins
// a session, and none begins beside another one.
func TestIdentifyRefuses(t *testing.T) {
	h := opened(t, 4)
	prepare := func(voter int) *Identification {
		t.Helper()
		i, err := h.PrepareIdentification([]byte(stationtest.HolderOf(voter)), record.CardBlocked)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	mine, other, again := prepare(1), prepare(2), prepare(1)
	good := h.identifiedBy(mine, 1, 2)
	stranger := ed25519.Sign(h.world.Key, mine.Message())
	for name, by := range map[string][]IdentifiedBy{
		"nobody":                      nil,
		"one":                         good[:1],
		"one twice":                   {good[0], good[0]},
		"three":                       h.identifiedBy(mine, 1, 2, 3),
		"for another voter":           {good[0], h.identifiedBy(other, 2)[0]},
		"for an earlier time":         {good[0], h.identifiedBy(again, 2)[0]},
		"of the station's own key":    {good[0], {2, stranger}},
		"under another's number":      {good[0], {3, good[1].Signature}},
		"of an official there is not": {good[0], {99, good[1].Signature}},
		"of official 0":               {good[0], {0, good[1].Signature}},
		"cut off":                     {good[0], {2, good[1].Signature[:63]}},
	} {
		if err := h.Identify(mine, by); err == nil {
			t.Errorf("%s: accepted", name)
		}
		h.at(t, station.Idle)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, mine); len(text) > 200 {
			t.Errorf("%s prints %q", verb, text)
		}
	}
	if err := h.Identify(mine, good); err != nil {
		t.Fatal(err)
	}
	h.at(t, station.Choosing)
	if err := h.Identify(other, h.identifiedBy(other, 1, 2)); !errors.Is(err, ErrNotNow) {
		t.Errorf("in the middle of a session: %v", err)
	}
	if _, err := h.PrepareIdentification([]byte(stationtest.HolderOf(3)), record.CardBlocked); !errors.Is(err, ErrNotNow) {
		t.Errorf("prepared in the middle of a session: %v", err)
	}
	if _, err := h.Choose([]int{1, 2}); err != nil {
		t.Fatal(err)
	}
	h.Handle(station.CastChosen{})
	h.at(t, station.Leaving)
	h.Remove()
	if err := h.Identify(again, h.identifiedBy(again, 1, 2)); !errors.Is(err, rollbook.ErrHasVoted) {
		t.Errorf("a voter who has voted meanwhile: %v", err)
	}
	h.at(t, station.Idle)
	if n, err := h.Identified(); err != nil || n != 1 {
		t.Errorf("%d identified, %v", n, err)
	}
}
