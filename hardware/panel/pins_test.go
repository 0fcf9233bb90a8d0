package panel_test

import (
	"errors"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"github.com/openreferendum/referendum/hardware/panel"
)

// A loose pin is one whose chip can go away: then setting up and writing fail, and it reads
// low without an error, as the library's own pins do.
type loose struct {
	gpiotest.Pin
	gone    atomic.Bool
	written func(gpio.Level) // if not nil
}

var errNoChip = errors.New("no such device")

func (l *loose) In(pull gpio.Pull, edge gpio.Edge) error {
	if l.gone.Load() {
		return errNoChip
	}
	return l.Pin.In(gpio.Float, edge) // a wire is connected, which is stronger than any pull
}

func (l *loose) Read() gpio.Level {
	if l.gone.Load() {
		return gpio.Low
	}
	return l.Pin.Read()
}

func (l *loose) Out(level gpio.Level) error {
	if l.gone.Load() {
		return errNoChip
	}
	err := l.Pin.Out(level)
	if l.written != nil {
		l.written(level)
	}
	return err
}

func (l *loose) set(level gpio.Level) {
	l.Lock()
	defer l.Unlock()
	l.L = level
}

// looseMap is wholeMap on loose pins; all inputs are inactive.
func looseMap(t *testing.T, prefix string) (panel.PinMap, map[panel.Line]*loose) {
	t.Helper()
	m, err := parseMap(strings.ReplaceAll(wholeMap, "GPIO", prefix))
	if err != nil {
		t.Fatal(err)
	}
	pins := map[panel.Line]*loose{}
	for l, c := range m {
		pins[l] = &loose{Pin: gpiotest.Pin{N: c.Pin, L: gpio.Level(c.ActiveLow)}}
		if err := gpioreg.Register(pins[l]); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { gpioreg.Unregister(c.Pin) })
	}
	return m, pins
}

// TestPinsLost: inputs that no longer answer read low. That is no closed door, whatever
// the polarity, and whether or not the outputs are on the same chip.
func TestPinsLost(t *testing.T) {
	m, pins := looseMap(t, "LOST")
	lines, err := panel.OpenPins(m)
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Close()
	cover := pins[panel.PrinterCover] // active when high
	cover.set(gpio.High)
	if c := nextChange(t, lines); c.Line != panel.PrinterCover || !c.Active {
		t.Fatalf("the first change is %+v", c)
	}
	cover.gone.Store(true)
	// A reading between the two may have told of low.
	c := nextChange(t, lines)
	if c.Err == nil {
		c = nextChange(t, lines)
	}
	if !errors.Is(c.Err, panel.ErrLost) || !strings.Contains(c.Err.Error(), "printer-cover") {
		t.Fatalf("told was %+v", c)
	}
	if _, err := lines.Read(panel.PrinterCover); !errors.Is(err, panel.ErrLost) || !errors.Is(err, errNoChip) {
		t.Errorf("read with %v", err)
	}
	cover.gone.Store(false)
	states, want := map[panel.Line]bool{}, map[panel.Line]bool{}
	for _, l := range panel.Inputs() {
		want[l] = l == panel.PrinterCover
		c := nextChange(t, lines)
		if c.Err != nil {
			t.Fatalf("one loss is told twice: %v", c.Err)
		}
		states[c.Line] = c.Active
	}
	if !maps.Equal(states, want) {
		t.Errorf("told anew were %v", states)
	}
}

// TestPinsNotThereAtStart: a chip that is registered and does not answer.
func TestPinsNotThereAtStart(t *testing.T) {
	for _, l := range []panel.Line{panel.SlipExit, panel.Solenoid} {
		m, pins := looseMap(t, "DEAD"+string(l))
		pins[l].gone.Store(true)
		if lines, err := panel.OpenPins(m); !errors.Is(err, errNoChip) || !strings.Contains(err.Error(), string(l)) {
			t.Errorf("without %s: opened %v, %v", l, lines, err)
		}
	}
}

// TestPanelOnPins: a panel on pins releases a slip, and knows when inputs are away.
func TestPanelOnPins(t *testing.T) {
	m, pins := looseMap(t, "PANEL")
	set := func(l panel.Line, active bool) { pins[l].set(gpio.Level(active != m[l].ActiveLow)) }
	passed := make(chan panel.Line, 1)
	pins[panel.Solenoid].written = func(level gpio.Level) {
		if level == gpio.Low {
			return
		}
		set(panel.SlipExit, false)
		if pins[panel.Diverter].Read() == gpio.High {
			set(panel.BoxDrop, true)
			passed <- panel.BoxDrop
			return
		}
		set(panel.SpoiledDrop, true)
		passed <- panel.SpoiledDrop
	}
	lines, err := panel.OpenPins(m)
	if err != nil {
		t.Fatal(err)
	}
	p, err := panel.New(panel.Config{Lines: lines, Pulse: 10 * time.Millisecond, Turn: time.Millisecond, Wait: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	s := &stand{Panel: p}
	for to, sensor := range map[panel.Bin]panel.Line{panel.ToBox: panel.BoxDrop, panel.ToSpoiled: panel.SpoiledDrop} {
		set(panel.SlipExit, true)
		fallen := make(chan struct{})
		go func() {
			defer close(fallen)
			if got := <-passed; got != sensor {
				t.Errorf("to the %s: it fell past %s", to, got)
			}
			time.Sleep(100 * time.Millisecond) // a slip's length, as a real one takes
			set(sensor, false)
		}()
		if moved, err := p.Release(to); err != nil || !moved {
			t.Fatalf("to the %s: %v, %v", to, moved, err)
		}
		<-fallen
		if pins[panel.Solenoid].Read() != gpio.Low {
			t.Error("the flap is open")
		}
	}
	set(panel.RearDoor, true)
	s.expect(t, panel.Event{Kind: panel.Tampered, Switch: panel.RearDoor})
	pins[panel.MainsFail].gone.Store(true)
	s.expect(t, panel.Event{Kind: panel.Lost})
	if err := p.Clear(panel.RearDoor); err == nil {
		t.Error("cleared while the lines are lost")
	}
	pins[panel.MainsFail].gone.Store(false)
	s.expectAnyOrder(t, panel.Event{Kind: panel.Restored}, panel.Event{Kind: panel.Tampered, Switch: panel.RearDoor})
}
