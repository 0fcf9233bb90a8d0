package raster

import (
	"fmt"
	"strings"

	"github.com/skip2/go-qrcode"

	"github.com/openreferendum/referendum/station/slip"
)

// row draws a label at the left and a text at the right, on the same height if
// both fit.
func (c *canvas) row(b slip.Block) error {
	s, label, err := c.wrap(b.Label, normal, (Width-2*margin)*3/5)
	if err != nil {
		return err
	}
	used := 0
	for _, line := range label {
		used = max(used, s.measure(line))
	}
	x := margin + used + gap
	_, text, err := c.wrap(b.Text, normal, Width-margin-x)
	if err != nil {
		return err
	}
	y := c.b.Height
	c.b.grow(max(len(label), len(text))*s.height + gap/2)
	c.lines(s, label, margin, x, y, left)
	c.lines(s, text, x, Width-margin, y, right)
	return nil
}

// choice draws the question, and in a thick frame the choice.
func (c *canvas) choice(b slip.Block) error {
	if err := c.text(fmt.Sprintf("%d. %s", b.Number, b.Label), normal, margin, Width-margin, left); err != nil {
		return err
	}
	top := c.b.Height
	c.b.grow(gap)
	if err := c.text(b.Text, choice, margin+indent, Width-margin-indent, left); err != nil {
		return err
	}
	c.b.frame(margin, top, Width-margin, c.b.Height, 4)
	c.b.fill(margin, top, margin+indent/2, c.b.Height)
	c.b.grow(2 * gap)
	return nil
}

// mark draws white letters in a black band, as large as they fit.
func (c *canvas) mark(text string) error {
	top := c.b.Height
	c.b.grow(gap)
	for paragraph := range strings.SplitSeq(text, "\n") {
		dots := largest
		for ; dots > normal; dots -= 4 {
			_, lines, err := c.wrap(paragraph, dots, Width-2*margin)
			if err != nil {
				return err
			}
			if len(lines) == 1 {
				break
			}
		}
		if err := c.text(paragraph, dots, margin, Width-margin, centre); err != nil {
			return err
		}
	}
	c.b.invert(top, c.b.Height)
	c.b.grow(gap)
	return nil
}

// code draws groups of symbols below their label, one group below the other, so
// that two papers are compared column by column.
func (c *canvas) code(b slip.Block) error {
	if err := c.text(b.Label, small, margin, Width-margin, left); err != nil {
		return err
	}
	groups := strings.FieldsFunc(b.Text, func(r rune) bool { return r == '-' || r == ' ' })
	dots := large
	if len(groups) > 14 {
		dots = normal
	}
	s, widest, err := c.groups(groups, dots)
	if err != nil {
		return err
	}
	pitch := widest + 12
	columns := max(1, (Width-2*margin+12)/pitch)
	for i, g := range groups {
		if i%columns == 0 {
			c.b.grow(s.height)
		}
		x := margin + i%columns*pitch
		c.lines(s, [][]rune{[]rune(g)}, x, x+widest, c.b.Height-s.height, left)
	}
	c.b.grow(gap)
	return nil
}

// groups draws the groups' glyphs into the cache and returns the widest width.
func (c *canvas) groups(groups []string, dots int) (*size, int, error) {
	widest := 0
	s, err := c.r.size(dots)
	if err != nil {
		return nil, 0, err
	}
	for _, g := range groups {
		for _, r := range g {
			if _, err := s.glyph(r); err != nil {
				return nil, 0, err
			}
		}
		widest = max(widest, s.measure([]rune(g)))
	}
	if widest > Width-2*margin {
		return nil, 0, fmt.Errorf("a group of %d dots does not fit on the paper", widest)
	}
	return s, widest, nil
}

func (c *canvas) rule(thick int) {
	y := c.b.Height
	c.b.grow(thick + gap)
	c.b.fill(margin, y, Width-margin, y+thick)
}

// versions are the sizes of QR code in use, so that codes of one kind are of
// one size: docs/spec/paper.md, Section 5.
var versions = []int{7, 10, 15, 20, 25}

// qr draws a QR code of level M in the smallest version that holds it, with
// the quiet zone of 4 modules that the standard asks for.
func (c *canvas) qr(payload string) error {
	for _, v := range versions {
		q, err := qrcode.NewWithForcedVersion(payload, v, qrcode.Medium)
		if err != nil {
			continue // too small
		}
		c.modules(q.Bitmap()) // with its quiet zone
		return nil
	}
	return fmt.Errorf("%d bytes do not fit into a QR code", len(payload))
}

func (c *canvas) modules(rows [][]bool) {
	dots := min(6, Width/len(rows))
	x0, y0 := (Width-len(rows)*dots)/2, c.b.Height
	c.b.grow(len(rows) * dots)
	for y, row := range rows {
		for x, black := range row {
			if black {
				c.b.fill(x0+x*dots, y0+y*dots, x0+(x+1)*dots, y0+(y+1)*dots)
			}
		}
	}
}
