package machine

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/slip"
)

// ErrNotNow is returned for an act of a poll worker that cannot be done where
// the station is. The worker is told so, and nothing has changed.
var ErrNotNow = errors.New("not possible now")

// OpenPolls prints the zero tape and opens the polls. It refuses a roll that is
// not what the authority signed, and boxes that are not empty.
func (m *Machine) OpenPolls() error {
	if m.state.At != station.Unopened {
		return fmt.Errorf("opening the polls: %w", ErrNotNow)
	}
	var empty ballotlog.Tree
	c := record.Counts{Registered: m.place.Registered}
	if err := m.c.DB.View(m.checkFresh); err != nil {
		return fmt.Errorf("opening the polls: %w", err)
	}
	note, err := ballotlog.Sign(m.checkpoint(&empty), m.c.Key)
	if err != nil {
		return fmt.Errorf("opening the polls: %w", err)
	}
	// The tape first: polls never open without it. Printed twice is no harm.
	if err := m.c.Printer.Print(slip.ZeroTape(m.c.Election, m.place, c, m.c.Software, note)); err != nil {
		return fmt.Errorf("printing the zero tape: %w", err)
	}
	err = m.c.DB.Update(func(tx *database.Tx) error {
		if err := m.keepSoftware(tx); err != nil {
			return err
		}
		return changeDay(tx, func(d *daybook.Day) { d.Phase = daybook.Open })
	})
	if err != nil {
		m.handle(m.failed(err))
		return fmt.Errorf("opening the polls: %w", err)
	}
	m.handle(station.PollsOpened{})
	return nil
}

// checkFresh checks that nothing has happened at this station.
func (m *Machine) checkFresh(tx *database.Tx) error {
	c, err := counts(tx)
	if err != nil {
		return err
	}
	if c != (record.Counts{Registered: m.place.Registered}) {
		return errors.New("the station is not as it was provisioned")
	}
	if err := checkBooks(tx); err != nil {
		return err
	}
	return m.checkRoll(tx)
}

func (m *Machine) checkpoint(t *ballotlog.Tree) ballotlog.Checkpoint {
	return ballotlog.Checkpoint{Election: m.c.Election.ID, Station: m.c.Station, Size: t.Size(), Root: t.Root()}
}

// Suspend stops the polls for a while; a session that is going on is abandoned
// where it can be.
func (m *Machine) Suspend() error {
	return m.setPhase(station.PollsSuspended{}, daybook.Suspended, station.Suspended)
}

// Resume goes on after Suspend, after a repaired printer, or after a power cut.
func (m *Machine) Resume() error {
	if m.state.At != station.Suspended {
		return fmt.Errorf("resuming: %w", ErrNotNow)
	}
	return m.setPhase(station.PollsResumed{}, daybook.Open, station.Idle)
}

func (m *Machine) setPhase(e station.Event, phase daybook.Phase, want station.Place) error {
	before := m.state
	switch now := m.handle(e); {
	case now.At == station.Halted && before.At != station.Halted:
		return fmt.Errorf("stopping what was going on: %w", m.problem)
	case now.At != want:
		return ErrNotNow
	}
	if err := m.change(func(d *daybook.Day) { d.Phase = phase }); err != nil {
		m.handle(m.failed(err))
		return err
	}
	return nil
}
