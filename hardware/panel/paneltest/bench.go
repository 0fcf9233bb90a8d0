// Package paneltest plays a panel: a Bench has its wires, a Chute its
// mechanics.
package paneltest

import (
	"errors"
	"time"

	"github.com/openreferendum/referendum/hardware/panel"
)

// A Bench is the panel's side of panel.OpenBench. It serves one connection at a time;
// when it breaks, all outputs become inactive, as a watchdog relay makes them.
type Bench struct{}

var errNotYet = errors.New("paneltest: not there yet")

// NewBench listens on a unix socket.
func NewBench(socket string) (*Bench, error) { return nil, errNotYet }

// Set sets an input.
func (b *Bench) Set(l panel.Line, active bool) {}

// Get is the state of an input or output.
func (b *Bench) Get(l panel.Line) bool { return false }

// OnWrite adds a listener for changes of outputs, called before the write is
// confirmed. It may call the bench.
func (b *Bench) OnWrite(f func(panel.Line, bool)) {}

// Skip moves the bench's clock on, so that something can take time without
// anybody waiting for it.
func (b *Bench) Skip(d time.Duration) {}

// Drop breaks the connection. Whoever connects again is served.
func (b *Bench) Drop() {}

// Refuse breaks the connection and takes no other one until it is called with false.
func (b *Bench) Refuse(refuse bool) {}

// Stall stops answering until it is called with false.
func (b *Bench) Stall(stall bool) {}

// Close stops the bench.
func (b *Bench) Close() error { return errNotYet }
