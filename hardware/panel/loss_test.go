package panel_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/panel"
)

// TestLoss: nothing is pretended while the lines are away; afterwards everything
// is as it shall be, and what was opened meanwhile is known.
func TestLoss(t *testing.T) {
	s := newStand(t)
	if err := s.Light(panel.Free); err != nil {
		t.Fatal(err)
	}
	s.bench.Refuse(true)
	s.expect(t, panel.Event{Kind: panel.Lost})
	until(t, "the bench is dark", func() bool { return !s.bench.Get(panel.Green) })
	_, slip := s.SlipPresent()
	moved, release := s.Release(panel.ToBox)
	for name, err := range map[string]error{"light": s.Light(panel.CallWorker), "slip": slip, "release": release, "clear": s.Clear(panel.RearDoor)} {
		if !errors.Is(err, panel.ErrLost) {
			t.Errorf("%s during a loss gave %v", name, err)
		}
	}
	if moved {
		t.Error("a slip has moved")
	}
	s.bench.Set(panel.RearDoor, true)
	s.bench.Set(panel.MainsFail, true)
	s.bench.Refuse(false)
	s.expectAnyOrder(t, panel.Event{Kind: panel.Restored}, panel.Event{Kind: panel.Tampered, Switch: panel.RearDoor}, panel.Event{Kind: panel.MainsLost, Switch: panel.MainsFail})
	if !s.bench.Get(panel.Red) || s.bench.Get(panel.Green) {
		t.Errorf("red %v, green %v", s.bench.Get(panel.Red), s.bench.Get(panel.Green))
	}
	// The mains come back during a loss, the door stays open.
	s.bench.Refuse(true)
	s.expect(t, panel.Event{Kind: panel.Lost})
	s.bench.Set(panel.MainsFail, false)
	s.bench.Refuse(false)
	s.expectAnyOrder(t, panel.Event{Kind: panel.Restored}, panel.Event{Kind: panel.Tampered, Switch: panel.RearDoor}, panel.Event{Kind: panel.MainsRestored, Switch: panel.MainsFail})
}

// TestShortLoss: a connection that comes back at once was lost all the same, once.
func TestShortLoss(t *testing.T) {
	s := newStand(t)
	for range 10 {
		s.bench.Drop()
		s.expect(t, panel.Event{Kind: panel.Lost}, panel.Event{Kind: panel.Restored})
	}
	s.chute.Piece()
	if moved, err := s.Release(panel.ToBox); err != nil || !moved || s.chute.Box() != 1 {
		t.Errorf("moved %v, %v, box %d", moved, err, s.chute.Box())
	}
}

// TestLossDuringRelease: the flap is open and the cable goes. It closes, and nobody is told that the slip
// moved, though it did.
func TestLossDuringRelease(t *testing.T) {
	s := newStand(t)
	s.bench.OnWrite(func(l panel.Line, on bool) {
		if l == panel.Solenoid && on {
			s.bench.Refuse(true)
		}
	})
	s.chute.Piece()
	if moved, err := s.Release(panel.ToBox); moved || !errors.Is(err, panel.ErrLost) {
		t.Errorf("moved %v, %v", moved, err)
	}
	until(t, "the flap closes", func() bool { return !s.bench.Get(panel.Solenoid) && !s.bench.Get(panel.Diverter) })
	s.expect(t, panel.Event{Kind: panel.Lost})
	s.bench.Refuse(false)
	s.expect(t, panel.Event{Kind: panel.Restored})
	s.atRest(t)
	if moved, err := s.Release(panel.ToBox); moved || err != nil {
		t.Errorf("the window is empty: moved %v, %v", moved, err)
	}
}

func TestCloseDuringRelease(t *testing.T) {
	s := newStandWith(t, func(lines panel.Lines) panel.Config {
		c := quick(lines)
		c.Wait, c.Pulse = 30*time.Second, panel.MaxPulse
		return c
	})
	opened := make(chan struct{})
	s.bench.OnWrite(func(l panel.Line, on bool) {
		if l == panel.Solenoid && on {
			close(opened)
		}
	})
	s.chute.Piece()
	s.chute.Jam(true)
	result := make(chan error)
	go func() {
		_, err := s.Release(panel.ToBox)
		result <- err
	}()
	<-opened
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s.atRest(t)
	if err := <-result; !errors.Is(err, panel.ErrClosed) {
		t.Errorf("releasing during Close gave %v", err)
	}
}

// Faulty lines ask before every write; an error is the answer.
type faulty struct {
	panel.Lines
	before func(panel.Line, bool) error
}

func (f *faulty) Write(l panel.Line, active bool) error {
	if err := f.before(l, active); err != nil {
		return err
	}
	return f.Lines.Write(l, active)
}

