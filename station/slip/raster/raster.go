// Package raster draws a page as dots for a receipt printer, as specified in
// docs/spec/paper.md, Section 7.
//
// The same bundled font draws every character on every machine, so the same
// page gives the same dots everywhere, and equal slips are equal papers. Why it
// is drawn here and not by the printer: docs/adr/0010-one-raster-for-paper.md.
package raster

import (
	"fmt"
	"sync"

	"github.com/openreferendum/referendum/station/slip"
)

// Sizes of text, in dots.
const (
	small   = 20
	normal  = 24
	large   = 28
	choice  = 36
	largest = 72 // of a mark; it shrinks until it fits
)

// Distances, in dots.
const (
	margin = 16
	gap    = 10
	indent = 24 // of a choice inside its frame
)

// MaxHeight bounds a page: six metres of paper.
const MaxHeight = 48000

// A Renderer draws pages. Its methods may be called from many goroutines. The
// zero value is not usable: see New.
type Renderer struct {
	mu    sync.Mutex
	sizes map[int]*size
}

// New returns a Renderer with an empty glyph cache.
func New() *Renderer { return &Renderer{sizes: map[int]*size{}} }

// Draw draws a page. It refuses a page that is not valid, that holds a character
// the font lacks, or that would be longer than MaxHeight.
func (r *Renderer) Draw(p slip.Page) (*Bitmap, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("drawing: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c := &canvas{r: r, b: &Bitmap{}}
	c.b.grow(gap)
	for i, b := range p.Blocks {
		if err := c.block(b); err != nil {
			return nil, fmt.Errorf("drawing block %d of a %s: %w", i+1, p.Kind, err)
		}
		if c.b.Height > MaxHeight {
			return nil, fmt.Errorf("drawing a %s: longer than %d dots", p.Kind, MaxHeight)
		}
	}
	c.b.grow(gap)
	return c.b, nil
}

func (r *Renderer) size(dots int) (*size, error) {
	if s, ok := r.sizes[dots]; ok {
		return s, nil
	}
	s, err := newSize(dots)
	if err != nil {
		return nil, err
	}
	r.sizes[dots] = s
	return s, nil
}

// A canvas is a page as far as it is drawn. Blocks are added at its lower end.
type canvas struct {
	r *Renderer
	b *Bitmap
}

func (c *canvas) block(b slip.Block) error {
	switch b.Kind {
	case slip.Heading:
		return c.text(b.Text, large, margin, Width-margin, centre)
	case slip.Text:
		return c.text(b.Text, normal, margin, Width-margin, left)
	case slip.Row:
		return c.row(b)
	case slip.Choice:
		return c.choice(b)
	case slip.Mark:
		return c.mark(b.Text)
	case slip.Code:
		return c.code(b)
	case slip.QR:
		return c.qr(b.Text)
	case slip.Rule:
		c.rule(2)
	case slip.Signature:
		c.b.grow(64)
		c.rule(1)
		return c.text(b.Label, small, margin, Width-margin, left)
	case slip.Cut:
		c.b.grow(2 * gap)
	}
	return nil
}

// Places of a line between its edges.
const (
	left = iota
	centre
	right
)

// text draws a text, wrapped, below what is there.
func (c *canvas) text(text string, dots, x0, x1, place int) error {
	s, lines, err := c.wrap(text, dots, x1-x0)
	if err != nil {
		return err
	}
	y := c.b.Height
	c.b.grow(len(lines)*s.height + gap)
	c.lines(s, lines, x0, x1, y, place)
	return nil
}

func (c *canvas) wrap(text string, dots, width int) (*size, [][]rune, error) {
	s, err := c.r.size(dots)
	if err != nil {
		return nil, nil, err
	}
	lines, err := s.wrap(text, width)
	if len(lines)*s.height > MaxHeight {
		return nil, nil, fmt.Errorf("longer than %d dots", MaxHeight)
	}
	return s, lines, err
}

// lines draws wrapped lines from row y on.
func (c *canvas) lines(s *size, lines [][]rune, x0, x1, y, place int) {
	for _, line := range lines {
		x := x0
		switch free := x1 - x0 - s.measure(line); place {
		case centre:
			x += free / 2
		case right:
			x += free
		}
		for _, r := range line {
			g := s.glyphs[r]
			for _, d := range g.dots {
				c.b.set(x+d.X, y+s.ascent+d.Y)
			}
			x += g.advance
		}
		y += s.height
	}
}
