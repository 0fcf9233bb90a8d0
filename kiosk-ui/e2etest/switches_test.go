package e2etest

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"

	kioskui "github.com/openreferendum/referendum/kiosk-ui"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// mostSteps is how often the first switch is pressed at most to get to
// something.
const mostSteps = 60

// switched presses what is named so with two switches alone, Tab and Space. The
// focus is where the last call has left it, or at the screen's first thing.
func (p *person) switched(name string) {
	p.t.Helper()
	s := p.flow.Screen()
	if here := string(s.ID) + s.Step; here != p.switchedOn {
		p.switchedOn, p.steps = here, 0
		p.ring = p.ring && s.ID != "begin" // the next voter begins anew
	}
	if !p.ring {
		p.typed("Tab") // which shows where the focus is
	}
	for range mostSteps {
		if p.focusAfter(s, p.steps) == name {
			p.typed("space")
			return
		}
		p.typed("Tab")
		p.steps++
	}
	p.t.Fatalf("two switches do not reach %q on the screen %q", name, s.ID)
}

// focusAfter is what Space presses on a screen after so many steps.
func (p *person) focusAfter(s screen.Screen, steps int) (name string) {
	clock := time.Now()
	later := func() { clock = clock.Add(time.Minute) }
	c := software.NewTransparentCanvas()
	v := kioskui.New(kioskui.Options{Press: func(pressed string) { name = pressed }, Now: func() time.Time { return clock }})
	c.SetPadded(false)
	c.Resize(p.canvas.Size())
	v.Attach(c)
	c.Resize(p.canvas.Size())
	v.Show(screen.Screen{ID: "before", Buttons: []screen.Button{{Press: "any", Label: "any"}}})
	later()
	pressKey(c, fyne.KeyTab, 0) // the focus is visible from now on
	v.Show(s)
	if s.ID == "begin" { // hides it again
		later()
		pressKey(c, fyne.KeyTab, 0)
	}
	for range steps {
		later()
		pressKey(c, fyne.KeyTab, 0)
	}
	later()
	pressKey(c, fyne.KeySpace, ' ')
	return name
}