// TestPulseEnds: the flap closes although the write that opened it does not
// return, and once more when it does.
func TestPulseEnds(t *testing.T) {
	hang, closed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var opening atomic.Bool
	s := newStandWith(t, func(lines panel.Lines) panel.Config {
		c := quick(&faulty{lines, func(l panel.Line, on bool) error {
			if l != panel.Solenoid {
				return nil
			}
			if on {
				opening.Store(true)
				<-hang // and opens the flap only then
			} else if opening.Load() {
				once.Do(func() { close(closed) })
			}
			return nil
		}})
		c.Pulse = panel.MaxPulse // long enough for the write to begin
		return c
	})
	s.chute.Piece()
	result := make(chan error)
	go func() {
		_, err := s.Release(panel.ToSpoiled)
		result <- err
	}()
	<-closed // while the other hangs
	close(hang)
	if err := <-result; err != nil {
		t.Error(err)
	}
	s.atRest(t)
	if s.chute.Spoiled() != 1 {
		t.Error("the flap did not open in the end")
	}
}

// TestFlapDoesNotClose: closing fails several times. The caller is told, the panel is
// lost, and tries until it succeeds.
func TestFlapDoesNotClose(t *testing.T) {
	var mu sync.Mutex
	opened, failures := false, 0
	s := newStandWith(t, func(lines panel.Lines) panel.Config {
		return quick(&faulty{lines, func(l panel.Line, on bool) error {
			mu.Lock()
			defer mu.Unlock()
			if l != panel.Solenoid {
				return nil
			}
			opened = opened || on
			if !on && opened && failures < 5 {
				failures++
				return errors.New("the board is warm")
			}
			return nil
		}})
	})
	s.chute.Piece()
	_, err := s.Release(panel.ToBox)
	if !errors.Is(err, panel.ErrLost) || !strings.Contains(err.Error(), "the board is warm") {
		t.Errorf("releasing gave %v", err)
	}
	s.expect(t, panel.Event{Kind: panel.Lost}, panel.Event{Kind: panel.Restored})
	s.atRest(t)
	if failures != 5 {
		t.Errorf("%d attempts", failures)
	}
}

// TestFlapDoesNotOpen: an error of the opening write leaves the flap closed too.
func TestFlapDoesNotOpen(t *testing.T) {
	s := newStandWith(t, func(lines panel.Lines) panel.Config {
		return quick(&faulty{lines, func(l panel.Line, on bool) error {
			if l == panel.Solenoid && on {
				return errors.Join(lines.Write(l, on), errors.New("no confirmation")) // it opened all the same
			}
			return nil
		}})
	})
	s.chute.Piece()
	if moved, err := s.Release(panel.ToBox); moved || !errors.Is(err, panel.ErrLost) {
		t.Errorf("moved %v, %v", moved, err)
	}
	s.atRest(t)
}

// TestLinesClosedBelow: somebody else closes the lines.
func TestLinesClosedBelow(t *testing.T) {
	var lines panel.Lines
	s := newStandWith(t, func(l panel.Lines) panel.Config {
		lines = l
		return quick(l)
	})
	if err := lines.Close(); err != nil {
		t.Fatal(err)
	}
	s.expect(t, panel.Event{Kind: panel.Lost})
	if err := s.Light(panel.Free); !errors.Is(err, panel.ErrLost) && !errors.Is(err, panel.ErrClosed) {
		t.Errorf("light gave %v", err)
	}
}

// TestAlive: the line for the watchdog relay changes by itself, and stops with the panel.
func TestAlive(t *testing.T) {
	s := newStand(t)
	changes := make(chan bool, 1000)
	s.bench.OnWrite(func(l panel.Line, on bool) {
		if l == panel.Alive {
			changes <- on
		}
	})
	for range 3 {
		select {
		case <-changes:
		case <-time.After(patience):
			t.Fatal("there is no sign of life")
		}
	}
}

// TestSilentBench: a bench that is connected and answers nothing is lost.
func TestSilentBench(t *testing.T) {
	s := newStand(t)
	s.bench.Stall(true)
	if err := s.Light(panel.Free); !errors.Is(err, panel.ErrLost) {
		t.Errorf("light gave %v", err)
	}
	s.expect(t, panel.Event{Kind: panel.Lost})
	s.bench.Stall(false)
	s.expect(t, panel.Event{Kind: panel.Restored})
	if !s.bench.Get(panel.Green) {
		t.Error("the light is not shown afterwards")
	}
}

