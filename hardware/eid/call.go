package eid

import (
	"errors"
	"time"
)

// errHangs means that a call into the daemon's library or into a module has not
// come back in time.
var errHangs = errors.New("no answer in time")

// A caller runs calls into C one after another, and gives up waiting for one
// that takes too long. Such a call cannot be ended from here: it keeps the caller
// busy until it comes back by itself, and its thread with it.
type caller struct {
	busy chan struct{} // holds one value while a call runs
}

func newCaller() *caller { return &caller{make(chan struct{}, 1)} }

// idle waits until no call runs, and lets none begin any more.
func (c *caller) idle() { c.busy <- struct{}{} }

// call runs f and returns what it returns, or errHangs when limit is over or an
// earlier call still runs.
func call[T any](c *caller, limit time.Duration, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	var none T
	select {
	case c.busy <- struct{}{}:
	default:
		return none, errHangs
	}
	out := make(chan result, 1)
	go func() {
		v, err := f()
		<-c.busy // before the result: who has it may call again
		out <- result{v, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case r := <-out:
		return r.value, r.err
	case <-timer.C:
		return none, errHangs
	}
}
