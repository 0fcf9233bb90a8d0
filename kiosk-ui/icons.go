package kioskui

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/vector"
)

// An icon is a shape that is filled in one colour, drawn here so that it never
// comes from an emoji font.
type icon int

const (
	noIcon icon = iota
	iconCheck
	iconCircleCheck
	iconTriangle
	iconOctagon
	iconHourglass
	iconDisc
	iconUp
	iconDown
	iconBack
	iconShift
	iconStripes
	iconSpace
	iconOn  // the way on
	iconOff // a circle that is crossed out
)

type point struct{ x, y float32 } // from 0 to 1

// outlines are the polygons of an icon. Those that lie in another are turned
// the other way, and cut out of it.
func outlines(i icon) [][]point {
	check := []point{{.20, .53}, {.30, .43}, {.43, .57}, {.71, .27}, {.81, .37}, {.43, .76}}
	bang := func(y float32) [][]point {
		return [][]point{
			{{.45, .28 + y}, {.47, .60 + y}, {.53, .60 + y}, {.55, .28 + y}}, // turned back
			{{.45, .66 + y}, {.45, .76 + y}, {.55, .76 + y}, {.55, .66 + y}},
		}
	}
	switch i {
	case iconCheck:
		return [][]point{{{.04, .52}, {.17, .39}, {.38, .60}, {.83, .13}, {.96, .26}, {.38, .86}}}
	case iconCircleCheck:
		return [][]point{round(.5, 32), reversed(check)}
	case iconDisc:
		return [][]point{round(.5, 32)}
	case iconTriangle:
		return append([][]point{{{.5, .04}, {1, .94}, {0, .94}}}, bang(.08)...)
	case iconOctagon:
		return append([][]point{turned(round(.5, 8))}, bang(0)...)
	case iconHourglass:
		return [][]point{
			{{.14, .04}, {.86, .04}, {.86, .14}, {.14, .14}}, {{.14, .86}, {.86, .86}, {.86, .96}, {.14, .96}},
			{{.22, .18}, {.78, .18}, {.54, .5}, {.78, .82}, {.22, .82}, {.46, .5}}, {{.36, .25}, {.5, .42}, {.64, .25}},
		}
	case iconUp:
		return [][]point{{{.5, .18}, {.95, .80}, {.05, .80}}}
	case iconDown:
		return [][]point{{{.05, .20}, {.95, .20}, {.5, .82}}}
	case iconBack:
		return [][]point{{{0, .5}, {.3, .2}, {1, .2}, {1, .8}, {.3, .8}}, {{.45, .37}, {.58, .5}, {.45, .63}, {.51, .69}, {.64, .56}, {.77, .69}, {.83, .63}, {.70, .5}, {.83, .37}, {.77, .31}, {.64, .44}, {.51, .31}}}
	case iconShift:
		return [][]point{{{.5, .08}, {.95, .52}, {.70, .52}, {.70, .90}, {.30, .90}, {.30, .52}, {.05, .52}}}
	case iconOn:
		return [][]point{{{.22, .05}, {.36, 0}, {.82, .5}, {.36, 1}, {.22, .95}, {.60, .5}}}
	case iconOff:
		return [][]point{round(.5, 32), reversed(round(.39, 32)), {{.14, .22}, {.22, .14}, {.86, .78}, {.78, .86}}}
	case iconSpace:
		return [][]point{{{0, .5}, {.06, .5}, {.06, .66}, {.94, .66}, {.94, .5}, {1, .5}, {1, .74}, {0, .74}}}
	}
	return nil
}

// round is a regular polygon around the middle, clockwise.
func round(radius float64, corners int) []point {
	p := make([]point, corners)
	for i := range p {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(corners))
		p[i] = point{float32(.5 + radius*cos), float32(.5 + radius*sin)}
	}
	return p
}

// turned is an octagon that stands on a side.
func turned(p []point) []point {
	sin, cos := math.Sincos(math.Pi / 8)
	out := make([]point, len(p))
	for i, q := range p {
		x, y := float64(q.x)-.5, float64(q.y)-.5
		out[i] = point{float32(.5 + x*cos - y*sin), float32(.5 + x*sin + y*cos)}
	}
	return out
}

func reversed(p []point) []point {
	out := make([]point, len(p))
	for i := range p {
		out[i] = p[len(p)-1-i]
	}
	return out
}

// drawIcon draws an icon into a picture of w by h pixels.
func drawIcon(i icon, ink color.NRGBA, w, h int) image.Image {
	out := image.NewNRGBA(image.Rect(0, 0, max(w, 1), max(h, 1)))
	if w < 1 || h < 1 {
		return out
	}
	r := vector.NewRasterizer(w, h)
	lines := outlines(i)
	if i == iconStripes {
		lines = stripes(float32(w) / float32(h))
	}
	for _, line := range lines {
		for n, p := range line {
			x, y := p.x*float32(w), p.y*float32(h)
			if n == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	r.Draw(out, out.Bounds(), image.NewUniform(ink), image.Point{})
	return out
}

// stripes are slanted bars, for a place so many times as wide as it is high.
func stripes(aspect float32) [][]point {
	var all [][]point
	step := 0.9 / max(aspect, .1)
	for x := float32(0); x+step*0.95 <= 1.001; x += step {
		all = append(all, []point{{x + step*.5, 0}, {x + step*.95, 0}, {x + step*.45, 1}, {x, 1}})
	}
	return all
}
