package printertest

import (
	"image"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/encoding/simplifiedchinese"
)

const ht = 0x09

// settings are what ESC @ and switching off forget.
type settings struct {
	align           byte // 0 left, 1 centre, 2 right
	wide, high      int  // magnification of characters
	bold, underline bool
	invert, fontB   bool
	oneByte         bool // FS .: no two-byte characters
	spacing         int  // rows from line to line
	space           int  // dots after each character
	left, area      int  // left margin and width of the printing area, in dots
	automatic       byte // GS a
	code            code
	stored          stored // GS ( L, function 112
}

func (p *Printer) reset() {
	p.set = settings{wide: 1, high: 1, spacing: 30, area: p.c.Width, code: code{module: 3, level: '0'}}
	p.line = line{}
}

// A picture has a byte for each dot; 1 is black.
type picture struct {
	w, h int
	dots []byte
}

func newPicture(w, h int) picture { return picture{w, h, make([]byte, w*h)} }

// A line is put together before it is printed, when it ends.
type line struct {
	x       int // of the next part
	parts   []part
	text    []byte
	pending []byte // the beginning of a character of several bytes
}

type part struct {
	x int
	picture
}

// maxParts bounds a line: one can be written over again and again.
const maxParts = 2000

func (l *line) empty() bool { return len(l.parts) == 0 && len(l.pending) == 0 && l.x == 0 }

// add puts a part at the pen, and moves it.
func (l *line) add(m picture, space int) {
	if len(l.parts) < maxParts {
		l.parts = append(l.parts, part{l.x, m})
	}
	l.x += m.w + space
}

// say keeps what was sent as a character.
func (l *line) say(s string) {
	if len(l.text) < 4*maxParts {
		l.text = append(l.text, s...)
	}
}

// moveTo moves the pen. Words that are moved apart have a space between them.
func (p *Printer) moveTo(x int) {
	if x < 0 || x > p.c.Width {
		return
	}
	if x > p.line.x && len(p.line.text) > 0 {
		p.line.say(" ")
	}
	p.line.x = x
}

// tab moves to the next eighth column.
func (p *Printer) tab() error {
	step := 8 * 12
	p.moveTo((p.line.x/step + 1) * step)
	return nil
}

// character takes a byte of text. Characters of two and four bytes are put
// together.
func (p *Printer) character(b byte) error {
	l := &p.line
	if len(l.pending) == 0 && (b < 0x80 || p.set.oneByte) {
		return p.glyph(rune(b))
	}
	l.pending = append(l.pending, b)
	want := 2
	if p.c.Encoding == simplifiedchinese.GB18030 && len(l.pending) >= 2 && l.pending[1] >= '0' && l.pending[1] <= '9' {
		want = 4
	}
	if len(l.pending) < want {
		return nil
	}
	s, err := p.c.Encoding.NewDecoder().Bytes(l.pending)
	l.pending = nil
	if err != nil {
		s = []byte("\uFFFD")
	}
	for _, c := range string(s) {
		if err := p.glyph(c); err != nil {
			return err
		}
	}
	return nil
}

// glyph puts a character on the line; on the next one when this one is full.
func (p *Printer) glyph(c rune) error {
	cell := image.Pt(12, 24)
	switch {
	case c >= 0x80 && !p.set.oneByte:
		cell = image.Pt(24, 24)
	case p.set.fontB:
		cell = image.Pt(9, 17)
	}
	if c == 0x7F || c >= 0x80 && p.set.oneByte { // code pages are not known here
		c = '\uFFFD'
	}
	if p.line.x > 0 && p.line.x+cell.X*p.set.wide > p.width() {
		if err := p.newline(false); err != nil {
			return err
		}
	}
	p.line.add(p.style(drawRune(p.c.Face, c, cell)), p.set.space)
	p.line.say(string(c))
	return nil
}

// width of the printing area.
func (p *Printer) width() int { return max(1, min(p.set.area, p.c.Width-p.set.left)) }

