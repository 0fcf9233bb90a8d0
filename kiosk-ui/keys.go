package kioskui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// Scan codes of X11 for F13 and F14, which Fyne has no names for: the keys that
// jacks for two switches send.
const (
	scanF13 = 191
	scanF14 = 192
)

// AcceptsTab has Tab come here, not move Fyne's focus.
func (r *root) AcceptsTab() bool { return true }

// FocusGained and FocusLost are called by Fyne.
func (r *root) FocusGained() {}

// FocusLost is called by Fyne.
func (r *root) FocusLost() { r.view.shift = false }

// TypedKey is called by Fyne, also for keys that are held: they do nothing.
func (r *root) TypedKey(*fyne.KeyEvent) {}

// KeyUp is a key that is let go.
func (r *root) KeyUp(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		r.view.shift = false
	}
}

// KeyDown is a key that goes down. Unlike Fyne's TypedKey it comes once,
// however long the key is held.
func (r *root) KeyDown(e *fyne.KeyEvent) {
	v := r.view
	v.fresh = true
	if v.scene == nil {
		return
	}
	entry, types := entryOf(v.up)
	letters := types && entry.Kind == screen.Letters
	switch e.Name {
	case desktop.KeyShiftLeft, desktop.KeyShiftRight:
		v.shift = true
	case fyne.KeyTab:
		v.step(v.shift)
	case fyne.KeyRight, fyne.KeyDown, fyne.KeyF11:
		v.step(false)
	case fyne.KeyLeft, fyne.KeyUp:
		v.step(true)
	case fyne.KeySpace:
		if !letters || !v.typing {
			v.fresh = false
			v.pressFocus()
		}
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyF12:
		v.typing = false
		v.pressFocus()
	case fyne.KeyBackspace:
		if types {
			v.press(screen.KeyBack)
		}
	case fyne.KeyPageDown:
		v.turn(1)
	case fyne.KeyPageUp:
		v.turn(-1)
	case fyne.KeyR:
		if !letters {
			v.speak()
		}
	default:
		v.switched(e.Physical.ScanCode)
	}
}

// step moves the focus on or back.
func (v *View) step(back bool) {
	v.typing = false
	if back {
		v.move(-1)
		return
	}
	v.move(1)
}

// switched takes the keys of two switches that have no names.
func (v *View) switched(code int) {
	switch code {
	case scanF13:
		v.step(false)
	case scanF14:
		v.pressFocus()
	}
}

// pressFocus presses what has the focus. Where the focus was not visible, it is
// made visible and nothing is pressed.
func (v *View) pressFocus() {
	if !v.visibly() {
		v.move(0)
		return
	}
	v.press(v.focus)
}

// TypedRune takes a character: of the entry, or of an option. One that comes
// without its key is a key that is held.
func (r *root) TypedRune(c rune) {
	v := r.view
	if !v.fresh || v.scene == nil {
		return
	}
	v.fresh = false
	if e, types := entryOf(v.up); types {
		if name := screen.KeyPrefix + string(c); e.Takes(name) {
			v.typing = e.Kind == screen.Letters
			v.press(name)
		}
		return
	}
	for _, t := range v.scene.targets {
		if t.key == c && c != 0 {
			v.focus = t.press
			v.press(t.press)
			return
		}
	}
}
