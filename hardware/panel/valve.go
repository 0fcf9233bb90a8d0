package panel

import (
	"errors"
	"sync"
	"time"
)

// A valve is the solenoid. Nothing but its two methods writes that line.
type valve struct {
	lines Lines
	mu    sync.Mutex // held during a pulse
}

// pulse opens the flap for d, and returns when it is closed again. After an error it
// may be open: then close must be called until it succeeds.
//
// The order matters. The timer that closes the flap runs before the flap
// opens, in a goroutine that takes no lock, so that neither a write that hangs nor a
// caller that is stopped makes the pulse longer. If opening took longer than the
// pulse, the two writes may have been carried out in either order: so the flap
// is closed once more after both.
func (v *valve) pulse(d time.Duration) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	off := make(chan error, 1)
	time.AfterFunc(d, func() { off <- v.lines.Write(Solenoid, false) })
	on := v.lines.Write(Solenoid, true)
	return errors.Join(on, <-off, v.lines.Write(Solenoid, false))
}

// close closes the flap, unless a pulse is running, which does it itself.
func (v *valve) close() error {
	if !v.mu.TryLock() {
		return nil
	}
	defer v.mu.Unlock()
	return v.lines.Write(Solenoid, false)
}

// wait returns when no pulse is running.
func (v *valve) wait() {
	v.mu.Lock()
	defer v.mu.Unlock()
}
