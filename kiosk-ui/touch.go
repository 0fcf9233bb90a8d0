package kioskui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Bounce is how soon after a press the same thing cannot be pressed again, and
// Settle how soon after another screen nothing can be: such a touch was meant
// for the one before.
const (
	Bounce = 120 * time.Millisecond
	Settle = 250 * time.Millisecond
)

// slip is how far a finger may move, in millimetres, and still press.
const slip = 4

// A touch is a finger on the display.
type touch struct {
	on     bool
	down   string // the target that it is on, if it has not left it
	began  fyne.Position
	offset float32 // of the parts, then
	drags  bool
}

// at is the target at a place.
func (v *View) at(p fyne.Position) string {
	if v.scene == nil {
		return ""
	}
	for _, t := range v.scene.targets {
		if v.seen(t).has(p) {
			if t.off {
				return ""
			}
			return t.press
		}
	}
	return v.scene.anywhere
}

// MouseDown is a finger that comes down.
func (r *root) MouseDown(e *desktop.MouseEvent) {
	v := r.view
	if v.canvas != nil {
		v.canvas.Focus(r)
	}
	if e.Button != desktop.MouseButtonPrimary || v.scene == nil || v.options.Now().Sub(v.changed) < Settle {
		return
	}
	v.keys, v.typing = false, false
	v.touch = touch{on: true, down: v.at(e.Position), began: e.Position, offset: v.offset}
	v.arrange()
	v.draw()
}

// MouseUp presses what the finger came down on, if it is still there.
func (r *root) MouseUp(e *desktop.MouseEvent) {
	v := r.view
	if !v.touch.on || e.Button != desktop.MouseButtonPrimary {
		return
	}
	down := v.touch.down
	same := down != "" && v.at(e.Position) == down
	v.touch = touch{}
	v.arrange()
	v.draw()
	if same {
		v.press(down)
	}
}

// Dragged is a finger that moves: it scrolls the parts, and presses nothing any
// more.
func (r *root) Dragged(e *fyne.DragEvent) {
	v := r.view
	if !v.touch.on || v.scene == nil {
		return
	}
	dy := e.Position.Y - v.touch.began.Y
	far := slip * v.scene.unit
	if v.touch.drags || v.scene.pane.has(v.touch.began) && v.scene.most() > 0 && (dy > far || dy < -far) {
		v.touch.drags, v.touch.down = true, ""
		v.offset = min(max(0, v.touch.offset-dy), v.scene.most())
		v.arrange()
		v.draw()
		return
	}
	if v.at(e.Position) != v.touch.down {
		v.touch.down = ""
		v.arrange()
		v.draw()
	}
}

// DragEnd is called by Fyne.
func (r *root) DragEnd() {}

// Scrolled is a wheel.
func (r *root) Scrolled(e *fyne.ScrollEvent) {
	if r.view.scene == nil {
		return
	}
	r.view.scroll(-e.Scrolled.DY)
	r.view.draw()
}

// press presses a target, unless it bounces.
func (v *View) press(name string) {
	now := v.options.Now()
	before, pressed := v.last[name]
	clear(v.last)
	v.last[name] = now
	if pressed && now.Sub(before) < Bounce || now.Sub(v.changed) < Settle {
		return
	}
	switch name {
	case "":
	case scrollUp:
		v.turn(-1)
	case scrollDown:
		v.turn(1)
	case keyShift:
		v.caps = !v.caps
		v.arrange()
		v.draw()
	default:
		caps := v.caps && len(name) == len(keySpace)
		v.options.Press(name)
		if caps { // one capital letter is typed
			v.caps = false
			v.arrange()
			v.keepFocus()
			v.draw()
		}
	}
}
