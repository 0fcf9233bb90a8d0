// Package panel drives what is around the window of a station: the light tower,
// tamper and door switches, the sensors of slip and bins, the solenoid and the
// diverter under the window, and the mains-fail line of the power supply. It is
// described in docs/hardware/panel.md.
//
// Lines are the bare wires, behind two adapters: OpenPins for the pins of a computer,
// OpenBench for a bench that plays a panel over a socket. Panel is what a
// station needs, on top of them.
//
// It is fail-safe as far as software can be: the solenoid is on only between
// the begin of a pulse and a timer that nothing can hold on, and what could not be
// written is written again until it is. What happens when the computer stops is
// the business of resistors and relays (docs/hardware/panel.md). The package
// keeps no log, and a latch lasts as long as the program: the station log has the
// rest. It knows nothing of ballots.
package panel

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Light is what the light tower shows.
type Light int

// The lights.
const (
	Dark       Light = iota
	Free             // green
	InUse            // yellow
	CallWorker       // red
)

// A Bin is where slips end.
type Bin int

// The bins.
const (
	ToBox Bin = iota + 1
	ToSpoiled
)

func (b Bin) String() string {
	switch b {
	case ToBox:
		return "box"
	case ToSpoiled:
		return "spoiled bin"
	}
	return "no bin"
}

// An EventKind says what happened.
type EventKind int

// The kinds of events.
const (
	Tampered      EventKind = iota + 1 // Switch is active and latched now
	MainsLost                          // the machine runs on its battery
	MainsRestored                      // and on mains again
	Lost                               // the lines do not answer: nothing is known of the doors
	Restored                           // they answer again; doors that are open are told as Tampered, before or after
	WorkerCalled                       // somebody pressed the button
	Stray                              // something passed the drop sensor Switch while no slip was being released
)

// An Event is something that happened at the panel. Switch is set where the kind
// says so.
type Event struct {
	Kind   EventKind
	Switch Line
}

// Config configures a panel. Lines is required.
type Config struct {
	Lines Lines // the panel closes them

	Debounce time.Duration // an input counts when it was the same for so long. If zero, 10 ms; at most 200 ms
	Pulse    time.Duration // the solenoid is on for so long. If zero, 300 ms; at most MaxPulse
	Turn     time.Duration // the diverter gets so long before the flap opens. If zero, 200 ms; at most 2 s
	Wait     time.Duration // a slip must have arrived so long after the pulse. If zero, 3 s; at most 30 s
}

// MaxPulse is the longest pulse of the solenoid.
const MaxPulse = 500 * time.Millisecond

// A Panel is the panel of one station. All methods may be called from several
// goroutines.
//
// Three goroutines work for it: watch follows the inputs, keep writes the outputs
// again and again, and tell hands events out. None of them waits for a caller.
type Panel struct {
	c     Config
	valve valve

	releasing sync.Mutex // one slip at a time
	writing   sync.Mutex // deciding and writing an output, but the solenoid, belong together

	mu       sync.Mutex
	inputs   map[Line]*input
	latched  map[Line]bool
	light    Light
	toBox    bool          // where the diverter shall point
	alive    bool          // the state of the line Alive
	lost     bool          //
	released bool          // a slip is on its way: drop sensors are expected to see it
	changed  chan struct{} // closed, and made anew, when an input settles, or the lines are lost or back
	events   []numbered    // that wait; no two are equal
	number   int           // of the last event

	urge   chan struct{} // keep writes at once
	back   chan struct{} // keep has written everything after a loss
	news   chan struct{} // tell looks at events
	out    chan Event
	stop   chan struct{} // closed by Close
	tasks  sync.WaitGroup
	closer sync.Once
	closed error // what Close returned
}

// New takes the lines over: everything closed and dark, all inputs read. A
// tamper switch that is active already is latched, and reported as the first
// event. When New fails the lines are still the caller's.
func New(c Config) (*Panel, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	p := &Panel{c: c, valve: valve{lines: c.Lines}, inputs: map[Line]*input{}, latched: map[Line]bool{}, changed: make(chan struct{}),
		urge: make(chan struct{}, 1), back: make(chan struct{}, 1), news: make(chan struct{}, 1), out: make(chan Event), stop: make(chan struct{})}
	if err := p.write(); err != nil {
		return nil, fmt.Errorf("starting the panel: %w", err)
	}
	for _, l := range Inputs() {
		active, err := c.Lines.Read(l)
		if err != nil {
			return nil, fmt.Errorf("starting the panel: %w", err)
		}
		p.inputs[l] = &input{}
		if active {
			p.inputs[l].raw = true
			p.settle(l)
		}
	}
	p.tasks.Add(3)
	go p.watch()
	go p.keep()
	go p.tell()
	return p, nil
}

// complete puts the defaults in and checks the limits.
func (c *Config) complete() error {
	if c.Lines == nil {
		return errors.New("panel: no lines")
	}
	for _, d := range []struct {
		name       string
		value      *time.Duration
		zero, most time.Duration
	}{
		{"debounce time", &c.Debounce, 10 * time.Millisecond, 200 * time.Millisecond},
		{"pulse", &c.Pulse, 300 * time.Millisecond, MaxPulse},
		{"time to turn", &c.Turn, 200 * time.Millisecond, 2 * time.Second},
		{"time to wait", &c.Wait, 3 * time.Second, 30 * time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.zero
		}
		if *d.value < 0 || *d.value > d.most {
			return fmt.Errorf("panel: a %s of %v; at most %v", d.name, *d.value, d.most)
		}
	}
	return nil
}

// Events delivers what happens. Close closes it. A reader that is slow loses
// nothing that is still so: of equal events that wait, the last is kept.
func (p *Panel) Events() <-chan Event { return p.out }

// Close ends a pulse, makes everything closed and dark, and closes the lines.
// A second Close does nothing.
func (p *Panel) Close() error {
	p.closer.Do(func() {
		close(p.stop)
		p.closed = p.c.Lines.Close() // ends a pulse at once, and whatever the others wait for
		p.tasks.Wait()
		p.valve.wait()
	})
	return p.closed
}

// isClosed reports whether Close was called.
func (p *Panel) isClosed() bool {
	select {
	case <-p.stop:
		return true
	default:
		return false
	}
}
