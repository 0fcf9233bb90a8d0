package printer

import (
	"crypto/rand"
	"fmt"
	"time"
)

// How much is under way at a time. The printer's answer to one step comes while the
// next one is sent, so that printing does not stop between them.
const (
	ahead   = 2                      // steps that wait for their answer
	perStep = 2 * time.Second        // of printing, at most, on average
	uneasy  = 500 * time.Millisecond // without progress: the printer is asked what it is about
	tail    = 8                      // a step takes at most 1/tail of a second on the line
)

// stepLimit is how many bytes a step may have. Two steps, the requests after them,
// and a real-time command must fit into the printer's buffer. And on a serial line
// a step must be gone sooner than a printer is up again that was switched off and
// on: see docs/adr/0022-printed-when-the-printer-says-so.md.
func (c *Config) stepLimit() int {
	limit := c.Buffer / 3
	if c.Baud > 0 {
		limit = min(limit, c.Baud/10/tail)
	}
	return limit - requestLen
}

// requestLen is the longest request for an answer in print order.
const requestLen = 11

// An id is the number in a GS ( H. Zero: a GS r 1, whose answer has none.
type id [4]byte

// idLetters are those of the manual's range (20 to 7E) that have bit 4 clear. No
// real-time answer has, so one that comes in the middle is told from them.
const idLetters = "ABCDEFGHIJKLMNOabcdefghijklmno"

// newID returns a random id: the answer to one that was asked before, of this page
// or another, is not taken for it.
func newID() id {
	var i id
	rand.Read(i[:]) // never fails
	for n := range i {
		i[n] = idLetters[int(i[n])%len(idLetters)]
	}
	return i
}

// request returns a request for an answer in print order, and what is to come back.
func (c *Config) request() ([]byte, id) {
	if c.Confirm == PaperSensor {
		return askSensor, id{}
	}
	i := newID()
	return append([]byte{0x1D, '(', 'H', 6, 0, 48, 48}, i[:]...), i
}

// A run is a page on its way. All its time is spent in one loop (run.all) that
// hears, and writes as far as it may.
type run struct {
	c     *Config
	t     *talk
	steps []step // not yet begun

	out   []byte // what is left of the step that is being sent, and its request
	whole int    // bytes of that step and its request
	owed  []id   // answers that are to come, in order; the last one is of out
	seen  map[id]bool
	began bool

	asking int       // the n of the DLE EOT that is to be answered; 0: none
	said   condition // what it said so far
	known  condition // what it said when it was last asked all four
	moved  time.Time // when there was progress last
	uneasy time.Time // when to ask
	end    time.Time // of all patience
}

// all sends the steps and waits for their answers. nil: the printer has answered
// the last one, after all others, in order, and has reported nothing that stops
// printing before it.
func (r *run) all() error {
	r.seen = map[id]bool{}
	r.end = time.Now().Add(r.c.Stall + time.Duration(len(r.steps))*perStep)
	r.progress()
	for {
		r.load()
		if r.done() {
			return nil
		}
		n, err := r.t.turn(r.sendable(), r.patience())
		if n > 0 {
			r.began, r.out = true, r.out[n:]
			r.progress()
		}
		if err == nil {
			err = r.hear()
		}
		if err == nil {
			err = r.wait()
		}
		if err != nil {
			return err
		}
	}
}

// done: every step is sent, and every answer is there.
func (r *run) done() bool { return len(r.steps) == 0 && len(r.out) == 0 && len(r.owed) == 0 }

// load takes the next step, if so much may be under way.
func (r *run) load() {
	if len(r.out) > 0 || len(r.steps) == 0 || len(r.owed) >= ahead || r.asking != 0 {
		return
	}
	request, i := r.c.request()
	for i != (id{}) && r.seen[i] {
		request, i = r.c.request()
	}
	r.seen[i] = true
	r.out = append(append(r.out[:0], r.steps[0].data...), request...)
	r.whole = len(r.out)
	r.owed = append(r.owed, i)
	r.steps = r.steps[1:]
}

func (r *run) progress() {
	r.moved = time.Now()
	r.uneasy = r.moved.Add(uneasy)
}

