package printer

import (
	"errors"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/printer/printertest"
)

// A mishap is something that goes wrong, and how it is put right.
type mishap struct {
	name   string
	way    string // how driver and printer are connected
	wrong  func(r *rig)
	right  func(r *rig)
	fault  Fault
	before Fault // if it is there before the page; NoFault: a page is printed all the same
	late   Fault // if it comes when the printer has the page's last bytes
}

var mishaps = []mishap{
	{"paper out", overPTY, func(r *rig) { r.set(func(s *printertest.State) { s.PaperEnd = true }) },
		func(r *rig) { r.set(func(s *printertest.State) { s.PaperEnd = false }) }, PaperOut, PaperOut, PaperOut},
	{"cover open", overPTY, func(r *rig) { r.set(func(s *printertest.State) { s.CoverOpen = true }) },
		func(r *rig) { r.set(func(s *printertest.State) { s.CoverOpen = false }) }, CoverOpen, CoverOpen, CoverOpen},
	{"cover open, device file", overFile, func(r *rig) { r.set(func(s *printertest.State) { s.CoverOpen = true }) },
		func(r *rig) { r.set(func(s *printertest.State) { s.CoverOpen = false }) }, CoverOpen, CoverOpen, CoverOpen},
	{"error that lasts", overPair, func(r *rig) { r.set(func(s *printertest.State) { s.Broken = true }) },
		func(r *rig) { r.set(func(s *printertest.State) { s.Broken = false }) }, Broken, Broken, Broken},
	{"head too hot", overPair, func(r *rig) { r.set(func(s *printertest.State) { s.Overheated = true }) },
		func(r *rig) { r.set(func(s *printertest.State) { s.Overheated = false }) }, Offline, Offline, Offline},
	{"unplugged", overPTY, func(r *rig) { r.port.Unplug() }, func(r *rig) { r.port.Replug() }, Unplugged, Unplugged, Unplugged},
	{"unplugged, device file", overFile, func(r *rig) { r.port.Unplug() }, func(r *rig) { r.port.Replug() }, Unplugged, Unplugged, Unplugged},
	{"USB printer switched off and on", overFile, func(r *rig) { r.port.Unplug(); r.e.PowerCycle(); r.port.Replug() },
		func(*rig) {}, Unplugged, NoFault, Unplugged},
	{"serial printer switched off and on", overSlow, func(r *rig) { r.powerFailure() }, func(r *rig) { r.line.set(false) }, Silent, NoFault, Silent},
	{"garbage", overPTY, func(r *rig) { r.e.Garbage(func([]byte) []byte { return []byte{0xFF, 0x80} }) },
		func(r *rig) { r.e.Garbage(nil) }, Garbage, Garbage, Garbage},
	{"half answers", overPair, func(r *rig) { r.e.Garbage(func(a []byte) []byte { return a[:len(a)/2] }) },
		func(r *rig) { r.e.Garbage(nil) }, Garbage, Silent, Garbage},
	{"answers with another number", overPair, func(r *rig) {
		r.e.Garbage(func(a []byte) []byte {
			if len(a) == 7 {
				a[3] ^= 0x01
			}
			return a
		})
	}, func(r *rig) { r.e.Garbage(nil) }, Garbage, Silent, Garbage},
	{"no answers", overPTY, func(r *rig) { r.e.Silence(true) }, func(r *rig) { r.e.Silence(false) }, Silent, Silent, Silent},
	{"stops reading", overPTY, func(r *rig) { r.e.StopReading(true) }, func(r *rig) { r.e.StopReading(false) }, Silent, Silent, NoFault},
	{"stops reading, device file", overFile, func(r *rig) { r.e.StopReading(true) }, func(r *rig) { r.e.StopReading(false) }, Silent, Silent, NoFault},
}

func (r *rig) set(f func(*printertest.State)) { r.e.Set(f) }

