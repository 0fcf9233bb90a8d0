package paneltest_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/panel/paneltest"
)

// A world is a chute whose outputs the test writes as a driver does.
type world struct {
	*paneltest.Chute
	bench *paneltest.Bench
	lines panel.Lines
}

func newWorld(t *testing.T) *world {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "bench")
	b, err := paneltest.NewBench(socket)
	if err != nil {
		t.Fatal(err)
	}
	c := paneltest.NewChute(b)
	lines, err := panel.OpenBench(socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	t.Cleanup(func() { lines.Close() })
	return &world{c, b, lines}
}

func (w *world) write(t *testing.T, l panel.Line, on bool) {
	t.Helper()
	if err := w.lines.Write(l, on); err != nil {
		t.Fatal(err)
	}
}

func (w *world) pulse(t *testing.T) {
	t.Helper()
	w.write(t, panel.Solenoid, true)
	w.write(t, panel.Solenoid, false)
}

// places is window, between, box, spoiled, taken, and whether the window's sensor sees paper.
func (w *world) places() string {
	return fmt.Sprint(w.Window(), w.Between(), w.Box(), w.Spoiled(), w.Taken(), w.bench.Get(panel.SlipExit))
}

func TestChute(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(t *testing.T, w *world)
		want string
	}{
		{"nothing", func(t *testing.T, w *world) { w.pulse(t) }, "0 0 0 0 0 false"},
		{"held paper", func(t *testing.T, w *world) { w.Paper(true) }, "0 0 0 0 0 true"},
		{"held paper does not fall", func(t *testing.T, w *world) { w.Paper(true); w.pulse(t) }, "0 0 0 0 0 true"},
		{"paper drawn back", func(t *testing.T, w *world) { w.Paper(true); w.Paper(false) }, "0 0 0 0 0 false"},
		{"a piece waits", func(t *testing.T, w *world) { w.Paper(true); w.Piece() }, "1 0 0 0 0 true"},
		{"diverter alone moves nothing", func(t *testing.T, w *world) { w.Piece(); w.write(t, panel.Diverter, true) }, "1 0 0 0 0 true"},
		{"rest is the spoiled bin", func(t *testing.T, w *world) { w.Piece(); w.pulse(t) }, "0 0 0 1 0 false"},
		{"to the box", func(t *testing.T, w *world) { w.Piece(); w.write(t, panel.Diverter, true); w.pulse(t) }, "0 0 1 0 0 false"},
		{"cut while the flap is open", func(t *testing.T, w *world) {
			w.write(t, panel.Solenoid, true)
			w.Piece()
		}, "0 0 0 1 0 false"},
		{"cut after the flap closed", func(t *testing.T, w *world) { w.pulse(t); w.Piece() }, "1 0 0 0 0 true"},
		{"two pieces fall together", func(t *testing.T, w *world) { w.Piece(); w.Piece(); w.pulse(t) }, "0 0 0 2 0 false"},
		{"piece and paper behind it", func(t *testing.T, w *world) { w.Piece(); w.Paper(true); w.pulse(t) }, "0 0 0 1 0 true"},
		{"jammed", func(t *testing.T, w *world) { w.Piece(); w.Jam(true); w.pulse(t) }, "1 0 0 0 0 true"},
		{"jammed, freed, still there", func(t *testing.T, w *world) { w.Piece(); w.Jam(true); w.pulse(t); w.Jam(false) }, "1 0 0 0 0 true"},
		{"jammed, freed, opened", func(t *testing.T, w *world) { w.Piece(); w.Jam(true); w.pulse(t); w.Jam(false); w.pulse(t) }, "0 0 0 1 0 false"},
		{"between", func(t *testing.T, w *world) { w.Piece(); w.JamBetween(true); w.pulse(t) }, "0 1 0 0 0 false"},
		{"between, freed towards the box", func(t *testing.T, w *world) {
			w.Piece()
			w.JamBetween(true)
			w.pulse(t)
			w.write(t, panel.Diverter, true)
			w.JamBetween(false)
		}, "0 0 1 0 0 false"},
		{"taken out", func(t *testing.T, w *world) {
			w.Piece()
			w.JamBetween(true)
			w.pulse(t)
			w.Piece()
			if n := w.Take(); n != 2 {
				t.Errorf("%d were taken out", n)
			}
		}, "0 0 0 0 2 false"},
		{"diverter sticks", func(t *testing.T, w *world) {
			w.StickDiverter(true)
			w.write(t, panel.Diverter, true)
			w.Piece()
			w.pulse(t)
		}, "0 0 0 1 0 false"},
		{"diverter freed", func(t *testing.T, w *world) {
			w.StickDiverter(true)
			w.write(t, panel.Diverter, true)
			w.StickDiverter(false)
			w.Piece()
			w.pulse(t)
		}, "0 0 1 0 0 false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.do(t, w)
			if got := w.places(); got != c.want {
				t.Errorf("%s instead of %s", got, c.want)
			}
		})
	}
}

