package machine

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationlog"
)

// log writes one line, if there is a log.
func (m *Machine) log(e stationlog.Event, d ...stationlog.Detail) error {
	if m.c.Log == nil {
		return nil
	}
	if err := m.c.Log(e, d...); err != nil {
		return fmt.Errorf("writing %s into the log: %w", e, err)
	}
	return nil
}

// logged writes one line, and halts the station if that fails. (Polls that are
// closed stay closed: nothing is cast any more.)
func (m *Machine) logged(e stationlog.Event, d ...stationlog.Detail) error {
	return m.halting(m.log(e, d...))
}

// halting halts the station if a line was not written.
func (m *Machine) halting(err error) error {
	if err != nil {
		m.handle(m.failed(err))
	}
	return err
}

// refused logs why something is refused, and returns the reason.
func (m *Machine) refused(reason error, e stationlog.Event, d ...stationlog.Detail) error {
	return errors.Join(reason, m.log(e, d...))
}

// kinds are the log's words for the kinds of vote.
var kinds = map[string]stationlog.Kind{
	record.Live: stationlog.Live, record.Rehearsal: stationlog.Rehearsal, record.TestDeck: stationlog.TestDeck,
}

// note logs that the station stopped of itself on its way from a state to the
// one where it is. It was stopped before: a log that hangs keeps no station going.
func (m *Machine) note(before station.State) error {
	now := m.state
	if now.At == before.At {
		return nil
	}
	var err error
	if m.unlogged != nil {
		err = m.logPrinter(m.unlogged)
		m.unlogged = nil
	}
	switch {
	case now.At == station.Halted:
		err = errors.Join(err, m.noteHalt(now.Fault))
	case now.At == station.Suspended && now.Fault == station.PrinterFault:
		err = errors.Join(err,
			m.log(stationlog.PollsSuspended, stationlog.Because(stationlog.PrinterFault)),
			m.log(stationlog.WorkerCalled))
	}
	return err
}

// logPrinter logs which printer failed, and how. Two stand at a station: one for
// slips, behind the window, and one in front for everything else.
func (m *Machine) logPrinter(err error) error {
	event := stationlog.FrontPrinterFailed
	if page, ok := errors.AsType[*pageError](err); ok && page.kind == slip.KindSlip {
		event = stationlog.PrinterFailed
	}
	return m.log(event, stationlog.With(printerState(err)))
}

// noteHalt says what is wrong, where the log has a word for it, and that the
// machine stopped.
func (m *Machine) noteHalt(f station.Fault) error {
	var err error
	cause := stationlog.ImpossibleEvent
	switch f {
	case station.StorageFault:
		cause = stationlog.StorageFault
		err = m.log(stationlog.StorageFailed)
	case station.SlipFault:
		cause = stationlog.SlipFault
		err = m.log(stationlog.SlipBoxFailed)
	case station.MachineFault:
		cause = stationlog.BallotFault
		err = m.log(stationlog.BallotNotVerified)
	}
	return errors.Join(err, m.log(stationlog.MachineHalted, stationlog.Because(cause)), m.log(stationlog.WorkerCalled))
}
