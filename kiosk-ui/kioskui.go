// Package kioskui draws the kiosk's screens with Fyne, takes touches, keys and
// switches, and has screens read aloud. It knows what package screen describes
// and nothing else: no election, no key, no device.
//
// A screen is laid out by pure functions into a scene, a list of boxes, lines
// of text and icons, and of what can be pressed. One widget shows it. So the
// same scene is what is drawn, touched, and looked at by Problems.
//
// Keys: Tab and the arrows move the focus, Space and Return press, digits press
// the option that bears them or go to the entry, PageUp and PageDown scroll, R
// says the screen again. Two switches that send Tab and Space (or F13 and F14)
// reach everything.
//
// It does not import fyne.io/fyne/v2/app: the window on a real display is
// package window's, so that all of this can be drawn and tested without one.
package kioskui

import (
	"time"

	"fyne.io/fyne/v2"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// A Speaker reads aloud. Its methods return at once. A nil Speaker is silent.
type Speaker interface {
	// Say says a text instead of what is being said.
	Say(text, language string, v screen.Voice)

	// Hush ends what is being said.
	Hush()
}

// Options are what a View is given.
type Options struct {
	// Press takes the name of what was touched, typed or switched. If nil, nothing
	// is told.
	Press func(name string)

	Speaker Speaker

	// Now tells touches that bounce from new ones. If nil, it is time.Now.
	Now func() time.Time
}

// A View is the contents of the kiosk's window. Its methods are called on
// Fyne's goroutine.
type View struct {
	options Options
	face    *face
	root    *root
	canvas  fyne.Canvas

	up    screen.Screen
	shown bool // a screen has been
	scene *scene

	offset float32 // how far the parts are scrolled
	focus  string  // what keys press: a target's name
	keys   bool    // keys are used, not fingers: the focus is visible
	shift  bool    // held on a keyboard
	caps   bool    // the next letter's key on the screen is a capital one
	typing bool    // the last key went into the entry
	fresh  bool    // a key went down whose character has not come

	touch   touch
	last    map[string]time.Time // when something was pressed
	changed time.Time            // when another screen came
}

// New makes a View that shows nothing yet.
func New(o Options) *View {
	if o.Press == nil {
		o.Press = func(string) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	v := &View{options: o, face: newFace(), last: map[string]time.Time{}}
	v.root = newRoot(v)
	return v
}

// Attach puts the View into a window's canvas. The contents stay the same
// object from then on, so that Fyne's focus is never dropped.
func (v *View) Attach(c fyne.Canvas) {
	v.canvas = c
	c.SetContent(v.root)
	c.Focus(v.root)
	v.draw()
}

// Show shows a screen. Where it is the one that is shown, with other words, the
// focus stays where it is.
func (v *View) Show(s screen.Screen) {
	before, same := v.up, v.shown && v.up.ID == s.ID && (v.up.Step == s.Step || v.up.Language != s.Language)
	v.up, v.shown = s, true
	if !same {
		v.offset, v.focus, v.typing, v.caps = 0, "", false, false
		v.changed = v.options.Now()
		v.keys = v.keys && !wakes(s) // the next voter begins anew
		v.touch = touch{}
	}
	v.arrange()
	v.keepFocus()
	v.draw()
	v.speakShown(before, same)
}

// Place returns where on the canvas something lies that can be pressed, for
// tests that touch it with a finger of their own. What is scrolled out of sight
// is not there.
func (v *View) Place(press string) (at fyne.Position, size fyne.Size, there bool) {
	if v.scene == nil {
		return at, size, false
	}
	t, found := v.scene.target(press)
	if !found {
		return at, size, false
	}
	f := v.seen(t)
	return fyne.NewPos(f.x, f.y), fyne.NewSize(f.w, f.h), f.w > 0 && f.h > 0
}

// arrange lays the screen out anew.
func (v *View) arrange() {
	size := v.root.Size()
	if !v.shown || size.Width < 1 || size.Height < 1 {
		v.scene = nil
		return
	}
	v.scene = arrange(v.face, v.up, size, v.touch.down, v.caps)
	v.scroll(0)
}

// seen is what can be seen of a target, on the canvas.
func (v *View) seen(t target) frame {
	if !t.scrolls {
		return t.at
	}
	f := t.at
	f.y += v.scene.pane.y - v.offset
	f.x += v.scene.pane.x
	return f.inside(v.scene.pane)
}
