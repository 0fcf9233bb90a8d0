package printer

import (
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"
)

// A talk is the conversation over an open device: bytes out, answers in. It is
// used by one goroutine at a time.
type talk struct {
	dev     *device
	closing *atomic.Bool // set from outside: every wait ends soon
	dec     decoder
	in      []answer // heard and not yet taken
	stopped bool     // XOFF: the printer wants no data at the moment
	urgent  bool     // what is sent is no data
	buffer  [256]byte
}

const (
	chunk = 1024                  // bytes of a write at most
	slice = 50 * time.Millisecond // how long a wait may miss closing
	flood = 1 << 16               // bytes that a printer may send unasked
	many  = 1000                  // answers that may come before the one that is waited for
)

var (
	errTime   = errors.New("no answer in time")
	errHalf   = errors.New("half an answer, and then none in time")
	errNoise  = errors.New("an answer that is none")
	errUnread = errors.New("the printer takes no more")
)

// A goneError says that the device cannot be used any more.
type goneError struct{ err error }

func (e goneError) Error() string { return e.err.Error() }
func (e goneError) Unwrap() error { return e.err }

// turn waits until something happens, or until a time: it hears what there is to
// hear, or writes a piece of out, and returns how much of it. It hears before it
// writes, so that nothing is written that an answer would have stopped. An error is
// a goneError.
func (t *talk) turn(out []byte, until time.Time) (int, error) {
	for {
		if t.closing.Load() {
			return 0, goneError{fs.ErrClosed}
		}
		left := time.Until(until)
		canRead, canWrite, err := t.dev.poll(len(out) > 0 && (t.urgent || !t.stopped), min(left, slice))
		switch {
		case err != nil:
			return 0, goneError{err}
		case canRead:
			n, err := t.hear()
			if err != nil || n > 0 {
				return 0, err
			}
		case canWrite:
			n, err := t.dev.write(out[:min(len(out), chunk)])
			if err != nil {
				return 0, goneError{err}
			}
			if n > 0 {
				return n, nil
			}
		}
		if left <= 0 {
			return 0, nil
		}
		if canRead || canWrite { // and yet nothing: not again at once
			time.Sleep(min(left, 2*time.Millisecond))
		}
	}
}

// hear reads once, and returns the number of bytes.
func (t *talk) hear() (int, error) {
	n, err := t.dev.read(t.buffer[:])
	if err != nil {
		return 0, goneError{err}
	}
	for _, b := range t.buffer[:n] {
		a, ok := t.dec.next(b)
		switch {
		case !ok:
		case a.kind == flowOff || a.kind == flowOn:
			t.stopped = a.kind == flowOff
		default:
			t.in = append(t.in, a)
		}
	}
	return n, nil
}

// next returns the next answer. It is an error if none comes in time.
func (t *talk) next(until time.Time) (answer, error) {
	for len(t.in) == 0 {
		if !time.Now().Before(until) {
			if t.dec.partial() {
				return answer{}, errHalf
			}
			return answer{}, errTime
		}
		if _, err := t.turn(nil, until); err != nil {
			return answer{}, err
		}
	}
	a := t.in[0]
	t.in = t.in[1:]
	return a, nil
}

// send hands all of b to the kernel.
func (t *talk) send(b []byte, until time.Time) error {
	for len(b) > 0 {
		n, err := t.turn(b, until)
		if err != nil {
			return err
		}
		if n == 0 && !time.Now().Before(until) {
			return errUnread
		}
		b = b[n:]
	}
	return nil
}

// urge sends a real-time command. A printer that sent XOFF obeys those all the same.
func (t *talk) urge(command []byte, until time.Time) error {
	t.urgent = true
	defer func() { t.urgent = false }()
	return t.send(command, until)
}

// drain forgets what was answered up to now, to questions of before.
func (t *talk) drain() error {
	for total := 0; total < flood; {
		canRead, _, err := t.dev.poll(false, 0)
		if err != nil {
			return goneError{err}
		}
		if !canRead {
			break
		}
		n, err := t.hear()
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		total += n
		t.in = t.in[:0]
	}
	t.in, t.dec, t.stopped = t.in[:0], decoder{}, false
	return nil
}

// ask asks one real-time status.
func (t *talk) ask(n int, until time.Time) (byte, error) {
	question := askStatus
	question[2] = byte(n)
	if err := t.urge(question[:], until); err != nil {
		return 0, err
	}
	for range many {
		a, err := t.next(until)
		switch {
		case err != nil:
			return 0, err
		case a.kind == realTime:
			return a.b[0], nil
		case a.kind != autoStatus && a.kind != cleared: // those two may come at any time
			return 0, errNoise
		}
	}
	return 0, errNoise
}

// condition asks all four.
func (t *talk) condition(wait time.Duration) (condition, error) {
	var c condition
	for n := 1; n <= 4; n++ {
		b, err := t.ask(n, time.Now().Add(wait))
		if err != nil {
			return c, fmt.Errorf("asking for status %d: %w", n, err)
		}
		c.realTime(n, b)
	}
	return c, nil
}

// A faultError is a fault that the printer itself reported.
type faultError struct{ fault Fault }

func (e faultError) Error() string { return "the printer says: " + e.fault.String() }

// blame is the fault that an error means.
func blame(err error) Fault {
	var gone goneError
	var reported faultError
	switch {
	case errors.As(err, &reported):
		return reported.fault
	case errors.As(err, &gone):
		return Unplugged
	case errors.Is(err, errNoise), errors.Is(err, errHalf):
		return Garbage
	}
	return Silent
}

// isGone reports whether the device cannot be used any more.
func isGone(err error) bool {
	var gone goneError
	return errors.As(err, &gone)
}
