package kioskui

import (
	"slices"

	"fyne.io/fyne/v2"
)

// order are the names of what the focus can be on: parts, buttons, tools. What
// is off, and a scroll button that is at its end, cannot be pressed.
func (v *View) order() []string {
	if v.scene == nil {
		return nil
	}
	var names []string
	for _, t := range v.scene.targets {
		if !t.off && !v.idle(t.press) && t.press != "" {
			names = append(names, t.press)
		}
	}
	return names
}

// idle reports whether a scroll button is at its end.
func (v *View) idle(press string) bool {
	return press == scrollUp && v.offset <= 0 || press == scrollDown && v.offset >= v.scene.most()-.5
}

// keepFocus leaves the focus where it is, or puts it on the first thing.
func (v *View) keepFocus() {
	names := v.order()
	if slices.Contains(names, v.focus) {
		if v.visibly() { // a finger's scrolling stays where it is
			v.reveal()
		}
		return
	}
	v.focus = ""
	if len(names) > 0 {
		v.focus = names[0]
		if v.focus == scrollUp && len(names) > 1 {
			v.focus = names[1]
		}
	}
}

// visibly reports whether the focus is to be seen: keys are used, or the voice
// is on.
func (v *View) visibly() bool { return v.keys || v.up.Look.Voice.On }

// move moves the focus on by one, or back. Where it was not visible it becomes
// visible and stays.
func (v *View) move(by int) {
	names := v.order()
	if len(names) == 0 {
		return
	}
	if !v.visibly() {
		v.keys = true
	} else {
		v.keys = true
		at := max(0, slices.Index(names, v.focus))
		v.focus = names[(at+by+len(names))%len(names)]
	}
	v.reveal()
	v.draw()
	v.speakFocus()
}

// reveal scrolls what has the focus into sight.
func (v *View) reveal() {
	t, found := v.scene.target(v.focus)
	if !found || !t.scrolls {
		return
	}
	edge := 3 * v.scene.unit
	if t.at.y-edge < v.offset {
		v.scroll(t.at.y - edge - v.offset)
	}
	if end := v.offset + v.scene.pane.h; t.at.bottom()+edge > end {
		v.scroll(min(t.at.bottom()+edge-end, t.at.y-edge-v.offset))
	}
}

// scroll moves the parts, as far as they go.
func (v *View) scroll(by float32) { v.offset = min(max(0, v.offset+by), v.scene.most()) }

// turn scrolls by a page: what was the last line is the first one then. At an
// end the focus goes on to what comes next.
func (v *View) turn(pages float32) {
	if v.scene == nil || v.scene.most() == 0 {
		return
	}
	line := bodyEm[min(max(v.up.Look.Size, 0), len(bodyEm)-1)] * v.scene.unit * lineHeight
	page := max(line, v.scene.pane.h-line)
	v.scroll(pages * page)
	if v.focus == scrollUp && v.idle(scrollUp) {
		v.focus = scrollDown
	}
	if v.focus == scrollDown && v.idle(scrollDown) {
		names := v.order()
		v.focus = names[0]
		if len(names) > 1 {
			v.focus = names[1] // the first is the way up
		}
	}
	v.draw()
	v.speakPage()
}

// ring are the shapes around what has the focus: two lines outside of it, in
// the pane's units or the canvas's.
func (v *View) ring() (inPane, above []shape) {
	if !v.visibly() {
		return nil, nil
	}
	t, found := v.scene.target(v.focus)
	if !found {
		return nil, nil
	}
	u, p := v.scene.unit, v.scene.palette
	r := shape{at: t.at.grown((ringGap + ringWidth) * u), line: p.ring, stroke: ringWidth * u, radius: t.radius + (ringGap+ringWidth)*u}
	if t.scrolls {
		return []shape{r}, nil
	}
	return nil, []shape{r}
}

// scrollShapes are the buttons that scroll, and where on the way the parts are.
func (v *View) scrollShapes() []shape {
	s := v.scene
	if s.down.w == 0 {
		return nil
	}
	shapes := s.track(v.offset)
	for _, b := range []struct {
		press string
		at    frame
		icon  icon
	}{{scrollUp, s.up, iconUp}, {scrollDown, s.down, iconDown}} {
		look := s.palette.lead
		if b.press == scrollUp {
			look = s.palette.plain
		}
		if v.idle(b.press) {
			look = s.palette.off
		}
		if v.touch.down == b.press {
			look = s.palette.held
		}
		box := shape{at: b.at, fill: look.ground, line: look.line, stroke: .5 * s.unit, radius: 2.4 * s.unit}
		side := 10 * s.unit
		if v.idle(b.press) {
			box.line, side = s.palette.page.line, 5*s.unit
		}
		shapes = append(shapes, box, shape{at: frame{b.at.x + (b.at.w-side)/2, b.at.y + (b.at.h-side)/2, side, side}, icon: b.icon, ink: look.ink, on: look.ground})
	}
	if !v.idle(scrollDown) {
		shapes = append(shapes, s.goesOn()...)
	}
	if !v.idle(scrollUp) {
		shapes = append(shapes, s.began())
	}
	return shapes
}

// track shows between the two buttons which part of all is in sight.
func (s *scene) track(offset float32) []shape {
	top, bottom := s.up.bottom()+3*s.unit, s.down.y-3*s.unit
	h := bottom - top
	if h < 8*s.unit {
		return nil
	}
	x := s.up.x + s.up.w/2
	return []shape{
		{at: frame{x - .3*s.unit, top, .6 * s.unit, h}, fill: s.palette.page.line},
		{at: frame{x - 1.4*s.unit, top + h*offset/s.length, 2.8 * s.unit, h * s.pane.h / s.length}, fill: s.palette.page.ink, radius: 1.4 * s.unit},
	}
}

// goesOn is the mark that the parts go on below: a dark band across them that
// says so, with triangles.
func (s *scene) goesOn() []shape {
	u, p := s.unit, s.palette.bar
	if contrast(p.ground, s.palette.page.ground) < 3 {
		p = pair{s.palette.page.ink, s.palette.page.ground, s.palette.page.ink}
	}
	band := frame{s.pane.x + 3*u, s.pane.bottom(), s.pane.w - 6*u, s.moreHigh}
	shapes := []shape{{at: band, fill: p.ground}}
	at := []float32{-10, 0, 10}
	if s.more != "" {
		shapes = append(shapes, shape{at: frame{band.x, band.y + (band.h-s.moreSize*lineHeight)/2 - s.moreSize*.05, band.w, 0}, text: s.more, size: s.moreSize, ink: p.ink, on: p.ground, align: fyne.TextAlignCenter})
		at = []float32{-band.w/u/2 + 8, band.w/u/2 - 8}
	}
	for _, x := range at {
		shapes = append(shapes, shape{at: frame{band.x + band.w/2 + (x-2.5)*u, band.y + (band.h-3*u)/2, 5 * u, 3 * u}, icon: iconDown, ink: p.ink, on: p.ground})
	}
	return shapes
}

// began is the mark that there are parts above: a line.
func (s *scene) began() shape {
	return shape{at: frame{s.pane.x + 3*s.unit, s.pane.y - .4*s.unit, s.pane.w - 6*s.unit, .8 * s.unit}, fill: s.palette.page.ink}
}
