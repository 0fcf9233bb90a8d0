package kioskui

import (
	"fyne.io/fyne/v2"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"github.com/openreferendum/referendum/internal/typeface"
)

// lineHeight is that of the font's lines, in ems: 1.160 above and 0.288 below
// the baseline (its hhea table).
const lineHeight = 1.448

// A face measures text in the bundled font. Its widths are those of single
// characters: Fyne's, which kern, are the same or a little narrower.
type face struct {
	font     *sfnt.Font
	buffer   sfnt.Buffer
	advances map[rune]float32 // in ems; below 0: the font has no glyph
	inks     map[rune][2]float32
	source   fyne.Resource
}

func newFace() *face {
	f, err := sfnt.Parse(typeface.Regular())
	if err != nil {
		panic("kioskui: internal error: the bundled font: " + err.Error())
	}
	return &face{font: f, advances: map[rune]float32{}, inks: map[rune][2]float32{}, source: fyne.NewStaticResource("typeface", typeface.Regular())}
}

// advance is a character's width in ems. there is false if the font lacks it.
func (f *face) advance(r rune) (ems float32, there bool) {
	a, known := f.advances[r]
	if !known {
		a = f.load(r)
		f.advances[r] = a
	}
	if a < 0 {
		return 1, false
	}
	return a, true
}

func (f *face) load(r rune) float32 {
	g, err := f.font.GlyphIndex(&f.buffer, r)
	if err != nil || g == 0 {
		return -1
	}
	units := f.font.UnitsPerEm()
	a, err := f.font.GlyphAdvance(&f.buffer, g, fixed.I(int(units)), font.HintingNone)
	if err != nil {
		return -1
	}
	return float32(a) / 64 / float32(units)
}

// width is a text's width in ems.
func (f *face) width(text []rune) float32 {
	var w float32
	for _, r := range text {
		a, _ := f.advance(r)
		w += a
	}
	return w
}

// ink is how far above and below the baseline a text's characters reach, in
// ems.
func (f *face) ink(text string) (above, below float32) {
	for _, r := range text {
		i, known := f.inks[r]
		if !known {
			i = f.loadInk(r)
			f.inks[r] = i
		}
		above, below = max(above, i[0]), max(below, i[1])
	}
	return above, below
}

func (f *face) loadInk(r rune) [2]float32 {
	g, err := f.font.GlyphIndex(&f.buffer, r)
	if err != nil {
		return [2]float32{}
	}
	units := float32(f.font.UnitsPerEm())
	b, _, err := f.font.GlyphBounds(&f.buffer, g, fixed.I(int(units)), font.HintingNone)
	if err != nil {
		return [2]float32{}
	}
	return [2]float32{-float32(b.Min.Y) / 64 / units, float32(b.Max.Y) / 64 / units}
}

// clean replaces what the font lacks, so that Fyne never looks for a font of
// the machine's.
func (f *face) clean(text string) string {
	out := []rune(text)
	for i, r := range out {
		if r == '\n' {
			continue
		}
		if _, there := f.advance(r); !there {
			out[i] = '?'
		}
	}
	return string(out)
}
