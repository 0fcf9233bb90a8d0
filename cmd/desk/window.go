package main

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"github.com/openreferendum/referendum/simulation/desk"
	"github.com/openreferendum/referendum/simulation/desk/deskui"
)

// A window shows the devices.
type window struct {
	app   fyne.App
	win   fyne.Window
	panel *deskui.Panel
	desk  *desk.Desk
	done  chan struct{}
}

func open(d *desk.Desk) *window {
	w := &window{app: app.NewWithID("org.openreferendum.desk"), desk: d, done: make(chan struct{})}
	w.app.Settings().SetTheme(deskui.Theme())
	w.win = w.app.NewWindow("Devices")
	w.panel = deskui.New(d, w.win)
	w.win.SetContent(w.panel.Content())
	w.win.Resize(fyne.NewSize(890, 940))
	w.win.SetMaster()
	return w
}

// look is how often paper is looked at that comes out without anybody's touch.
const look = 200 * time.Millisecond

// run shows the window until it is closed, or the kiosk has been.
func (w *window) run() {
	go w.watch()
	w.win.ShowAndRun()
	close(w.done)
}

func (w *window) watch() {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		v := w.desk.View()
		if !v.Running && v.Status == 0 {
			w.close() // somebody has closed the kiosk's window
			return
		}
		fyne.Do(func() { w.panel.Show(v) })
		select {
		case <-w.done:
			return
		case <-tick.C:
		}
	}
}

func (w *window) close() { fyne.Do(w.app.Quit) }
