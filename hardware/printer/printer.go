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
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
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
type Printer struct {
	c       Config
	open    func() (*device, error)
	closing atomic.Bool

	mu    sync.Mutex
	talk  *talk // nil: the device was lost, or is closed
	dirty bool  // what the printer still holds of before is unknown

	recovered time.Time // when an error was last tried to be recovered from
}

// Open opens the device, and makes sure that no one else has it open. It does not
// ask the printer anything: one that is switched off opens. If the device cannot
// be opened, the error is an *Error with the Fault Unplugged.
func Open(c Config) (*Printer, error) {
	return open(c, func() (*device, error) { return openDevice(c.Path, c.Baud) })
}

func open(c Config, dial func() (*device, error)) (*Printer, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("printer: %w", err)
	}
	p := &Printer{c: c, open: dial}
	if err := p.dial(); err != nil {
		return nil, &Error{Fault: Unplugged, Err: err}
	}
	return p, nil
}

// complete checks a configuration and puts the defaults in.
func (c *Config) complete() error {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&c.Answer, time.Second)
	set(&c.Stall, 10*time.Second)
	set(&c.Settle, 500*time.Millisecond)
	if c.Buffer == 0 {
		c.Buffer = smallestBuffer
	}
	switch {
	case c.Path == "":
		return errors.New("no path of a device")
	case c.Baud < 0 || c.Baud > 0 && c.Baud < slowest:
		return fmt.Errorf("%d baud: the slowest is %d", c.Baud, slowest)
	case c.Width < 8 || c.Width > 8*255:
		return fmt.Errorf("%d dots across: not from 8 to 2040", c.Width)
	case c.Confirm != ProcessID && c.Confirm != PaperSensor:
		return fmt.Errorf("no way to confirm a page is called %q", c.Confirm)
	case c.Buffer < 1024:
		return fmt.Errorf("a receive buffer of %d bytes: less than 1024", c.Buffer)
	case c.HoldFeed < 0 || c.HoldFeed > MaxHeight || c.CutFeed < 0 || c.CutFeed > MaxHeight:
		return fmt.Errorf("feeding %d and %d rows: not from 0 to %d", c.HoldFeed, c.CutFeed, MaxHeight)
	case c.Answer < 0 || c.Stall < c.Answer || c.Settle < 0:
		return errors.New("times below 0, or Stall shorter than Answer")
	}
	return nil
}

const (
	smallestBuffer = 4096
	slowest        = 9600
)

// Status asks the printer for its state (DLE EOT). The error says what was seen
// when there was no proper answer; Fault stands in Status all the same.
//
// An error that waits to be recovered from, after a person took its cause away, is
// recovered from here, as by Print and Cut.
func (p *Printer) Status() (Status, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var c condition
	err := p.reach(func() (err error) {
		c, err = p.condition()
		return err
	})
	if err != nil {
		return Status{Fault: p.fail(err, false).Fault}, fmt.Errorf("printer: %w", err)
	}
	f := c.fault()
	return Status{Ready: f == NoFault, Fault: f, PaperLow: c.paperLow}, nil
}

// Print prints a page. It returns nil only when the printer itself has said that it
// got to the page's end, and with Cut that it has cut; the error is always an
// *Error.
//
// After an error the printer's buffer is cleared, and before the next page's first
// dot the printer has answered a new question in print order. So whatever is left
// of the old page is gone, or on paper above the new one, never within it.
func (p *Printer) Print(b Bitmap, end Ending) error {
	if err := b.check(p.c.Width); err != nil {
		return &Error{Fault: Refused, Err: err}
	}
	if end != Hold && end != Cut {
		return &Error{Fault: Refused, Err: fmt.Errorf("no ending has number %d", end)}
	}
	plan, err := encode(b, p.c.stepLimit())
	if err != nil {
		return &Error{Fault: Refused, Err: err}
	}
	plan.finish(end, p.c)
	return p.carryOut(plan)
}

// Cut cuts what is held.
func (p *Printer) Cut() error {
	plan := &plan{limit: p.c.stepLimit()}
	plan.cut(p.c)
	return p.carryOut(plan)
}

// Close ends a call that is under way, whose page is then spoiled if it had begun,
// and gives the device back. It does not wait for the printer. A closed printer
// reports Unplugged.
func (p *Printer) Close() error {
	p.closing.Store(true) // before the lock: it makes the call that holds it end
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hangUp()
}

// dial opens the device if it is not open. What such a printer holds is unknown.
func (p *Printer) dial() error {
	switch {
	case p.closing.Load():
		return fs.ErrClosed
	case p.talk != nil:
		return nil
	}
	d, err := p.open()
	if err != nil {
		return err
	}
	p.talk = &talk{dev: d, closing: &p.closing}
	p.dirty = true
	return nil
}

func (p *Printer) hangUp() error {
	if p.talk == nil {
		return nil
	}
	d := p.talk.dev
	p.talk = nil
	if err := d.close(); err != nil {
		return fmt.Errorf("printer: closing: %w", err)
	}
	return nil
}
