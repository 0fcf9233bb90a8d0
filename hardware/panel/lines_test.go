package panel_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/panel/paneltest"
)

// patience is how long a test waits for what must happen. Nothing must take so long.
const patience = 20 * time.Second

// A rig is one adapter with the other end of its wires.
type rig struct {
	open func() (panel.Lines, error)
	set  func(panel.Line, bool)
	get  func(panel.Line) bool
}

var rigs = map[string]func(*testing.T) rig{"bench": benchRig, "pins": pinsRig}

func newBench(t *testing.T) (*paneltest.Bench, string) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "bench")
	b, err := paneltest.NewBench(socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b, socket
}

func benchRig(t *testing.T) rig {
	b, socket := newBench(t)
	return rig{func() (panel.Lines, error) { return panel.OpenBench(socket) }, b.Set, b.Get}
}

var pinsMade atomic.Int64

// pinsRig registers fake pins, every second one active when low as far as that is allowed.
func pinsRig(t *testing.T) rig {
	prefix := fmt.Sprintf("FAKE%d_", pinsMade.Add(1))
	m, fakes := panel.PinMap{}, map[panel.Line]*gpiotest.Pin{}
	for i, l := range append(panel.Inputs(), panel.Outputs()...) {
		p := panel.Pin{Pin: prefix + string(l), ActiveLow: i%2 == 0 && l != panel.Solenoid && l != panel.Diverter}
		if slices.Contains(panel.Inputs(), l) {
			p.Pull = "none"
		}
		// Inactive inputs; outputs begin high, as somebody may have left them.
		fakes[l] = &gpiotest.Pin{N: p.Pin, Num: i, L: gpio.Level(p.ActiveLow || p.Pull == "")}
		if err := gpioreg.Register(fakes[l]); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { gpioreg.Unregister(p.Pin) })
		m[l] = p
	}
	return rig{
		open: func() (panel.Lines, error) { return panel.OpenPins(m) },
		set: func(l panel.Line, active bool) {
			fakes[l].Lock()
			defer fakes[l].Unlock()
			fakes[l].L = gpio.Level(active != m[l].ActiveLow)
		},
		get: func(l panel.Line) bool { return (fakes[l].Read() == gpio.High) != m[l].ActiveLow },
	}
}

// TestLines is the contract of both adapters.
func TestLines(t *testing.T) {
	for name, make := range rigs {
		t.Run(name, func(t *testing.T) {
			for part, test := range map[string]func(*testing.T, rig, panel.Lines){
				"begin": linesBegin, "inputs": linesInputs, "outputs": linesOutputs, "strangers": linesStrangers, "together": linesTogether, "close": linesClose, "close amid writes": linesCloseAmid,
			} {
				t.Run(part, func(t *testing.T) {
					r := make(t)
					r.set(panel.BoxDoor, true)
					lines, err := r.open()
					if err != nil {
						t.Fatal(err)
					}
					defer lines.Close()
					test(t, r, lines)
				})
			}
		})
	}
}

func nextChange(t *testing.T, lines panel.Lines) panel.Change {
	t.Helper()
	select {
	case c, ok := <-lines.Changes():
		if !ok {
			t.Fatal("there are no changes any more")
		}
		return c
	case <-time.After(patience):
		t.Fatal("no change was reported")
	}
	return panel.Change{}
}

// linesBegin: with everything off, and what is active already as the only changes.
func linesBegin(t *testing.T, r rig, lines panel.Lines) {
	for _, l := range panel.Outputs() {
		if r.get(l) {
			t.Errorf("%s is active before anybody wrote it", l)
		}
	}
	if c := nextChange(t, lines); c.Line != panel.BoxDoor || !c.Active || c.Err != nil {
		t.Errorf("the first change is %+v", c)
	}
	r.set(panel.Motion, true)
	if c := nextChange(t, lines); c.Line != panel.Motion {
		t.Errorf("the second change is %+v", c)
	}
}

func linesInputs(t *testing.T, r rig, lines panel.Lines) {
	last := nextChange(t, lines).At // the box's door
	for _, l := range panel.Inputs() {
		for range 2 {
			want := !r.get(l)
			r.set(l, want)
			c := nextChange(t, lines)
			if c.Line != l || c.Active != want || c.Err != nil || c.At < last {
				t.Errorf("%s became %v: reported as %+v, after %v", l, want, c, last)
			}
			last = c.At
			if got, err := lines.Read(l); err != nil || got != want {
				t.Errorf("%s is %v, and read as %v, %v", l, want, got, err)
			}
		}
	}
}

