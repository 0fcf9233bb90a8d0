package kioskui

import (
	"unicode"

	"fyne.io/fyne/v2"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// keyShift is the key of Letters for capital letters. It is the View's own.
const keyShift = screen.KeyPrefix + "shift"

// keySpace types a space.
const keySpace = screen.KeyPrefix + " "

// entryOf returns the screen's Entry.
func entryOf(s screen.Screen) (screen.Entry, bool) {
	for _, p := range s.Parts {
		if e, ok := p.(screen.Entry); ok {
			return e, true
		}
	}
	return screen.Entry{}, false
}

func (b *builder) hasKeypad() bool {
	_, there := entryOf(b.s)
	return there
}

// withKeypad lays out a screen with an Entry: its keys do not scroll. Digits
// stand at the right, as on a telephone; letters below.
func (b *builder) withKeypad(free frame) {
	e, _ := entryOf(b.s)
	key, space := b.mm(finger), b.mm(1.8)
	if e.Kind == screen.Digits {
		w := 3*b.mm(26) + 2*space
		h := 4*key + 3*space
		pad := frame{free.right() - w, free.y + max(0, (free.h-h)/2-b.mm(1)), w, h}
		if h > free.h {
			b.problem("the keys have no room: %.0f mm", free.h/b.u)
		}
		left := frame{free.x, free.y, free.w - w - b.mm(12), free.h}
		left = b.heading(left, fyne.TextAlignLeading)
		b.scrolling(left, b.s.Parts)
		b.keys(pad, [][]string{{"1", "2", "3"}, {"4", "5", "6"}, {"7", "8", "9"}, {screen.KeyBack, "0"}}, space)
		return
	}
	rows := letterRows(b.caps)
	h := float32(len(rows))*(key+space) - space
	pad := frame{free.x, free.bottom() - h - b.mm(3), free.w, h}
	top := frame{free.x, free.y - b.mm(3), free.w, free.h - h - b.mm(2)}
	if top.h < b.mm(75) { // a wide display: the title stands beside what is typed
		b.besideKeys(top, e)
	} else {
		b.scrolling(b.heading(top, fyne.TextAlignLeading), b.s.Parts)
	}
	b.keys(pad, rows, space)
}

// besideKeys stands title and texts beside the entry. Larger texts than the
// second size have no room above the keys.
func (b *builder) besideKeys(top frame, e screen.Entry) {
	b.size, b.low = min(b.size, 1), true
	left := b.heading(frame{top.x, top.y, top.w*.54 - b.mm(8), top.h}, fyne.TextAlignLeading)
	for _, p := range b.s.Parts {
		t, ok := p.(screen.Text)
		if !ok {
			continue
		}
		size := b.em(smallEm[0])
		lines := b.face.wrap(t.Words, left.w/size)
		h := float32(len(lines)) * size * lineHeight
		if h > left.h {
			b.problem("%q has no room beside the entry", t.Words)
		}
		b.lines(&b.out.under, left, lines, size, b.p.page.ink, b.p.page.ground, fyne.TextAlignLeading)
		left.y, left.h = left.y+h, left.h-h
	}
	b.scrolling(frame{top.x + top.w*.54, top.y, top.w * .46, top.h}, []screen.Part{e})
}

// letterRows are a typewriter's. Shift makes the next letter a capital one.
func letterRows(caps bool) [][]string {
	rows := [][]string{}
	for _, r := range []string{"1234567890-", "qwertyuiop", "asdfghjkl", "zxcvbnm"} {
		var row []string
		for _, c := range r {
			if caps {
				c = unicode.ToUpper(c)
			}
			row = append(row, string(c))
		}
		rows = append(rows, row)
	}
	rows[3] = append(append([]string{keyShift}, rows[3]...), keySpace, screen.KeyBack)
	return rows
}

// keys draws rows of keys and makes them targets.
func (b *builder) keys(at frame, rows [][]string, space float32) {
	most := 0
	for _, r := range rows {
		most = max(most, len(r))
	}
	w := (at.w - float32(most-1)*space) / float32(most)
	h := (at.h - float32(len(rows)-1)*space) / float32(len(rows))
	for i, row := range rows {
		x := at.x
		if most > 3 { // letters stand in the middle
			x += (at.w - float32(len(row))*(w+space) + space) / 2
		}
		for _, k := range row {
			b.key(frame{x, at.y + float32(i)*(h+space), w, h}, k)
			x += w + space
		}
	}
}

func (b *builder) key(at frame, k string) {
	press, look := screen.KeyPrefix+k, b.p.card
	if k == screen.KeyBack || k == keyShift || k == keySpace {
		press = k
	}
	if press == b.held && b.held != "" {
		look = b.p.held
	}
	radius := b.mm(2.4)
	b.under(shape{at: at, fill: look.ground, line: look.line, stroke: b.mm(.5), radius: radius})
	side := b.mm(9)
	middle := frame{at.x + (at.w-side)/2, at.y + (at.h-side)/2, side, side}
	said := k
	switch k {
	case screen.KeyBack:
		b.under(shape{at: middle, icon: iconBack, ink: look.ink, on: look.ground})
		said = b.s.Cues.Back
	case keyShift:
		b.under(shape{at: middle, icon: iconShift, ink: look.ink, on: look.ground})
		said = b.s.Cues.Shift
	case keySpace:
		b.under(shape{at: middle, icon: iconSpace, ink: look.ink, on: look.ground})
		said = b.s.Cues.Space
	default:
		b.middled(&b.out.under, at, []string{k}, b.em(8), look.ink, look.ground, fyne.TextAlignCenter)
	}
	b.target(target{press: press, at: at, said: said, radius: radius, name: press})
}

// entry draws what is asked for and what is in it: dots where it is secret.
func (b *builder) entry(e screen.Entry) {
	size := b.body()
	if e.Label != "" {
		b.text(screen.Text{Words: e.Label})
		b.y += b.mm(2)
	}
	at := frame{b.x, b.y, min(b.w, b.mm(130)), max(b.mm(15), size*lineHeight+b.mm(3))}
	b.part(shape{at: at, fill: b.p.card.ground, line: b.p.card.line, stroke: b.mm(.8), radius: b.mm(2.4)})
	inner := frame{at.x + b.mm(5), at.y, at.w - b.mm(10), at.h}
	b.y = at.bottom()
	if e.Shown != "" {
		shown := []rune(b.face.clean(e.Shown))
		for len(shown) > 1 && b.face.width(shown)*size > inner.w {
			shown = shown[1:] // its end is what is typed
		}
		b.middled(&b.out.parts, inner, []string{string(shown)}, size, b.p.card.ink, b.p.card.ground, fyne.TextAlignLeading)
		return
	}
	dot := b.mm(4.4)
	fit := max(1, int((inner.w+dot*.7)/(dot*1.7)))
	for i := range min(e.Filled, fit) {
		b.part(shape{at: frame{inner.x + float32(i)*dot*1.7, at.y + (at.h-dot)/2, dot, dot}, icon: iconDisc, ink: b.p.card.ink, on: b.p.card.ground})
	}
}
