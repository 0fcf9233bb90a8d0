package printer

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/printer/printertest"
)

// A between stands between driver and emulator, and changes what the emulator says.
type between struct {
	f       *os.File
	heard   func(b []byte) // of what the driver sends
	answers func(b []byte) []byte
	mu      sync.Mutex
}

func (m *between) Read(b []byte) (int, error) {
	n, err := m.f.Read(b)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.heard != nil {
		m.heard(b[:n])
	}
	return n, err
}

func (m *between) Write(b []byte) (int, error) {
	m.mu.Lock()
	out := bytes.Clone(b)
	if m.answers != nil {
		out = m.answers(out)
	}
	m.mu.Unlock()
	if len(out) == 0 {
		return len(b), nil
	}
	if _, err := m.f.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (m *between) change(answers func(b []byte) []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers = answers
}

// newBetween is a rig with somebody in the middle.
func newBetween(t *testing.T, c Config) (*rig, *between) {
	t.Helper()
	fd, other := pair(t)
	m := &between{f: other}
	r := &rig{t: t, c: c, e: printertest.New(printertest.Config{ProcessID: c.Confirm == ProcessID})}
	t.Cleanup(r.e.Close)
	go r.e.Serve(m)
	p, err := open(c, once(fd))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	r.p = p
	return r, m
}

// newPeer is a driver that talks to f.
func newPeer(t *testing.T, c Config, f func(rw io.ReadWriter)) *Printer {
	t.Helper()
	fd, other := pair(t)
	go f(other)
	p, err := open(c, once(fd))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// A status that is answered late, when all that was sent is answered already, must
// not end the page: this was a bug, and half a page counted as printed.
func TestLateStatus(t *testing.T) {
	t.Parallel()
	r, m := newBetween(t, quick(ProcessID))
	if err := r.print(page(1, 30), Cut); err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	var held []byte
	ids := 0
	r.e.At(100, func() {
		m.change(func(b []byte) []byte {
			switch {
			case len(b) == 1 && held == nil:
				held = b
				close(asked)
				return nil
			case held != nil && len(b) == 7: // the second process id that was owed follows the first
				if ids++; ids == 2 {
					ids, held = -100, append(b, held...)
					return held
				}
			}
			return b
		})
		<-asked // printing stands still until the driver wants to know why
	})
	if err := r.print(page(2, 600), Cut); err != nil {
		t.Error(err)
	}
	select {
	case <-asked:
	default:
		t.Error("the driver did not ask what the printer is about")
	}
}

// TestAnswers: what an honest printer never says ends in an error, and never in
// "printed".
func TestAnswers(t *testing.T) {
	tests := []struct {
		name    string
		answers func(b []byte) []byte
		want    Fault
	}{
		{"each answer twice", func(b []byte) []byte { return append(b, b...) }, Garbage},
		{"no process ids", func(b []byte) []byte {
			if len(b) == 7 {
				return nil
			}
			return b
		}, Silent},
		{"the same process id for ever", func() func(b []byte) []byte {
			var first []byte
			return func(b []byte) []byte {
				if len(b) == 7 {
					if first == nil {
						first = b
					}
					return first
				}
				return b
			}
		}(), Garbage},
		{"process ids of an older page", func(b []byte) []byte {
			if len(b) == 7 {
				return []byte{0x37, 0x22, 'a', 'a', 'a', 'a', 0}
			}
			return b
		}, Garbage},
		{"process ids in the wrong order", func() func(b []byte) []byte {
			var held []byte
			return func(b []byte) []byte {
				switch {
				case len(b) != 7:
					return b
				case held == nil:
					held = b
					return nil
				}
				b, held = append(b, held...), nil
				return b
			}
		}(), Garbage},
		{"process ids that break off", func(b []byte) []byte {
			if len(b) == 7 {
				return b[:5]
			}
			return b
		}, Garbage},
		{"a status that nobody asked for", func(b []byte) []byte {
			if len(b) == 7 {
				return append([]byte{0x12}, b...)
			}
			return b
		}, Garbage},
		{"the paper sensor's state, which nobody asked for", func(b []byte) []byte {
			if len(b) == 7 {
				return append([]byte{0x00}, b...)
			}
			return b
		}, Garbage},
		{"bytes that are no answer", func(b []byte) []byte { return append([]byte{0xFE}, b...) }, Garbage},
		{"paper end before the process id", func(b []byte) []byte {
			if len(b) == 7 {
				return append([]byte{0x18, 0x00, 0x0F, 0x0F}, b...)
			}
			return b
		}, PaperOut},
		{"cutter error before the process id", func(b []byte) []byte {
			if len(b) == 7 {
				return append([]byte{0x18, 0x08, 0x00, 0x0F}, b...)
			}
			return b
		}, CutterStuck},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, m := newBetween(t, quick(ProcessID))
			r.e.At(100, func() { m.change(test.answers) })
			err := r.print(page(1, 300), Cut)
			if fault, began := outcome(err); fault != test.want || !began {
				t.Errorf("in the middle: got %v, want %v", err, test.want)
			}
			// Of what is answered twice, the second time comes when the page has begun.
			err = r.print(page(2, 100), Cut)
			if fault, began := outcome(err); fault == NoFault || began && test.name != "each answer twice" {
				t.Errorf("from the beginning: got %v", err)
			}
			m.change(nil)
			if err := r.print(page(3, 100), Cut); err != nil {
				t.Errorf("the next page: %v", err)
			}
		})
	}
}