// TestHostileBench: benches that do not keep to the protocol are not opened, or
// are lost. None is believed.
func TestHostileBench(t *testing.T) {
	var greeting strings.Builder
	fmt.Fprintln(&greeting, "panel-bench 1")
	for _, l := range panel.Inputs() {
		fmt.Fprintf(&greeting, "in %s 0 100\n", l)
	}
	good := greeting.String() + "ready\n"
	for _, c := range []struct {
		name, says string
		opens      bool
		why        string
	}{
		{"nothing", "", false, "EOF"},
		{"another version", "panel-bench 2\n", false, "no message of the bench's protocol"},
		{"no end of line", strings.Repeat("x", 100000), false, "buffer full"},
		{"ready too early", "panel-bench 1\nready\n", false, "no message"},
		{"an input missing", strings.Replace(good, "in motion 0 100\n", "", 1), false, "no message"},
		{"inputs in another order", "panel-bench 1\nin motion 0 100\n", false, "no message"},
		{"an unknown input", "panel-bench 1\nin front-door 0 100\n", false, "no message"},
		{"greeting cut off", good[:len(good)-3], false, "EOF"},
		{"binary", good + "\x00\xff\n", true, "no message"},
		{"a line that never ends", good + strings.Repeat("in ", 100000), true, "buffer full"},
		{"its clock goes back", good + "in motion 1 99\n", true, "its clock went back"},
		{"an answer unasked for", good + "ok green 1\n", true, "an answer"},
		{"a second greeting", good + "panel-bench 1\n", true, "no message"},
		{"what only the driver says", good + "out green 1\n", true, "no message"},
		{"hangs up", good, true, "EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "bench")
			listener, err := net.Listen("unix", socket)
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan struct{})
			go func() {
				defer close(served)
				if conn, err := listener.Accept(); err == nil {
					conn.Write([]byte(c.says))
					conn.Close()
				}
				listener.Close()
			}()
			lines, err := panel.OpenBench(socket)
			<-served
			if !c.opens {
				if !errors.Is(err, panel.ErrLost) || !strings.Contains(err.Error(), c.why) {
					t.Errorf("opening gave %v instead of %q", err, c.why)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer lines.Close()
			if change := nextChange(t, lines); !errors.Is(change.Err, panel.ErrLost) || !strings.Contains(change.Err.Error(), c.why) {
				t.Errorf("reported was %+v instead of %q", change, c.why)
			}
			if err := lines.Write(panel.Green, true); !errors.Is(err, panel.ErrLost) {
				t.Errorf("writing gave %v", err)
			}
		})
	}
	if _, err := panel.OpenBench(filepath.Join(t.TempDir(), "nobody")); !errors.Is(err, panel.ErrLost) {
		t.Errorf("opening a bench that is not there gave %v", err)
	}
}

// TestWrongAnswers: an answer to another question is not taken for one's own.
func TestWrongAnswers(t *testing.T) {
	for _, answer := range []string{"ok green 0", "ok red 1", "is slip-exit 1 200"} {
		t.Run(answer, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "bench")
			listener, err := net.Listen("unix", socket)
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go func() {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				fmt.Fprintln(conn, "panel-bench 1")
				for _, l := range panel.Inputs() {
					fmt.Fprintf(conn, "in %s 0 100\n", l)
				}
				fmt.Fprintln(conn, "ready")
				r := bufio.NewReader(conn)
				r.ReadString('\n')
				fmt.Fprintln(conn, answer)
				r.ReadString('\n') // until the driver hangs up
			}()
			lines, err := panel.OpenBench(socket)
			if err != nil {
				t.Fatal(err)
			}
			defer lines.Close()
			if err := lines.Write(panel.Green, true); !errors.Is(err, panel.ErrLost) {
				t.Errorf("%q was taken for an answer to out green 1: %v", answer, err)
			}
		})
	}
}

// TestKilled kills a program in the middle of a pulse. Its sockets close, and the bench does what
// a watchdog relay does.
func TestKilled(t *testing.T) {
	bench, socket := newBench(t)
	bench.Set(panel.SlipExit, true)
	opened := make(chan struct{})
	bench.OnWrite(func(l panel.Line, on bool) {
		if l == panel.Solenoid && on {
			close(opened)
		}
	})
	child := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	child.Env = append(os.Environ(), "PANEL_TEST_BENCH="+socket)
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	defer child.Process.Kill()
	select {
	case <-opened:
	case <-time.After(patience):
		t.Fatal("the program did not open the flap")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	until(t, "everything is off", func() bool {
		for _, l := range panel.Outputs() {
			if bench.Get(l) {
				return false
			}
		}
		return true
	})
}

// TestVictim is the program that TestKilled kills; by itself it does nothing.
func TestVictim(t *testing.T) {
	socket := os.Getenv("PANEL_TEST_BENCH")
	if socket == "" {
		return
	}
	lines, err := panel.OpenBench(socket)
	if err != nil {
		t.Fatal(err)
	}
	p, err := panel.New(panel.Config{Lines: lines, Pulse: panel.MaxPulse, Turn: time.Millisecond, Wait: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	p.Light(panel.InUse)
	p.Release(panel.ToBox)
	select {}
}
