package panel

import (
	"errors"
	"time"
)

// A Line is one wire of the panel, by its name in configurations and on the
// bench. There are no others than those below.
type Line string

// The inputs. Active means: the door is open, the thing is moved, paper is seen,
// the mains are off, the button is pressed.
const (
	RearDoor     Line = "rear-door"
	BoxDoor      Line = "box-door"
	PrinterCover Line = "printer-cover"
	Motion       Line = "motion" // optional
	SlipExit     Line = "slip-exit"
	BoxDrop      Line = "box-drop"
	SpoiledDrop  Line = "spoiled-drop"
	MainsFail    Line = "mains-fail"
	WorkerButton Line = "worker-button" // optional
)

// The outputs. Active means: the lamp is lit, the solenoid holds the window's
// flap open, the diverter points to the box.
//
// The diverter rests over the spoiled bin: without power and without a program
// nothing gets into the box.
const (
	Green    Line = "green"
	Yellow   Line = "yellow"
	Red      Line = "red"
	Solenoid Line = "solenoid"
	Diverter Line = "diverter"
	Alive    Line = "alive" // optional: changes every 250 ms, for a watchdog relay
)

// Inputs and Outputs list the lines in the order of their documentation.
func Inputs() []Line {
	return []Line{RearDoor, BoxDoor, PrinterCover, Motion, SlipExit, BoxDrop, SpoiledDrop, MainsFail, WorkerButton}
}

// Outputs lists the outputs.
func Outputs() []Line { return []Line{Green, Yellow, Red, Solenoid, Diverter, Alive} }

// Tamper lists the switches that stay latched until people clear them.
func Tamper() []Line { return []Line{RearDoor, BoxDoor, PrinterCover, Motion} }

// optional reports whether a panel may lack the line.
func (l Line) optional() bool { return l == Motion || l == WorkerButton || l == Alive }

// A Change is what happened to an input.
type Change struct {
	Line   Line
	Active bool

	// At is when it happened, by the clock of whatever watches the wire,
	// counted from any point. It never goes back. A change that waited in a
	// socket was no shorter for it: debouncing reckons with At.
	At time.Duration

	// Err is set, and the rest empty, when the lines stopped answering.
	Err error
}

// Lines are the wires of a panel; true is active, polarity is the adapter's
// business. OpenPins and OpenBench give the two adapters; both pass the same
// contract test.
//
// All methods may be called from several goroutines. Read and Write return
// within a few seconds whatever the other side does. Writing an optional output that
// is not there does nothing, and an optional input that is not there is never
// active.
type Lines interface {
	// Read asks for the state of an input now.
	Read(Line) (bool, error)
	// Write returns when the output has the state.
	Write(Line, bool) error
	// Changes delivers every change of an input. It begins with what is
	// active; after an Err, when the lines answer again, it delivers the state
	// of every input anew. It is closed by Close.
	Changes() <-chan Change
	// Close makes every output inactive as far as it can. A second Close does
	// nothing.
	Close() error
}

// ErrLost is wrapped by the errors of lines that do not answer. The kiosk stops
// voting on it.
var ErrLost = errors.New("panel: the lines do not answer")

// ErrClosed is wrapped by everything after Close.
var ErrClosed = errors.New("panel: closed")
