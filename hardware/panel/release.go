package panel

import (
	"errors"
	"fmt"
	"time"
)

// SlipPresent reports whether paper stands in the window now: two readings that
// agree, Debounce apart. The error wraps ErrLost, ErrClosed or ErrRestless.
func (p *Panel) SlipPresent() (bool, error) {
	present, err := p.steady(SlipExit)
	if err != nil {
		return false, fmt.Errorf("looking into the window: %w", err)
	}
	return present, nil
}

// ErrRestless is wrapped by SlipPresent when no two readings of the sensor agree for as
// long as a slip may take. The kiosk has its own words for it: paper flutters before
// the sensor, or its wire is loose.
var ErrRestless = errors.New("it changes all the time")

// steady reads an input until it is the same twice, Debounce apart; at most as
// long as a slip may take.
func (p *Panel) steady(l Line) (bool, error) {
	last, err := p.c.Lines.Read(l)
	for end := time.Now().Add(p.c.Wait); err == nil; {
		if err := p.sleep(p.c.Debounce); err != nil {
			return false, err
		}
		var now bool
		now, err = p.c.Lines.Read(l)
		if err == nil && now == last {
			return now, nil
		}
		if time.Now().After(end) {
			return false, fmt.Errorf("reading %s: %w", l, ErrRestless)
		}
		last = now
	}
	return false, p.failed(err)
}

// Release turns the diverter to the bin, opens the flap for one pulse, and
// returns when the bin's drop sensor has seen the slip pass and the window is clear.
// moved is false, without an error, when there was no paper in the window; then
// nothing was opened. A slip that did not go the whole way is a *StuckError;
// any other error wraps ErrLost or ErrClosed, and where the slip is, is then not known.
func (p *Panel) Release(to Bin) (moved bool, err error) {
	p.releasing.Lock()
	defer p.releasing.Unlock()
	if to != ToBox && to != ToSpoiled {
		return false, fmt.Errorf("panel: there is no bin %d", to)
	}
	present, err := p.SlipPresent()
	if errors.Is(err, ErrRestless) {
		return false, &StuckError{StuckGate, to, SlipExit}
	}
	if err != nil || !present {
		return false, err
	}
	if err := p.gatesClear(to); err != nil {
		return false, err
	}
	if err := p.drop(to); err != nil {
		return false, fmt.Errorf("releasing a slip to the %s: %w", to, err)
	}
	return true, nil
}

// gatesClear looks whether both drop sensors can see a slip pass.
func (p *Panel) gatesClear(to Bin) error {
	for _, l := range []Line{BoxDrop, SpoiledDrop} {
		active, err := p.steady(l)
		if errors.Is(err, ErrRestless) || active {
			return &StuckError{StuckGate, to, l}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// drop opens the way and follows the slip.
func (p *Panel) drop(to Bin) error {
	before := p.follow()
	defer p.endFollow()
	if err := p.divert(to == ToBox); err != nil {
		return err
	}
	defer p.divert(false) // an error makes the panel lost, which everybody is told
	if err := p.sleep(p.c.Turn); err != nil {
		return err
	}
	if err := p.valve.pulse(p.c.Pulse); err != nil {
		return p.failed(err)
	}
	return p.arrive(to, before)
}

// A passing counts what the drop sensors saw.
type passing struct{ box, spoiled int }

func (p *Panel) follow() passing {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.released = true
	return p.passed()
}

func (p *Panel) endFollow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.released = false
}

// passed counts since the start. The caller holds mu.
func (p *Panel) passed() passing {
	return passing{p.inputs[BoxDrop].passed, p.inputs[SpoiledDrop].passed}
}

// arrive waits until the slip has passed the right sensor and all sensors are clear.
func (p *Panel) arrive(to Bin, before passing) error {
	late := time.NewTimer(p.c.Wait)
	defer late.Stop()
	for {
		p.mu.Lock()
		changed, lost := p.changed, p.lost
		stuck := p.judge(to, before)
		p.mu.Unlock()
		switch {
		case lost:
			return ErrLost
		case stuck == nil:
			present, err := p.SlipPresent()
			if err == nil && !present {
				return nil
			}
			if err != nil && !errors.Is(err, ErrRestless) {
				return err
			}
			stuck = &StuckError{StuckExit, to, SlipExit}
		case stuck.Where == StuckWrongBin:
			return stuck
		}
		select {
		case <-p.stop:
			return ErrClosed
		case <-late.C:
			return stuck
		case <-changed:
		case <-time.After(20 * time.Millisecond): // SlipPresent is ahead of what settled
		}
	}
}

// judge says where the slip is as far as the sensors tell; nil when it arrived
// and everything is clear. The caller holds mu.
func (p *Panel) judge(to Bin, before passing) *StuckError {
	now := p.passed()
	gate, arrived, wrong := BoxDrop, now.box > before.box, now.spoiled > before.spoiled
	other := SpoiledDrop
	if to == ToSpoiled {
		gate, other, arrived, wrong = SpoiledDrop, BoxDrop, wrong, arrived
	}
	switch {
	case wrong:
		return &StuckError{StuckWrongBin, to, other}
	case !arrived && p.inputs[SlipExit].settled:
		return &StuckError{StuckInWindow, to, SlipExit}
	case !arrived:
		return &StuckError{StuckBetween, to, gate}
	case p.inputs[gate].settled:
		return &StuckError{StuckGate, to, gate}
	case p.inputs[SlipExit].settled:
		return &StuckError{StuckExit, to, SlipExit}
	}
	return nil
}

// sleep waits for d, or until Close or a loss.
func (p *Panel) sleep(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		p.mu.Lock()
		changed, lost := p.changed, p.lost
		p.mu.Unlock()
		if lost {
			return ErrLost
		}
		select {
		case <-p.stop:
			return ErrClosed
		case <-changed:
		case <-timer.C:
			return nil
		}
	}
}
