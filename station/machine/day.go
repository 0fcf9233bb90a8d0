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
	"github.com/openreferendum/referendum/station/stationlog"
)

// ErrNotNow is returned for an act of a poll worker that cannot be done where
// the station is. The worker is told so, and nothing has changed.
var ErrNotNow = errors.New("not possible now")

// OpenPolls prints the zero tape and opens the polls, for the poll worker of that
// number in the manifest, from 1. It refuses a roll that is not what the authority
// signed, and boxes that are not empty.
func (m *Machine) OpenPolls(by stationlog.Official) error {
	if m.state.At != station.Unopened {
		return fmt.Errorf("opening the polls: %w", ErrNotNow)
	}
	if err := m.checkOfficial(by); err != nil {
		return fmt.Errorf("opening the polls: %w", err)
	}
	var empty ballotlog.Tree
	c := record.Counts{Registered: m.place.Registered}
	if err := m.c.DB.View(m.checkFresh); err != nil {
		return fmt.Errorf("opening the polls: %w", errors.Join(err, m.logged(stationlog.OpeningRefused)))
	}
	note, err := ballotlog.Sign(m.checkpoint(&empty), m.c.Key)
	if err != nil {
		return fmt.Errorf("opening the polls: %w", err)
	}
	// The tape first: polls never open without it. Printed twice is no harm; it is
	// marked where this run of the program knows that it may be.
	m.zeroBegun, err = m.printCopy(slip.ZeroTape(m.c.Election, m.place, c, m.c.Software, note), m.zeroBegun)
	if err != nil {
		return fmt.Errorf("opening the polls: %w", errors.Join(err, m.halting(m.logPrinter(err)), m.logged(stationlog.OpeningRefused)))
	}
	if err := m.logged(stationlog.ZeroTapePrinted); err != nil {
		return fmt.Errorf("opening the polls: %w", err)
	}
	// The line before the deed: no ballot is cast at a time when the log says that
	// the polls are not open. A cut between the two leaves polls that are opened again,
	// with a second line.
	if err := m.logged(stationlog.PollsOpened, stationlog.By(by)); err != nil {
		return fmt.Errorf("opening the polls: %w", err)
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

// checkFresh checks that nothing has happened at this station, and that the roll
// is the one that was signed.
func (m *Machine) checkFresh(tx *database.Tx) error {
	if err := m.checkUntouched(tx); err != nil {
		return err
	}
	return m.checkRoll(tx)
}

func (m *Machine) checkUntouched(tx *database.Tx) error {
	c, err := counts(tx)
	if err != nil {
		return err
	}
	if c != (record.Counts{Registered: m.place.Registered}) {
		return errors.New("the station is not as it was provisioned")
	}
	return checkBooks(tx)
}

func (m *Machine) checkpoint(t *ballotlog.Tree) ballotlog.Checkpoint {
	return ballotlog.Checkpoint{Election: m.c.Election.ID, Station: m.c.Station, Size: t.Size(), Root: t.Root()}
}

// Suspend stops the polls for a while; a session that is going on is abandoned
// where it can be. Polls that are suspended already stay so, and come back so from a restart.
func (m *Machine) Suspend(cause stationlog.Cause) error {
	why := stationlog.Because(cause)
	if why == (stationlog.Detail{}) {
		return fmt.Errorf("suspending the polls: no cause %d", int(cause))
	}
	before := m.state.At
	err := m.setPhase(station.PollsSuspended{}, daybook.Suspended, station.Suspended)
	if err != nil || before == station.Suspended {
		return err
	}
	// The line after the deed: no ballot is cast at a time when the log says that
	// the polls are suspended.
	return m.logged(stationlog.PollsSuspended, why)
}

// Resume goes on after Suspend, after a repaired printer, or after a power cut,
// for the poll worker of that number.
func (m *Machine) Resume(by stationlog.Official) error {
	if m.state.At != station.Suspended {
		return fmt.Errorf("resuming: %w", ErrNotNow)
	}
	if err := m.checkOfficial(by); err != nil {
		return fmt.Errorf("resuming: %w", err)
	}
	// What a voter was promised comes out before anybody else votes, and shows that
	// the printer prints. If it does not come out again, no line says so: only after a
	// challenge could there be one. That the printer failed is in the log already.
	if err := m.printOwed(); err != nil {
		return fmt.Errorf("resuming: %w", err)
	}
	// The line before the deed, as at the opening.
	if err := m.logged(stationlog.PollsResumed, stationlog.By(by)); err != nil {
		return fmt.Errorf("resuming: %w", err)
	}
	return m.setPhase(station.PollsResumed{}, daybook.Open, station.Idle)
}

// VoidSession ends the session of a voter who chooses or reads the slip, as if
// time had run out: the slip is voided, the voter is not marked and may come again. No log has a
// line for it, as for no session.
func (m *Machine) VoidSession() error {
	if m.state.At != station.Choosing && m.state.At != station.Deciding {
		return fmt.Errorf("ending the session: %w", ErrNotNow)
	}
	if m.handle(station.SessionTimedOut{}).At == station.Halted {
		return fmt.Errorf("ending the session: %w", m.problem)
	}
	return nil
}

// checkOfficial refuses a number that no poll worker of this station has.
func (m *Machine) checkOfficial(by stationlog.Official) error {
	if by < 1 || int(by) > len(m.place.Officials) {
		return fmt.Errorf("the station has no official %d", int(by))
	}
	return nil
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
