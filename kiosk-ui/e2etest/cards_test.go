package e2etest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/stationtest"
)

// TestCards lets people come whose cards are not taken: each sees why, and the
// next one finds the first screen.
func TestCards(t *testing.T) {
	if runsElsewhere(t) {
		return
	}
	d := newDay(t, 20, nil)
	d.run(t, "opening", d.open)
	d.run(t, "vote", func() { d.vote("zh-Hant", 1, 1, 2, 3) })
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	others := stationtest.NewAuthority("another authority").IssueFor(key, stationtest.HolderOf(8), kiosktest.Validity).Certificate.Raw
	expired := func(c *x509.Certificate) { c.NotAfter = time.Now().AddDate(0, 0, -7) }
	for _, c := range []struct {
		name, language string
		card           *eidtest.Card
		why            station.Reason
	}{
		{"not on the roll", "en", d.m.Card("Z999999999"), station.NotOnRoll},
		{"has voted", "zh-Hant", d.m.Voter(1), station.HasVoted},
		{"expired", "id", d.m.CardWith(stationtest.HolderOf(8), expired), station.ExpiredCard},
		{"revoked", "en", kiosktest.Slot9A(key, d.m.World.Cards[0].Certificate.Raw), station.RevokedCard},
		{"of another authority", "zh-Hant", kiosktest.Slot9A(key, others), station.UntrustedCard},
	} {
		d.run(t, "card "+c.name, func() {
			d.toPIN(c.language, c.card)
			d.pin(eidtest.DefaultPIN)
			d.update(d.say(station.Checking, cardIn))
			d.expects(d.say(station.Refused, refused(c.why)))
			d.remove()
			d.expects(d.say(station.Idle))
		})
	}
	d.run(t, "card that is none", func() {
		d.sees()
		d.insert(d.m.Officials[0])
		d.update(d.say(station.Checking, cardIn))
		d.expects(d.say(station.Refused, refused(station.UnreadableCard)))
		d.remove()
		d.expects(d.say(station.Idle))
	})
	d.run(t, "wrong PIN, then the right one", func() {
		d.toPIN("en", d.m.Voter(9))
		d.pin("654321")
		d.expects(d.say(station.Idle, asks(flow.VoterPIN), tries(2)))
		d.pin(eidtest.DefaultPIN)
		d.toQuestions()
		d.answer([]int{1, 2, 0})
		d.print([]int{1, 2, 0})
		d.expects(d.say(station.Deciding, cardIn))
		d.deposit([]int{1, 2, 0})
	})
	d.run(t, "card blocked", func() {
		d.toPIN("zh-Hant", d.m.Voter(10))
		for left := 2; left >= 0; left-- {
			d.pin("654321")
			d.expects(d.say(station.Idle, asks(flow.VoterPIN), tries(left)))
		}
		d.remove()
		d.ended()
	})
}
