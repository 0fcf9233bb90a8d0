package panel_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/panel"
)

var bins = []panel.Bin{panel.ToBox, panel.ToSpoiled}

// atRest checks that the way is closed and points away from the box.
func (s *stand) atRest(t *testing.T) {
	t.Helper()
	if s.bench.Get(panel.Solenoid) || s.bench.Get(panel.Diverter) {
		t.Errorf("solenoid %v, diverter %v", s.bench.Get(panel.Solenoid), s.bench.Get(panel.Diverter))
	}
}

func TestRelease(t *testing.T) {
	s := newStand(t)
	box, spoiled := 0, 0
	for i := range 6 {
		to := bins[i%2]
		s.chute.Paper(true)
		s.chute.Piece()
		if present, err := s.SlipPresent(); err != nil || !present {
			t.Fatalf("a slip in the window: %v, %v", present, err)
		}
		if moved, err := s.Release(to); err != nil || !moved {
			t.Fatalf("to the %s: %v, %v", to, moved, err)
		}
		if to == panel.ToBox {
			box++
		} else {
			spoiled++
		}
		if s.chute.Box() != box || s.chute.Spoiled() != spoiled || s.chute.Window() != 0 {
			t.Fatalf("box %d, spoiled %d, window %d", s.chute.Box(), s.chute.Spoiled(), s.chute.Window())
		}
		if present, err := s.SlipPresent(); err != nil || present {
			t.Fatalf("a slip in the empty window: %v, %v", present, err)
		}
		s.atRest(t)
	}
	s.bench.Set(panel.RearDoor, true)
	s.expect(t, panel.Event{Kind: panel.Tampered, Switch: panel.RearDoor}) // and nothing before
}

// TestReleaseNothing: without a slip nothing is opened, and it is said.
func TestReleaseNothing(t *testing.T) {
	s := newStand(t)
	s.bench.OnWrite(func(l panel.Line, _ bool) {
		if l == panel.Solenoid || l == panel.Diverter {
			t.Errorf("%s was written", l)
		}
	})
	for _, to := range bins {
		if moved, err := s.Release(to); err != nil || moved {
			t.Errorf("to the %s: %v, %v", to, moved, err)
		}
	}
	for _, to := range []panel.Bin{0, 3, -1} {
		if _, err := s.Release(to); err == nil {
			t.Errorf("there is a bin %d", to)
		}
	}
}

// gives is how long the panel waits for a slip that does not come: long enough for
// sensors that do see it to be heard on a machine that is busy.
const gives = 700 * time.Millisecond