// patience is when something has to be done if nothing happens.
func (r *run) patience() time.Time {
	until := r.moved.Add(r.c.Stall)
	if r.end.Before(until) {
		until = r.end
	}
	if r.mayAsk() && r.uneasy.Before(until) {
		until = r.uneasy
	}
	return until
}

// mayAsk: a question may stand only between steps, and one at a time.
func (r *run) mayAsk() bool { return r.asking == 0 && (len(r.out) == 0 || len(r.out) == r.whole) }

// sendable is what may be sent: nothing while a question waits for its answer, since
// the next one must not get into a step.
func (r *run) sendable() []byte {
	if r.asking != 0 {
		return nil
	}
	return r.out
}

// wait asks, when it has become quiet, and gives up when it stays so.
func (r *run) wait() error {
	now := time.Now()
	if !now.Before(r.moved.Add(r.c.Stall)) || !now.Before(r.end) {
		switch f := r.known.fault(); {
		case r.t.dec.partial():
			return errHalf
		case f != NoFault:
			return faultError{f}
		case len(r.out) > 0:
			return errUnread
		}
		return errTime
	}
	if r.mayAsk() && !now.Before(r.uneasy) {
		r.said = condition{}
		return r.ask(1)
	}
	return nil
}

func (r *run) ask(n int) error {
	question := askStatus
	question[2] = byte(n)
	r.asking = n
	return r.t.urge(question[:], time.Now().Add(r.c.Answer))
}

// hear takes the answers that came in, in the order in which they came. That order
// decides: a fault before the page's last answer spoils the page, one after it does
// not concern it any more.
func (r *run) hear() error {
	for len(r.t.in) > 0 {
		a := r.t.in[0]
		r.t.in = r.t.in[1:]
		if err := r.answer(a); err != nil {
			return err
		}
		if r.done() {
			return nil // what follows is of no account
		}
	}
	return nil
}

// answer takes one answer. Whatever was not asked for is an error: a line that
// garbles answers may garble dots.
func (r *run) answer(a answer) error {
	switch {
	case a.kind == autoStatus:
		return stopping(automatic(a.b))
	case a.kind == cleared: // to a DLE DC4 8 of before: the manual lets it come late
		return nil
	case a.kind == realTime && r.asking > 0:
		return r.status(a.b[0])
	case a.kind == processID && r.c.Confirm == ProcessID && r.awaits(a.b):
	case a.kind == sensor && r.c.Confirm == PaperSensor && r.awaits(id{}):
		if err := stopping(paperSensor(a.b[0])); err != nil {
			return err
		}
	default:
		return errNoise
	}
	r.owed = r.owed[1:]
	r.progress()
	return nil
}

// awaits reports whether this is the answer that comes next, to a request that was
// sent to its last byte.
func (r *run) awaits(i id) bool {
	return len(r.owed) > 0 && r.owed[0] == i && (len(r.owed) > 1 || len(r.out) == 0)
}

func (r *run) status(b byte) error {
	r.said.realTime(r.asking, b)
	if r.asking < 4 {
		return r.ask(r.asking + 1)
	}
	r.asking, r.known = 0, r.said
	r.uneasy = time.Now().Add(uneasy)
	return stopping(r.said)
}

func stopping(c condition) error {
	if f := c.stops(); f != NoFault {
		return faultError{f}
	}
	return nil
}

// carryOut sees that the printer is ready, sends the plan, and cleans up after a
// failure.
func (p *Printer) carryOut(plan *plan) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.reach(p.begin); err != nil {
		return p.fail(err, false)
	}
	r := &run{c: &p.c, t: p.talk, steps: plan.steps}
	err := r.all()
	if err == nil && p.c.Confirm == PaperSensor {
		err = p.silence()
	}
	if err != nil {
		return p.fail(err, r.began)
	}
	return nil
}

// fail turns what happened into an outcome. The printer keeps as little of the page
// as can be: it is cleared at once, since paper may be put in before the next page.
func (p *Printer) fail(err error, began bool) *Error {
	e := &Error{Fault: blame(err), Began: began, Err: err}
	if began && !isGone(err) {
		p.dirty = true
		if _, lost := p.forget(); lost != nil {
			e.Err = fmt.Errorf("%w; then clearing the printer's buffer: %w", err, lost)
		}
	}
	if isGone(e.Err) {
		_ = p.hangUp() // the device is gone: there is nothing to give back
	}
	return e
}
