package machine

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/station"
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
	err := m.log(e, d...)
	if err != nil {
		m.handle(m.failed(err))
	}
	return err
}

// note logs that the station stopped of itself on its way from a state to the
// one where it is. It was stopped before: a log that hangs keeps no station going.
func (m *Machine) note(before station.State) error {
	now := m.state
	switch {
	case now.At == before.At:
		return nil
	case now.At == station.Halted:
		return m.noteHalt(now.Fault)
	case now.At == station.Suspended && now.Fault == station.PrinterFault:
		return errors.Join(
			m.log(stationlog.PrinterFailed, stationlog.With(printerState(m.problem))),
			m.log(stationlog.PollsSuspended, stationlog.Because(stationlog.PrinterFault)))
	}
	return nil
}

// noteHalt says what is wrong, where the log has a word for it, and that the
// machine stopped.
func (m *Machine) noteHalt(f station.Fault) error {
	var err error
	cause := stationlog.ImpossibleEvent
	switch f {
	case station.StorageFault:
		cause = stationlog.StorageFault
		err = m.log(stationlog.StorageFailed, stationlog.On(stationlog.Internal))
	case station.SlipFault:
		cause = stationlog.SlipFault
		err = m.log(stationlog.SlipBoxFailed)
	case station.MachineFault:
		cause = stationlog.BallotFault
		err = m.log(stationlog.BallotNotVerified)
	}
	return errors.Join(err, m.log(stationlog.MachineHalted, stationlog.Because(cause)))
}

// A PrintError is what a Printer says of a page that is not surely printed. An
// error without one in its chain is read as the worst: PrinterError, and begun.
type PrintError struct {
	State stationlog.PrinterState // what is wrong, for the log
	Began bool                    // false: surely no dot of the page is on paper
	Err   error
}

func (e *PrintError) Error() string {
	if e.Err == nil {
		return "the page is not surely printed"
	}
	return e.Err.Error()
}

// Unwrap returns the cause.
func (e *PrintError) Unwrap() error { return e.Err }

func printerState(err error) stationlog.PrinterState {
	if p, ok := errors.AsType[*PrintError](err); ok && p.State != 0 {
		return p.State
	}
	return stationlog.PrinterError
}
