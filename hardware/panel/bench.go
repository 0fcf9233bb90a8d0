package panel

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	benchAnswer = 3 * time.Second        // a bench that is slower is lost
	benchRetry  = 100 * time.Millisecond // between attempts to connect again
	benchAhead  = 64                     // questions that may wait for their answers
)

// A bench is the adapter to a program that plays a panel.
type bench struct {
	socket  string
	changes chan Change
	stop    chan struct{} // closed by Close
	done    chan struct{} // closed when nothing runs any more
	closing sync.Once
	ending  atomic.Bool // Close has begun: nobody else may send

	mu   sync.Mutex
	conn *benchConn // nil while lost
}

// A benchConn is one connection. Answers come in the order of the questions, so
// a queue of those who wait is enough.
type benchConn struct {
	net.Conn
	asking  sync.Mutex // question and place in the queue together
	waiting chan waiter
	broken  chan struct{} // closed when nothing will be answered any more
	last    time.Duration // what the bench's clock said; it must not go back
}

type waiter struct {
	expects Message // At apart, and Active of Is
	answer  chan Message
}

// OpenBench connects to a bench: a program that plays a panel over a unix
// socket, whose protocol is described at Message. Only a station that is not live may
// use one (docs/adr/0024-a-bench-instead-of-a-panel.md): the caller decides that.
//
// When the connection breaks, the lines are lost until the same socket answers
// again. A message that the protocol does not have, and a bench that does not answer
// within 3 s, break it.
func OpenBench(socket string) (Lines, error) {
	b := &bench{socket: socket, changes: make(chan Change, 256), stop: make(chan struct{}), done: make(chan struct{})}
	c, scan, states, err := dialBench(socket)
	if err != nil {
		return nil, fmt.Errorf("opening the bench %s: %w", socket, err)
	}
	b.conn = c
	go b.run(c, scan, slices.DeleteFunc(states, func(ch Change) bool { return !ch.Active }))
	return b, nil
}

// dialBench connects and reads the bench's greeting: the state of every input.
func dialBench(socket string) (*benchConn, *bufio.Reader, []Change, error) {
	raw, err := net.DialTimeout("unix", socket, benchAnswer)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrLost, err)
	}
	r := bufio.NewReaderSize(raw, MaxMessage)
	states, err := greet(raw, r)
	if err != nil {
		raw.Close()
		return nil, nil, nil, fmt.Errorf("%w: reading its greeting: %w", ErrLost, err)
	}
	c := &benchConn{Conn: raw, waiting: make(chan waiter, benchAhead), broken: make(chan struct{})}
	for _, s := range states {
		c.last = max(c.last, s.At)
	}
	return c, r, states, nil
}

func greet(c net.Conn, r *bufio.Reader) ([]Change, error) {
	if err := c.SetReadDeadline(time.Now().Add(benchAnswer)); err != nil {
		return nil, err
	}
	if m, err := readMessage(r); err != nil || m.Verb != Greeting {
		return nil, errors.Join(errMessage, err)
	}
	var states []Change
	for _, l := range Inputs() {
		m, err := readMessage(r)
		if err != nil || m.Verb != In || m.Line != l {
			return nil, errors.Join(errMessage, err)
		}
		states = append(states, Change{Line: l, Active: m.Active, At: m.At})
	}
	if m, err := readMessage(r); err != nil || m.Verb != Ready {
		return nil, errors.Join(errMessage, err)
	}
	return states, c.SetReadDeadline(time.Time{})
}

// readMessage reads one message. What is longer than the buffer is none.
func readMessage(r *bufio.Reader) (Message, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return Message{}, err
	}
	return ParseMessage(string(line[:len(line)-1]))
}

// run serves one connection after the other until Close.
func (b *bench) run(c *benchConn, r *bufio.Reader, states []Change) {
	defer close(b.done)
	defer close(b.changes)
	for {
		for _, ch := range states {
			b.tell(ch)
		}
		err := b.serve(c, r)
		b.setConn(nil)
		close(c.broken)
		c.Close()
		if b.closed() {
			return
		}
		b.tell(Change{Err: fmt.Errorf("%w: %w", ErrLost, err)})
		for {
			select {
			case <-b.stop:
				return
			case <-time.After(benchRetry):
			}
			if c, r, states, err = dialBench(b.socket); err == nil {
				break
			}
		}
		if !b.setConn(c) {
			c.Close() // closed meanwhile
			return
		}
	}
}

// setConn reports whether the connection may be used: after Close none may.
func (b *bench) setConn(c *benchConn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed() {
		return false
	}
	b.conn = c
	return true
}

