package printer

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/hardware/printer/printertest"
)

// Ways from the driver to the emulator.
const (
	overPTY  = "serial port"       // a pty, by go.bug.st/serial
	overFile = "device file"       // a pty, opened as a plain file: the code of /dev/usb/lp0
	overPair = "pair of sockets"   // quick, and without a kernel that can drop what it holds
	overSlow = "slow, power fails" // a pair of sockets, eight bytes at a time; see powerFailure
)

// A rig is the driver and the emulator at the two ends of a line.
type rig struct {
	t       *testing.T
	e       *printertest.Printer
	p       *Printer
	port    *printertest.Port // overPTY and overFile
	line    *weakLine         // overSlow
	spoiled bool              // a page was given up after it had begun
	c       Config
}

// quick are times for tests in which somebody waits for them to pass.
func quick(confirm Confirm) Config {
	return Config{Path: "x", Width: 576, Confirm: confirm, Answer: time.Second, Stall: 3 * time.Second, Settle: 100 * time.Millisecond}
}

func newRig(t *testing.T, way string, c Config, e printertest.Config) *rig {
	t.Helper()
	e.Width = c.Width
	e.ProcessID = c.Confirm == ProcessID
	r := &rig{t: t, e: printertest.New(e), c: c}
	t.Cleanup(r.e.Close)
	dial := func() (*device, error) { return openDevice(r.c.Path, r.c.Baud) }
	switch way {
	case overPTY, overFile:
		port, err := printertest.OpenPort(r.e)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { port.Close() })
		r.port, r.c.Path = port, port.Path()
		if way == overPTY {
			r.c.Baud = 115200
		}
	default:
		fd, other := pair(t)
		var rw io.ReadWriter = other
		if way == overSlow {
			r.line = &weakLine{f: other}
			rw = r.line
		}
		go r.e.Serve(rw)
		dial = once(fd)
	}
	p, err := open(r.c, dial)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	r.p = p
	return r
}

// pair returns the two ends of a line: a descriptor that does not block, and a file.
func pair(t *testing.T) (int, *os.File) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	other := os.NewFile(uintptr(fds[1]), "the printer's end")
	t.Cleanup(func() { other.Close() })
	return fds[0], other
}

// once opens one end of a pair: its number belongs to somebody else after that.
func once(fd int) func() (*device, error) {
	return func() (*device, error) {
		if fd < 0 {
			return nil, os.ErrClosed
		}
		d := &device{fd: fd}
		fd = -1
		return d, nil
	}
}

// A weakLine loses what arrives while the printer has no power. It passes eight
// bytes at a time, as few as a serial line's receiver may hold when power goes.
type weakLine struct {
	f    *os.File
	mu   sync.Mutex
	dead bool
}

func (l *weakLine) Write(b []byte) (int, error) { return l.f.Write(b) }

func (l *weakLine) Read(b []byte) (int, error) {
	n, err := l.f.Read(b[:min(8, len(b))])
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead && err == nil {
		n = 0
	}
	return n, err
}

func (l *weakLine) set(dead bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = dead
}

// powerFailure switches the printer off, and on again when it has started: what
// arrives meanwhile is lost.
func (r *rig) powerFailure() {
	r.line.set(true)
	r.e.PowerCycle()
	time.AfterFunc(400*time.Millisecond, func() { r.line.set(false) })
}

// page draws a page that is unlike any other: inked rows, white ones between, the
// first and the last inked, the leftmost eight columns white.
func page(number, rows int) Bitmap {
	b := Bitmap{Width: 576, Height: rows, Pix: make([]byte, 72*rows)}
	for y := range rows {
		if y%24 > 13 && y != rows-1 {
			continue
		}
		row := b.Pix[y*72 : (y+1)*72]
		binary.BigEndian.PutUint32(row[4:], uint32(number)<<16|uint32(y))
		for x := 8; x < 8+int(sum(number, y)[0])%60; x += 4 {
			s := sum(number, y, x)
			copy(row[x:x+3], s[:])
		}
	}
	return b
}

func sum(n ...int) [32]byte {
	var b []byte
	for _, i := range n {
		b = binary.BigEndian.AppendUint64(b, uint64(i))
	}
	return sha256.Sum256(b)
}

// paper is everything that ever came out, in the form of GS v 0: what was cut, and
// what hangs. Paper that was torn off comes first.
func (r *rig) paper() []byte {
	r.e.Wait()
	pieces := append(r.e.Torn(), r.e.Pieces()...)
	if held, ok := r.e.Held(); ok {
		pieces = append(pieces, held)
	}
	var all []byte
	for _, piece := range pieces {
		for y := range piece.Height {
			row := make([]byte, (r.c.Width+7)/8)
			for x, dot := range piece.Image.Pix[y*piece.Image.Stride:][:r.c.Width] {
				if dot != 0 {
					row[x/8] |= 0x80 >> (x % 8)
				}
			}
			all = append(all, row...)
		}
	}
	return all
}

// inked are the rows that are not white.
func inked(rows []byte) []byte {
	var dots []byte
	for row := range slices.Chunk(rows, 72) {
		if len(trim(row)) > 0 {
			dots = append(dots, row...)
		}
	}
	return dots
}

// times counts how often a page is whole on paper.
func times(paper []byte, b Bitmap) int {
	n := 0
	for at := 0; ; at += 72 {
		i := bytes.Index(paper[at:], b.Pix)
		if i < 0 {
			return n
		}
		at += i
		if at%72 == 0 {
			n++
		}
	}
}

// print prints, and holds every outcome against the paper.
func (r *rig) print(b Bitmap, end Ending) error {
	r.t.Helper()
	before := inked(r.paper())
	err := r.p.Print(b, end)
	now := r.paper()
	var e *Error
	switch {
	case err == nil:
		if n := times(now, b); n != 1 {
			r.t.Errorf("reported as printed, and %d times whole on paper", n)
		}
		// The rest of a page that was given up may come out first.
		all, dots := inked(now), inked(b.Pix)
		if !bytes.HasPrefix(all, before) || !bytes.HasSuffix(all, dots) || !r.spoiled && len(all) != len(before)+len(dots) {
			r.t.Errorf("the page is mixed with other rows: %d inked rows on paper, want %d", len(all)/72, (len(before)+len(dots))/72)
		}
		r.spoiled = false
	case !errors.As(err, &e):
		r.t.Errorf("not an *Error: %v", err)
	case !e.Began && !bytes.Equal(inked(now), before):
		r.t.Errorf("reported as not begun, with dots on paper: %v", err)
	default:
		r.spoiled = r.spoiled || e.Began
	}
	return err
}

// outcome is what an error says, without its cause.
func outcome(err error) (Fault, bool) {
	var e *Error
	if errors.As(err, &e) {
		return e.Fault, e.Began
	}
	return NoFault, false
}
