package kioskui

import (
	"image/color"
	"math"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

type colour = color.NRGBA

// A pair is a ground with what stands on it, and the line around it.
type pair struct{ ground, ink, line color.NRGBA }

// A palette is the colours of one party's screens. Of every pair, ink on ground
// has at least 10:1, or 20:1 with high contrast (WCAG 2.1, Section 1.4.3, which
// asks for 4.5:1).
type palette struct {
	page, bar, side          pair // the ground, the top row, the bands of the poll workers' screens
	card, marked             pair // an option
	lead, plain, grave, held pair // buttons; held is one under a finger
	off                      pair
	banner                   pair
	quiet                    color.NRGBA // small text on page
	good, warn, stop         color.NRGBA // icons on page: at least 3:1 (WCAG 2.1, Section 1.4.11)
	ring                     color.NRGBA
	least                    float64 // the contrast that texts must have
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

var (
	white = rgb(0xffffff)
	black = rgb(0x000000)
)

func paletteOf(p screen.Party, contrast bool) palette {
	c := normal()
	if contrast {
		c = high()
	}
	if p != screen.Workers {
		return c
	}
	if contrast {
		c.bar, c.side = pair{white, black, white}, pair{white, black, white}
		return c
	}
	c.page.ground = rgb(0xe8edf2)
	c.bar, c.side = pair{rgb(0x16283d), white, rgb(0x16283d)}, pair{rgb(0x16283d), white, rgb(0x16283d)}
	c.off = pair{rgb(0xccd4dc), rgb(0x161d24), rgb(0x4a5661)}
	c.quiet = rgb(0x26313c)
	return c
}

func normal() palette {
	ink, blue := rgb(0x14191f), rgb(0x0b3a70)
	return palette{
		page: pair{white, ink, rgb(0x76828f)}, bar: pair{rgb(0xf4f6f8), ink, rgb(0xc4ccd4)}, side: pair{white, ink, white},
		card: pair{white, ink, rgb(0x66727f)}, marked: pair{rgb(0xdfecfa), rgb(0x0a1a2c), blue},
		lead: pair{blue, white, blue}, plain: pair{white, rgb(0x0f2740), blue}, grave: pair{rgb(0x7d0f14), white, rgb(0x7d0f14)},
		held: pair{rgb(0x0c1b2e), white, black}, off: pair{rgb(0xdde2e7), rgb(0x1f272f), rgb(0x4f5b66)},
		banner: pair{rgb(0xffd21f), black, black}, quiet: rgb(0x333d47),
		good: rgb(0x0c6b36), warn: rgb(0x9a5b00), stop: rgb(0xa3161b), ring: black, least: 10,
	}
}

func high() palette {
	plain, inverse := pair{black, white, white}, pair{white, black, white}
	return palette{
		page: plain, bar: plain, side: plain, card: plain, marked: pair{white, black, black}, lead: inverse, plain: plain, grave: plain, held: inverse, off: plain,
		banner: pair{rgb(0xffffa0), black, black}, quiet: white, good: white, warn: white, stop: white, ring: rgb(0xffffa0), least: 20,
	}
}

// contrast is the ratio of two colours by WCAG 2.1 (contrast ratio, relative
// luminance): from 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	l, m := luminance(a), luminance(b)
	return (math.Max(l, m) + 0.05) / (math.Min(l, m) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func linear(v uint8) float64 {
	s := float64(v) / 255
	if s <= 0.03928 {
		return s / 12.92
	}
	return math.Pow((s+0.055)/1.055, 2.4)
}