// TestFaults is the whole matrix: each mishap before the page, at its first row, in
// the middle, in the last rows, while it is fed to the cutter, and between two
// pages, come and gone. It asserts the outcome, what is on paper (see rig.print),
// and that the next page is printed whole and unmixed.
func TestFaults(t *testing.T) {
	const rows, gap = 300, 120
	moments := []struct {
		name string
		row  int
	}{
		{"before the page", -1}, {"at the first row", 0}, {"in the middle", rows / 2}, {"in the last rows", rows - 2}, {"while feeding to the cutter", rows + 20}, {"after the page", rows + gap},
	}
	for _, m := range mishaps {
		for _, moment := range moments {
			t.Run(m.name+", "+moment.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, m.way, quick(ProcessID), printertest.Config{})
				if err := r.print(page(1, 40), Cut); err != nil {
					t.Fatal(err)
				}
				want, began := m.fault, true
				switch {
				case moment.row < 0:
					m.wrong(r)
					want, began = m.before, false
				case moment.row < rows-2:
					r.e.At(moment.row, func() { m.wrong(r) })
				case moment.row < rows+gap:
					want = m.late
					r.e.At(moment.row, func() { m.wrong(r) })
				default:
					want = NoFault
				}
				err := r.print(page(2, rows), Cut)
				if fault, b := outcome(err); fault != want || err != nil && b != began {
					t.Errorf("got %v, want %v, begun: %v", err, want, began)
				}
				if moment.row >= rows+gap {
					m.wrong(r)
				}
				m.right(r)
				if err := r.print(page(3, 200), Cut); err != nil {
					t.Errorf("the next page: %v", err)
				}
			})
		}
	}
}

// TestFaultsWithoutNumbers is the matrix for a make without GS ( H. Such a printer
// says nothing by itself, and has at most half a second to be found out.
func TestFaultsWithoutNumbers(t *testing.T) {
	const rows = 300
	for _, m := range mishaps {
		if m.way == overFile || m.name == "answers with another number" {
			continue // nothing new; there are none
		}
		for name, row := range map[string]int{"before the page": -1, "in the middle": rows / 2} {
			t.Run(m.name+", "+name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, m.way, quick(PaperSensor), printertest.Config{})
				if err := r.print(page(1, 40), Cut); err != nil {
					t.Fatal(err)
				}
				want, began := m.fault, true
				if row < 0 {
					m.wrong(r)
					want, began = m.before, false
				} else {
					r.e.At(row, func() { m.wrong(r) })
				}
				fault, b := outcome(r.print(page(2, rows), Cut))
				half := m.name == "half answers" && fault == Silent // half of one byte is none
				if fault != want && !half || fault != NoFault && b != began {
					t.Errorf("got %v, want %v, begun: %v", fault, want, b)
				}
				m.right(r)
				if err := r.print(page(3, 200), Cut); err != nil {
					t.Errorf("the next page: %v", err)
				}
			})
		}
	}
}

// A cutter is found to be stuck when it has to cut: the page is on paper, and
// spoiled all the same, since it hangs there.
func TestCutterStuck(t *testing.T) {
	t.Parallel()
	r := newRig(t, overPTY, quick(ProcessID), printertest.Config{})
	r.set(func(s *printertest.State) { s.CutterStuck = true })
	err := r.print(page(1, 100), Cut)
	if fault, began := outcome(err); fault != CutterStuck || !began {
		t.Errorf("got %v", err)
	}
	if err := r.print(page(2, 100), Hold); err != nil {
		t.Errorf("a page that need not be cut: %v", err)
	}
	err = r.p.Cut()
	if fault, began := outcome(err); fault != CutterStuck || !began {
		t.Errorf("cutting: %v", err)
	}
	r.set(func(s *printertest.State) { s.CutterStuck = false })
	if err := r.p.Cut(); err != nil {
		t.Errorf("cutting with a free cutter: %v", err)
	}
	if err := r.print(page(3, 100), Cut); err != nil {
		t.Error(err)
	}
	if n := len(r.e.Pieces()); n != 2 {
		t.Errorf("%d pieces, want 2: what hung there, and the page after it", n)
	}
}

