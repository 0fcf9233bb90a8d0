package eid

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ebfe/scard"
)

// A lookout asks the daemon about readers, and waits for changes. It makes itself a new
// context whenever the daemon has died.
//
// The binding keeps the name of a reader that is waited for in one place for the
// whole process: a second lookout would pull it away. One Reader is open at a time.
type lookout struct {
	config Config
	caller *caller
	before string // the reader in use

	mu      sync.Mutex
	context *scard.Context // nil: none at the moment
}

// Waits of a lookout.
const (
	waitLimit   = time.Second            // one wait; then it looks by itself
	daemonLimit = 5 * time.Second        // for the daemon to answer what is no wait
	retryDelay  = 200 * time.Millisecond // before the daemon is tried again
)

// notification is the name of no reader, under which PC/SC reports that readers came or
// went.
const notification = `\\?PnP?\Notification`

// look returns what there is now.
func (l *lookout) look() view {
	v, err := call(l.caller, daemonLimit, l.ask)
	if err != nil {
		return view{why: err}
	}
	return v
}

func (l *lookout) ask() (view, error) {
	context := l.current()
	if context == nil {
		var err error
		if context, err = scard.EstablishContext(); err != nil {
			return view{}, fmt.Errorf("%w: reaching the PC/SC daemon: %w", ErrNoReader, err)
		}
		l.set(context)
	}
	connected, err := context.ListReaders()
	if err != nil && !errors.Is(err, scard.ErrNoReadersAvailable) {
		l.drop(context)
		return view{}, fmt.Errorf("%w: listing readers: %w", ErrNoReader, err)
	}
	name, err := l.config.choose(connected, l.before)
	if err != nil {
		return view{why: err, all: connected}, nil
	}
	state := []scard.ReaderState{{Reader: name, CurrentState: scard.StateUnaware}}
	if err := context.GetStatusChange(state, 0); err != nil {
		l.drop(context)
		return view{}, fmt.Errorf("%w: asking for its state: %w", ErrNoReader, err)
	}
	s := state[0].EventState
	if s&(scard.StateUnknown|scard.StateUnavailable) != 0 {
		return view{}, fmt.Errorf("%w: it has just gone", ErrNoReader)
	}
	l.before = name
	return view{
		reader: name, all: connected,
		present: s&scard.StatePresent != 0, mute: s&scard.StateMute != 0, counter: uint16(s >> 16),
	}, nil
}

func (l *lookout) current() *scard.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.context
}

func (l *lookout) set(context *scard.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.context = context
}

// drop lets go of a context that the daemon does not know any more.
func (l *lookout) drop(context *scard.Context) {
	l.set(nil)
	context.Release() // its error says only what is known: the daemon is gone
}

// cancel ends the wait that runs. It may be called from another goroutine.
func (l *lookout) cancel() (struct{}, error) {
	context := l.current()
	if context == nil {
		return struct{}{}, nil
	}
	return struct{}{}, context.Cancel()
}

// release lets go of the daemon, for good.
func (l *lookout) release() error {
	_, err := call(l.caller, daemonLimit, func() (struct{}, error) {
		context := l.current()
		if context == nil {
			return struct{}{}, nil
		}
		l.set(nil)
		return struct{}{}, context.Release()
	})
	return err
}

// wait returns when v may be over, after waitLimit, or when stop is closed and
// wake was called.
func (l *lookout) wait(v view, stop <-chan struct{}) {
	_, err := call(l.caller, waitLimit+daemonLimit, func() (struct{}, error) {
		context := l.current()
		if context == nil {
			return struct{}{}, ErrNoReader
		}
		states := []scard.ReaderState{{Reader: notification, CurrentState: scard.StateFlag(len(v.all)) << 16}}
		if v.reader != "" {
			states = append(states, scard.ReaderState{Reader: v.reader, CurrentState: v.flags()})
		}
		return struct{}{}, context.GetStatusChange(states, waitLimit)
	})
	if err == nil || errors.Is(err, scard.ErrTimeout) || errors.Is(err, scard.ErrCancelled) {
		return
	}
	timer := time.NewTimer(retryDelay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stop:
	}
}

// flags returns the view in the form in which PC/SC waits for another.
func (v view) flags() scard.StateFlag {
	f := scard.StateFlag(v.counter) << 16
	switch {
	case v.present && v.mute:
		return f | scard.StatePresent | scard.StateMute
	case v.present:
		return f | scard.StatePresent
	}
	return f | scard.StateEmpty
}
