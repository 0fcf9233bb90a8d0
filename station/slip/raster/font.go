package raster

import (
	"fmt"
	"image"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"github.com/openreferendum/referendum/internal/typeface"
)

// parsed is the bundled font. It is read once and never changed.
var parsed = sync.OnceValue(func() *opentype.Font {
	f, err := opentype.Parse(typeface.Regular())
	if err != nil {
		panic("raster: internal error: the bundled font: " + err.Error())
	}
	return f
})

// Missing returns the characters of a text that the font cannot draw, each
// once. A manifest whose texts have any must be refused when it is loaded: Draw
// gives an error for them and never an empty box.
func Missing(text string) []rune {
	var buffer sfnt.Buffer
	var missing []rune
	seen := map[rune]bool{}
	for _, r := range text {
		if r == '\n' || seen[r] {
			continue
		}
		seen[r] = true
		if i, err := parsed().GlyphIndex(&buffer, r); err != nil || i == 0 {
			missing = append(missing, r)
		}
	}
	return missing
}

// ink of a dot from which on it is black, of 255. Thermal paper takes thin
// strokes badly, so it is below the half.
const threshold = 100

// A glyph is one character in one size.
type glyph struct {
	advance int
	dots    []image.Point // from the left end of the base line
}

// A size of the font, in dots, with the glyphs drawn so far.
type size struct {
	face    font.Face
	ascent  int
	height  int // of a line
	glyphs  map[rune]*glyph
	missing sfnt.Buffer
}

func newSize(dots int) (*size, error) {
	face, err := opentype.NewFace(parsed(), &opentype.FaceOptions{Size: float64(dots), DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, fmt.Errorf("opening the font: %w", err)
	}
	// The font's own line is 1.45 times its size, for scripts taller than ours.
	return &size{face: face, ascent: dots * 22 / 25, height: dots * 5 / 4, glyphs: map[rune]*glyph{}}, nil
}

// glyph draws a character, or takes it from the cache.
func (s *size) glyph(r rune) (*glyph, error) {
	if g, ok := s.glyphs[r]; ok {
		return g, nil
	}
	if i, err := parsed().GlyphIndex(&s.missing, r); err != nil || i == 0 {
		return nil, fmt.Errorf("the font has no glyph for %q (%U)", r, r)
	}
	box, mask, at, advance, ok := s.face.Glyph(fixed.Point26_6{}, r)
	if !ok {
		return nil, fmt.Errorf("the font cannot draw %q (%U)", r, r)
	}
	g := &glyph{advance: advance.Round()}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			_, _, _, alpha := mask.At(at.X+x-box.Min.X, at.Y+y-box.Min.Y).RGBA()
			if alpha>>8 >= threshold {
				g.dots = append(g.dots, image.Pt(x, y))
			}
		}
	}
	s.glyphs[r] = g
	return g, nil
}
