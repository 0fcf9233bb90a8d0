package printer

import "fmt"

// A Fault is what is wrong with a printer, as far as a person can do something
// about it.
type Fault int

// The faults.
const (
	NoFault     Fault = iota
	PaperOut          // no paper under the sensor
	CoverOpen         // the cover is open
	CutterStuck       // the cutter did not come to its end
	Offline           // the printer says it is not ready for a reason that passes by itself: a button is held, the head is hot
	Silent            // no answer in time, or bytes are no longer taken
	Garbage           // answers that are none, or that nobody asked for
	Unplugged         // the device is gone
	Broken            // the printer reports an error that does not pass
	Refused           // the page itself cannot be printed; the printer was not asked
)

var faults = [...]struct{ name, do string }{
	NoFault:     {"no fault", ""},
	PaperOut:    {"paper out", "Put in a new roll and close the cover."},
	CoverOpen:   {"cover open", "Make sure that there is paper in the printer, then close the cover."},
	CutterStuck: {"cutter stuck", "Open the cover, take out what blocks the cutter, and close the cover."},
	Offline:     {"offline", "Wait a minute. Nothing may lie on the printer's buttons."},
	Silent:      {"silent", "Check that the printer is switched on and that its cable is plugged in. If it is, switch it off and on again."},
	Garbage:     {"garbage", "Check both ends of the printer's cable, then switch the printer off and on again."},
	Unplugged:   {"unplugged", "Plug the printer's cable in again."},
	Broken:      {"broken", "Switch the printer off and on again. If the error stays, take the spare printer."},
	Refused:     {"refused", "Call support: the page does not fit the printer."},
}

func (f Fault) String() string {
	if f < 0 || int(f) >= len(faults) {
		return fmt.Sprintf("fault %d", int(f))
	}
	return faults[f].name
}

// Do is what a poll worker does about it: one or two sentences. It is empty for
// NoFault.
func (f Fault) Do() string {
	if f < 0 || int(f) >= len(faults) {
		return ""
	}
	return faults[f].do
}

// An Error is the only kind of error that Print and Cut return. It is one of two
// definite outcomes; the third, printed, is nil.
//
// Its text holds no part of the page.
type Error struct {
	Fault Fault

	// Began false: surely no dot of this page is on paper, and none will be
	// (of a cut: it surely was not asked for). Began true: some of the page, or
	// all of it, may be on paper: it is spoiled.
	Began bool

	Err error // what the driver saw
}

func (e *Error) Error() string {
	what := "nothing printed"
	if e.Began {
		what = "the page is spoiled"
	}
	if e.Err == nil {
		return fmt.Sprintf("printer: %v: %s", e.Fault, what)
	}
	return fmt.Sprintf("printer: %v: %s: %v", e.Fault, what, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }
