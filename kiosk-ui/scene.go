package kioskui

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
)

// A frame is a place in the canvas's units, or in those of the scrolling pane.
type frame struct{ x, y, w, h float32 }

func (f frame) right() float32  { return f.x + f.w }
func (f frame) bottom() float32 { return f.y + f.h }

func (f frame) has(p fyne.Position) bool {
	return p.X >= f.x && p.X < f.right() && p.Y >= f.y && p.Y < f.bottom()
}

// grown is the frame with so much more on every side.
func (f frame) grown(by float32) frame { return frame{f.x - by, f.y - by, f.w + 2*by, f.h + 2*by} }

// inside is the part of f within g.
func (f frame) inside(g frame) frame {
	x, y := max(f.x, g.x), max(f.y, g.y)
	return frame{x, y, max(0, min(f.right(), g.right())-x), max(0, min(f.bottom(), g.bottom())-y)}
}

// overlaps reports whether two frames share more than a seam.
func (f frame) overlaps(g frame) bool {
	i := f.inside(g)
	return i.w > 0.5 && i.h > 0.5
}

// A shape is one thing that is drawn: a box, a line of text, or an icon.
type shape struct {
	at frame

	fill, line     color.NRGBA // of a box
	stroke, radius float32

	text  string // of a line of text
	size  float32
	ink   color.NRGBA
	align fyne.TextAlign
	on    color.NRGBA // the ground that it stands on

	icon icon // in ink
}

// A target is something that can be pressed.
type target struct {
	press   string
	at      frame
	scrolls bool // with the parts: at is in the pane's units
	off     bool
	key     rune   // the digit that presses it
	said    string // how it is read aloud
	speech  string // in which language
	radius  float32
	name    string // for Problems
}

// A scene is a screen that is laid out.
type scene struct {
	size    fyne.Size
	unit    float32 // of a millimetre
	palette palette

	under    []shape // below the pane
	pane     frame
	parts    []shape // in the pane's units
	length   float32 // of the parts
	targets  []target
	up, down frame  // the buttons that scroll; empty where all is in sight
	more     string // said by the band below the pane where it goes on; "" for triangles alone
	moreSize float32
	moreHigh float32
	anywhere string // what a touch presses that meets nothing else

	problems []string
}

// Names of targets that are the View's own.
const (
	scrollUp   = "scroll:up"
	scrollDown = "scroll:down"
)

func (s *scene) target(press string) (target, bool) {
	for _, t := range s.targets {
		if t.press == press {
			return t, true
		}
	}
	return target{}, false
}

// most is how far the parts can be scrolled.
func (s *scene) most() float32 { return max(0, s.length-s.pane.h) }

// millimetre is how long one is on a display of 15 inches (381 mm across), in
// units of the canvas: the diagonal in units, divided by 381. At 1024×768 that
// is 3.36, so that 2 cm are 67 units; at 1920×1080 it is 5.78, and 2 cm are 116
// (on a display of 15.6 inches 20.8 mm).
func millimetre(size fyne.Size) float32 {
	return float32(math.Hypot(float64(size.Width), float64(size.Height)) / 381)
}

// finger is the least side of a touch target, in millimetres.
const finger = 20
