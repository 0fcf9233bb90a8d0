package printer

import (
	"errors"
	"fmt"
	"time"
)

// begin makes sure that a page may begin: the printer has no fault, holds nothing
// of before, and takes commands in their order. No dot is sent.
func (p *Printer) begin() error {
	c, err := p.condition()
	if err != nil {
		return err
	}
	if f := c.fault(); f != NoFault {
		return faultError{f}
	}
	if !p.dirty {
		err := p.greet(1, time.Now().Add(p.c.Answer))
		if err == nil {
			return nil
		}
		p.dirty = true // something of before after all
		if f := blame(err); f != Silent && f != Garbage {
			return err
		}
	}
	if err := p.settle(); err != nil {
		return err
	}
	p.dirty = false
	return nil
}

// reach does f with an open device. A device that was lost meanwhile, and may be
// back, is opened again once: f must have done nothing that counts when it is lost.
func (p *Printer) reach(f func() error) error {
	if err := p.dial(); err != nil {
		return goneError{err}
	}
	err := f()
	if !isGone(err) || p.closing.Load() {
		return err
	}
	_ = p.hangUp() // it is gone
	if err := p.dial(); err != nil {
		return goneError{err}
	}
	return f()
}

// condition asks the printer for its state. An answer to a question of before may
// be on its way, so a second try is given. An error that waits for somebody to say
// that its cause is gone is recovered from.
func (p *Printer) condition() (condition, error) {
	c, err := p.ask()
	if err != nil && !isGone(err) {
		c, err = p.ask()
	}
	if err != nil || c.fault() != CutterStuck || time.Since(p.recovered) < grinding {
		return c, err
	}
	p.recovered = time.Now()
	if err := p.talk.urge(recoverError, time.Now().Add(p.c.Answer)); err != nil {
		return c, fmt.Errorf("recovering from an error: %w", err)
	}
	// The cutter moves; it may be stuck again when it has.
	for until := time.Now().Add(p.c.Answer); err == nil && c.fault() == CutterStuck && time.Now().Before(until); {
		if err = p.pause(100 * time.Millisecond); err == nil {
			c, err = p.ask()
		}
	}
	return c, err
}

// attempts is how often answers without a number are counted anew.
const attempts = 3

// grinding is the least time between two attempts to move a cutter that is stuck.
const grinding = 3 * time.Second

func (p *Printer) ask() (condition, error) {
	if err := p.talk.drain(); err != nil {
		return condition{}, err
	}
	return p.talk.condition(p.c.Answer)
}

// pause lets time pass, and hears meanwhile.
func (p *Printer) pause(d time.Duration) error {
	for until := time.Now().Add(d); time.Now().Before(until); {
		if _, err := p.talk.turn(nil, until); err != nil {
			return err
		}
	}
	return nil
}

// forget makes the printer forget what it has received, as far as the make can
// (DLE DC4 8), and reports whether the printer said so. The manual wants nothing
// sent before its answer; a make that does not know the command gives none.
func (p *Printer) forget() (bool, error) {
	p.talk.dev.discard()
	p.talk.stopped = false
	until := time.Now().Add(p.c.Answer)
	if err := p.talk.urge(clearBuffer, until); err != nil {
		return false, err
	}
	for range many {
		a, err := p.talk.next(until)
		switch {
		case isGone(err):
			return false, err
		case err != nil:
			return false, nil
		case a.kind == cleared:
			return true, nil
		}
	}
	return false, nil
}

// settle brings a printer of which nothing is known to the beginning of a command
// with an empty buffer, and makes sure that it is there.
//
// The order matters. A printer that cleared its buffer is at a beginning. One that
// cannot may wait for the rest of a picture: it gets as many white bytes as that
// can be, which between commands mean nothing. Only then are commands understood,
// and the answer to a new request shows that they were, and that all before them is
// done with.
func (p *Printer) settle() error {
	var err error
	for range attempts {
		cleared, lost := p.forget()
		if lost != nil {
			return lost
		}
		if !cleared {
			if err := p.talk.send(make([]byte, p.c.largestBand()), time.Now().Add(p.c.Stall)); err != nil {
				return err
			}
		}
		if p.c.Confirm == ProcessID {
			return p.greet(1, time.Now().Add(p.c.Stall))
		}
		// Answers without a number: an old one among them shows by the count.
		if err = p.greet(2+int(newID()[0]%4), time.Now().Add(p.c.Stall)); err == nil {
			err = p.silence()
		}
		if err == nil || blame(err) != Garbage {
			return err
		}
	}
	return err
}

// largestBand is how many bytes of dots a printer may wait for, at most, after a
// page of ours broke off.
func (c *Config) largestBand() int {
	return max(c.stepLimit(), (c.Width+7)/8)
}

// greet sends the settings, which begin with ESC @, and requests for answers in
// print order, and waits for them.
func (p *Printer) greet(requests int, until time.Time) error {
	settings := append([]byte{}, initialise...)
	if p.c.Confirm == ProcessID { // a make without GS ( must not see any
		settings = append(append(settings, noRealTime...), reportFaults...)
	} else {
		settings = append(settings, reportNone...)
	}
	var owed []id
	for range requests {
		request, i := p.c.request()
		settings, owed = append(settings, request...), append(owed, i)
	}
	if err := p.talk.send(settings, until); err != nil {
		return err
	}
	for range many {
		a, err := p.talk.next(until)
		if err != nil {
			return fmt.Errorf("waiting until the printer has taken its settings: %w", err)
		}
		answered, err := p.greeted(a, owed[0])
		if err != nil {
			return err
		}
		if answered {
			owed = owed[1:]
		}
		if len(owed) == 0 {
			return nil
		}
	}
	return errNoise
}

// greeted takes one answer while settings are sent. Answers with the number of an
// older page may still come, and mean nothing.
func (p *Printer) greeted(a answer, want id) (bool, error) {
	switch {
	case a.kind == autoStatus:
		return false, stopping(automatic(a.b))
	case a.kind == processID && p.c.Confirm == ProcessID:
		if a.b != want && !p.dirty {
			return false, errNoise
		}
		return a.b == want, nil
	case a.kind == sensor && p.c.Confirm == PaperSensor:
		return true, stopping(paperSensor(a.b[0]))
	case a.kind == cleared:
		return false, nil
	}
	return false, errNoise
}

// silence is an error if anything comes within Settle. It follows answers that have
// no number: one too many means that an answer was taken for another.
func (p *Printer) silence() error {
	a, err := p.talk.next(time.Now().Add(p.c.Settle))
	switch {
	case errors.Is(err, errTime):
		return nil
	case err != nil:
		return err
	case a.kind == sensor:
		return fmt.Errorf("an answer too many: %w", errNoise)
	}
	return errNoise
}