func linesOutputs(t *testing.T, r rig, lines panel.Lines) {
	for _, l := range panel.Outputs() {
		for _, active := range []bool{true, true, false, true} {
			if err := lines.Write(l, active); err != nil || r.get(l) != active {
				t.Errorf("writing %v to %s: %v, it is %v", active, l, err, r.get(l))
			}
		}
		for _, other := range panel.Outputs() {
			if other != l && r.get(other) {
				t.Errorf("%s is active when only %s was written", other, l)
			}
		}
		if err := lines.Write(l, false); err != nil {
			t.Error(err)
		}
	}
}

func linesStrangers(t *testing.T, r rig, lines panel.Lines) {
	for _, l := range append(panel.Outputs(), "", "front-door") {
		if _, err := lines.Read(l); err == nil || errors.Is(err, panel.ErrLost) {
			t.Errorf("reading %q gave %v", l, err)
		}
	}
	for _, l := range append(panel.Inputs(), "", "blue") {
		if err := lines.Write(l, true); err == nil || errors.Is(err, panel.ErrLost) {
			t.Errorf("writing %q gave %v", l, err)
		}
	}
	if err := lines.Write(panel.Green, true); err != nil || !r.get(panel.Green) {
		t.Errorf("afterwards writing green gave %v", err)
	}
}

// linesTogether uses everything at once; the race detector is what judges.
func linesTogether(t *testing.T, r rig, lines panel.Lines) {
	var work sync.WaitGroup
	for _, l := range panel.Outputs() {
		work.Go(func() {
			for i := range 50 {
				if err := lines.Write(l, i%2 == 0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, l := range panel.Inputs() {
		work.Go(func() {
			for i := range 20 {
				r.set(l, i%2 == 0)
				if _, err := lines.Read(l); err != nil {
					t.Error(err)
				}
			}
		})
	}
	finished := make(chan struct{})
	go func() { work.Wait(); close(finished) }()
	for {
		select {
		case <-lines.Changes():
			continue
		case <-finished:
		}
		break
	}
	for _, l := range panel.Outputs() {
		if r.get(l) {
			t.Errorf("%s is active after its last write", l)
		}
	}
}

func linesClose(t *testing.T, r rig, lines panel.Lines) {
	for _, l := range panel.Outputs() {
		if err := lines.Write(l, true); err != nil {
			t.Error(err)
		}
	}
	if err := lines.Close(); err != nil {
		t.Error(err)
	}
	for _, l := range panel.Outputs() {
		if r.get(l) {
			t.Errorf("%s is active after Close", l)
		}
		if err := lines.Write(l, true); !errors.Is(err, panel.ErrClosed) || r.get(l) {
			t.Errorf("writing %s after Close gave %v", l, err)
		}
	}
	if _, err := lines.Read(panel.BoxDoor); !errors.Is(err, panel.ErrClosed) {
		t.Errorf("reading after Close gave %v", err)
	}
	for c := range lines.Changes() {
		if c.Err != nil {
			t.Errorf("Close was reported as a loss: %v", c.Err)
		}
	}
	if err := lines.Close(); err != nil {
		t.Errorf("the second Close gave %v", err)
	}
}

// linesCloseAmid: what others write while the lines are closed is not the last word.
func linesCloseAmid(t *testing.T, r rig, lines panel.Lines) {
	for range 30 {
		var work sync.WaitGroup
		begun := make(chan struct{}, 100)
		for _, l := range panel.Outputs() {
			work.Go(func() {
				for {
					err := lines.Write(l, true)
					select {
					case begun <- struct{}{}:
					default:
					}
					if errors.Is(err, panel.ErrClosed) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		<-begun
		if err := lines.Close(); err != nil {
			t.Error(err)
		}
		for _, l := range panel.Outputs() {
			if r.get(l) {
				t.Errorf("%s is active after Close", l)
			}
		}
		work.Wait()
		var err error
		if lines, err = r.open(); err != nil {
			t.Fatal(err)
		}
	}
	lines.Close()
}
