package machine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationlog"
)

// A PrintError is what a Printer says of a page that is not surely printed. An
// error without one in its chain is read as the worst: PrinterError, and begun.
type PrintError struct {
	State stationlog.PrinterState // what is wrong, for the log; zero is PrinterError
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

// began reports whether some of a page whose printing failed may be on paper.
func began(err error) bool {
	p, ok := errors.AsType[*PrintError](err)
	return !ok || p.Began
}

// A pageError says which page was not surely printed.
type pageError struct {
	kind string
	err  error
}

func (e *pageError) Error() string {
	return fmt.Sprintf("printing the %s: %v", strings.ReplaceAll(e.kind, "-", " "), e.err)
}

func (e *pageError) Unwrap() error { return e.err }

func (m *Machine) print(p slip.Page) error {
	if err := m.c.Printer.Print(p); err != nil {
		return &pageError{p.Kind, err}
	}
	return nil
}

// printCopy prints a page of which an earlier copy may be on paper if begun says
// so: then it is marked. It reports whether one may be there now.
func (m *Machine) printCopy(p slip.Page, begun bool) (bool, error) {
	if begun {
		marked, err := slip.Reprint(m.c.Election.Manifest, p)
		if err != nil {
			return begun, err
		}
		p = marked
	}
	if err := m.print(p); err != nil {
		return begun || began(err), err
	}
	return true, nil
}

// owed is an opened ballot that did not come out for certain. Its content is
// stored among the challenged ballots and will be published. A restart forgets it: then
// the voter finds it in the record.
type owed struct {
	page  slip.Page
	begun bool
}

// Owes reports whether Resume first prints an opened ballot, for which a voter
// waits.
func (m *Machine) Owes() bool { return m.owed != nil }

// printOwed prints the opened ballot that a voter is still owed, if there is one.
func (m *Machine) printOwed() error {
	if m.owed == nil {
		return nil
	}
	begun, err := m.printCopy(m.owed.page, m.owed.begun)
	if err != nil {
		m.owed.begun = begun
		return err
	}
	m.owed = nil
	return nil
}
