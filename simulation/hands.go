package simulation

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/station"
)

// hands are the hands of all people at one station of a simulation.
type hands struct {
	kiosktest.Hands
	r *Referendum
	s *StationPlan
	c *kiosk.Config
	o kiosk.Options

	chance *rand.Rand
	inBox  int // slips in the box before this station's day
	inBin  int // and in the spoiled bin
	next   int // the next fault
}

// A person is a voter with a card.
type person struct {
	card       *eidtest.Card
	selections []int
	tests      bool // challenges a ballot first
	leaves     bool // walks away once, and comes back
}

func (h *hands) start() error {
	k, err := kiosk.Start(h.c, h.o)
	h.K = k
	return err
}

// day lets everybody vote, and closes.
func (h *hands) day(tick func(), media [2]string) error {
	h.chance = h.s.chance(h.r.Plan.Seed)
	for i, k := range h.r.officials[h.s.ID] {
		card, err := kiosktest.OfficialCard(k.Signer(), i+1)
		if err != nil {
			return err
		}
		h.Officials = append(h.Officials, card)
	}
	if err := h.Do(kiosk.Open); err != nil {
		return err
	}
	if err := h.voters(tick); err != nil {
		return err
	}
	if err := h.Do(kiosk.Close); err != nil {
		return err
	}
	for i, source := range media {
		if err := h.Export(kiosk.Medium{Number: i + 1, Source: source}); err != nil {
			return err
		}
	}
	if err := h.r.carry(h.s, media); err != nil {
		return err
	}
	h.keep()
	return h.openBox()
}

// kept is how many pieces of paper of each place are kept as pictures.
const kept = 20

// keep keeps pictures of what came out: of the box and the spoiled bin in an order
// that says nothing, of the printer in front the first pieces and the last.
func (h *hands) keep() {
	b := h.Booth
	front := b.Receipts.Take()
	if n := len(front); n > kept {
		front = append(front[:kept/2:kept/2], front[n-kept/2:]...)
	}
	h.r.Devices.Printed[h.s.ID] = map[string][]printertest.Piece{
		"box": some(b.Box()[h.inBox:]), "spoiled": some(b.Spoiled()[h.inBin:]), "front": front,
	}
}

func some(pieces []printertest.Piece) []printertest.Piece {
	slices.SortFunc(pieces, func(a, b printertest.Piece) int { return bytes.Compare(a.Image.Pix, b.Image.Pix) })
	return pieces[:min(kept, len(pieces))]
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
		session := h.session
		if every := h.r.Devices.FaultEvery; every > 0 && (n+1)%every == 0 {
			session = h.sessionWithFault
		}
		if err := session(p); err != nil {
			return fmt.Errorf("voter %d: %w", n+1, err)
		}
		tick()
	}
	return nil
}

// session is a voter's way from the card to the receipt.
func (h *hands) session(p *person) error {
	if p.leaves {
		if err := h.Begin(p.card); err != nil {
			return err
		}
		if err := h.Leave(); err != nil {
			return err
		}
	}
	if err := h.Begin(p.card); err != nil {
		return err
	}
	if p.tests {
		if err := h.Choose(p.selections); err != nil {
			return err
		}
		h.K.Challenge()
		if err := h.At(station.Choosing); err != nil {
			return err
		}
	}
	return h.finish(p)
}

// finish takes a voter from the questions out of the door.
func (h *hands) finish(p *person) error {
	if err := h.Choose(p.selections); err != nil {
		return err
	}
	return h.Cast()
}
