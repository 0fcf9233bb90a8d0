package raster

import (
	"image"
	"image/color"
)

// Width is the number of dots across the paper: 80 mm paper, 203 dots an inch.
const Width = 576

const stride = Width / 8

// A Bitmap is a printed page, one bit a dot: the most significant bit of a byte
// is its leftmost dot, a 1 is black. That is the form of the command GS v 0 of
// receipt printers.
type Bitmap struct {
	Height int
	Pix    []byte // Width/8 bytes a row
}

// Black reports whether a dot is black. Dots outside are white.
func (b *Bitmap) Black(x, y int) bool {
	if x < 0 || x >= Width || y < 0 || y >= b.Height {
		return false
	}
	return b.Pix[y*stride+x/8]&(0x80>>(x%8)) != 0
}

func (b *Bitmap) set(x, y int) {
	if x >= 0 && x < Width && y >= 0 && y < b.Height {
		b.Pix[y*stride+x/8] |= 0x80 >> (x % 8)
	}
}

func (b *Bitmap) fill(x0, y0, x1, y1 int) {
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			b.set(x, y)
		}
	}
}

// frame draws a rectangle's border, inwards.
func (b *Bitmap) frame(x0, y0, x1, y1, thick int) {
	b.fill(x0, y0, x1, y0+thick)
	b.fill(x0, y1-thick, x1, y1)
	b.fill(x0, y0, x0+thick, y1)
	b.fill(x1-thick, y0, x1, y1)
}

// invert turns black to white and back in whole rows.
func (b *Bitmap) invert(y0, y1 int) {
	for i := y0 * stride; i < y1*stride; i++ {
		b.Pix[i] = ^b.Pix[i]
	}
}

// grow makes room for more rows.
func (b *Bitmap) grow(rows int) {
	b.Pix = append(b.Pix, make([]byte, rows*stride)...)
	b.Height += rows
}

var ink = color.Palette{color.Gray{0xff}, color.Gray{0}}

// Image returns the page as an image of two colours, which package image/png
// writes with one bit a dot.
func (b *Bitmap) Image() *image.Paletted {
	m := image.NewPaletted(image.Rect(0, 0, Width, b.Height), ink)
	for i, packed := range b.Pix {
		for bit := range 8 {
			m.Pix[i*8+bit] = packed >> (7 - bit) & 1
		}
	}
	return m
}
