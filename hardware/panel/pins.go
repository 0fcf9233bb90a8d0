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
}

func (w wire) active() bool { return (w.pin.Read() == gpio.High) != w.activeLow }

func (w wire) set(active bool) error { return w.pin.Out(gpio.Level(active != w.activeLow)) }

// OpenPins opens the pins of this computer, through the kernel's GPIO character device.
// Every pin of the map must exist. Outputs are made inactive first, then
// inputs are set up.
//
// A pin that cannot be read any more reads low, without an error: that is how the
// library and the wiring of docs/hardware/panel.md make a lost board look like an open door.
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
	if err := p.setUp(m); err != nil {
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
			p.outputs[l] = wire{pin, c.ActiveLow}
		} else {
			p.inputs[l] = wire{pin, c.ActiveLow}
		}
	}
	return nil
}

func (p *pins) setUp(m PinMap) error {
	for _, l := range Outputs() {
		if w, ok := p.outputs[l]; ok {
			if err := w.set(false); err != nil {
				return fmt.Errorf("line %s: %w", l, err)
			}
		}
	}
	pulls := map[string]gpio.Pull{"up": gpio.PullUp, "down": gpio.PullDown, "none": gpio.Float}
	for l, w := range p.inputs {
		if err := w.pin.In(pulls[m[l].Pull], gpio.NoEdge); err != nil {
			return fmt.Errorf("line %s: %w", l, err)
		}
	}
	return nil
}

// poll reads every input until Close.
func (p *pins) poll() {
	defer close(p.done)
	defer close(p.changes)
	began := time.Now()
	last := map[Line]bool{}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		at := time.Since(began)
		for _, l := range Inputs() {
			w, ok := p.inputs[l]
			if !ok {
				continue
			}
			if now := w.active(); now != last[l] {
				last[l] = now
				select {
				case p.changes <- Change{Line: l, Active: now, At: at}:
				case <-p.stop:
					return
				}
			}
		}
		select {
		case <-tick.C:
		case <-p.stop:
			return
		}
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
	return ok && w.active(), nil
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
