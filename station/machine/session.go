package machine

import (
	"errors"
	"fmt"
	"io"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/ballotbox"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/rollbook"
	"github.com/openreferendum/referendum/station/slip"
)

// A ballot is what was made and is not yet cast.
type ballot struct {
	raw  []byte
	code record.Hash
	seed elgamal.SecretSeed
}

// checkCard finds out who holds the card and whether they may vote. What it
// learns goes into the function that will mark the voter, and nowhere else.
func (m *Machine) checkCard() station.Event {
	var nonce [32]byte
	if _, err := io.ReadFull(m.c.Random, nonce[:]); err != nil {
		m.problem = err
		return station.StorageFailed{}
	}
	voter, certificate, signature, err := m.c.Cards.Holder(m.card, m.c.Clock(), nonce)
	var refusal *station.Refusal
	if errors.As(err, &refusal) {
		return station.VoterRefused{Reason: refusal.Reason}
	}
	if err != nil {
		m.problem = err
		return station.StorageFailed{}
	}
	err = m.c.DB.View(func(tx *durable.Tx) error { return rollbook.Find(tx, voter) })
	switch {
	case errors.Is(err, rollbook.ErrNotOnRoll):
		return station.VoterRefused{Reason: station.NotOnRoll}
	case errors.Is(err, rollbook.ErrHasVoted):
		return station.VoterRefused{Reason: station.HasVoted}
	case err != nil:
		m.problem = err
		return station.StorageFailed{}
	}
	attendance := rollbook.Attendance{Nonce: nonce, Certificate: certificate, Signature: signature}
	m.mark = func(tx *durable.Tx) error { return rollbook.Mark(tx, voter, attendance) }
	return station.VoterAccepted{}
}

// makeBallot encrypts the choices and verifies the result as every observer
// will: from its bytes.
func (m *Machine) makeBallot() station.Event {
	b, err := m.encrypt()
	if err != nil {
		m.problem = err
		return station.BallotFaulty{}
	}
	m.ballot = b
	return station.BallotReady{}
}

func (m *Machine) encrypt() (*ballot, error) {
	if m.chosen == nil {
		return nil, errors.New("making a ballot: no choices")
	}
	seed, err := elgamal.GenerateSeed(m.c.Random)
	if err != nil {
		return nil, fmt.Errorf("making a ballot: %w", err)
	}
	ctx := m.c.Election.Context(m.c.Station)
	made, err := proof.Make(m.c.Random, ctx, *m.chosen, seed)
	if err != nil {
		return nil, fmt.Errorf("making a ballot: %w", err)
	}
	raw := made.Bytes()
	again, err := proof.ParseBallot(ctx.Shape, raw)
	if err != nil {
		return nil, fmt.Errorf("checking the ballot just made: %w", err)
	}
	if err := proof.Verify(ctx, again); err != nil {
		return nil, fmt.Errorf("checking the ballot just made: %w", err)
	}
	return &ballot{raw, record.ConfirmationCode(m.c.Election.ID, m.c.Station, raw), seed}, nil
}

// printPapers counts the slip before it is printed: whatever happens from here
// on, a slip may be behind the window, and the next start voids it.
func (m *Machine) printPapers() station.Event {
	page, err := slip.Slip(m.c.Election.Manifest, m.place, m.chosen.Export())
	if err != nil {
		m.problem = err
		return station.BallotFaulty{}
	}
	err = m.change(func(d *daybook.Day) { d.SlipsPrinted, d.Slip = d.SlipsPrinted+1, daybook.SlipPrinted })
	if err != nil {
		m.problem = err
		return station.StorageFailed{}
	}
	receipt := slip.Receipt(m.c.Election, m.place, m.ballot.code)
	for _, p := range []slip.Page{page, receipt} {
		if err := m.c.Printer.Print(p); err != nil {
			m.problem = fmt.Errorf("printing the %s: %w", p.Kind, err)
			return station.PrinterFailed{}
		}
	}
	return station.PapersPrinted{}
}

// castBallot is the one transaction of protocol section 5: voter marked and
// ballot stored, both or neither, on both media.
func (m *Machine) castBallot() error {
	mark, b := m.mark, m.ballot
	if mark == nil || b == nil {
		return errors.New("casting: no voter or no ballot")
	}
	store := func(tx *durable.Tx) error { return ballotbox.Cast.Put(tx, m.c.Random, b.code, b.raw) }
	return m.c.DB.Update(func(tx *durable.Tx) error {
		if err := mark(tx); err != nil {
			return err
		}
		if err := store(tx); err != nil {
			return err
		}
		return changeDay(tx, func(d *daybook.Day) { d.Cast, d.Slip = d.Cast+1, daybook.SlipCast })
	})
}

// openBallot stores the ballot as challenged, and only then prints its seed.
func (m *Machine) openBallot() station.Event {
	b := m.ballot
	c := &record.ChallengedBallot{Code: b.code, Ballot: b.raw, Seed: b.seed.Export(), Selections: m.chosen.Export()}
	err := m.c.DB.Update(func(tx *durable.Tx) error {
		if err := ballotbox.Challenged.Put(tx, m.c.Random, c.Code, c.Encode()); err != nil {
			return err
		}
		return changeDay(tx, func(d *daybook.Day) { d.Challenged, d.Slip = d.Challenged+1, daybook.SlipChallenge })
	})
	if errors.Is(err, ballotbox.ErrFull) {
		return station.ChallengeRefused{}
	}
	if err != nil {
		m.problem = err
		return station.StorageFailed{}
	}
	page, err := slip.Challenge(m.c.Election, m.place, c)
	if err == nil {
		err = m.c.Printer.Print(page)
	}
	if err != nil {
		m.problem = fmt.Errorf("printing the challenge: %w", err)
		return station.PrinterFailed{}
	}
	return station.ChallengeStored{}
}

// errWindow marks errors of the window, whose event is another than that of the
// disk's.
var errWindow = errors.New("the slip did not move")

func (m *Machine) dropSlip() error {
	if err := m.c.Window.Drop(); err != nil {
		return fmt.Errorf("%w: %w", errWindow, err)
	}
	return m.change(func(d *daybook.Day) { d.Slip, d.InUse = daybook.NoSlip, false })
}

func (m *Machine) voidSlip() error {
	if err := m.c.Window.Void(); err != nil {
		return fmt.Errorf("%w: %w", errWindow, err)
	}
	return m.change(func(d *daybook.Day) { d.Slip, d.SlipsVoided = daybook.NoSlip, d.SlipsVoided+1 })
}

// abandon ends a session without a ballot. A slip behind the window is voided
// first: if the power goes in between, it is voided again.
func (m *Machine) abandon() error {
	day, err := m.day()
	if err != nil {
		return err
	}
	if day.Slip != daybook.NoSlip {
		if err := m.c.Window.Void(); err != nil {
			return fmt.Errorf("%w: %w", errWindow, err)
		}
	}
	return m.change(func(d *daybook.Day) {
		if d.Slip != daybook.NoSlip {
			d.SlipsVoided++
		}
		d.Slip, d.InUse, d.Abandoned = daybook.NoSlip, false, d.Abandoned+1
	})
}
