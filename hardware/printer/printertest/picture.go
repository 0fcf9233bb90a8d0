package printertest

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
)

// maxDots bounds the pictures that readers take.
const maxDots = 64 << 20

const white = 0xFF

// grey copies a picture, in shades of grey.
func grey(m image.Image) (*image.Gray, error) {
	b := m.Bounds()
	if b.Empty() || b.Dx()*b.Dy() > maxDots {
		return nil, fmt.Errorf("a picture of %d times %d dots", b.Dx(), b.Dy())
	}
	g := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(g, g.Bounds(), m, b.Min, draw.Src)
	return g, nil
}

// margin puts white around a picture.
func margin(g *image.Gray, dots int) *image.Gray {
	b := g.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx()+2*dots, b.Dy()+2*dots))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(out, b.Add(image.Pt(dots, dots)), g, image.Point{}, draw.Src)
	return out
}

// pgm writes a picture as a portable graymap.
func pgm(g *image.Gray) []byte {
	var w bytes.Buffer
	fmt.Fprintf(&w, "P5 %d %d 255\n", g.Rect.Dx(), g.Rect.Dy())
	w.Write(g.Pix)
	return w.Bytes()
}

// invertBands turns white on black into black on white, in bands of rows that are
// mostly black.
func invertBands(g *image.Gray) {
	const least = 12 // rows: rules and borders are thinner
	w, h := g.Rect.Dx(), g.Rect.Dy()
	for y := 0; y < h; y++ {
		end := y
		for ; end < h; end++ {
			if _, n := inkOf(g.Pix[end*w : (end+1)*w]); n <= w/2 {
				break
			}
		}
		if end-y >= least {
			for i := y * w; i < end*w; i++ {
				g.Pix[i] = white - g.Pix[i]
			}
		}
		y = end
	}
}

// Lengths, in dots, from which a run of black is a line that was ruled, and no
// stroke of a character; and how thick such a line may be.
const (
	ruleAcross = 150
	ruleDown   = 90
	ruleThick  = 12
)

// removeRules whitens rules and the borders of frames.
func removeRules(g *image.Gray) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	across, down := make([]bool, w*h), make([]bool, w*h)
	for y := range h {
		markRuns(across, y*w, 1, w, func(i int) bool { return g.Pix[i] < 0x80 }, ruleAcross, w)
	}
	for x := range w {
		markRuns(down, x, w, h, func(i int) bool { return g.Pix[i] < 0x80 }, ruleDown, h)
	}
	rules := make([]bool, w*h)
	for x := range w {
		markRuns(rules, x, w, h, func(i int) bool { return across[i] }, 1, ruleThick)
	}
	for y := range h {
		markRuns(rules, y*w, 1, w, func(i int) bool { return down[i] }, 1, ruleThick)
	}
	for i, rule := range rules {
		if rule {
			g.Pix[i] = white
		}
	}
}

// markRuns marks, among n places from start on, step apart, the runs for which is
// holds and whose length lies between least and most.
func markRuns(marks []bool, start, step, n int, is func(int) bool, least, most int) {
	run := 0
	for k := 0; k <= n; k++ {
		if k < n && is(start+k*step) {
			run++
			continue
		}
		if run >= least && run <= most {
			for j := k - run; j < k; j++ {
				marks[start+j*step] = true
			}
		}
		run = 0
	}
}

// removeCodes whitens bands of the picture that hold a square of many black dots,
// and nothing else.
func removeCodes(g *image.Gray) {
	const least = 60 // dots: a code of version 1 is 21 modules high
	w, h := g.Rect.Dx(), g.Rect.Dy()
	for y := 0; y < h; y++ {
		box, count := image.Rectangle{}, 0
		end := y
		for ; end < h; end++ {
			row, n := inkOf(g.Pix[end*w : (end+1)*w])
			if n == 0 {
				break
			}
			box, count = box.Union(image.Rect(row[0], end, row[1], end+1)), count+n
		}
		side := box.Dx()
		if box.Dy() >= least && abs(side-box.Dy()) <= side/8 && count*100 >= side*box.Dy()*35 {
			draw.Draw(g, box, image.NewUniform(color.White), image.Point{}, draw.Src)
		}
		y = end
	}
}

// inkOf returns from where to where a row has black dots, and how many.
func inkOf(row []uint8) (ends [2]int, n int) {
	for x, v := range row {
		if v >= 0x80 {
			continue
		}
		if n == 0 {
			ends[0] = x
		}
		ends[1] = x + 1
		n++
	}
	return ends, n
}

func abs(n int) int { return max(n, -n) }
