package eid

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Config configures a reader.
type Config struct {
	// Readers are the names of the readers that may be used, as PC/SC gives
	// them, with or without the numbers at the end (" 00 00"). If empty, any
	// may. The first of them that is connected is used.
	Readers []string

	// Virtual accepts readers that no hardware is behind. It is false in every
	// live election: then a virtual reader that is only there, beside the real
	// one, is an error.
	Virtual bool

	// Timeout is how long one step with a card may take before the reader
	// counts as lost: finding the key, taking a PIN, or signing. If zero, it is
	// 15 seconds.
	Timeout time.Duration
}

const defaultTimeout = 15 * time.Second

// An EventKind is what happened to the reader.
type EventKind int

// The kinds. Every Inserted is followed by a Removed before the next Inserted,
// and before a Lost.
const (
	Inserted EventKind = iota + 1 // a card came
	Removed                       // it left
	Lost                          // the reader or the daemon is gone, or hangs
	Restored                      // it is back
)

func (k EventKind) String() string {
	switch k {
	case Inserted:
		return "inserted"
	case Removed:
		return "removed"
	case Lost:
		return "lost"
	case Restored:
		return "restored"
	}
	return fmt.Sprintf("EventKind(%d)", int(k))
}

// An Event is what happened to the reader.
type Event struct {
	Kind  EventKind
	Token *Token // of Inserted, unless the card cannot be read
	Err   error  // of Inserted: why the card cannot be read; of Lost: why
}

// A Reader is a smart card reader. One is open in a process at a time.
type Reader struct {
	config Config
	events chan Event
	stop   chan struct{} // closed by Close
	ended  chan struct{} // closed when watch has returned
	once   sync.Once

	lookout *lookout
	cancel  *caller // for ending a wait
	modules modules

	hangs atomic.Int32  // steps with a card that have not come back
	inUse chan struct{} // holds one value while a Card is open

	mu     sync.Mutex
	name   string
	others []string // readers that are connected, but ours
	card   *Card    // that is open
}

// Open finds a reader and begins to watch it. A card that is in it already is
// the first event. Its errors are ErrNoReader and ErrVirtualReader, wrapped.
func Open(c Config) (*Reader, error) {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	r := &Reader{
		config: c, events: make(chan Event, 16), stop: make(chan struct{}), ended: make(chan struct{}),
		lookout: &lookout{config: c, caller: newCaller()}, cancel: newCaller(), inUse: make(chan struct{}, 1),
	}
	first := r.lookout.look()
	if first.reader == "" {
		return nil, fmt.Errorf("opening the card reader: %w", errors.Join(first.why, r.lookout.release()))
	}
	r.know(first)
	go r.watch(first)
	return r, nil
}

// Name returns the PC/SC name of the reader in use, or of the last one.
func (r *Reader) Name() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.name
}

// Events returns what happens to the reader, in order. Close closes it.
func (r *Reader) Events() <-chan Event { return r.events }

// Close closes the card that is open, and lets go of the reader. A call that
// hangs is left behind.
func (r *Reader) Close() error {
	r.once.Do(func() { close(r.stop) })
	for ended := false; !ended; {
		// A wait that had not begun when it was cancelled begins all the same:
		// again and again, then.
		r.wake()
		timer := time.NewTimer(20 * time.Millisecond)
		select {
		case <-r.ended:
			ended = true
		case <-timer.C:
		}
		timer.Stop()
	}
	r.mu.Lock()
	card := r.card
	r.mu.Unlock()
	if card == nil {
		return nil
	}
	return card.Close()
}

// wake ends the wait that runs, if one does.
func (r *Reader) wake() {
	// An error means that nothing waits there.
	_, _ = call(r.cancel, retryDelay, r.lookout.cancel)
}

// watch reports until the reader is closed.
func (r *Reader) watch(v view) {
	defer close(r.ended)
	defer close(r.events)
	defer r.lookout.release()
	now := situation{reader: v.reader}
	var card *insertion
	for {
		if r.hangs.Load() > 0 {
			v = view{why: errHangs}
		}
		r.know(v)
		for _, kind := range now.next(v) {
			e := Event{Kind: kind}
			switch kind {
			case Removed:
				close(card.left)
			case Lost:
				e.Err = v.why
			case Inserted:
				card = &insertion{reader: v.reader, left: make(chan struct{})}
				e.Token = &Token{r, card}
				if v.mute {
					e.Token, e.Err = nil, errors.New("eid: the card does not answer; it may lie the wrong way round")
				}
			}
			select {
			case r.events <- e:
			case <-r.stop:
			}
		}
		select {
		case <-r.stop:
			if now.card {
				close(card.left)
			}
			return
		default:
		}
		r.lookout.wait(v, r.stop)
		v = r.lookout.look()
	}
}

// know keeps what others than watch ask for.
func (r *Reader) know(v view) {
	if v.reader == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.name, r.others = v.reader, nil
	for _, name := range v.all {
		if name != v.reader {
			r.others = append(r.others, name)
		}
	}
}

// An insertion is one stay of a card in the reader.
type insertion struct {
	reader string
	left   chan struct{} // closed when the card has left
}

// over reports whether the card has left.
func (i *insertion) over() bool {
	select {
	case <-i.left:
		return true
	default:
		return false
	}
}

// leaves reports whether the card has left or does so within the time.
func (i *insertion) leaves(within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-i.left:
		return true
	case <-timer.C:
		return false
	}
}
