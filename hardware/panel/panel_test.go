package panel_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/panel/paneltest"
)

// A stand is a panel on a bench with a chute.
type stand struct {
	*panel.Panel
	bench *paneltest.Bench
	chute *paneltest.Chute
}

// quick is a configuration in which nobody waits for mechanics.
func quick(lines panel.Lines) panel.Config {
	return panel.Config{Lines: lines, Debounce: 5 * time.Millisecond, Pulse: 5 * time.Millisecond, Turn: time.Millisecond, Wait: 10 * time.Second}
}

// newStand starts a panel; active are inputs that are active before it starts.
func newStand(t *testing.T, active ...panel.Line) *stand {
	t.Helper()
	return newStandWith(t, quick, active...)
}

func newStandWith(t *testing.T, config func(panel.Lines) panel.Config, active ...panel.Line) *stand {
	t.Helper()
	bench, socket := newBench(t)
	chute := paneltest.NewChute(bench)
	for _, l := range active {
		bench.Set(l, true)
	}
	lines, err := panel.OpenBench(socket)
	if err != nil {
		t.Fatal(err)
	}
	p, err := panel.New(config(lines))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return &stand{p, bench, chute}
}

// expect takes the next events and compares them.
func (s *stand) expect(t *testing.T, want ...panel.Event) {
	t.Helper()
	for _, w := range want {
		select {
		case e, ok := <-s.Events():
			if !ok || e != w {
				t.Fatalf("event %+v, %v instead of %+v", e, ok, w)
			}
		case <-time.After(patience):
			t.Fatalf("event %+v did not come", w)
		}
	}
}

// expectAnyOrder takes as many events, and compares them as a set.
func (s *stand) expectAnyOrder(t *testing.T, want ...panel.Event) {
	t.Helper()
	for rest := slices.Clone(want); len(rest) > 0; {
		select {
		case e := <-s.Events():
			i := slices.Index(rest, e)
			if i < 0 {
				t.Fatalf("event %+v, of %+v still to come", e, rest)
			}
			rest = slices.Delete(rest, i, i+1)
		case <-time.After(patience):
			t.Fatalf("events %+v did not come", rest)
		}
	}
}

// until waits for a condition.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it did not happen that %s", what)
		}
	}
}

func TestConfig(t *testing.T) {
	_, socket := newBench(t)
	lines, err := panel.OpenBench(socket)
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Close()
	for why, c := range map[string]panel.Config{
		"no lines":                    {},
		"a debounce time of 201ms":    {Lines: lines, Debounce: 201 * time.Millisecond},
		"a debounce time of -1ns":     {Lines: lines, Debounce: -1},
		"a pulse of 500.000001ms":     {Lines: lines, Pulse: panel.MaxPulse + 1},
		"a time to turn of 2.001s":    {Lines: lines, Turn: 2001 * time.Millisecond},
		"a time to wait of 30.000001": {Lines: lines, Wait: 30*time.Second + time.Microsecond},
	} {
		if _, err := panel.New(c); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("New gave %v instead of %q", err, why)
		}
	}
	p, err := panel.New(panel.Config{Lines: lines})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := panel.New(panel.Config{Lines: lines}); !errors.Is(err, panel.ErrClosed) {
		t.Errorf("New on closed lines gave %v", err)
	}
}

func TestLights(t *testing.T) {
	s := newStand(t)
	lamps := map[panel.Light]panel.Line{panel.Dark: "", panel.Free: panel.Green, panel.InUse: panel.Yellow, panel.CallWorker: panel.Red}
	s.bench.OnWrite(func(l panel.Line, on bool) {
		lit := 0
		for _, lamp := range []panel.Line{panel.Green, panel.Yellow, panel.Red} {
			if s.bench.Get(lamp) {
				lit++
			}
		}
		if lit > 1 {
			t.Error("two lamps are lit at a time")
		}
	})
	for from := range lamps {
		for to := range lamps {
			if err := errors.Join(s.Light(from), s.Light(to)); err != nil {
				t.Fatal(err)
			}
			for _, lamp := range []panel.Line{panel.Green, panel.Yellow, panel.Red} {
				if s.bench.Get(lamp) != (lamp == lamps[to]) {
					t.Errorf("light %d: %s is %v", to, lamp, s.bench.Get(lamp))
				}
			}
		}
	}
	for _, l := range []panel.Light{-1, panel.CallWorker + 1} {
		if err := s.Light(l); err == nil {
			t.Errorf("there is a light %d", l)
		}
	}
}

