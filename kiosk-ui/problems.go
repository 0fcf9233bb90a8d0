package kioskui

import (
	"fmt"

	"fyne.io/fyne/v2"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// A Checker lays screens out and says what is wrong with them. It draws
// nothing, so that thousands can be looked at. It is used by one goroutine.
type Checker struct{ face *face }

// NewChecker reads the font, once for all screens.
func NewChecker() *Checker { return &Checker{newFace()} }

// Problems says what is wrong with one screen. See Checker.
func Problems(s screen.Screen, size fyne.Size) []string { return NewChecker().Problems(s, size) }

// Problems reports text that is cut, by the edge of what scrolls too, things that lie on each other or leave the
// canvas, touch targets of less than 2 cm, text with too little contrast, a
// title or words of a button that have no room, two things of one name, and
// characters that the font lacks.
func (c *Checker) Problems(s screen.Screen, size fyne.Size) []string {
	sc := arrange(c.face, s, size, "", false)
	found := sc.problems
	all := frame{0, 0, size.Width, size.Height}
	found = append(found, c.shapes(sc, sc.under, all)...)
	found = append(found, c.shapes(sc, sc.parts, frame{0, 0, sc.pane.w, sc.length})...)
	found = append(found, targets(sc, all)...)
	found = append(found, c.scrolled(sc)...)
	return append(found, c.glyphs(s)...)
}

// shapes looks at text and icons.
func (c *Checker) shapes(sc *scene, shapes []shape, within frame) []string {
	var found []string
	for i, s := range shapes {
		if s.text == "" {
			continue
		}
		w := c.face.width([]rune(s.text)) * s.size
		if w > s.at.w+.5 {
			found = append(found, fmt.Sprintf("%q is cut: %.0f of %.0f", s.text, s.at.w, w))
		}
		ink := s.at
		switch s.align {
		case fyne.TextAlignCenter:
			ink.x += (ink.w - w) / 2
		case fyne.TextAlignTrailing:
			ink.x += ink.w - w
		}
		ink.w = w
		// of a line 1.448 em high the characters take the middle
		ink.y, ink.h = ink.y+.28*s.size, .98*s.size
		if in := ink.inside(within); in.w < ink.w-1 || in.h < ink.h-1 {
			found = append(found, fmt.Sprintf("%q leaves its place", s.text))
		}
		if ratio := contrast(s.ink, s.on); ratio < sc.palette.least {
			found = append(found, fmt.Sprintf("%q has a contrast of %.1f:1", s.text, ratio))
		}
		for _, o := range shapes[i+1:] {
			if o.text == "" {
				continue
			}
			other := frame{o.at.x, o.at.y + .28*o.size, c.face.width([]rune(o.text)) * o.size, .98 * o.size}
			switch o.align {
			case fyne.TextAlignCenter:
				other.x += (o.at.w - other.w) / 2
			case fyne.TextAlignTrailing:
				other.x += o.at.w - other.w
			}
			if ink.overlaps(other) {
				found = append(found, fmt.Sprintf("%q lies on %q", s.text, o.text))
			}
		}
	}
	return found
}

// ascent is where the baseline lies below a line's top, in ems.
const ascent = 1.160

// scrolled looks at the parts at first sight, and at each page, for lines that
// the pane's edge cuts: by the outlines of their characters.
func (c *Checker) scrolled(sc *scene) []string {
	if sc.most() == 0 {
		return nil
	}
	var found []string
	step := max(sc.pane.h*.43, sc.unit*finger, sc.length/1000)
	for offset := float32(0); ; offset = min(offset+step, sc.most()) {
		for _, s := range sc.visible(offset) {
			if s.text == "" {
				continue
			}
			above, below := c.face.ink(s.text)
			base := s.at.y + ascent*s.size - offset
			if base-above*s.size < -.5 || base+below*s.size > sc.pane.h+.5 {
				found = append(found, fmt.Sprintf("%q is cut by the edge, scrolled by %.0f", s.text, offset))
			}
		}
		if offset >= sc.most() {
			return found
		}
	}
}

// targets looks at what can be pressed.
func targets(sc *scene, all frame) []string {
	var found []string
	for i, t := range sc.targets {
		within := all
		if t.scrolls {
			within = frame{0, 0, sc.pane.w, sc.length}
		} else if t.at.overlaps(sc.pane) && sc.length > 0 {
			found = append(found, fmt.Sprintf("%q lies on the parts", t.name))
		}
		if in := t.at.inside(within); in != t.at && (in.w < t.at.w-1 || in.h < t.at.h-1) {
			found = append(found, fmt.Sprintf("%q leaves its place", t.name))
		}
		for _, o := range sc.targets[i+1:] {
			if t.scrolls == o.scrolls && t.at.overlaps(o.at) {
				found = append(found, fmt.Sprintf("%q lies on %q", t.name, o.name))
			}
			if t.press == o.press {
				found = append(found, fmt.Sprintf("%q and %q are both pressed by %q", t.name, o.name, t.press))
			}
		}
	}
	return found
}

// glyphs looks for characters that would be boxes.
func (c *Checker) glyphs(s screen.Screen) []string {
	var found []string
	look := func(words ...string) {
		for _, w := range words {
			for _, r := range w {
				if _, there := c.face.advance(r); !there && r != '\n' {
					found = append(found, fmt.Sprintf("the font has no %q, in %q", r, w))
				}
			}
		}
	}
	look(s.Banner, s.Place, s.Step, s.Title)
	for _, b := range append(append([]screen.Button(nil), s.Buttons...), s.Tools...) {
		look(b.Label)
	}
	for _, p := range s.Parts {
		switch p := p.(type) {
		case screen.Text:
			look(p.Words)
		case screen.Options:
			for _, o := range p.Items {
				look(o.Label, o.Note)
			}
		case screen.Facts:
			for _, f := range p.Rows {
				look(f.Name, f.Value, f.Change)
			}
		case screen.Report:
			for _, l := range p.Lines {
				look(l.Name, l.What, l.Do)
			}
		case screen.Entry:
			look(p.Label, p.Shown)
		}
	}
	return found
}
