// Package panel drives what is around the window of a station: the light tower,
// tamper and door switches, the sensors of slip and bins, the solenoid and the
// diverter under the window, and the mains-fail line of the power supply. It is
// described in docs/hardware/panel.md.
//
// Lines are the bare wires, behind two adapters: OpenPins for the pins of a computer,
// OpenBench for a bench that plays a panel over a socket. Panel is what a
// station needs, on top of them.
//
// It is fail-safe as far as software can be: the solenoid is on only between
// the begin of a pulse and a timer that nothing can hold on, and what could not be
// written is written again until it is. What happens when the computer stops is
// the business of resistors and relays (docs/hardware/panel.md). The package
// keeps no log, and a latch lasts as long as the program: the station log has the
// rest. It knows nothing of ballots.
package panel

import (
	"errors"
	"time"
)

// A Light is what the light tower shows.
type Light int

// The lights.
const (
	Dark       Light = iota
	Free             // green
	InUse            // yellow
	CallWorker       // red
)

// A Bin is where slips end.
type Bin int

// The bins.
const (
	ToBox Bin = iota + 1
	ToSpoiled
)

func (b Bin) String() string {
	switch b {
	case ToBox:
		return "box"
	case ToSpoiled:
		return "spoiled bin"
	}
	return "no bin"
}

// An EventKind says what happened.
type EventKind int

// The kinds of events.
const (
	Tampered      EventKind = iota + 1 // Switch is active and latched now
	MainsLost                          // the machine runs on its battery
	MainsRestored                      // and on mains again
	Lost                               // the lines do not answer: nothing is known of the doors
	Restored                           // they answer again; open doors follow as Tampered
	WorkerCalled                       // somebody pressed the button
	Stray                              // something passed the drop sensor Switch while no slip was being released
)

// An Event is something that happened at the panel. Switch is set where the kind
// says so.
type Event struct {
	Kind   EventKind
	Switch Line
}

// Config configures a panel. Lines is required.
type Config struct {
	Lines Lines // the panel closes them

	Debounce time.Duration // an input counts when it was the same for so long. If zero, 10 ms; at most 200 ms
	Pulse    time.Duration // the solenoid is on for so long. If zero, 300 ms; at most MaxPulse
	Turn     time.Duration // the diverter gets so long before the flap opens. If zero, 200 ms; at most 2 s
	Wait     time.Duration // a slip must have arrived so long after the pulse. If zero, 3 s; at most 30 s
}

// MaxPulse is the longest pulse of the solenoid.
const MaxPulse = 500 * time.Millisecond

// A Panel is the panel of one station. All methods may be called from several
// goroutines.
type Panel struct{}

var errNotYet = errors.New("panel: not there yet")

// New takes the lines over: everything closed and dark, all inputs read. A
// tamper switch that is active already is latched, and reported as the first
// event.
func New(c Config) (*Panel, error) { return nil, errNotYet }

// Light shows l. The error wraps ErrLost when the lines do not answer; the light is
// shown when they do.
func (p *Panel) Light(l Light) error { return errNotYet }

// SlipPresent reports whether paper stands in the window now: two readings that
// agree, Debounce apart.
func (p *Panel) SlipPresent() (bool, error) { return false, errNotYet }

// Release turns the diverter to the bin, opens the flap for one pulse, and
// returns when the bin's drop sensor has seen the slip pass and the window is clear.
// moved is false, without an error, when there was no paper in the window; then
// nothing was opened. A slip that did not go the whole way is a *StuckError;
// any other error wraps ErrLost or ErrClosed, and where the slip is, is then not known.
func (p *Panel) Release(to Bin) (moved bool, err error) { return false, errNotYet }

// Events delivers what happens. Close closes it. A reader that is slow loses
// nothing that is still so: of equal events that wait, the last is kept.
func (p *Panel) Events() <-chan Event { return nil }

// Latched lists the tamper switches that were active since they were last
// cleared, sorted.
func (p *Panel) Latched() []Line { return nil }

// Clear takes the latch off a tamper switch; that two people decided it is the caller's
// business. A switch that is active, or not latched, is an error.
func (p *Panel) Clear(l Line) error { return errNotYet }

// Close ends a pulse, makes everything closed and dark, and closes the lines.
// A second Close does nothing.
func (p *Panel) Close() error { return errNotYet }