// TestOrderDecides: paper that ends after the page's last answer, even in the same
// bytes, does not spoil the page, since the printer was done with it.
func TestOrderDecides(t *testing.T) {
	t.Parallel()
	r, m := newBetween(t, quick(ProcessID))
	r.e.At(5, func() {
		m.change(func(b []byte) []byte { return append(b, 0x18, 0x00, 0x0F, 0x0F) })
	})
	// A page of one step, cut included, whose answer is the last one.
	if err := r.print(filled(576, 10, 0, 0, 0xFF), Cut); err != nil {
		t.Error(err)
	}
}

// TestPeers: whoever is at the other end, calls end, and nothing is printed.
func TestPeers(t *testing.T) {
	tests := []struct {
		name string
		peer func(rw io.ReadWriter)
		want Fault
	}{
		{"a plug that returns what is sent", func(rw io.ReadWriter) { io.Copy(rw, rw) }, Garbage},
		{"nobody", func(io.ReadWriter) {}, Silent},
		{"somebody who listens", func(rw io.ReadWriter) { io.Copy(io.Discard, rw) }, Silent},
		{"a flood of noise", func(rw io.ReadWriter) { flooding(rw, 0xFF) }, Garbage},
		{"a flood of good states", func(rw io.ReadWriter) { flooding(rw, 0x12) }, Garbage},
		{"a flood of automatic states", func(rw io.ReadWriter) { flooding(rw, 0x10, 0, 0, 0x0F) }, Garbage},
		{"always good, and never a process id", func(rw io.ReadWriter) {
			states(rw, 0x12, 0x12, 0x12, 0x12)
		}, Silent},
		{"a cutter error that stays", func(rw io.ReadWriter) { states(rw, 0x1A, 0x52, 0x1A, 0x12) }, CutterStuck},
		{"XOFF for ever", func(rw io.ReadWriter) {
			rw.Write([]byte{0x13})
			states(rw, 0x12, 0x12, 0x12, 0x12, 0x13)
		}, Silent},
	}
	for _, confirm := range []Confirm{ProcessID, PaperSensor} {
		for _, test := range tests {
			t.Run(test.name+", "+string(confirm), func(t *testing.T) {
				t.Parallel()
				p := newPeer(t, quick(confirm), test.peer)
				err := p.Print(page(1, 100), Cut)
				fault, began := outcome(err)
				if drowned := strings.HasPrefix(test.name, "a flood") && fault == Silent; began || fault != test.want && !drowned {
					t.Errorf("got %v, want %v", err, test.want)
				}
			})
		}
	}
}