func (b *bench) closed() bool {
	select {
	case <-b.stop:
		return true
	default:
		return false
	}
}

// serve reads what the bench says until the connection breaks.
func (b *bench) serve(c *benchConn, r *bufio.Reader) error {
	for {
		m, err := readMessage(r)
		if err != nil {
			return err
		}
		if m.Verb == In || m.Verb == Is {
			if m.At < c.last {
				return errors.New("its clock went back")
			}
			c.last = m.At
		}
		switch m.Verb {
		case In:
			b.tell(Change{Line: m.Line, Active: m.Active, At: m.At})
		case OK, Is:
			select {
			case w := <-c.waiting:
				if w.expects.Verb != m.Verb || w.expects.Line != m.Line || (m.Verb == OK && w.expects.Active != m.Active) {
					return errors.New("an answer to another question")
				}
				w.answer <- m
			default:
				return errors.New("an answer that nobody asked for")
			}
		default:
			return errMessage
		}
	}
}

// tell delivers a change, or gives up when the bench is being closed.
func (b *bench) tell(ch Change) {
	select {
	case b.changes <- ch:
	case <-b.stop:
	}
}

func (b *bench) Read(l Line) (bool, error) {
	if !slices.Contains(Inputs(), l) {
		return false, fmt.Errorf("panel: reading %q, which is no input", l)
	}
	m, err := b.ask(Message{Verb: Get, Line: l}, Message{Verb: Is, Line: l}, b.ending.Load)
	if err != nil {
		return false, fmt.Errorf("reading %s: %w", l, err)
	}
	return m.Active, nil
}

func (b *bench) Write(l Line, active bool) error {
	if !slices.Contains(Outputs(), l) {
		return fmt.Errorf("panel: writing %q, which is no output", l)
	}
	if err := b.out(l, active, b.ending.Load); err != nil {
		return fmt.Errorf("writing %s: %w", l, err)
	}
	return nil
}

func (b *bench) out(l Line, active bool, refused func() bool) error {
	_, err := b.ask(Message{Verb: Out, Line: l, Active: active}, Message{Verb: OK, Line: l, Active: active}, refused)
	return err
}

// ask sends a question and waits for its answer. Without one in time the
// connection is broken: later answers could be taken for others.
func (b *bench) ask(question, expects Message, refused func() bool) (Message, error) {
	b.mu.Lock()
	c := b.conn
	b.mu.Unlock()
	if b.closed() {
		return Message{}, ErrClosed
	}
	if c == nil {
		return Message{}, ErrLost
	}
	w := waiter{expects, make(chan Message, 1)}
	if err := c.send(question, w, refused); errors.Is(err, ErrClosed) {
		return Message{}, err
	} else if err != nil {
		c.Close()
		return Message{}, b.lost(err)
	}
	late := time.NewTimer(benchAnswer)
	defer late.Stop()
	select {
	case m := <-w.answer:
		return m, nil
	case <-c.broken:
		return Message{}, b.lost(errors.New("the connection broke"))
	case <-late.C:
		c.Close()
		return Message{}, b.lost(errors.New("no answer in time"))
	}
}

// lost says why nothing was answered: because of Close, or for a reason.
func (b *bench) lost(why error) error {
	if b.closed() {
		return ErrClosed
	}
	return fmt.Errorf("%w: %w", ErrLost, why)
}

// send sends a question unless it is refused. Whether it is, is asked while nobody else
// sends: what Close sends is then the last of all.
func (c *benchConn) send(question Message, w waiter, refused func() bool) error {
	c.asking.Lock()
	defer c.asking.Unlock()
	if refused() {
		return ErrClosed
	}
	select {
	case c.waiting <- w:
	default:
		return errors.New("too many questions without an answer")
	}
	if err := c.SetWriteDeadline(time.Now().Add(benchAnswer)); err != nil {
		return err
	}
	_, err := c.Write([]byte(question.String() + "\n"))
	return err
}

func (b *bench) Changes() <-chan Change { return b.changes }

func (b *bench) Close() error {
	var errs []error
	b.closing.Do(func() {
		b.ending.Store(true)
		for _, l := range Outputs() {
			if err := b.out(l, false, func() bool { return false }); err != nil {
				errs = append(errs, fmt.Errorf("writing %s: %w", l, err))
				break // the bench makes them inactive itself when the connection ends
			}
		}
		b.mu.Lock()
		close(b.stop)
		c := b.conn
		b.conn = nil
		b.mu.Unlock()
		if c != nil {
			c.Close()
		}
	})
	<-b.done
	return errors.Join(errs...)
}
