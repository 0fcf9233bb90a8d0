package printertest

import (
	"bytes"
	"image"
	"image/color"
)

// A sheet is a length of paper, packed as GS v 0 packs it: the most significant
// bit is the leftmost dot, 1 is black.
type sheet struct {
	rows    []byte
	text    []byte
	qr      []string
	partial bool
}

func (s *sheet) blank() bool { return len(bytes.Trim(s.rows, "\x00")) == 0 }

var ink = color.Palette{color.Gray{0xFF}, color.Gray{0}}

// piece unpacks a sheet of paper of the given width.
func (s *sheet) piece(width int) Piece {
	stride := (width + 7) / 8
	height := len(s.rows) / stride
	m := image.NewPaletted(image.Rect(0, 0, width, height), ink)
	for y := range height {
		for x := range width {
			m.Pix[y*m.Stride+x] = s.rows[y*stride+x/8] >> (7 - x%8) & 1
		}
	}
	return Piece{Image: m, Text: string(s.text), QR: append([]string(nil), s.qr...), Height: height, Partial: s.partial}
}

// row moves the paper by one row, with the given dots on it, or none. It waits
// until it can.
func (p *Printer) row(dots []byte) error {
	p.pause()
	for {
		if err := p.ready(false); err != nil {
			return err
		}
		f := p.due()
		if f == nil {
			break
		}
		p.outside(f)
	}
	stride := (p.c.Width + 7) / 8
	packed := make([]byte, stride)
	copy(packed, dots)
	if p.c.Width%8 != 0 {
		packed[stride-1] &= 0xFF << (8 - p.c.Width%8)
	}
	p.sheet.rows = append(p.sheet.rows, packed...)
	p.printed++
	p.unroll()
	return p.show()
}

// pause lets others in, and keeps the pace.
func (p *Printer) pause() {
	row := p.printed
	p.outside(func() {
		if p.c.Pace != nil {
			p.c.Pace(row)
		}
	})
}

// outside calls a function without the lock.
func (p *Printer) outside(f func()) {
	p.mu.Unlock()
	defer p.mu.Lock()
	f()
}

// due returns the next hook whose row has come.
func (p *Printer) due() func() {
	for i, h := range p.hooks {
		if h.row <= p.printed {
			p.hooks = append(p.hooks[:i:i], p.hooks[i+1:]...)
			return h.f
		}
	}
	return nil
}

// unroll takes a row off the roll.
func (p *Printer) unroll() {
	p.left--
	switch {
	case p.left <= 0 && !p.state.PaperEnd:
		p.state.PaperEnd = true
		p.changed()
	case p.left <= p.c.Roll/20 && !p.state.NearEnd:
		p.state.NearEnd = true
		p.changed()
	}
}

// show tells of paper that comes out below the cutter.
func (p *Printer) show() error {
	if p.shown || p.sheet.height(p.c.Width) <= p.c.CutterGap {
		return nil
	}
	p.shown = true
	if f := p.onPaper; f != nil {
		p.outside(func() { f(true, nil) })
	}
	return nil
}

func (s *sheet) height(width int) int { return len(s.rows) / ((width + 7) / 8) }

// obeyCut is GS V: cut where the paper is, or feed to the cutter and cut. In the
// middle of a line it has no effect.
func (p *Printer) obeyCut(h []byte) error {
	if !p.line.empty() {
		p.unknown(h)
		return nil
	}
	m := h[2]
	switch m {
	case 0, '0', 1, '1':
		return p.cut(m&1 == 1)
	case 65, 66, 103, 104:
		if err := p.feed(p.c.CutterGap + int(h[3])); err != nil {
			return err
		}
		return p.cut(m == 66 || m == 104)
	}
	p.unknown(h)
	return nil
}

// cut cuts the paper at the cutter. A cutter that is stuck is an error, and the
// cut is tried again after recovery.
func (p *Printer) cut(partial bool) error {
	for {
		if err := p.ready(false); err != nil {
			return err
		}
		if !p.state.CutterStuck {
			break
		}
		p.cutterError = true
		p.changed()
	}
	stride := (p.c.Width + 7) / 8
	at := len(p.sheet.rows) - p.c.CutterGap*stride
	if at <= 0 {
		return nil // the paper has not reached the cutter since the last cut
	}
	cut := p.sheet
	p.sheet = sheet{rows: bytes.Clone(cut.rows[at:])}
	cut.rows, cut.partial = bytes.Clone(cut.rows[:at]), partial
	p.cuts = append(p.cuts, cut)
	p.shown = false
	if f := p.onPaper; f != nil {
		piece := cut.piece(p.c.Width)
		p.outside(func() { f(false, &piece) })
	}
	return nil
}

// feed moves the paper without dots.
func (p *Printer) feed(rows int) error {
	for range rows {
		if err := p.row(nil); err != nil {
			return err
		}
	}
	return nil
}

// tear takes off what hangs from the printer, and leaves the given number of white
// rows between head and cutter.
func (p *Printer) tear() (told func(bool, *Piece)) {
	torn := p.sheet
	if !torn.blank() {
		p.torn = append(p.torn, torn)
	}
	p.sheet = sheet{rows: make([]byte, p.c.CutterGap*((p.c.Width+7)/8))}
	if p.shown {
		told = p.onPaper
	}
	p.shown = false
	return told
}
