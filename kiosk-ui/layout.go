package kioskui

import (
	"fmt"
	"image/color"
	"math"

	"fyne.io/fyne/v2"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// Sizes of text in millimetres of an em, by Look.Size, on a display of 15
// inches. A capital letter is 0.73 em: those of answers and bodies are 4.9,
// 5.4, 6.8 and 8.6 mm high. The Revised 508 Standards (Section 402.4) ask for
// 4.8 mm where nothing can be enlarged.
var (
	bodyEm  = [screen.Sizes]float32{6.7, 7.4, 9.3, 11.8}
	titleEm = [screen.Sizes]float32{9.2, 10, 11.4, 13}
	smallEm = [screen.Sizes]float32{5.2, 6, 7.2, 8.8}
	toolEm  = [screen.Sizes]float32{5, 5.4, 6, 6.6}
)

// Spaces in millimetres.
const (
	margin    = 10
	gap       = 3.6 // between things that can be pressed: a ring fits in
	ringGap   = 0.7
	ringWidth = 1.3
)

// A builder lays one screen out. Its lengths are in units of the canvas.
type builder struct {
	face *face
	s    screen.Screen
	p    palette
	out  *scene
	held string // the target under a finger
	caps bool   // the letters' keys are capital ones
	low  bool   // there is little height: the title is small
	u    float32
	size int

	x, w, y float32 // of what comes next in the pane
}

// arrange lays a screen out.
func arrange(f *face, s screen.Screen, size fyne.Size, held string, caps bool) *scene {
	b := &builder{face: f, s: s, held: held, caps: caps, u: millimetre(size), size: min(max(s.Look.Size, 0), screen.Sizes-1), p: paletteOf(s.Party, s.Look.Contrast)}
	b.out = &scene{size: size, unit: b.u, palette: b.p}
	free := frame{0, 0, size.Width, size.Height}
	b.under(shape{at: free, fill: b.p.page.ground})
	free = b.sides(free)
	free = b.banner(free)
	tools := len(b.out.targets)
	free = b.top(free)
	top := b.out.targets[tools:]
	b.out.targets = nil
	buttons := b.bottom(&free)
	b.middle(free)
	b.out.targets = append(append(b.out.targets, buttons...), top...)
	b.anywhere()
	return b.out
}

func (b *builder) mm(v float32) float32 { return v * b.u }

// em is a size of text: a whole number, because Fyne shapes text at whole sizes.
func (b *builder) em(mm float32) float32 { return max(1, float32(math.Round(float64(b.mm(mm))))) }

func (b *builder) body() float32  { return b.em(bodyEm[b.size]) }
func (b *builder) small() float32 { return b.em(smallEm[b.size]) }
func (b *builder) under(s shape)  { b.out.under = append(b.out.under, s) }
func (b *builder) part(s shape)   { b.out.parts = append(b.out.parts, s) }
func (b *builder) problem(f string, a ...any) {
	b.out.problems = append(b.out.problems, fmt.Sprintf(f, a...))
}

// lines places lines of text from the top of at.
func (b *builder) lines(to *[]shape, at frame, lines []string, size float32, ink, on color.NRGBA, align fyne.TextAlign) {
	h := size * lineHeight
	for i, l := range lines {
		*to = append(*to, shape{at: frame{at.x, at.y + float32(i)*h, at.w, h}, text: l, size: size, ink: ink, on: on, align: align})
	}
}

// middled places lines in the middle of at: the font's characters lie a little
// lower in its lines than the middle.
func (b *builder) middled(to *[]shape, at frame, lines []string, size float32, ink, on color.NRGBA, align fyne.TextAlign) {
	h := float32(len(lines)) * size * lineHeight
	at.y += (at.h-h)/2 - size*0.05
	b.lines(to, at, lines, size, ink, on, align)
}

// sides are the bands by which poll workers' screens are known from afar.
func (b *builder) sides(free frame) frame {
	if b.s.Party != screen.Workers {
		return free
	}
	w := b.mm(5)
	b.under(shape{at: frame{free.x, free.y, w, free.h}, fill: b.p.side.ground})
	b.under(shape{at: frame{free.right() - w, free.y, w, free.h}, fill: b.p.side.ground})
	return frame{free.x + w, free.y, free.w - 2*w, free.h}
}

// banner says across the whole width that it is no live vote, and a frame goes
// around the screen.
func (b *builder) banner(free frame) frame {
	if b.s.Banner == "" {
		return free
	}
	full := frame{0, 0, b.out.size.Width, b.out.size.Height}
	edge, end, size := b.mm(2), b.mm(26), b.small()
	lines := b.face.balanced(b.s.Banner, (full.w-2*end-2*b.mm(4))/size)
	h := float32(len(lines))*size*lineHeight + b.mm(2)
	for _, f := range []frame{{0, 0, full.w, h}, {0, 0, edge, full.h}, {full.w - edge, 0, edge, full.h}, {0, full.h - edge, full.w, edge}} {
		b.under(shape{at: f, fill: b.p.banner.ground})
	}
	b.under(shape{at: frame{edge, b.mm(1.5), end, h - b.mm(3)}, icon: iconStripes, ink: b.p.banner.ink, on: b.p.banner.ground})
	b.under(shape{at: frame{full.w - edge - end, b.mm(1.5), end, h - b.mm(3)}, icon: iconStripes, ink: b.p.banner.ink, on: b.p.banner.ground})
	b.middled(&b.out.under, frame{end + b.mm(4), 0, full.w - 2*end - b.mm(8), h}, lines, size, b.p.banner.ink, b.p.banner.ground, fyne.TextAlignCenter)
	left := max(free.x, edge)
	return frame{left, h, min(free.right(), full.w-edge) - left, full.h - edge - h}
}

// top is the place, the step and the tools.
func (b *builder) top(free frame) frame {
	size, small := b.em(toolEm[b.size]), b.small()
	rows := b.toolRows(free.w - 2*b.mm(margin) - b.mm(52))
	var place, steps []string
	pad, left := b.mm(2.4), b.toolsWidth(rows)
	at := frame{x: free.x + b.mm(margin), w: free.w - 2*b.mm(margin) - left - b.mm(gap)}
	place, steps = b.face.wrap(b.s.Place, at.w/size), b.face.balanced(b.s.Step, at.w/small)
	if b.s.Step == "" {
		steps = nil
	}
	placed := float32(len(place)) * size * lineHeight
	words := placed + float32(len(steps))*small*lineHeight
	h := max(words+2*pad, float32(max(len(rows), 1))*(b.mm(finger)+pad)+pad)
	bar := frame{free.x, free.y, free.w, h}
	b.under(shape{at: bar, fill: b.p.bar.ground})
	b.under(shape{at: frame{bar.x, bar.bottom() - b.mm(.4), bar.w, b.mm(.4)}, fill: b.p.bar.line})
	b.toolButtons(bar, rows, pad)
	at.y = bar.y + (h-words)/2
	b.lines(&b.out.under, at, place, size, b.p.bar.ink, b.p.bar.ground, fyne.TextAlignLeading)
	at.y += placed
	b.lines(&b.out.under, at, steps, small, b.p.bar.ink, b.p.bar.ground, fyne.TextAlignLeading)
	return frame{free.x, bar.bottom(), free.w, free.h - h}
}

// A label is a button with its words broken into lines.
type label struct {
	button screen.Button
	lines  []string
	w      float32
}

// toolRows puts the tools into as few rows as they need.
func (b *builder) toolRows(width float32) [][]label {
	size := b.em(toolEm[b.size])
	var rows [][]label
	var used float32
	for _, t := range b.s.Tools {
		lines := []string{b.face.clean(t.Label)}
		if b.face.widest(lines)*size > b.mm(22) {
			lines = b.face.balanced(t.Label, max(b.mm(22)/size, b.face.longestWord(t.Label)))
		}
		l := label{t, lines, max(b.mm(finger), b.face.widest(lines)*size+b.mm(5))}
		if len(rows) == 0 || used+l.w > width {
			rows, used = append(rows, nil), 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], l)
		used += l.w + b.mm(gap)
	}
	return rows
}