// TestSensorsSeeSlips: each fall is one pass of one sensor, long enough for any debouncing,
// after the window is clear.
func TestSensorsSeeSlips(t *testing.T) {
	w := newWorld(t)
	w.Piece()
	w.write(t, panel.Diverter, true)
	w.pulse(t)
	w.Piece()
	w.write(t, panel.Diverter, false)
	w.pulse(t)
	if err := w.lines.Close(); err != nil {
		t.Fatal(err)
	}
	var got []string
	var began panel.Change
	for c := range w.lines.Changes() {
		got = append(got, fmt.Sprint(c.Line, " ", c.Active))
		if c.Line != panel.SlipExit && c.Active {
			began = c
		}
		if c.Line == began.Line && !c.Active && c.At-began.At < 200e6 {
			t.Errorf("%s was active for %v", c.Line, c.At-began.At)
		}
	}
	want := []string{"slip-exit true", "slip-exit false", "box-drop true", "box-drop false", "slip-exit true", "slip-exit false", "spoiled-drop true", "spoiled-drop false"}
	if !slices.Equal(got, want) {
		t.Errorf("%q instead of %q", got, want)
	}
}

// TestNoPieceIsLost does anything in any order, also from several goroutines: every piece is in
// exactly one place, and bins never lose any.
func TestNoPieceIsLost(t *testing.T) {
	w := newWorld(t)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for range w.lines.Changes() {
		}
	}()
	var work sync.WaitGroup
	made := make([]int, 4)
	for g := range made {
		work.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(g)))
			box, spoiled := 0, 0
			for range 300 {
				yes := r.IntN(2) == 0
				switch r.IntN(9) {
				case 0, 1, 2:
					w.Piece()
					made[g]++
				case 3:
					w.Paper(yes)
				case 4:
					w.Jam(yes)
				case 5:
					w.JamBetween(yes)
				case 6:
					w.StickDiverter(yes)
				case 7:
					w.lines.Write(panel.Diverter, yes)
				case 8:
					w.lines.Write(panel.Solenoid, yes)
				}
				b, s := w.Box(), w.Spoiled()
				if b < box || s < spoiled {
					t.Error("a bin has fewer pieces than before")
				}
				box, spoiled = b, s
			}
		})
	}
	work.Wait()
	want := 0
	for _, n := range made {
		want += n
	}
	if got := w.Window() + w.Between() + w.Box() + w.Spoiled() + w.Taken(); got != want {
		t.Errorf("%d pieces made, %d found", want, got)
	}
	w.Jam(false)
	w.JamBetween(false)
	w.write(t, panel.Solenoid, false)
	w.pulse(t)
	if got := w.Box() + w.Spoiled() + w.Taken(); got != want {
		t.Errorf("with the way free: %d pieces made, %d in bins", want, got)
	}
	if err := w.lines.Close(); err != nil {
		t.Error(err)
	}
	<-drained
}
