package panel

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/host/v3"
)

// pollEvery is how often every input is read. Interrupts on edges are not used: expanders on
// I²C or USB have none, adapters lose some or call a line that is gone an edge, and
// twelve readings every 5 ms cost nothing that matters.
const pollEvery = 5 * time.Millisecond

// lookEvery is how often every input is set up anew, which does nothing to a pin that
// answers. The library reads low, and reports no error, where there is no chip any more.
const lookEvery = 100 * time.Millisecond

// pins is the adapter to the pins of this computer.
type pins struct {
	inputs  map[Line]wire
	outputs map[Line]wire
	changes chan Change
	stop    chan struct{} // closed by Close
	done    chan struct{} // closed when the poller has ended
	closing sync.Once

	writing sync.Mutex // an output and its last state belong together; pins do not block
	closed  bool
}

// A wire is a pin and its polarity.
type wire struct {
	pin       gpio.PinIO
	activeLow bool
	pull      gpio.Pull // of an input
}

// listen makes the pin an input. An error means that it cannot be read.
func (w wire) listen() error { return w.pin.In(w.pull, gpio.NoEdge) }

func (w wire) active() bool { return (w.pin.Read() == gpio.High) != w.activeLow }

func (w wire) set(active bool) error { return w.pin.Out(gpio.Level(active != w.activeLow)) }

// OpenPins opens the pins of this computer, through the kernel's GPIO character device.
// Every pin of the map must exist. Outputs are made inactive first, then
// inputs are set up.
//
// When an input cannot be set up any more the lines are lost, until all can.
func OpenPins(m PinMap) (Lines, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("opening the panel's pins: %w", err)
	}
	// Init reports no error on a computer without a single pin: so every pin is looked up.
	if _, err := host.Init(); err != nil {
		return nil, fmt.Errorf("opening the panel's pins: %w", err)
	}
	p := &pins{inputs: map[Line]wire{}, outputs: map[Line]wire{}, changes: make(chan Change, 256), stop: make(chan struct{}), done: make(chan struct{})}
	if err := p.find(m); err != nil {
		return nil, fmt.Errorf("opening the panel's pins: %w", err)
	}
	if err := p.setUp(); err != nil {
		return nil, fmt.Errorf("opening the panel's pins: %w", err)
	}
	go p.poll()
	return p, nil
}

// find looks every pin up, and refuses two names of one pin.
func (p *pins) find(m PinMap) error {
	real := map[gpio.PinIO]Line{}
	for l, c := range m {
		pin := gpioreg.ByName(c.Pin)
		if pin == nil {
			return fmt.Errorf("line %s: this computer has no pin %q", l, c.Pin)
		}
		under := pin
		if a, ok := pin.(gpio.RealPin); ok {
			under = a.Real()
		}
		if other, ok := real[under]; ok {
			return fmt.Errorf("lines %s and %s have the same pin", min(l, other), max(l, other))
		}
		real[under] = l
		if slices.Contains(Outputs(), l) {
			p.outputs[l] = wire{pin: pin, activeLow: c.ActiveLow}
		} else {
			p.inputs[l] = wire{pin: pin, activeLow: c.ActiveLow, pull: pulls[c.Pull]}
		}
	}
	return nil
}

var pulls = map[string]gpio.Pull{"up": gpio.PullUp, "down": gpio.PullDown, "none": gpio.Float}

func (p *pins) setUp() error {
	for _, l := range Outputs() {
		if w, ok := p.outputs[l]; ok {
			if err := w.set(false); err != nil {
				return fmt.Errorf("line %s: %w", l, err)
			}
		}
	}
	return p.look()
}

// look sets every input up, again.
func (p *pins) look() error {
	for _, l := range Inputs() {
		if w, ok := p.inputs[l]; ok {
			if err := w.listen(); err != nil {
				return fmt.Errorf("line %s: %w", l, err)
			}
		}
	}
	return nil
}

// poll reads every input until Close.
func (p *pins) poll() {
	defer close(p.done)
	defer close(p.changes)
	began := time.Now()
	last := map[Line]bool{} // of lines that were told
	for _, l := range Inputs() {
		last[l] = false // what is active is told first
	}
	looked, lost := began, false
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if time.Since(looked) >= lookEvery {
			err := p.look()
			if err != nil && !lost && !p.tell(Change{Err: fmt.Errorf("%w: %w", ErrLost, err)}) {
				return
			}
			if err != nil {
				clear(last) // all are told anew
			}
			looked, lost = time.Now(), err != nil
		}
		if !lost && !p.read(last, time.Since(began)) {
			return
		}
		select {
		case <-tick.C:
		case <-p.stop:
			return
		}
	}
}

// read tells what differs from last. False: the lines are being closed.
func (p *pins) read(last map[Line]bool, at time.Duration) bool {
	for _, l := range Inputs() {
		now := false
		if w, ok := p.inputs[l]; ok {
			now = w.active()
		}
		if before, told := last[l]; told && before == now {
			continue
		}
		last[l] = now
		if !p.tell(Change{Line: l, Active: now, At: at}) {
			return false
		}
	}
	return true
}

// tell delivers a change. False: the lines are being closed.
func (p *pins) tell(c Change) bool {
	select {
	case p.changes <- c:
		return true
	case <-p.stop:
		return false
	}
}

func (p *pins) Read(l Line) (bool, error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	if p.closed {
		return false, fmt.Errorf("reading %s: %w", l, ErrClosed)
	}
	w, ok := p.inputs[l]
	if !ok && (!slices.Contains(Inputs(), l) || !l.optional()) {
		return false, fmt.Errorf("panel: reading %q, which is no input", l)
	}
	if !ok {
		return false, nil
	}
	if err := w.listen(); err != nil {
		return false, fmt.Errorf("reading %s: %w: %w", l, ErrLost, err)
	}
	return w.active(), nil
}

func (p *pins) Write(l Line, active bool) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	if p.closed {
		return fmt.Errorf("writing %s: %w", l, ErrClosed)
	}
	w, ok := p.outputs[l]
	if !ok {
		if slices.Contains(Outputs(), l) && l.optional() {
			return nil
		}
		return fmt.Errorf("panel: writing %q, which is no output", l)
	}
	if err := w.set(active); err != nil {
		return fmt.Errorf("writing %s: %w: %w", l, ErrLost, err)
	}
	return nil
}

func (p *pins) Changes() <-chan Change { return p.changes }

func (p *pins) Close() error {
	var errs []error
	p.closing.Do(func() {
		p.writing.Lock()
		for l, w := range p.outputs {
			if err := w.set(false); err != nil {
				errs = append(errs, fmt.Errorf("writing %s: %w: %w", l, ErrLost, err))
			}
		}
		p.closed = true
		p.writing.Unlock()
		close(p.stop)
	})
	<-p.done
	return errors.Join(errs...)
}