// longestWord is the widest piece of a text, in ems.
func (f *face) longestWord(text string) float32 {
	var w float32
	for _, p := range f.pieces(f.clean(text)) {
		w = max(w, p.width)
	}
	return w
}

// toolsWidth is that of the widest row.
func (b *builder) toolsWidth(rows [][]label) float32 {
	var widest float32
	for _, row := range rows {
		var w float32
		for _, l := range row {
			w += l.w + b.mm(gap)
		}
		widest = max(widest, w)
	}
	return widest
}

// toolButtons draws the tools at the right of the bar.
func (b *builder) toolButtons(bar frame, rows [][]label, pad float32) {
	y := bar.y + pad
	if len(rows) == 1 {
		y = bar.y + (bar.h-b.mm(finger))/2
	}
	for _, row := range rows {
		x := bar.right() - b.mm(margin)
		for _, l := range row {
			x -= l.w + b.mm(gap)
		}
		x += b.mm(gap)
		for _, l := range row {
			at := frame{x, y, l.w, b.mm(finger)}
			look := b.p.plain
			if l.button.Off {
				look = b.p.off
			}
			b.button(at, l, look, b.em(toolEm[b.size]), b.mm(.5))
			x += l.w + b.mm(gap)
		}
		y += b.mm(finger) + pad
	}
}

