// Package printertest emulates a thermal receipt printer that speaks ESC/POS: it
// takes bytes and makes paper, and it misbehaves when told to. Commands and status
// bytes are those of the manual "ESC/POS Command Reference" of Seiko Epson.
//
// What a printer does that surprises drivers, it does too. Its receive buffer is
// small, and once it is full nothing gets in any more, real-time commands neither:
// they wait behind the data. Real-time commands are obeyed on arrival, before what
// was sent earlier, while printing stands still, and even when their bytes stand
// in the middle of a picture, of which they remain a part. It prints row by row;
// where paper ends or the cover opens it stops, and goes on from its buffer when it
// can, unless the buffer was cleared. An unplugged printer prints what it has
// received. A command that lost its end takes the next page for its data.
//
// It does not know page mode, bar codes, user-defined characters, macros and
// stored (NV) graphics: it reads over them. It has no notion of time: Config.Pace
// sets the pace.
package printertest

import (
	"bytes"
	"image"
	"io"
	"sync"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Config describes a make of printer. The zero value is an 80-mm printer with a
// buffer of 4 KiB that does not answer GS ( H.
type Config struct {
	// Width is the number of dots across. If zero, it is 576 (80-mm paper).
	Width int

	// ProcessID tells whether the printer answers GS ( H, function 48, when
	// printing has reached it. If not, it reads over the command.
	ProcessID bool

	// NoClear makes a printer without DLE DC4 8.
	NoClear bool

	// Buffer is the size of the receive buffer in bytes. If zero, it is 4096.
	Buffer int

	// BusyOffline makes a printer that takes no more than a few bytes of data
	// while it is offline; real-time commands it still obeys. If false, it
	// takes data until its buffer is full.
	BusyOffline bool

	// CutterGap is the number of rows between print head and cutter. Paper is
	// cut there: a page that was not fed so far past its last row loses that end
	// to the next piece. If zero, it is 120 (15 mm); negative: none.
	CutterGap int

	// Roll is the length of a new roll of paper in rows. If zero, it is 640,000
	// (80 m). The near-end sensor sees the last 5 % of it.
	Roll int

	// Face draws text that is sent as characters. If nil, ASCII is drawn in a
	// plain fixed face, and every other character as an empty frame.
	Face font.Face

	// Encoding is that of two-byte characters. If nil, it is Big5.
	Encoding encoding.Encoding

	// Pace, if not nil, is called before each row with its number since New. It
	// may wait; the printer's lock is not held.
	Pace func(row int)
}

// A State is what the printer senses. The printer changes PaperEnd and NearEnd
// itself when its roll ends.
type State struct {
	PaperEnd    bool
	NearEnd     bool
	CoverOpen   bool
	CutterStuck bool // found out at the next cut: an error that lasts; see Printer
	Overheated  bool // the head cools down by itself: an auto-recoverable error
	Broken      bool // an unrecoverable error
	DrawerHigh  bool // the level of the drawer connector's pin 3; no fault
}

// A Piece is a length of paper.
type Piece struct {
	Image   *image.Paletted // two colours, white first: one bit a dot
	Text    string          // what was sent as characters, decoded
	QR      []string        // contents of the codes that the printer itself made (GS ( k)
	Height  int             // rows, with the white ones
	Partial bool            // the cut left a bridge of paper
}

// A Printer is an emulated printer. Its methods may be called from many
// goroutines, and from the functions given to At and OnPaper.
//
// A cutter error lasts when the cutter is free again, until DLE ENQ, DLE DC4 8, an
// opened and closed cover, or PowerCycle.
type Printer struct {
	c    Config
	mu   sync.Mutex
	wake *sync.Cond // of every change

	// receiving
	link     *link
	buffer   []byte
	busy     bool     // the buffer was full, and is not yet free enough
	spare    int      // bytes of data taken while offline, see Config.BusyOffline
	incoming framer   // where commands begin in what arrives
	recent   [10]byte // the last bytes that arrived
	stopped  bool
	off      bool // switched off: nothing that arrives is heard
	silent   bool
	garbage  func([]byte) []byte

	// printing
	running, closed bool
	cleared         bool  // the buffer was cleared under the command that is being obeyed
	stands, hungry  bool  // printing waits; it waits for a byte
	rest            int64 // of the data of the command that is being obeyed
	text            bool  // its data end with a NUL
	set             settings
	line            line
	strange         []string
	hooks           []hook

	// the machine
	state       State
	cutterError bool
	told        [4]byte // the automatic status as the host knows it
	printed     int     // rows, since New
	left        int     // rows on the roll
	sheet       sheet   // from the cutter's last cut to the print head
	shown       bool    // paper stands out below the cutter
	cuts, torn  []sheet
	onPaper     func(bool, *Piece)
}

type hook struct {
	row int
	f   func()
}

// New returns a printer that is switched on, with a new roll of paper.
func New(c Config) *Printer {
	c.Width = or(c.Width, 576)
	c.Buffer = or(c.Buffer, 4096)
	c.Roll = or(c.Roll, 640_000)
	c.CutterGap = max(0, or(c.CutterGap, 120))
	if c.Encoding == nil {
		c.Encoding = traditionalchinese.Big5
	}
	p := &Printer{c: c, spare: reserve, left: c.Roll}
	p.wake = sync.NewCond(&p.mu)
	p.reset()
	p.tear()
	return p
}

func or(n, zero int) int {
	if n == 0 {
		return zero
	}
	return n
}

// Play serves a recorded stream, and returns the answers to it. Like a cable, it
// waits while the printer takes no more: for ever, if paper ends, nobody puts any
// in, and the rest of the stream does not fit into the buffer.
func (p *Printer) Play(stream []byte) ([]byte, error) {
	var answers bytes.Buffer
	err := p.Serve(struct {
		io.Reader
		io.Writer
	}{bytes.NewReader(stream), &answers})
	return answers.Bytes(), err
}

// Close ends the printer's goroutines. What lies in the buffer is never printed.
func (p *Printer) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.wake.Broadcast()
}

