package printer

import (
	"errors"
	"fmt"
)

func (b Bitmap) check(width int) error {
	stride := (b.Width + 7) / 8
	switch {
	case b.Width < 1 || b.Height < 1:
		return errors.New("the page is empty")
	case b.Width > width:
		return fmt.Errorf("the page is %d dots wide, the printer %d", b.Width, width)
	case b.Height > MaxHeight:
		return fmt.Errorf("the page is longer than %d rows", MaxHeight)
	case len(b.Pix) != stride*b.Height:
		return fmt.Errorf("the page has %d bytes, not %d rows of %d", len(b.Pix), b.Height, stride)
	}
	if past := byte(1)<<(stride*8-b.Width) - 1; past != 0 {
		for y := range b.Height {
			if b.Pix[(y+1)*stride-1]&past != 0 {
				return fmt.Errorf("row %d has dots right of the page", y)
			}
		}
	}
	return nil
}

// row returns the bytes of a row without the white ones at its end: none of a row
// that is white.
func (b Bitmap) row(y int) []byte {
	stride := (b.Width + 7) / 8
	return trim(b.Pix[y*stride : (y+1)*stride])
}

func trim(row []byte) []byte {
	for len(row) > 0 && row[len(row)-1] == 0 {
		row = row[:len(row)-1]
	}
	return row
}
