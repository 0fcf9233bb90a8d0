// Package flow is the way of a voter, and of poll workers, through the kiosk's
// screens: what the station says and what a finger touched go in; the next
// screen, and what the station is asked to do, come out. It is pure: no clock,
// no device, no drawing.
//
// It decides nothing about votes: package station does. What a voter has chosen
// is held here until it is final and the session has ended, and nowhere else.
// The way is written down for poll workers in docs/operators/voting.md.
package flow

import (
	"github.com/openreferendum/referendum/kiosk-ui/locale"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// A Flow is the screens of one kiosk. Its methods are called from one
// goroutine. Make one with New.
type Flow struct {
	setup Setup
	words *locale.Book
	now   Situation

	voter   voter   // of the session; the zero value at its end
	workers workers // which of the poll workers' screens is up
}

// New begins with the first screen, in the manifest's first language.
func New(s Setup, words *locale.Book) *Flow {
	f := &Flow{setup: s, words: words}
	f.voter = f.newVoter()
	return f
}

// Update takes what the station says now. It is called with everything that
// the station says, in order: what became of a session is seen from where the
// station was before.
func (f *Flow) Update(s Situation) {
	before := f.now
	f.now = s
	f.updateVoter(before)
	f.updateWorkers(before)
}

// openWorkers is what the tool presses that leads to the poll workers' screens.
const openWorkers = "workers"

// Press takes a touch, named as the screen's Press fields name it, and returns
// what the station is asked to do. A touch that is not on the screen does
// nothing.
func (f *Flow) Press(name string) []Command {
	if !f.Screen().Offers(name) {
		return nil
	}
	if f.forWorkers() || name == openWorkers {
		return f.pressWorkers(name)
	}
	return f.pressVoter(name)
}

// Screen returns the screen that is up.
func (f *Flow) Screen() screen.Screen {
	s := f.voterScreen
	if f.forWorkers() {
		s = f.workersScreen
	}
	return s()
}