// TestStartsTampered: whatever was opened before the start is reported, first.
func TestStartsTampered(t *testing.T) {
	s := newStand(t, panel.RearDoor, panel.Motion, panel.MainsFail, panel.SlipExit)
	if got := s.Latched(); !slices.Equal(got, []panel.Line{panel.Motion, panel.RearDoor}) {
		t.Errorf("latched are %v", got)
	}
	s.expect(t, panel.Event{Kind: panel.Tampered, Switch: panel.RearDoor}, panel.Event{Kind: panel.Tampered, Switch: panel.Motion}, panel.Event{Kind: panel.MainsLost, Switch: panel.MainsFail})
	if present, err := s.SlipPresent(); err != nil || !present {
		t.Errorf("paper in the window: %v, %v", present, err)
	}
}

func TestTamperSwitches(t *testing.T) {
	for _, l := range panel.Tamper() {
		t.Run(string(l), func(t *testing.T) {
			s := newStand(t)
			refused := func(why string) {
				t.Helper()
				if err := s.Clear(l); err == nil || !strings.Contains(err.Error(), why) {
					t.Errorf("clearing gave %v instead of %q", err, why)
				}
			}
			refused("it is not latched")
			for range 2 {
				s.bench.Set(l, true)
				s.expect(t, panel.Event{Kind: panel.Tampered, Switch: l})
				refused("it is still active")
				s.bench.Set(l, false)
				if got := s.Latched(); !slices.Equal(got, []panel.Line{l}) {
					t.Errorf("a switch that went back is not latched: %v", got)
				}
				until(t, "the latch can be cleared", func() bool { return s.Clear(l) == nil })
				if got := s.Latched(); len(got) != 0 {
					t.Errorf("cleared, and latched are %v", got)
				}
				refused("it is not latched")
			}
		})
	}
	s := newStand(t)
	for _, l := range []panel.Line{panel.SlipExit, panel.Green, "front-door"} {
		if err := s.Clear(l); err == nil {
			t.Errorf("%s was cleared", l)
		}
	}
}

func TestOtherEvents(t *testing.T) {
	s := newStand(t)
	for _, c := range []struct {
		line   panel.Line
		active bool
		want   panel.EventKind // 0: none
	}{
		{panel.MainsFail, true, panel.MainsLost},
		{panel.MainsFail, false, panel.MainsRestored},
		{panel.WorkerButton, true, panel.WorkerCalled},
		{panel.WorkerButton, false, 0},
		{panel.SlipExit, true, 0},
		{panel.BoxDrop, true, panel.Stray},
		{panel.BoxDrop, false, 0},
		{panel.SpoiledDrop, true, panel.Stray},
		{panel.SpoiledDrop, false, 0},
		{panel.RearDoor, true, panel.Tampered},
		{panel.RearDoor, false, 0},
		{panel.WorkerButton, true, panel.WorkerCalled},
	} {
		s.bench.Set(c.line, c.active)
		s.bench.Skip(time.Second)
		if c.want != 0 {
			s.expect(t, panel.Event{Kind: c.want, Switch: c.line})
		}
	}
	if got := s.Latched(); !slices.Equal(got, []panel.Line{panel.RearDoor}) {
		t.Errorf("latched are %v", got)
	}
}

// TestSlowReader: a reader who comes late gets few events, and the last of each kind in
// the right order.
func TestSlowReader(t *testing.T) {
	s := newStand(t)
	seen := func() int { // by the panel, which debounces in the order of lines told
		return len(s.Latched())
	}
	for i := range 100 {
		s.bench.Set(panel.MainsFail, i%2 == 0)
		s.bench.Skip(time.Second)
	}
	s.bench.Set(panel.MainsFail, true)
	s.bench.Skip(time.Second)
	s.bench.Set(panel.MainsFail, false)
	s.bench.Skip(time.Second)
	s.bench.Set(panel.RearDoor, true)
	until(t, "the door is seen", func() bool { return seen() == 1 })
	var got []panel.Event
	for len(got) == 0 || got[len(got)-1].Kind != panel.Tampered {
		select {
		case e := <-s.Events():
			got = append(got, e)
		case <-time.After(patience):
			t.Fatalf("after %v the door is missing", got)
		}
	}
	// At most one more than the kinds: the one that was being handed out.
	if len(got) > 4 || len(got) < 3 || got[len(got)-2].Kind != panel.MainsRestored {
		t.Errorf("events %v", got)
	}
}

