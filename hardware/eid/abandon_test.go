package eid

import (
	"runtime"
	"testing"
	"time"
)

// TestRestoredIsUsable: the moment a reader is no longer reported as lost, the next card
// can be used. (It once could be "in use" still, on a busy machine.)
func TestRestoredIsUsable(t *testing.T) {
	r := &Reader{
		config: Config{Timeout: time.Millisecond}, lookout: &lookout{caller: newCaller()}, cancel: newCaller(),
		inUse: make(chan struct{}, 1),
	}
	for round := range 500 {
		r.inUse <- struct{}{}
		c := &Card{reader: r, at: &insertion{left: make(chan struct{})}, caller: newCaller()}
		back := make(chan struct{})
		if err := c.step("hanging", func() error { <-back; return nil }); err == nil {
			t.Fatal("a step that hangs came back")
		}
		if r.hangs.Load() != 1 || len(r.inUse) != 1 {
			t.Fatalf("round %d: while a step hangs: %d steps hang, %d cards in use", round, r.hangs.Load(), len(r.inUse))
		}
		close(back)
		for until := time.Now().Add(time.Minute); r.hangs.Load() > 0; runtime.Gosched() {
			if time.Now().After(until) {
				t.Fatal("lost for good")
			}
		}
		if len(r.inUse) != 0 {
			t.Fatalf("round %d: the reader is back, and the card that hung is in use still", round)
		}
	}
}
