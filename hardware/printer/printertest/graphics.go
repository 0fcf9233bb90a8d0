package printertest

import qrcode "github.com/skip2/go-qrcode"

// maxStored bounds the graphics that GS ( L keeps, in bytes.
const maxStored = 4 << 20

// raster is GS v 0 m xL xH yL yH: rows of dots. Each is printed as soon as it is
// here.
func (p *Printer) raster(h []byte) error {
	if h[2] != '0' {
		p.unknown(h)
		return nil
	}
	if err := p.feedLine(0); err != nil {
		return err
	}
	stride, height := int(number(h[4:6])), int(number(h[6:8]))
	if stride == 0 {
		return nil
	}
	wide, high := 1+int(h[3]&1), 1+int(h[3]>>1&1)
	for range height {
		packed := make([]byte, stride)
		for i := range packed {
			b, err := p.datum()
			if err != nil {
				return err
			}
			packed[i] = b
		}
		if err := p.rasterRow(unpack(packed), wide, high); err != nil {
			return err
		}
	}
	return nil
}

func unpack(packed []byte) []byte {
	dots := make([]byte, len(packed)*8)
	for i := range dots {
		dots[i] = packed[i/8] >> (7 - i%8) & 1
	}
	return dots
}

// rasterRow prints a row of a picture, one byte a dot, magnified.
func (p *Printer) rasterRow(dots []byte, wide, high int) error {
	row := make([]byte, (p.c.Width+7)/8)
	x0 := p.origin(len(dots) * wide)
	for i, b := range dots {
		for k := range wide {
			if x := x0 + i*wide + k; b != 0 && x < p.c.Width {
				row[x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	for range high {
		if err := p.row(row); err != nil {
			return err
		}
	}
	return nil
}

func (p *Printer) printPicture(m picture, wide, high int) error {
	if err := p.feedLine(0); err != nil {
		return err
	}
	for y := range m.h {
		if err := p.rasterRow(m.dots[y*m.w:(y+1)*m.w], wide, high); err != nil {
			return err
		}
	}
	return nil
}

// columns is ESC * m nL nH: a part of a line, in columns of 8 or 24 dots.
func (p *Printer) columns(h []byte) error {
	high, wide, tall := 8, 1, 3 // an 8-dot column is three times as high as wide
	switch h[2] {
	case 0:
		wide = 2
	case 1:
	case 32:
		high, wide, tall = 24, 2, 1
	case 33:
		high, tall = 24, 1
	default:
		p.unknown(h)
		return nil
	}
	columns := int(number(h[3:5]))
	d, err := p.data()
	if err != nil {
		return err
	}
	room := max(0, (p.c.Width-p.line.x)/wide)
	m := newPicture(min(columns, room)*wide, high*tall)
	for i := range m.dots {
		x, y := i%m.w/wide, i/m.w/tall
		m.dots[i] = d[x*high/8+y/8] >> (7 - y%8) & 1
	}
	if m.w > 0 {
		p.line.add(m, 0)
	}
	return nil
}

// stored is a picture to be printed magnified.
type stored struct {
	picture
	wide, high int
}

// graphics is GS ( L and GS 8 L: 112 and 113 store a picture, 50 prints it.
func (p *Printer) graphics() error {
	if p.rest > maxStored {
		p.strange = append(p.strange, "GS 8 L: too large")
		return nil
	}
	d, err := p.data()
	if err != nil || len(d) < 2 || d[0] != 48 {
		return err
	}
	switch d[1] {
	case 2, 50:
		m := p.set.stored
		p.set.stored = stored{}
		return p.printPicture(m.picture, m.wide, m.high)
	case 112, 113:
		p.store(d)
	}
	return nil
}

// store keeps a picture: a bx by c xL xH yL yH and its dots, by rows (112) or by
// columns (113). There is one colour and one tone.
func (p *Printer) store(d []byte) {
	if len(d) < 10 || d[2] != 48 || d[3] < 1 || d[3] > 2 || d[4] < 1 || d[4] > 2 || d[5] != 49 {
		return
	}
	w, h, packed := int(number(d[6:8])), int(number(d[8:10])), d[10:]
	m := newPicture(min(w, p.c.Width), h)
	rowBytes, columnBytes := (w+7)/8, (h+7)/8
	for i := range m.dots {
		x, y := i%m.w, i/m.w
		at, bit := y*rowBytes+x/8, x%8
		if d[1] == 113 {
			at, bit = x*columnBytes+y/8, y%8
		}
		if at < len(packed) {
			m.dots[i] = packed[at] >> (7 - bit) & 1
		}
	}
	p.set.stored = stored{m, int(d[3]), int(d[4])}
}

// A code is a QR code in the making: GS ( k with cn 49.
type code struct {
	module int
	level  byte
	data   []byte
}

// symbol is GS ( k: only QR codes are known.
func (p *Printer) symbol() error {
	d, err := p.data()
	if err != nil || len(d) < 3 || d[0] != 49 {
		return err
	}
	c := &p.set.code
	switch d[1] {
	case 67:
		if d[2] >= 1 && d[2] <= 16 {
			c.module = int(d[2])
		}
	case 69:
		if d[2] >= '0' && d[2] <= '3' {
			c.level = d[2]
		}
	case 80:
		c.data = d[3:]
	case 81:
		return p.printCode()
	}
	return nil
}

// printCode prints the stored data as a QR code, without a quiet zone: that is the
// business of the program that places it. Data that do not fit print nothing.
func (p *Printer) printCode() error {
	c := p.set.code
	if len(c.data) == 0 {
		return nil
	}
	q, err := qrcode.New(string(c.data), qrcode.RecoveryLevel(c.level-'0'))
	if err != nil {
		return nil
	}
	q.DisableBorder = true
	modules := q.Bitmap()
	m := newPicture(len(modules)*c.module, len(modules)*c.module)
	for i := range m.dots {
		if modules[i/m.w/c.module][i%m.w/c.module] {
			m.dots[i] = 1
		}
	}
	if err := p.printPicture(m, 1, 1); err != nil {
		return err
	}
	if len(p.sheet.qr) < 1000 {
		p.sheet.qr = append(p.sheet.qr, string(c.data))
	}
	return nil
}