// TestStuck: a slip that does not go the whole way is never reported as moved, and
// everything is closed afterwards.
func TestStuck(t *testing.T) {
	for _, c := range []struct {
		name   string
		wait   time.Duration // how long until the panel gives up, if not gives; long where it must not wait
		to     panel.Bin
		before func(s *stand) // the mishap
		where  panel.Stuck
		line   panel.Line
		text   string
	}{
		{"in the window", 0, panel.ToBox, func(s *stand) { s.chute.Jam(true) }, panel.StuckInWindow, panel.SlipExit, "it did not leave the window"},
		{"in the window, to be spoiled", 0, panel.ToSpoiled, func(s *stand) { s.chute.Jam(true) }, panel.StuckInWindow, panel.SlipExit, "it did not leave the window"},
		{"not cut off", 0, panel.ToBox, func(s *stand) { s.chute.Take(); s.chute.Paper(true) }, panel.StuckInWindow, panel.SlipExit, "it did not leave the window"},
		{"between", 0, panel.ToBox, func(s *stand) { s.chute.JamBetween(true) }, panel.StuckBetween, panel.BoxDrop, "it left the window and did not arrive"},
		{"between, to be spoiled", 0, panel.ToSpoiled, func(s *stand) { s.chute.JamBetween(true) }, panel.StuckBetween, panel.SpoiledDrop, "it left the window and did not arrive"},
		{"diverter stuck", 10 * time.Second, panel.ToBox, func(s *stand) { s.chute.StickDiverter(true) }, panel.StuckWrongBin, panel.SpoiledDrop, "it arrived in the other bin"},
		{"diverter stuck the other way", 10 * time.Second, panel.ToSpoiled, func(s *stand) {
			s.bench.OnWrite(func(l panel.Line, on bool) { // the slip falls past the other sensor
				if l == panel.Solenoid && on {
					s.bench.Set(panel.BoxDrop, true)
				}
			})
		}, panel.StuckWrongBin, panel.BoxDrop, "it arrived in the other bin"},
		{"paper behind it", 0, panel.ToBox, func(s *stand) { s.chute.Paper(true) }, panel.StuckExit, panel.SlipExit, "it arrived, and paper still stands in the window"},
		{"gate blocked before", 10 * time.Second, panel.ToBox, func(s *stand) { s.bench.Set(panel.BoxDrop, true) }, panel.StuckGate, panel.BoxDrop, "something lies in front of sensor box-drop"},
		{"other gate blocked before", 10 * time.Second, panel.ToBox, func(s *stand) { s.bench.Set(panel.SpoiledDrop, true) }, panel.StuckGate, panel.SpoiledDrop, "something lies in front of sensor spoiled-drop"},
		{"gate blocked by the slip", 0, panel.ToBox, func(s *stand) {
			s.bench.OnWrite(func(l panel.Line, on bool) {
				if l == panel.Solenoid {
					s.bench.Set(panel.BoxDrop, true)
				}
			})
		}, panel.StuckGate, panel.BoxDrop, "something lies in front of sensor box-drop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wait := max(c.wait, gives)
			s := newStandWith(t, func(lines panel.Lines) panel.Config {
				config := quick(lines)
				config.Wait = wait
				return config
			})
			s.chute.Paper(true)
			s.chute.Piece()
			c.before(s)
			moved, err := s.Release(c.to)
			var stuck *panel.StuckError
			if moved || !errors.As(err, &stuck) {
				t.Fatalf("moved %v, %v", moved, err)
			}
			if stuck.Where != c.where || stuck.Line != c.line || stuck.To != c.to || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%v: %+v", err, stuck)
			}
			if !strings.Contains(stuck.Do(), "Two poll workers") {
				t.Errorf("nobody is told what to do: %q", stuck.Do())
			}
			s.atRest(t)
		})
	}
}

// TestAfterStuck: people free the way, and the next slip goes.
func TestAfterStuck(t *testing.T) {
	s := newStandWith(t, func(lines panel.Lines) panel.Config {
		c := quick(lines)
		c.Wait = gives
		return c
	})
	s.chute.Piece()
	s.chute.JamBetween(true)
	if _, err := s.Release(panel.ToBox); err == nil {
		t.Fatal("a slip that is stuck has moved")
	}
	s.chute.JamBetween(false) // it falls where the diverter rests, and nobody awaits it
	s.expect(t, panel.Event{Kind: panel.Stray, Switch: panel.SpoiledDrop})
	s.chute.Piece()
	until(t, "the next slip moves", func() bool {
		moved, err := s.Release(panel.ToBox)
		return moved && err == nil
	})
	if s.chute.Box() != 1 || s.chute.Spoiled() != 1 || s.chute.Window() != 0 {
		t.Errorf("box %d, spoiled %d, window %d", s.chute.Box(), s.chute.Spoiled(), s.chute.Window())
	}
}

// TestReleaseFromManyGoroutines: one slip at a time, and each is counted once.
func TestReleaseFromManyGoroutines(t *testing.T) {
	s := newStand(t)
	s.chute.Piece()
	var moved atomic.Int64
	done := make(chan error)
	for i := range 6 {
		go func() {
			m, err := s.Release(bins[i%2])
			if m {
				moved.Add(1)
			}
			done <- err
		}()
	}
	for range 6 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if moved.Load() != 1 || s.chute.Box()+s.chute.Spoiled() != 1 {
		t.Errorf("one slip moved %d times; box %d, spoiled %d", moved.Load(), s.chute.Box(), s.chute.Spoiled())
	}
}