// Set changes what the sensors see. The printer tells the host if it was asked to
// (GS a).
func (p *Printer) Set(f func(*State)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	open := p.state.CoverOpen
	f(&p.state)
	if open && !p.state.CoverOpen {
		p.cutterError = false
	}
	p.changed()
}

// State returns what the sensors see.
func (p *Printer) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// At calls f once, before the row with the given number is printed or fed,
// counted from now: At(0, f) is before the next row. No lock is held: f may
// change the printer's state, pull its plug and so on, and the row is printed
// only if the printer can.
func (p *Printer) At(row int, f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hooks = append(p.hooks, hook{p.printed + row, f})
}

// StopReading makes the printer take no more bytes, real-time commands neither.
func (p *Printer) StopReading(stop bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = stop
	p.wake.Broadcast()
}

// Silence makes the printer give no answers.
func (p *Printer) Silence(silent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = silent
}

// Garbage changes each answer before it is sent; an empty one is none. Nil: honest
// answers.
func (p *Printer) Garbage(f func(answer []byte) []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.garbage = f
}

// booting is how long a printer hears nothing that is switched off and on. Real ones
// take seconds.
const booting = 500 * time.Millisecond

// PowerCycle switches the printer off and, when it returns, on again: buffer,
// settings, a cutter error, Broken, and all that is sent to it meanwhile are gone,
// the paper stays.
func (p *Printer) PowerCycle() {
	p.switchTo(true)
	time.Sleep(booting)
	p.switchTo(false)
}

func (p *Printer) switchTo(off bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.off = off
	p.clear()
	p.reset()
	clear(p.recent[:])
	p.cutterError, p.state.Broken, p.busy = false, false, false
	p.changed()
}

// LoadRoll puts a new roll in and closes the cover: what hung from the printer is
// torn off (see Torn). What lies in the buffer is printed on the new roll.
func (p *Printer) LoadRoll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	told := p.tear()
	p.left = p.c.Roll
	p.state.PaperEnd, p.state.NearEnd, p.state.CoverOpen, p.cutterError = false, false, false, false
	p.changed()
	if told != nil {
		p.outside(func() { told(false, nil) })
	}
}

// Pieces returns the pieces cut so far, in order.
func (p *Printer) Pieces() []Piece {
	p.mu.Lock()
	defer p.mu.Unlock()
	return pieces(p.cuts, p.c.Width)
}

func pieces(sheets []sheet, width int) []Piece {
	var out []Piece
	for _, s := range sheets {
		out = append(out, s.piece(width))
	}
	return out
}

// Take is Pieces, and forgets them.
func (p *Printer) Take() []Piece {
	p.mu.Lock()
	defer p.mu.Unlock()
	cuts := p.cuts
	p.cuts = nil
	return pieces(cuts, p.c.Width)
}

// Torn returns the pieces that were torn off by LoadRoll and had a dot.
func (p *Printer) Torn() []Piece {
	p.mu.Lock()
	defer p.mu.Unlock()
	return pieces(p.torn, p.c.Width)
}

// Held returns what hangs uncut from the printer, if it has at least one dot.
func (p *Printer) Held() (Piece, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sheet.blank() {
		return Piece{}, false
	}
	return p.sheet.piece(p.c.Width), true
}

// OnPaper sets the function that is told of paper: held true, cut nil, when it
// first shows below the cutter after a cut; held false, cut not nil, when a piece
// was cut; held false, cut nil, when the paper was torn off. No lock is held.
func (p *Printer) OnPaper(f func(held bool, cut *Piece)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onPaper = f
}

// Unknown returns the commands that the printer read over because it does not
// know them, the first 100.
func (p *Printer) Unknown() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.strange...)
}

// Rows returns the number of rows printed and fed since New.
func (p *Printer) Rows() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.printed
}