// Nothing of an old page comes out on a new roll.
func TestNewRoll(t *testing.T) {
	for _, rows := range []int{20, 600} {
		r := newRig(t, overPTY, quick(ProcessID), printertest.Config{})
		r.e.At(rows/2, func() { r.set(func(s *printertest.State) { s.PaperEnd = true }) })
		if fault, began := outcome(r.print(page(1, rows), Cut)); fault != PaperOut || !began {
			t.Errorf("%v, %v", fault, began)
		}
		r.e.LoadRoll()
		r.e.Wait()
		if held, ok := r.e.Held(); ok {
			t.Errorf("%d rows of the old page on the new roll", held.Height)
		}
		if err := r.print(page(2, rows), Cut); err != nil {
			t.Error(err)
		}
	}
}

// A make without DLE DC4 8 prints what it holds, and the next page begins below.
func TestNoClear(t *testing.T) {
	t.Parallel()
	r := newRig(t, overPTY, quick(ProcessID), printertest.Config{NoClear: true})
	r.e.At(150, func() { r.set(func(s *printertest.State) { s.CoverOpen = true }) })
	if fault, began := outcome(r.print(page(1, 600), Cut)); fault != CoverOpen || !began {
		t.Errorf("%v, %v", fault, began)
	}
	r.set(func(s *printertest.State) { s.CoverOpen = false })
	r.e.Wait()
	if err := r.p.Print(page(2, 200), Cut); err != nil {
		t.Fatal(err)
	}
	if n := times(r.paper(), page(2, 200)); n != 1 {
		t.Errorf("the next page is %d times whole on paper", n)
	}
}

func TestNearEndIsNoFault(t *testing.T) {
	t.Parallel()
	r := newRig(t, overPTY, quick(ProcessID), printertest.Config{})
	r.e.At(50, func() { r.set(func(s *printertest.State) { s.NearEnd = true }) })
	if err := r.print(page(1, 100), Cut); err != nil {
		t.Error(err)
	}
	if s, err := r.p.Status(); err != nil || !s.Ready || !s.PaperLow {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestStatus(t *testing.T) {
	for _, m := range mishaps {
		if m.before == NoFault || m.name == "answers with another number" {
			continue // the status does not tell
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, m.way, quick(ProcessID), printertest.Config{})
			if s, err := r.p.Status(); err != nil || s != (Status{Ready: true}) {
				t.Errorf("a healthy printer: %+v, %v", s, err)
			}
			m.wrong(r)
			s, err := r.p.Status()
			if s.Ready || s.Fault != m.before {
				t.Errorf("%+v, %v; want %v", s, err, m.before)
			}
			if answered := m.before != Silent && m.before != Garbage && m.before != Unplugged; answered != (err == nil) {
				t.Errorf("error %v", err)
			}
			m.right(r)
			if s, err := r.p.Status(); err != nil || !s.Ready {
				t.Errorf("put right: %+v, %v", s, err)
			}
		})
	}
}

func TestWords(t *testing.T) {
	for f := NoFault; f <= Refused; f++ {
		if strings.HasPrefix(f.String(), "fault") || (f.Do() == "") != (f == NoFault) {
			t.Errorf("%d: %q, %q", int(f), f, f.Do())
		}
	}
	if Fault(99).String() != "fault 99" || Fault(-1).Do() != "" {
		t.Error("a fault that does not exist")
	}
	cause := errors.New("cause")
	err := &Error{Fault: PaperOut, Began: true, Err: cause}
	if err.Error() != "printer: paper out: the page is spoiled: cause" || !errors.Is(err, cause) {
		t.Error(err)
	}
	if s := (&Error{Fault: Silent}).Error(); s != "printer: silent: nothing printed" {
		t.Error(s)
	}
}
