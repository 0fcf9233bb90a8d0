// Package kioskui draws the kiosk's screens with Fyne, takes touches, keys and
// switches, and has screens read aloud. It knows what package screen describes
// and nothing else: no election, no key, no device.
//
// It does not import fyne.io/fyne/v2/app: the window on a real display is
// package window's, so that all of this can be drawn and tested without one.
package kioskui

import (
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
	// Press takes the name of what was touched, typed or switched.
	Press func(name string)

	Speaker Speaker
}

// A View is the contents of the kiosk's window. Its methods are called on
// Fyne's goroutine.
type View struct {
	options Options
}

// New makes a View that shows nothing yet.
func New(o Options) *View { return &View{options: o} }

// Attach puts the View into a window's canvas, with its theme and its keys.
func (v *View) Attach(c fyne.Canvas) {}

// Show shows a screen. Where it is the one that is shown, with other words, the
// focus stays where it is.
func (v *View) Show(s screen.Screen) {}

// Place returns where on the canvas something lies that can be pressed, for
// tests that touch it with a finger of their own.
func (v *View) Place(press string) (at fyne.Position, size fyne.Size, there bool) {
	return fyne.Position{}, fyne.Size{}, false
}
