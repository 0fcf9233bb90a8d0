// Package printer drives a receipt printer that speaks ESC/POS, over a serial port
// or a USB printer's device file. Commands and answers are those of the manual
// "ESC/POS Command Reference" of Seiko Epson, which other makers follow.
//
// A page is a picture; the driver knows nothing of what is on it, and neither its
// errors nor anything else it writes holds a part of one. Each page ends in one of
// three ways: printed, surely not begun, or spoiled; see Error. It counts as
// printed only when the printer itself has said that it got to the page's end:
// docs/adr/0022-printed-when-the-printer-says-so.md.
//
// It does not look at the paper, and it cannot: a printer that prints white,
// because its head is dead or the paper lies the wrong way round, says what a
// healthy one says. Configuration, makes, and what was never tried on a real
// printer: docs/hardware/printer.md.
package printer

import (
	"errors"
	"time"
)

// A Bitmap is a page: (Width+7)/8 bytes a row, the highest bit of a byte leftmost,
// 1 is black. That is the form of GS v 0. Bits right of Width are 0.
type Bitmap struct {
	Width, Height int
	Pix           []byte
}

// MaxHeight bounds a page: over six metres of paper.
const MaxHeight = 50000

// An Ending is what follows a page's last row.
type Ending int

const (
	// Hold leaves the paper in one piece, fed so far that the whole page is
	// to be seen (Config.HoldFeed).
	Hold Ending = iota

	// Cut feeds past the cutter, and cuts.
	Cut
)

// A Confirm is the way in which a printer says how far it has got.
type Confirm string

const (
	// ProcessID: GS ( H, function 48. The printer sends back a number of our
	// choice when printing has reached it.
	ProcessID Confirm = "process-id"

	// PaperSensor: GS r 1, for makes without it: the printer sends the paper
	// sensor's state when it gets there. Those answers have no number, so they
	// are counted, and each page is followed by Config.Settle of silence.
	PaperSensor Confirm = "paper-sensor"
)

// Config describes a printer. Fields without a documented zero are required.
type Config struct {
	// Path is a serial port, or a USB printer's device file (/dev/usb/lp0).
	Path string

	// Baud is the serial port's speed, with 8 bits, no parity, 1 stop bit.
	// Zero: Path is not a serial port but a device file.
	Baud int

	// Width is the number of dots across: 576 for paper of 80 mm, 384 for 58 mm.
	// Narrower pages are printed at the left.
	Width int

	Confirm Confirm

	// Buffer is the printer's receive buffer in bytes. If zero, it is 4096, the
	// smallest that any make is known to have when its switches are set right.
	// No more is ever under way: a printer whose buffer is full does not hear
	// real-time commands.
	Buffer int

	// HoldFeed is how many blank rows follow a page that is held. How many it
	// takes depends on the way from the print head to the window.
	HoldFeed int

	// CutFeed is how many blank rows are fed before a cut, beside what the
	// printer itself feeds from its head to its cutter (GS V, function B).
	CutFeed int

	// PartialCut leaves a bridge of paper, where the cutter can: a receipt then
	// does not fall to the floor.
	PartialCut bool

	// Answer is how long an answer may take that the printer gives at once.
	// If zero, it is a second.
	Answer time.Duration

	// Stall is how long printing may stand still, without a fault that explains
	// it, until the page is given up. If zero, it is ten seconds.
	Stall time.Duration

	// Settle is how long the line must be silent after a page with PaperSensor.
	// If zero, it is half a second.
	Settle time.Duration
}

// A Status is a printer's state when it was asked.
type Status struct {
	Ready    bool
	Fault    Fault // NoFault if Ready
	PaperLow bool  // the roll is near its end
}

// A Printer is an open printer. Its methods may be called from many goroutines;
// they take turns, and one that waits for its turn waits for a whole page.
type Printer struct{}

var errUnfinished = errors.New("not there yet")

// Open opens the device, and makes sure that no one else has it open. It does not
// ask the printer anything: one that is switched off opens. If the device cannot
// be opened, the error is an *Error with the Fault Unplugged.
func Open(c Config) (*Printer, error) { return nil, errUnfinished }

// Status asks the printer for its state (DLE EOT). The error says what was seen
// when there was no proper answer; Fault stands in Status all the same.
func (p *Printer) Status() (Status, error) { return Status{}, errUnfinished }

// Print prints a page. It returns nil only when the printer itself has said that it
// got to the page's end, and with Cut that it has cut; the error is always an
// *Error.
func (p *Printer) Print(b Bitmap, end Ending) error {
	return &Error{Fault: Refused, Err: errUnfinished}
}

// Cut cuts what is held.
func (p *Printer) Cut() error { return &Error{Fault: Refused, Err: errUnfinished} }

// Close ends a call that is under way, whose page is then spoiled if it had begun,
// and gives the device back. It does not wait for the printer.
func (p *Printer) Close() error { return errUnfinished }