// drawRune draws a character into a cell.
func drawRune(face font.Face, c rune, cell image.Point) picture {
	size := cell
	if face == nil {
		if c >= 0x80 {
			return box(cell)
		}
		face, size = basicfont.Face7x13, image.Pt(7, 13)
	}
	size.X = max(size.X, font.MeasureString(face, string(c)).Ceil()) // squeezed into the cell
	m := image.NewGray(image.Rectangle{Max: size})
	metrics := face.Metrics()
	base := (fixed.I(size.Y) - metrics.Ascent - metrics.Descent) / 2
	d := font.Drawer{Dst: m, Src: image.White, Face: face, Dot: fixed.Point26_6{Y: base + metrics.Ascent}}
	d.Dot.X = max(0, (fixed.I(size.X)-d.MeasureString(string(c)))/2)
	d.DrawString(string(c))
	out := newPicture(cell.X, cell.Y)
	for i := range out.dots {
		x, y := i%cell.X, i/cell.X
		for from, to := x*size.X/cell.X, (x+1)*size.X/cell.X; from < max(to, x*size.X/cell.X+1); from++ {
			out.dots[i] |= m.GrayAt(from, y*size.Y/cell.Y).Y >> 7
		}
	}
	return out
}

// box is the frame drawn for a character that the face lacks.
func box(cell image.Point) picture {
	m := newPicture(cell.X, cell.Y)
	for y := 2; y < cell.Y-2; y++ {
		for x := 2; x < cell.X-2; x++ {
			if y == 2 || y == cell.Y-3 || x == 2 || x == cell.X-3 {
				m.dots[y*cell.X+x] = 1
			}
		}
	}
	return m
}

// style changes a character as the settings say.
func (p *Printer) style(m picture) picture {
	out := newPicture(m.w*p.set.wide, m.h*p.set.high)
	for y := range out.h {
		for x := range out.w {
			b := m.dots[y/p.set.high*m.w+x/p.set.wide]
			if p.set.bold && x > 0 {
				b |= m.dots[y/p.set.high*m.w+(x-1)/p.set.wide]
			}
			if p.set.underline && y >= out.h-2 {
				b = 1
			}
			if p.set.invert {
				b ^= 1
			}
			out.dots[y*out.w+x] = b
		}
	}
	return out
}

// newline prints the line and feeds to the next.
func (p *Printer) newline(sent bool) error {
	if sent {
		p.line.say("\n")
	}
	return p.feedLine(p.set.spacing)
}

func (p *Printer) feedLines(n int) error {
	if n == 0 {
		return p.feedLine(0)
	}
	for range n {
		if err := p.newline(true); err != nil {
			return err
		}
	}
	return nil
}

// feedLine prints the line and moves the paper by so many rows in all, more if the
// line is higher.
func (p *Printer) feedLine(rows int) error {
	l := p.line
	p.line = line{}
	h := 0
	for _, part := range l.parts {
		h = max(h, part.h)
	}
	for _, dots := range p.compose(l, h) {
		if err := p.row(dots); err != nil {
			return err
		}
	}
	if len(p.sheet.text) < maxText {
		p.sheet.text = append(p.sheet.text, l.text...)
	}
	return p.feed(rows - h)
}

// maxText bounds what is kept of a piece's text.
const maxText = 1 << 16

// compose draws a line's parts: side by side, on one base.
func (p *Printer) compose(l line, h int) [][]byte {
	stride := (p.c.Width + 7) / 8
	rows := make([][]byte, h)
	for y := range rows {
		rows[y] = make([]byte, stride)
	}
	x0 := p.origin(l.x)
	for _, m := range l.parts {
		for i, b := range m.dots {
			x, y := x0+m.x+i%m.w, h-m.h+i/m.w
			if b != 0 && x >= 0 && x < p.c.Width {
				rows[y][x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return rows
}

// origin is where something of the given width begins.
func (p *Printer) origin(width int) int {
	free := max(0, p.width()-width)
	switch p.set.align {
	case 1:
		return p.set.left + free/2
	case 2:
		return p.set.left + free
	}
	return p.set.left
}