func TestClose(t *testing.T) {
	s := newStand(t)
	if err := s.Light(panel.CallWorker); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, l := range panel.Outputs() {
		if s.bench.Get(l) {
			t.Errorf("%s is active after Close", l)
		}
	}
	if e, ok := <-s.Events(); ok {
		t.Errorf("after Close: event %+v", e)
	}
	_, slip := s.SlipPresent()
	_, release := s.Release(panel.ToBox)
	for name, err := range map[string]error{"light": s.Light(panel.Free), "slip": slip, "release": release, "clear": s.Clear(panel.RearDoor)} {
		if !errors.Is(err, panel.ErrClosed) {
			t.Errorf("%s after Close gave %v", name, err)
		}
	}
}

// A script is Lines whose changes a test tells, with their exact times.
type script struct {
	panel.Lines
	changes chan panel.Change
}

func (s *script) Changes() <-chan panel.Change { return s.changes }

// TestBounce: what is shorter than the debounce time is nothing, and what was
// longer is something although it was told late. The clock that counts is that of the lines.
func TestBounce(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	on, off := true, false
	for name, c := range map[string]struct {
		changes []panel.Change
		want    bool
	}{
		"one short contact":     {[]panel.Change{{Line: panel.RearDoor, Active: on, At: ms(1000)}, {Line: panel.RearDoor, Active: off, At: ms(1199)}}, false},
		"many short contacts":   {[]panel.Change{{Line: panel.RearDoor, Active: on, At: ms(0)}, {Line: panel.RearDoor, Active: off, At: ms(150)}, {Line: panel.RearDoor, Active: on, At: ms(300)}, {Line: panel.RearDoor, Active: off, At: ms(450)}}, false},
		"a long one, told late": {[]panel.Change{{Line: panel.RearDoor, Active: on, At: ms(1000)}, {Line: panel.RearDoor, Active: off, At: ms(1200)}}, true},
		"bounces, then on":      {[]panel.Change{{Line: panel.RearDoor, Active: on, At: ms(0)}, {Line: panel.RearDoor, Active: off, At: ms(1)}, {Line: panel.RearDoor, Active: on, At: ms(2)}}, true},
		"told twice":            {[]panel.Change{{Line: panel.RearDoor, Active: on, At: ms(0)}, {Line: panel.RearDoor, Active: on, At: ms(150)}, {Line: panel.RearDoor, Active: off, At: ms(250)}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			changes := make(chan panel.Change, 100)
			for _, ch := range c.changes {
				changes <- ch
			}
			// The end of the test, and a line that the panel does not have.
			changes <- panel.Change{Line: "front-door", Active: true}
			changes <- panel.Change{Line: panel.BoxDoor, Active: true, At: ms(5000)}
			s := newStandWith(t, func(lines panel.Lines) panel.Config {
				c := quick(&script{lines, changes})
				c.Debounce = ms(200)
				return c
			})
			if c.want {
				s.expect(t, panel.Event{Kind: panel.Tampered, Switch: panel.RearDoor})
			}
			s.expect(t, panel.Event{Kind: panel.Tampered, Switch: panel.BoxDoor})
			if got := fmt.Sprint(s.Latched()); c.want != strings.Contains(got, "rear-door") {
				t.Errorf("latched are %s", got)
			}
		})
	}
}

// restless is lines on which an input changes each time it is read.
type restless struct {
	panel.Lines
	line panel.Line
	last atomic.Bool
}

func (r *restless) Read(l panel.Line) (bool, error) {
	if l != r.line {
		return r.Lines.Read(l)
	}
	for {
		last := r.last.Load()
		if r.last.CompareAndSwap(last, !last) {
			return last, nil
		}
	}
}

// TestRestless: a sensor that changes all the time says neither that paper is
// there nor that it is not, and nothing is released by it.
func TestRestless(t *testing.T) {
	for line, where := range map[panel.Line]panel.Line{panel.SlipExit: panel.SlipExit, panel.BoxDrop: panel.BoxDrop} {
		s := newStandWith(t, func(lines panel.Lines) panel.Config {
			c := quick(&restless{Lines: lines, line: line})
			c.Wait = 30 * time.Millisecond
			return c
		})
		s.chute.Piece()
		_, err := s.SlipPresent()
		if errors.Is(err, panel.ErrRestless) != (line == panel.SlipExit) || errors.Is(err, panel.ErrLost) {
			t.Errorf("%s: looking into the window gave %v", line, err)
		}
		moved, err := s.Release(panel.ToBox)
		var stuck *panel.StuckError
		if moved || !errors.As(err, &stuck) || stuck.Where != panel.StuckGate || stuck.Line != where || s.chute.Window() != 1 {
			t.Errorf("%s: moved %v, %v", line, moved, err)
		}
	}
}

func TestNames(t *testing.T) {
	if panel.ToBox.String() != "box" || panel.ToSpoiled.String() != "spoiled bin" || panel.Bin(0).String() != "no bin" {
		t.Error("bins have other names")
	}
}
