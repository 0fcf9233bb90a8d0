// Package paneltest plays a panel: a Bench has its wires, a Chute its
// mechanics. Both work in tests and in programs that rehearse.
package paneltest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/openreferendum/referendum/hardware/panel"
)

// A Bench is the panel's side of panel.OpenBench. It serves one connection at a time;
// when it breaks, all outputs become inactive, as a watchdog relay makes them.
// All methods may be called from several goroutines, and by listeners.
type Bench struct {
	listener net.Listener
	began    time.Time
	tasks    sync.WaitGroup

	mu        sync.Mutex
	wake      *sync.Cond // the fields below changed
	states    map[panel.Line]bool
	listeners []func(panel.Line, bool)
	skipped   time.Duration
	conn      net.Conn // nil: nobody is connected
	refuse    bool
	stalled   bool
	closed    bool
}

// NewBench listens on a unix socket.
func NewBench(socket string) (*Bench, error) {
	l, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("starting a bench: %w", err)
	}
	b := &Bench{listener: l, began: time.Now(), states: map[panel.Line]bool{}}
	b.wake = sync.NewCond(&b.mu)
	b.tasks.Add(1)
	go b.accept()
	return b, nil
}

// Set sets an input. A line that is none is a mistake of the caller, and panics.
func (b *Bench) Set(l panel.Line, active bool) {
	if !slices.Contains(panel.Inputs(), l) {
		panic("paneltest: internal error: no input " + string(l))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.states[l] == active {
		return
	}
	b.states[l] = active
	b.send(panel.Message{Verb: panel.In, Line: l, Active: active, At: b.now()})
}

// Get is the state of an input or output.
func (b *Bench) Get(l panel.Line) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.states[l]
}

// OnWrite adds a listener for changes of outputs, called before the write is
// confirmed. It may call the bench.
func (b *Bench) OnWrite(f func(panel.Line, bool)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listeners = append(b.listeners, f)
}

// Skip moves the bench's clock on, so that something can take time without
// anybody waiting for it.
func (b *Bench) Skip(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.skipped += max(d, 0)
}

// Drop breaks the connection. Whoever connects again is served.
func (b *Bench) Drop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hangUp()
}

// Refuse breaks the connection and serves no other one until it is called with false.
func (b *Bench) Refuse(refuse bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = refuse
	if refuse {
		b.hangUp()
	}
	b.wake.Broadcast()
}

// Stall answers nothing until it is called with false.
func (b *Bench) Stall(stall bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stalled = stall
	b.wake.Broadcast()
}

// Close stops the bench.
func (b *Bench) Close() error {
	b.mu.Lock()
	b.closed = true
	b.hangUp()
	b.wake.Broadcast()
	b.mu.Unlock()
	err := b.listener.Close()
	b.tasks.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// now is the bench's clock, in whole milliseconds. The caller holds mu.
func (b *Bench) now() time.Duration {
	return (time.Since(b.began) + b.skipped).Truncate(time.Millisecond)
}

// hangUp closes the connection; its server makes the outputs inactive. The caller holds mu.
func (b *Bench) hangUp() {
	if b.conn != nil {
		b.conn.Close()
	}
}

// send sends a message to whoever is connected. A connection that takes none within a second
// is broken. The caller holds mu, so messages stay in order.
func (b *Bench) send(m panel.Message) {
	if b.conn == nil {
		return
	}
	b.conn.SetWriteDeadline(time.Now().Add(time.Second))
	if _, err := b.conn.Write([]byte(m.String() + "\n")); err != nil {
		b.conn.Close()
	}
}

// accept serves one connection after the other.
func (b *Bench) accept() {
	defer b.tasks.Done()
	for {
		c, err := b.listener.Accept()
		if err != nil {
			return
		}
		if b.greet(c) {
			b.serve(c)
			b.lose()
		}
		c.Close()
	}
}

// greet sends the state of every input, and reports whether the connection may go on.
func (b *Bench) greet(c net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse || b.closed {
		return false
	}
	b.conn = c
	b.send(panel.Message{Verb: panel.Greeting})
	for _, l := range panel.Inputs() {
		b.send(panel.Message{Verb: panel.In, Line: l, Active: b.states[l], At: b.now()})
	}
	b.send(panel.Message{Verb: panel.Ready})
	return true
}

// serve answers until the connection breaks.
func (b *Bench) serve(c net.Conn) {
	r := bufio.NewReaderSize(c, panel.MaxMessage)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		m, err := panel.ParseMessage(string(line[:len(line)-1]))
		if err != nil || !b.waitWhileStalled() {
			return
		}
		switch m.Verb {
		case panel.Out:
			b.write(m.Line, m.Active)
			b.mu.Lock()
			b.send(panel.Message{Verb: panel.OK, Line: m.Line, Active: m.Active})
			b.mu.Unlock()
		case panel.Get:
			b.mu.Lock()
			b.send(panel.Message{Verb: panel.Is, Line: m.Line, Active: b.states[m.Line], At: b.now()})
			b.mu.Unlock()
		default:
			return
		}
	}
}

// waitWhileStalled reports false when the bench is closed meanwhile.
func (b *Bench) waitWhileStalled() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.stalled && !b.closed {
		b.wake.Wait()
	}
	return !b.closed
}

// write sets an output and tells the listeners if it changed.
func (b *Bench) write(l panel.Line, active bool) {
	b.mu.Lock()
	changed := b.states[l] != active
	b.states[l] = active
	listeners := slices.Clone(b.listeners)
	b.mu.Unlock()
	if changed {
		for _, f := range listeners {
			f(l, active)
		}
	}
}

// lose makes all outputs inactive: nobody is connected any more.
func (b *Bench) lose() {
	b.mu.Lock()
	b.conn = nil
	b.mu.Unlock()
	for _, l := range panel.Outputs() {
		b.write(l, false)
	}
}