// flooding sends for ever.
func flooding(rw io.Writer, b ...byte) {
	many := bytes.Repeat(b, 1000)
	for {
		if _, err := rw.Write(many); err != nil {
			return
		}
	}
}

// states answers DLE EOT n, and no other command.
func states(rw io.ReadWriter, of1, of2, of3, of4 byte, more ...byte) {
	var last [3]byte
	for b := make([]byte, 1); ; {
		if _, err := rw.Read(b); err != nil {
			return
		}
		last = [3]byte{last[1], last[2], b[0]}
		if last[0] == 0x10 && last[1] == 0x04 && last[2] >= 1 && last[2] <= 4 {
			rw.Write(append([]byte{[]byte{of1, of2, of3, of4}[last[2]-1]}, more...))
		}
	}
}

// A printer that says XOFF gets nothing until it says XON, but for real-time
// commands.
func TestXOFF(t *testing.T) {
	t.Parallel()
	c := quick(ProcessID)
	c.Stall = 20 * time.Second // longer than the driver's first question, which is what ends the wait here
	c.Buffer = 3 * chunk       // a step is one write: XOFF never comes within one
	r, m := newBetween(t, c)
	off, on, sent := false, false, 0
	m.heard = func(b []byte) {
		if off && !on && len(b) != 3 {
			sent += len(b)
		}
	}
	r.e.At(150, func() {
		m.change(func(b []byte) []byte {
			switch {
			case len(b) == 7 && !off:
				off = true
				return append(b, 0x13)
			case len(b) == 1 && off && !on: // the answer to DLE EOT, which got through
				on = true
				return append(b, 0x11)
			}
			return b
		})
	})
	if err := r.print(page(1, 2000), Cut); err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !off || !on {
		t.Errorf("XOFF: %v, XON after a question: %v", off, on)
	}
	// What was on its way when XOFF came is at most a step.
	if sent > c.stepLimit()+requestLen {
		t.Errorf("%d bytes of data after XOFF", sent)
	}
}

// FuzzPeer: whatever the other end says, calls end, no page counts as printed, and
// none that was not begun has sent a dot.
func FuzzPeer(f *testing.F) {
	f.Add([]byte{0x12}, []byte{0x12, 0x12, 0x12, 0x12})
	f.Add([]byte{}, []byte{0x12, 0x37, 0x22, 'A', 'B', 'C', 'D', 0})
	f.Add([]byte{0x37, 0x25, 0}, []byte{0x12, 0x12, 0x12, 0x12, 0x37, 0x25, 0, 0x10, 0, 0, 0x0F, 0, 0})
	f.Add([]byte{0x13}, []byte{0x11, 0x13, 0x12, 0x14, 0x00, 0xFF, 0x80})
	f.Fuzz(func(t *testing.T, first, answers []byte) {
		c := Config{Path: "x", Width: 576, Confirm: ProcessID, Answer: 20 * time.Millisecond, Stall: 40 * time.Millisecond, Settle: time.Millisecond}
		var mu sync.Mutex
		var got []byte
		p := newPeer(t, c, func(rw io.ReadWriter) {
			rw.Write(first)
			for b := make([]byte, 4096); ; {
				n, err := rw.Read(b)
				if err != nil {
					return
				}
				mu.Lock()
				got = append(got, b[:n]...)
				mu.Unlock()
				next := min(len(answers), 1+n%5)
				if _, err := rw.Write(answers[:next]); err != nil {
					return
				}
				answers = answers[next:]
			}
		})
		if s, err := p.Status(); s.Ready != (err == nil && s.Fault == NoFault) || err != nil && s.Fault == NoFault {
			t.Errorf("%+v, %v", s, err)
		}
		fault, began := outcome(p.Print(page(1, 100), Cut))
		mu.Lock()
		defer mu.Unlock()
		if fault == NoFault || !began && bytes.Contains(got, []byte{0x1D, 'v', '0'}) {
			t.Errorf("%v, begun: %v, after % X", fault, began, got)
		}
	})
}
