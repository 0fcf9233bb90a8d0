package simulation

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"time"

	"github.com/openreferendum/referendum/hardware/boothtest"
	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/station"
)

// hands are the hands of all people at one station: they put cards in, type,
// touch, and repair.
type hands struct {
	r     *Referendum
	s     *StationPlan
	c     *kiosk.Config
	o     kiosk.Options
	booth *boothtest.Booth
	k     *kiosk.Kiosk

	chance    *rand.Rand
	officials []*eidtest.Card
	inBox     int // pieces in the box before this station's day
	next      int // the next fault
}

// A person is a voter with a card.
type person struct {
	card       *eidtest.Card
	selections []int
	tests      bool
	leaves     bool
}

// patience is how long a person waits for the station, which answers in less
// than a second where nothing is wrong.
const patience = 90 * time.Second

func (h *hands) start() error {
	k, err := kiosk.Start(h.c, h.o)
	h.k = k
	return err
}

// day lets everybody vote, and closes.
func (h *hands) day(tick func(), media [2]string) error {
	h.chance = h.s.chance(h.r.Plan.Seed)
	if err := h.issueOfficials(); err != nil {
		return err
	}
	if err := h.do(kiosk.Open); err != nil {
		return err
	}
	if err := h.voters(tick); err != nil {
		return err
	}
	if err := h.do(kiosk.Close); err != nil {
		return err
	}
	for i, source := range media {
		if err := h.k.Export(kiosk.Medium{Number: i + 1, Source: source}); err != nil {
			return err
		}
		if err := h.act(kiosk.Export); err != nil {
			return err
		}
	}
	if err := h.r.carry(h.s, media); err != nil {
		return err
	}
	return h.openBox()
}

func (h *hands) voters(tick func()) error {
	votes := h.s.votes(h.chance)
	comers := h.chance.Perm(int(h.s.Registered))[:len(votes)]
	testers, leavers := share(len(votes), h.r.Plan.ChallengeShare), share(len(votes), h.r.Plan.AbandonShare)
	role := h.chance.Perm(len(votes))
	for n, i := range comers {
		card, err := h.r.cards.virtual(holder(h.s.ID, i))
		if err != nil {
			return err
		}
		p := &person{card: card, selections: votes[n], tests: role[n] < testers, leaves: role[n] >= testers && role[n] < testers+leavers}
		if every := h.r.Devices.FaultEvery; every > 0 && (n+1)%every == 0 {
			err = h.sessionWithFault(p)
		} else {
			err = h.session(p)
		}
		if err != nil {
			return fmt.Errorf("voter %d: %w", n+1, err)
		}
		tick()
	}
	return nil
}

// session is a voter's way from the card to the receipt.
func (h *hands) session(p *person) error {
	if p.leaves {
		if err := h.begin(p); err != nil {
			return err
		}
		if err := h.leave(); err != nil {
			return err
		}
	}
	if err := h.begin(p); err != nil {
		return err
	}
	if p.tests {
		if err := h.choose(p); err != nil {
			return err
		}
		h.k.Challenge()
		if err := h.at(station.Choosing); err != nil {
			return err
		}
	}
	return h.finish(p)
}

// finish takes a voter from the questions out of the door.
func (h *hands) finish(p *person) error {
	if err := h.choose(p); err != nil {
		return err
	}
	h.k.Cast()
	if err := h.at(station.Leaving); err != nil {
		return err
	}
	return h.leave()
}

// present puts the voter's card in and types its PIN.
func (h *hands) present(p *person) error {
	if err := h.booth.Cards.Insert(p.card); err != nil {
		return err
	}
	err := h.until("the card is asked for its PIN", func(v kiosk.View) bool { return v.Ask == kiosk.VoterPIN || stopped(v) })
	if err != nil || h.k.View().Ask != kiosk.VoterPIN {
		return err
	}
	return h.k.EnterPIN(eidtest.DefaultPIN)
}

func (h *hands) begin(p *person) error {
	if err := h.present(p); err != nil {
		return err
	}
	return h.at(station.Choosing)
}

func (h *hands) choose(p *person) error {
	if err := h.k.Choose(p.selections); err != nil {
		return err
	}
	return h.at(station.Deciding)
}

// leave takes the card out.
func (h *hands) leave() error {
	if err := h.booth.Cards.Remove(); err != nil {
		return err
	}
	return h.until("the card is out and the station free", func(v kiosk.View) bool { return !v.CardIn && v.State.At == station.Idle })
}

func (h *hands) at(want station.Place) error {
	if v := h.k.View(); v.State.At != want {
		return fmt.Errorf("%w: %v (%v) instead of %v: %v, %v", errUnexpected, v.State.At, v.State.Refusal, want, h.k.Problem(), v.Said)
	}
	return nil
}

// stopped reports whether nothing goes on before a poll worker has come.
func stopped(v kiosk.View) bool {
	return v.State.At == station.Suspended || v.State.At == station.Halted
}

// until hands events to the kiosk until it shows what is waited for.
func (h *hands) until(what string, is func(kiosk.View) bool) error {
	late := time.NewTimer(patience)
	defer late.Stop()
	for !is(h.k.View()) {
		select {
		case e := <-h.k.Events():
			h.k.Handle(e)
		case <-late.C:
			return fmt.Errorf("waited in vain until %s: %+v, %v", what, h.k.View(), h.k.Problem())
		}
	}
	return nil
}

// do begins an act and lets as many poll workers come as it takes.
func (h *hands) do(a kiosk.Act) error {
	if err := h.k.Begin(a); err != nil {
		return fmt.Errorf("to %s: %w", a, err)
	}
	return h.act(a)
}

func (h *hands) act(a kiosk.Act) error {
	for _, card := range h.officials {
		if err := h.booth.Cards.Insert(card); err != nil {
			return err
		}
		if err := h.until("an official is asked for the PIN", func(v kiosk.View) bool { return v.Ask == kiosk.OfficialPIN }); err != nil {
			return err
		}
		if err := h.k.EnterPIN(eidtest.DefaultPIN); err != nil {
			return err
		}
		if err := h.booth.Cards.Remove(); err != nil {
			return err
		}
		if err := h.until("the official's card is out", func(v kiosk.View) bool { return !v.CardIn }); err != nil {
			return err
		}
		if h.k.View().Act == "" {
			break
		}
	}
	if said := h.k.View().Said; !errors.Is(said, kiosk.Done) {
		return fmt.Errorf("to %s: %w", a, said)
	}
	return nil
}

// issueOfficials puts the officials' keys into cards.
func (h *hands) issueOfficials() error {
	for i, k := range h.r.officials[h.s.ID] {
		certificate, err := selfSigned(k.Signer(), i+1)
		if err != nil {
			return err
		}
		h.officials = append(h.officials, eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{
			0x9C: {Key: k.Signer(), Certificate: certificate, PIN: eidtest.PINEach},
		}}))
	}
	return nil
}

// selfSigned makes a certificate that says nothing but which key the card has:
// the manifest says whose it is.
func selfSigned(key ed25519.PrivateKey, number int) ([]byte, error) {
	t := &x509.Certificate{
		SerialNumber: big.NewInt(int64(number)), Subject: pkix.Name{CommonName: fmt.Sprintf("Official %d (simulation)", number)},
		NotBefore: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	return x509.CreateCertificate(nil, t, t, key.Public(), key)
}
