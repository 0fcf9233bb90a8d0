package panel

import (
	"fmt"
	"slices"
	"time"
)

// An input as it is seen after debouncing.
type input struct {
	raw     bool          // the last state heard
	at      time.Duration // since when, by the lines' clock
	settled bool          // the last state that lasted
	due     time.Time     // when raw settles if nothing more is heard; zero when it has
	passed  int           // how often it became active, for the drop sensors
	stale   bool          // settled before the lines were lost
}

// watch follows the inputs until Close.
func (p *Panel) watch() {
	defer p.tasks.Done()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-p.stop:
			return
		case c, ok := <-p.c.Lines.Changes():
			if !ok {
				p.failed(ErrClosed) // somebody closed the lines under us
				return
			}
			if c.Err != nil {
				p.failed(c.Err)
				continue
			}
			p.hear(c, time.Now())
		case <-p.back:
			p.regain()
		case <-timer.C:
		}
		timer.Reset(p.settleDue(time.Now()))
	}
}

// hear takes a change in. How long the former state lasted is reckoned by the
// clock of the lines: a late message does not make it shorter.
func (p *Panel) hear(c Change, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	in, ok := p.inputs[c.Line] // none: a loss
	if !ok || c.Active == in.raw {
		return
	}
	if in.raw != in.settled && c.At-in.at >= p.c.Debounce {
		p.settle(c.Line)
	}
	in.raw, in.at, in.due = c.Active, c.At, now.Add(p.c.Debounce)
}

// settleDue settles what lasted long enough, in the order in which it began, and returns when to look again.
func (p *Panel) settleDue(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		var first Line
		for _, l := range Inputs() {
			if due := p.inputs[l].due; !due.IsZero() && (first == "" || due.Before(p.inputs[first].due)) {
				first = l
			}
		}
		if first == "" {
			return time.Hour
		}
		if due := p.inputs[first].due; due.After(now) {
			return due.Sub(now)
		}
		p.settle(first)
	}
}

// settle makes the raw state of an input its settled one, with what follows from it.
// The caller holds mu, or is New.
func (p *Panel) settle(l Line) {
	in := p.inputs[l]
	in.due = time.Time{}
	if in.raw == in.settled {
		return
	}
	in.settled, in.stale = in.raw, false
	if in.settled {
		in.passed++
	}
	switch {
	case l == MainsFail && in.settled:
		p.emit(Event{Kind: MainsLost, Switch: l})
	case l == MainsFail:
		p.emit(Event{Kind: MainsRestored, Switch: l})
	case !in.settled:
	case l == WorkerButton:
		p.emit(Event{Kind: WorkerCalled, Switch: l})
	case (l == BoxDrop || l == SpoiledDrop) && !p.released:
		p.emit(Event{Kind: Stray, Switch: l})
	case slices.Contains(Tamper(), l):
		p.latched[l] = true
		p.emit(Event{Kind: Tampered, Switch: l})
	}
	p.broadcast()
}

// broadcast wakes everybody who waits for a change. The caller holds mu.
func (p *Panel) broadcast() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// A numbered event differs from an equal one that came later.
type numbered struct {
	Event
	number int
}

// emit puts an event at the end of those that wait, and takes an equal one away, so
// that they never are many. The caller holds mu.
func (p *Panel) emit(e Event) {
	p.number++
	p.events = append(slices.DeleteFunc(p.events, func(old numbered) bool { return old.Event == e }), numbered{e, p.number})
	poke(p.news)
}

// tell hands events out until Close.
func (p *Panel) tell() {
	defer p.tasks.Done()
	defer close(p.out)
	for {
		p.mu.Lock()
		var first numbered
		out := p.out
		if len(p.events) > 0 {
			first = p.events[0]
		} else {
			out = nil // a nil channel never takes anything
		}
		p.mu.Unlock()
		select {
		case <-p.stop:
			return
		case <-p.news:
		case out <- first.Event:
			p.mu.Lock()
			p.events = slices.DeleteFunc(p.events, func(e numbered) bool { return e == first })
			p.mu.Unlock()
		}
	}
}

// Latched lists the tamper switches that were active since they were last
// cleared, sorted.
func (p *Panel) Latched() []Line {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := []Line{}
	for l := range p.latched {
		list = append(list, l)
	}
	slices.Sort(list)
	return list
}

// Clear takes the latch off a tamper switch; that two people decided it is the caller's
// business. A switch that is active, or not latched, is an error.
func (p *Panel) Clear(l Line) error {
	active, err := p.c.Lines.Read(l)
	if err != nil {
		return fmt.Errorf("clearing %s: %w", l, p.failed(err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.lost:
		return fmt.Errorf("clearing %s: %w", l, ErrLost)
	case !p.latched[l]:
		return fmt.Errorf("clearing %s: it is not latched", l)
	case active || p.inputs[l].raw || p.inputs[l].settled:
		return fmt.Errorf("clearing %s: it is still active", l)
	}
	delete(p.latched, l)
	return nil
}