// button draws a button and makes it a target.
func (b *builder) button(at frame, l label, look pair, size, stroke float32) {
	if l.button.Press == b.held && b.held != "" {
		look = b.p.held
	}
	radius := b.mm(2.4)
	words := at
	if l.button.Off {
		words = b.off(at, look)
	} else {
		b.under(shape{at: at, fill: look.ground, line: look.line, stroke: stroke, radius: radius})
	}
	b.middled(&b.out.under, words, l.lines, size, look.ink, look.ground, fyne.TextAlignCenter)
	if h := float32(len(l.lines)) * size * lineHeight; h > at.h || b.face.widest(l.lines)*size > words.w {
		b.problem("the button %q is too small for its words", l.button.Label)
	}
	b.target(target{press: l.button.Press, at: at, off: l.button.Off, said: join(b.s.Cues.Button, l.button.Label), radius: radius, name: l.button.Label})
}

// off draws a button that cannot be pressed now: flat, in the page's shade, with
// a broken line around it and a circle that is crossed out; an entry's field is
// neither. It returns the place for the words.
func (b *builder) off(at frame, look pair) frame {
	b.under(shape{at: at, fill: look.ground})
	dash, thick := b.mm(2.6), b.mm(.5)
	for n, x := int(at.w/(2*dash)), 0; x <= n; x++ {
		left := at.x + float32(x)*(at.w-dash)/float32(max(1, n))
		b.under(shape{at: frame{left, at.y, dash, thick}, fill: look.line})
		b.under(shape{at: frame{left, at.bottom() - thick, dash, thick}, fill: look.line})
	}
	for n, y := int(at.h/(2*dash)), 0; y <= n; y++ {
		top := at.y + float32(y)*(at.h-dash)/float32(max(1, n))
		b.under(shape{at: frame{at.x, top, thick, dash}, fill: look.line})
		b.under(shape{at: frame{at.right() - thick, top, thick, dash}, fill: look.line})
	}
	side := b.mm(7)
	b.under(shape{at: frame{at.x + b.mm(3), at.y + (at.h-side)/2, side, side}, icon: iconOff, ink: look.line, on: look.ground})
	return frame{at.x + side + b.mm(4), at.y, at.w - side - b.mm(6), at.h}
}

func (b *builder) target(t target) {
	if t.press == "" {
		b.problem("%q cannot be pressed: it has no name", t.name)
	}
	if t.speech == "" {
		t.speech = b.s.Language
	}
	if t.at.w < b.mm(finger)-.5 || t.at.h < b.mm(finger)-.5 {
		b.problem("%q is smaller than 2 cm", t.name)
	}
	b.out.targets = append(b.out.targets, t)
}

// wake is the one button of the screen that waits for voters. The whole screen
// is that button: the first touch after a start can be taken at the wrong place.
const wake = "begin"

// wakes reports whether a screen is that one.
func wakes(s screen.Screen) bool {
	return len(s.Buttons) == 1 && s.Buttons[0].Press == wake && !s.Buttons[0].Off
}

func (b *builder) anywhere() {
	if wakes(b.s) && b.out.most() == 0 {
		b.out.anywhere = wake
	}
}
