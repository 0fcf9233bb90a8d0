package kioskui

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// bottom draws the buttons, which are always in sight: the leading one at the
// right and largest, the way back at the left. It takes their room from free.
func (b *builder) bottom(free *frame) []target {
	if len(b.s.Buttons) == 0 {
		return nil
	}
	full := free.w - 2*b.mm(margin)
	size := b.body()
	rows, height := b.buttonRows(full, size)
	pad := b.mm(4)
	h := float32(len(rows))*(height+b.mm(gap)) - b.mm(gap) + 2*pad
	bar := frame{free.x, free.bottom() - h, free.w, h}
	b.under(shape{at: frame{bar.x, bar.y, bar.w, b.mm(.4)}, fill: b.p.page.line})
	y := bar.y + pad
	for _, row := range rows {
		b.buttonRow(frame{free.x + b.mm(margin), y, full, height}, row, size)
		y += height + b.mm(gap)
	}
	free.h -= h
	targets := slices.Clone(b.out.targets)
	b.out.targets = nil
	return ordered(targets, b.s.Buttons)
}

// ordered puts targets into the order of their buttons.
func ordered(targets []target, buttons []screen.Button) []target {
	at := func(t target) int {
		return slices.IndexFunc(buttons, func(x screen.Button) bool { return x.Press == t.press })
	}
	slices.SortStableFunc(targets, func(a, c target) int { return at(a) - at(c) })
	return targets
}

// buttonRows breaks buttons into rows, from the top, and says how high they
// are. The last row has the leading one.
func (b *builder) buttonRows(full, size float32) ([][]label, float32) {
	var rows [][]label
	for perRow := len(b.s.Buttons); perRow >= 1; perRow-- {
		rows = b.split(perRow, full, size)
		if fits(rows, full, b.mm(gap)) || perRow == 1 {
			break
		}
	}
	high := 0
	for _, row := range rows {
		for _, l := range row {
			high = max(high, len(l.lines))
		}
	}
	return rows, max(b.mm(finger), float32(high)*size*lineHeight+b.mm(3))
}

func fits(rows [][]label, full, gap float32) bool {
	for _, row := range rows {
		w := -gap
		for _, l := range row {
			w += l.w + gap
		}
		if w > full {
			return false
		}
	}
	return true
}

// split puts so many buttons into each row, the leading one into the last.
func (b *builder) split(perRow int, full, size float32) [][]label {
	var rows [][]label
	for first := 0; first < len(b.s.Buttons); first += perRow {
		part := b.s.Buttons[first:min(first+perRow, len(b.s.Buttons))]
		row := []label{}
		for i, button := range part {
			row = append(row, b.label(button, full, size, len(part), b.leads(first+i)))
		}
		rows = append([][]label{row}, rows...)
	}
	b.even(rows)
	return rows
}

// leads reports whether a button is drawn as a leading one: the first, and where
// that is the way on, all others that are. Answers of one weight look the same,
// or the machine would have a favourite.
func (b *builder) leads(n int) bool {
	first, button := b.s.Buttons[0], b.s.Buttons[n]
	return button.Role != screen.Back && (n == 0 || first.Role == screen.Next && button.Role == screen.Next)
}

// even makes the leading buttons as wide as the widest of them.
func (b *builder) even(rows [][]label) {
	var widest float32
	b.leading(rows, func(l *label) { widest = max(widest, l.w) })
	b.leading(rows, func(l *label) { l.w = widest })
}

// leading calls do for the labels of the leading buttons.
func (b *builder) leading(rows [][]label, do func(*label)) {
	for _, row := range rows {
		for i := range row {
			if n := slices.Index(b.s.Buttons, row[i].button); b.leads(n) {
				do(&row[i])
			}
		}
	}
}

// label breaks a button's words: into two lines where one is too long for its
// share of the row.
func (b *builder) label(button screen.Button, full, size float32, perRow int, leads bool) label {
	pad, least := b.mm(10), b.mm(40)
	if button.Off {
		pad += b.mm(6) // for its mark
	}
	if leads {
		least = max(b.mm(70), full*.34)
	}
	lines := []string{b.face.clean(button.Label)}
	share := (full - float32(perRow-1)*b.mm(gap)) / float32(perRow)
	if room := max(share, least) - pad; b.face.widest(lines)*size > room {
		lines = b.face.balanced(button.Label, room/size)
	}
	return label{button, lines, max(least, b.face.widest(lines)*size+pad)}
}

func (b *builder) buttonRow(at frame, row []label, size float32) {
	right, left := at.right(), at.x
	widths := -b.mm(gap)
	for _, l := range row {
		widths += l.w + b.mm(gap)
	}
	leaders := float32(0)
	b.leading([][]label{row}, func(*label) { leaders++ })
	more := max(0, at.w-widths) / max(1, leaders)
	b.leading([][]label{row}, func(l *label) { l.w += min(more, max(0, at.w*.42-l.w)) })
	for _, l := range row {
		w := l.w
		f := frame{right - w, at.y, w, at.h}
		if l.button.Role == screen.Back {
			f.x = left
			left += w + b.mm(gap)
		} else {
			right -= w + b.mm(gap)
		}
		if f.x < at.x-1 {
			b.problem("the button %q has no room", l.button.Label)
		}
		b.button(f, l, b.lookOf(l.button), size, b.mm(.8))
	}
}

func (b *builder) lookOf(button screen.Button) pair {
	switch {
	case button.Off:
		return b.p.off
	case button.Role == screen.Grave:
		return b.p.grave
	case button.Role == screen.Next || button.Press == b.s.Buttons[0].Press && button.Role == screen.Other:
		return b.p.lead
	}
	return b.p.plain
}

// heading draws the title, with the mood's icon, and returns what is left.
func (b *builder) heading(free frame, align fyne.TextAlign) frame {
	if b.s.Title == "" && b.s.Mood == screen.Plain {
		return free
	}
	size := b.em(titleEm[b.size])
	if b.low {
		size = b.body()
	}
	at := frame{free.x, free.y, free.w, 0}
	mark, ink := b.mood()
	if mark != noIcon && align == fyne.TextAlignLeading {
		side := size * 1.15
		b.under(shape{at: frame{at.x, at.y + (size*lineHeight-side)/2, side, side}, icon: mark, ink: ink, on: b.p.page.ground})
		at.x, at.w = at.x+side+b.mm(4), at.w-side-b.mm(4)
	}
	lines := b.face.balanced(b.s.Title, at.w/size)
	if b.s.Title == "" {
		lines = nil
	}
	for len(lines) > 3 && size > b.body() {
		size = max(b.body(), float32(int(size*.92)))
		lines = b.face.balanced(b.s.Title, at.w/size)
	}
	h := float32(len(lines)) * size * lineHeight
	if h > b.out.size.Height*.36 {
		b.problem("the title takes %d lines, and there is no room for them", len(lines))
	}
	b.lines(&b.out.under, at, lines, size, b.p.page.ink, b.p.page.ground, align)
	return frame{free.x, free.y + h, free.w, free.h - h}
}

func (b *builder) mood() (icon, colour) {
	switch b.s.Mood {
	case screen.Busy:
		return iconHourglass, b.p.page.ink
	case screen.Done:
		return iconCircleCheck, b.p.good
	case screen.Warning:
		return iconTriangle, b.p.warn
	case screen.Stopped:
		return iconOctagon, b.p.stop
	}
	return noIcon, b.p.page.ink
}
