package machine

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/ballotbox"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/slip"
)

// checkCard finds out who holds the card and whether they may vote.
func (m *Machine) checkCard() station.Event {
	reason, err := m.desk.admit(m.c)
	switch {
	case err != nil:
		return m.failed(err)
	case reason != station.NoReason:
		return station.VoterRefused{Reason: reason}
	}
	return station.VoterAccepted{}
}

// makeBallot encrypts the choices, and verifies the ballot before anything of
// it is printed.
func (m *Machine) makeBallot() station.Event {
	if err := m.booth.encrypt(m.c.Random, m.c.Election, m.c.Station); err != nil {
		m.problem = err
		return station.BallotFaulty{}
	}
	return station.BallotReady{}
}

func (m *Machine) failed(err error) station.Event {
	m.problem = err
	return station.StorageFailed{}
}

// printPapers counts the slip before it is printed: whatever happens from here
// on, a slip may be behind the window, and the next start voids it.
func (m *Machine) printPapers() station.Event {
	page, err := slip.Slip(m.c.Election.Manifest, m.place, m.booth.chosen.Export())
	if err != nil {
		return m.failed(err)
	}
	err = m.change(func(d *daybook.Day) { d.SlipsPrinted, d.Slip = d.SlipsPrinted+1, daybook.SlipPrinted })
	if err != nil {
		return m.failed(err)
	}
	receipt := slip.Receipt(m.c.Election, m.place, m.booth.ballot.code)
	for _, p := range []slip.Page{page, receipt} {
		if err := m.print(p); err != nil {
			return m.notPrinted(err)
		}
	}
	return station.PapersPrinted{}
}

// castBallot is the one transaction of protocol section 5: voter marked and
// ballot stored, both or neither, on both media.
//
// It is the one place where voter and ballot meet, and nothing durable says that
// they did: each row keeps its place and size, and the sums are sums.
func (m *Machine) castBallot() error {
	return m.c.DB.Update(func(tx *database.Tx) error {
		if err := m.desk.markVoter(tx); err != nil {
			return err
		}
		if err := m.booth.store(tx, m.c.Random); err != nil {
			return err
		}
		return changeDay(tx, func(d *daybook.Day) { d.Cast, d.Slip = d.Cast+1, daybook.SlipCast })
	})
}

// openBallot stores the ballot as challenged, and only then prints its seed.
func (m *Machine) openBallot() station.Event {
	c := m.booth.opened()
	err := m.c.DB.Update(func(tx *database.Tx) error {
		if err := ballotbox.Challenged.Put(tx, m.c.Random, c.Code, c.Encode()); err != nil {
			return err
		}
		return changeDay(tx, func(d *daybook.Day) { d.Challenged, d.Slip = d.Challenged+1, daybook.SlipChallenge })
	})
	if errors.Is(err, ballotbox.ErrFull) {
		return station.ChallengeRefused{}
	}
	if err != nil {
		return m.failed(err)
	}
	page, err := slip.Challenge(m.c.Election, m.place, c)
	if err != nil {
		return m.failed(err)
	}
	if err := m.print(page); err != nil {
		m.owed = &owed{page, began(err)} // Forget leaves it: it will be published, and it is the voter's
		return m.notPrinted(err)
	}
	return station.ChallengeStored{}
}

// notPrinted turns the error of a voter's page into its event. The log keeps it
// apart from the problem, which is another one if the slip cannot be voided either.
func (m *Machine) notPrinted(err error) station.Event {
	m.problem, m.unlogged = err, err
	return station.PrinterFailed{}
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
