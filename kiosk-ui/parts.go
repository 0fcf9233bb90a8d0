package kioskui

import (
	"strings"

	"fyne.io/fyne/v2"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// middle lays title and parts out between the top row and the buttons.
func (b *builder) middle(free frame) {
	edge := b.mm(margin)
	free = frame{free.x + edge, free.y + b.mm(5), free.w - 2*edge, free.h - b.mm(5)}
	if b.message() && b.centred(free) {
		return
	}
	if b.hasKeypad() {
		b.withKeypad(free)
		return
	}
	w := min(free.w, max(40*b.body(), b.mm(240)))
	free.x, free.w = free.x+(free.w-w)/2, w
	free = b.heading(free, fyne.TextAlignLeading)
	free.y, free.h = free.y+b.mm(3), free.h-b.mm(3)
	b.scrolling(free, b.s.Parts)
}

// message reports whether the screen only says something: it stands in the
// middle then.
func (b *builder) message() bool {
	for _, p := range b.s.Parts {
		if _, text := p.(screen.Text); !text {
			return false
		}
	}
	return b.s.Mood != screen.Plain || wakes(b.s)
}

// centred lays a message out in the middle, if it has room there.
func (b *builder) centred(free frame) bool {
	w := min(free.w, 30*b.body())
	mark, ink := b.mood()
	side := b.mm(26)
	under, title, size := len(b.out.under), b.face.balanced(b.s.Title, w/b.em(titleEm[b.size])), b.em(titleEm[b.size])
	h := float32(len(title)) * size * lineHeight
	if mark != noIcon {
		h += side + b.mm(5)
	}
	for _, p := range b.s.Parts {
		s, lines := b.paragraphs(p.(screen.Text), w)
		h += float32(len(lines))*s*lineHeight + b.mm(5)
	}
	if h > free.h {
		b.out.under = b.out.under[:under]
		return false
	}
	x, y := free.x+(free.w-w)/2, free.y+(free.h-h)*.42
	if mark != noIcon {
		b.under(shape{at: frame{free.x + (free.w-side)/2, y, side, side}, icon: mark, ink: ink, on: b.p.page.ground})
		y += side + b.mm(5)
	}
	b.lines(&b.out.under, frame{x, y, w, 0}, title, size, b.p.page.ink, b.p.page.ground, fyne.TextAlignCenter)
	y += float32(len(title)) * size * lineHeight
	for _, p := range b.s.Parts {
		text := p.(screen.Text)
		s, lines := b.paragraphs(text, w)
		y += b.mm(5)
		b.lines(&b.out.under, frame{x, y, w, 0}, lines, s, b.inkOf(text), b.p.page.ground, fyne.TextAlignCenter)
		y += float32(len(lines)) * s * lineHeight
	}
	return true
}

// paragraphs breaks a Text, in the size of its weight.
func (b *builder) paragraphs(t screen.Text, width float32) (size float32, lines []string) {
	size = b.body()
	switch t.Weight {
	case screen.Lead:
		size = float32(int(size * 1.12))
	case screen.Small:
		size = b.small()
	}
	if b.message() {
		return size, b.face.balanced(t.Words, width/size)
	}
	return size, b.face.wrap(t.Words, width/size)
}

func (b *builder) inkOf(t screen.Text) colour {
	if t.Weight == screen.Small {
		return b.p.quiet
	}
	return b.p.page.ink
}

// scrolling lays parts out, and buttons that scroll them where there is no room
// for all.
func (b *builder) scrolling(free frame, parts []screen.Part) {
	b.out.pane = frame{free.x - b.mm(3), free.y, free.w + b.mm(6), free.h}
	targets := len(b.out.targets)
	b.pane(parts, free.w)
	if b.out.length <= free.h {
		return
	}
	b.edge(&free)
	b.out.parts, b.out.targets = nil, b.out.targets[:targets]
	side := b.mm(finger)
	b.out.pane.w -= side + b.mm(gap)
	b.pane(parts, free.w-side-b.mm(gap))
	if free.h < b.mm(2*finger+1) {
		b.problem("there is no room for the parts: %.0f mm", free.h/b.u)
	}
	b.scrollers(frame{free.right() - side, free.y, side, free.h})
}

// edge takes from the pane the place for the mark that it goes on below: a band
// with words, or where there is no room for them, one without.
func (b *builder) edge(free *frame) {
	size := b.em(toolEm[b.size])
	words := b.face.clean(b.s.Cues.More)
	band := size*lineHeight + b.mm(1)
	if words == "" || free.h-band < b.mm(2*finger+1) || b.face.width([]rune(words))*size > free.w-b.mm(finger+40) {
		words, band = "", b.mm(4.4)
	}
	free.h -= band
	b.out.pane.h = free.h
	b.out.more, b.out.moreSize, b.out.moreHigh = words, size, band
}

func (b *builder) pane(parts []screen.Part, width float32) {
	b.x, b.w, b.y = b.mm(3), width, b.mm(2)
	for i, p := range parts {
		if i > 0 {
			b.y += b.mm(4)
		}
		switch p := p.(type) {
		case screen.Text:
			b.text(p)
		case screen.Options:
			b.options(p)
		case screen.Facts:
			b.facts(p)
		case screen.Report:
			b.report(p)
		case screen.Entry:
			b.entry(p)
		}
	}
	b.out.length = b.y + b.mm(3)
}

// scrollers are the two buttons beside parts that scroll. They come first in
// the order of the focus.
func (b *builder) scrollers(at frame) {
	side := b.mm(finger)
	h := max(side, min(at.h/2-b.mm(2), b.mm(34)))
	b.out.up = frame{at.x, at.y, side, h}
	b.out.down = frame{at.x, at.bottom() - h, side, h}
	b.out.targets = append([]target{
		{press: scrollDown, at: b.out.down, said: join(b.s.Cues.Button, b.s.Cues.Down), speech: b.s.Language, radius: b.mm(2.4), name: scrollDown},
		{press: scrollUp, at: b.out.up, said: join(b.s.Cues.Button, b.s.Cues.Up), speech: b.s.Language, radius: b.mm(2.4), name: scrollUp},
	}, b.out.targets...)
}

func (b *builder) text(t screen.Text) {
	size, lines := b.paragraphs(t, min(b.w, 44*b.body()))
	b.lines(&b.out.parts, frame{b.x, b.y, b.w, 0}, lines, size, b.inkOf(t), b.p.page.ground, fyne.TextAlignLeading)
	b.y += float32(len(lines)) * size * lineHeight
}

func (b *builder) options(o screen.Options) {
	for i, item := range o.Items {
		if i > 0 {
			b.y += b.mm(gap)
		}
		b.option(item, o.Act)
	}
}

// option draws an answer: a circle that holds a check mark when it is marked,
// its words, and the digit that presses it. What acts has an arrow at the right
// instead of the circle, and its digit at the left.
func (b *builder) option(o screen.Option, acts bool) {
	look, stroke := b.p.card, b.mm(.6)
	if acts {
		look = b.p.plain
	}
	if o.Marked {
		look, stroke = b.p.marked, b.mm(1.4)
	}
	if o.Press == b.held && b.held != "" {
		look = b.p.held
	}
	size, note := b.body(), b.small()
	disc, key := b.mm(10), float32(0)
	if o.Key != 0 {
		key = b.mm(12)
	}
	left, right := disc+b.mm(10), b.mm(5)+key
	if acts {
		left, right = b.mm(6)+key, disc+b.mm(4)
	}
	w := b.w - left - right
	lines, notes := b.face.wrap(o.Label, w/size), []string(nil)
	if o.Note != "" {
		notes = b.face.wrap(o.Note, w/note)
	}
	words := float32(len(lines))*size*lineHeight + float32(len(notes))*note*lineHeight
	at := frame{b.x, b.y, b.w, max(b.mm(finger), words+b.mm(5))}
	b.part(shape{at: at, fill: look.ground, line: look.line, stroke: stroke, radius: b.mm(2.4)})
	cap := frame{at.right() - b.mm(13), at.y + (at.h-b.mm(8))/2, b.mm(8), b.mm(8)}
	if acts {
		cap.x = at.x + b.mm(5)
		b.part(shape{at: frame{at.right() - b.mm(12), at.y + (at.h-b.mm(7))/2, b.mm(7), b.mm(7)}, icon: iconOn, ink: look.ink, on: look.ground})
	} else {
		b.mark(frame{at.x + b.mm(5), at.y + (at.h-disc)/2, disc, disc}, o.Marked, look)
	}
	text := frame{at.x + left, at.y + (at.h-words)/2 - size*.05, w, 0}
	b.lines(&b.out.parts, text, lines, size, look.ink, look.ground, fyne.TextAlignLeading)
	text.y += float32(len(lines)) * size * lineHeight
	b.lines(&b.out.parts, text, notes, note, look.ink, look.ground, fyne.TextAlignLeading)
	if o.Key != 0 {
		b.part(shape{at: cap, fill: look.ground, line: look.line, stroke: b.mm(.3), radius: b.mm(1.4)})
		b.middled(&b.out.parts, cap, []string{string(o.Key)}, b.em(5), look.ink, look.ground, fyne.TextAlignCenter)
	}
	said := join(o.Label, o.Note)
	if o.Marked {
		said = join(said, b.s.Cues.Marked)
	}
	if acts {
		said = join(b.s.Cues.Button, said)
	}
	b.target(target{press: o.Press, at: at, scrolls: true, key: o.Key, said: said, speech: o.Language, radius: b.mm(2.4), name: o.Label})
	b.y = at.bottom()
}

// mark is the circle of an option: hollow, or filled with a check mark.
func (b *builder) mark(at frame, marked bool, look pair) {
	b.part(shape{at: at, fill: look.ground, line: look.line, stroke: b.mm(.8), radius: at.w / 2})
	if marked {
		b.part(shape{at: at.grown(b.mm(.3)), icon: iconCircleCheck, ink: look.line, on: look.ground})
	}
}

func (b *builder) facts(f screen.Facts) {
	for i, row := range f.Rows {
		b.fact(row, i == len(f.Rows)-1)
	}
}

// fact draws a row: name above value, or beside it where both are short.
func (b *builder) fact(f screen.Fact, last bool) {
	size, small := b.body(), b.small()
	change := b.face.wrap(f.Change, b.mm(40)/small)
	button := float32(0)
	if f.Press != "" {
		button = max(b.mm(finger+6), b.face.widest(change)*small+b.mm(6))
	}
	w := b.w - b.mm(4)
	if button > 0 {
		w -= button + b.mm(4)
	}
	names, values := b.face.wrap(f.Name, w*.6/small), b.face.wrap(f.Value, w*.36/size)
	beside := len(names) <= 1 && len(values) <= 1 && f.Press == ""
	if !beside {
		names, values = b.face.wrap(f.Name, w/small), b.face.wrap(f.Value, w/size)
	}
	nh, vh := float32(len(names))*small*lineHeight, float32(len(values))*size*lineHeight
	h := nh + vh + b.mm(5)
	if beside {
		h = max(nh, vh) + b.mm(3)
	}
	if f.Press != "" {
		h = max(h, b.mm(finger+3))
	}
	at := frame{b.x, b.y, b.w, h}
	text := frame{at.x, at.y, w, 0}
	if beside {
		b.middled(&b.out.parts, frame{text.x, at.y, w * .6, h}, names, small, b.p.quiet, b.p.page.ground, fyne.TextAlignLeading)
		b.middled(&b.out.parts, frame{text.x + w*.62, at.y, w * .38, h}, values, size, b.p.page.ink, b.p.page.ground, fyne.TextAlignTrailing)
	} else {
		text.y += (h-nh-vh)/2 - small*.05
		b.lines(&b.out.parts, text, names, small, b.p.quiet, b.p.page.ground, fyne.TextAlignLeading)
		text.y += nh
		b.lines(&b.out.parts, text, values, size, b.p.page.ink, b.p.page.ground, fyne.TextAlignLeading)
	}
	if f.Press != "" {
		b.change(f, frame{at.right() - button, at.y + b.mm(1.5), button, h - b.mm(3)}, change, at)
	}
	if !last {
		b.part(shape{at: frame{at.x, at.bottom(), at.w, b.mm(.3)}, fill: b.p.page.line})
	}
	b.y = at.bottom() + b.mm(.3)
}

func (b *builder) change(f screen.Fact, at frame, words []string, row frame) {
	look := b.p.plain
	if f.Press == b.held && b.held != "" {
		look = b.p.held
	}
	b.part(shape{at: at, fill: look.ground, line: look.line, stroke: b.mm(.6), radius: b.mm(2.4)})
	b.middled(&b.out.parts, at, words, b.small(), look.ink, look.ground, fyne.TextAlignCenter)
	said := join(f.Name, f.Value, join(b.s.Cues.Button, f.Change))
	b.target(target{press: f.Press, at: at, scrolls: true, said: said, speech: f.Language, radius: b.mm(2.4), name: f.Name})
}

func (b *builder) report(r screen.Report) {
	size, small := b.body(), b.small()
	for i, l := range r.Lines {
		if i > 0 {
			b.y += b.mm(2.4)
		}
		side := size * 1.15
		mark, ink := iconCircleCheck, b.p.good
		if !l.OK {
			mark, ink = iconTriangle, b.p.stop
		}
		x, w := b.x+side+b.mm(4), b.w-side-b.mm(4)
		b.part(shape{at: frame{b.x, b.y + (size*lineHeight-side)/2, side, side}, icon: mark, ink: ink, on: b.p.page.ground})
		for _, t := range []struct {
			words string
			size  float32
			ink   colour
		}{{l.Name, size, b.p.page.ink}, {l.What, small, b.p.quiet}, {l.Do, size, b.p.page.ink}} {
			if t.words == "" {
				continue
			}
			lines := b.face.wrap(t.words, w/t.size)
			b.lines(&b.out.parts, frame{x, b.y, w, 0}, lines, t.size, t.ink, b.p.page.ground, fyne.TextAlignLeading)
			b.y += float32(len(lines)) * t.size * lineHeight
		}
	}
}

// join puts what is said one after the other, with a pause between.
func join(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			said = append(said, strings.TrimRight(p, ".,。，"))
		}
	}
	return strings.Join(said, ", ")
}
