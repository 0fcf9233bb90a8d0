// Package window is the kiosk's window on a real display. It is apart from
// package kioskui because it brings OpenGL into a program, which takes minutes
// to compile: everything that can be drawn and tested without a display is
// there.
package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	kioskui "github.com/openreferendum/referendum/kiosk-ui"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// id names the program to Fyne.
const id = "org.openreferendum.kiosk"

// A Screen is what was up when something was pressed.
type Screen = screen.Screen

// Options are what a Window is given.
type Options struct {
	Title string

	// Size is that of a window on a desk. If zero, the window fills the display
	// and cannot be left.
	Size fyne.Size

	// Press takes the name of what was pressed, and the screen that was up.
	Press func(name string, on screen.Screen)

	Speaker kioskui.Speaker
}

// A Window shows screens.
type Window struct {
	app  fyne.App
	win  fyne.Window
	view *kioskui.View
	up   screen.Screen // on Fyne's goroutine
}

// Open makes a window, which Run shows. There is one in a program.
func Open(o Options) *Window {
	w := &Window{app: app.NewWithID(id)}
	w.view = kioskui.New(kioskui.Options{Press: func(name string) { o.Press(name, w.up) }, Speaker: o.Speaker})
	w.win = w.app.NewWindow(o.Title)
	w.win.SetPadded(false)
	w.win.SetMaster()
	w.view.Attach(w.win.Canvas())
	if o.Size.IsZero() {
		w.win.SetFullScreen(true)
		w.win.SetCloseIntercept(func() {}) // voters do not end it
		return w
	}
	w.win.Resize(o.Size)
	w.win.SetFixedSize(true)
	return w
}

// Show shows a screen. It may be called from any goroutine, once Run runs.
func (w *Window) Show(s screen.Screen) {
	fyne.Do(func() {
		w.up = s
		w.view.Show(s)
	})
}

// Run shows the window until Close, or until it is closed on a desk. started is
// called, on another goroutine, when screens can be shown. It must be called on
// the program's first goroutine.
func (w *Window) Run(started func()) {
	w.app.Lifecycle().SetOnStarted(func() { go started() })
	w.win.Show()
	w.app.Run()
}

// Close ends Run. It may be called from any goroutine.
func (w *Window) Close() { fyne.Do(w.app.Quit) }
