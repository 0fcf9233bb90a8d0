package panel

import (
	"errors"
	"fmt"
	"time"
)

const (
	keepEvery  = 250 * time.Millisecond // outputs are written anew, and Alive changes
	retryEvery = 50 * time.Millisecond  // the same while the lines are lost
)

// Light shows l. The error wraps ErrLost when the lines do not answer; the light is
// shown when they do.
func (p *Panel) Light(l Light) error {
	if l < Dark || l > CallWorker {
		return fmt.Errorf("panel: there is no light %d", l)
	}
	p.mu.Lock()
	p.light = l
	p.mu.Unlock()
	if err := p.write(); err != nil {
		return fmt.Errorf("switching a light: %w", err)
	}
	return nil
}

// write writes every output as it shall be. Lamps that go out go out first. An
// error means that the lines are lost.
func (p *Panel) write() error {
	p.writing.Lock()
	defer p.writing.Unlock()
	if p.isClosed() {
		return ErrClosed
	}
	p.mu.Lock()
	light, toBox, alive := p.light, p.toBox, p.alive
	p.mu.Unlock()
	lamps := []struct {
		line Line
		on   bool
	}{{Green, light == Free}, {Yellow, light == InUse}, {Red, light == CallWorker}}
	errs := []error{p.valve.close()}
	for _, on := range []bool{false, true} {
		for _, l := range lamps {
			if l.on == on {
				errs = append(errs, p.c.Lines.Write(l.line, on))
			}
		}
	}
	errs = append(errs, p.c.Lines.Write(Diverter, toBox), p.c.Lines.Write(Alive, alive))
	if errors.Join(errs...) != nil {
		return p.failed(errs...)
	}
	return nil
}

// divert turns the diverter.
func (p *Panel) divert(toBox bool) error {
	p.mu.Lock()
	p.toBox = toBox
	p.mu.Unlock()
	return p.write()
}

// failed notes that the lines do not answer, and returns the error for callers: the first
// reason.
func (p *Panel) failed(reasons ...error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed() {
		return ErrClosed
	}
	if !p.lost {
		p.lost = true
		p.toBox = false
		for _, in := range p.inputs {
			in.stale = true
		}
		p.emit(Event{Kind: Lost})
		p.broadcast()
		poke(p.urge)
	}
	for _, err := range reasons {
		if errors.Is(err, ErrLost) {
			return err
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrLost, err)
		}
	}
	return ErrLost
}

// keep writes every output again and again: what was lost is noticed, what came
// back comes back dark and closed, and a watchdog relay has its Alive.
func (p *Panel) keep() {
	defer p.tasks.Done()
	for {
		p.mu.Lock()
		every := keepEvery
		if p.lost {
			every = retryEvery
		}
		p.alive = !p.alive
		lost := p.lost
		p.mu.Unlock()
		if p.write() == nil && lost {
			poke(p.back)
		}
		next := time.NewTimer(every)
		select {
		case <-p.stop:
			next.Stop()
			return
		case <-p.urge:
		case <-next.C:
		}
		next.Stop()
	}
}

// regain ends a loss: the outputs are as they shall be, so only the inputs are to be
// read. What the lines had to say before is heard first: they told of the
// loss before they answered again, so no loss is reported twice.
func (p *Panel) regain() {
	for waiting := true; waiting; {
		select {
		case c, ok := <-p.c.Lines.Changes():
			waiting = ok
			p.hear(c, time.Now())
		default:
			waiting = false
		}
	}
	states := map[Line]bool{}
	for _, l := range Inputs() {
		active, err := p.c.Lines.Read(l)
		if err != nil {
			return // lost still
		}
		states[l] = active
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost = false
	p.emit(Event{Kind: Restored})
	for _, l := range Inputs() {
		in := p.inputs[l]
		in.due = time.Time{}
		in.raw = states[l]
		if in.raw && in.stale {
			in.settled = false // nobody knows what happened meanwhile: what is active now is news
		}
		in.stale = false
		p.settle(l)
	}
	p.broadcast()
}

// poke wakes whoever waits on c, or will.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
