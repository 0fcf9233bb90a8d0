package e2etest

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
)

// cell is the side of the squares in which pictures are compared: about the
// stroke of a letter.
const cell = 8

// cells are the mean colours of a picture's squares, three numbers each: what
// is left of it when edges and letters may differ by a fraction of a dot.
type cells struct {
	across, down int
	mean         []int32
}

func cellsOf(m *image.RGBA) cells {
	b := m.Bounds()
	c := cells{across: b.Dx() / cell, down: b.Dy() / cell}
	c.mean = make([]int32, 3*c.across*c.down)
	for y := range c.down * cell {
		row := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
		sums := c.mean[3*c.across*(y/cell):][:3*c.across]
		for x := range c.across {
			var r, g, bl int32
			p := row[4*cell*x:][:4*cell]
			for i := 0; i < len(p); i += 4 {
				r, g, bl = r+int32(p[i]), g+int32(p[i+1]), bl+int32(p[i+2])
			}
			sums[3*x], sums[3*x+1], sums[3*x+2] = sums[3*x]+r, sums[3*x+1]+g, sums[3*x+2]+bl
		}
	}
	for i := range c.mean {
		c.mean[i] /= cell * cell
	}
	c.blur()
	return c
}

// blur makes every mean that of three by three squares: a line that is drawn a
// dot beside is then the same line, and another letter is still another.
func (c *cells) blur() {
	sharp := slices.Clone(c.mean)
	at := func(x, y, i int) int32 {
		x, y = min(max(x, 0), c.across-1), min(max(y, 0), c.down-1)
		return sharp[3*(y*c.across+x)+i]
	}
	for y := range c.down {
		for x := range c.across {
			for i := range 3 {
				sum := int32(0)
				for dy := -1; dy <= 1; dy++ {
					sum += at(x-1, y+dy, i) + at(x, y+dy, i) + at(x+1, y+dy, i)
				}
				c.mean[3*(y*c.across+x)+i] = sum / 9
			}
		}
	}
}

// A difference is how far two pictures are apart, in steps of 255.
type difference struct {
	mean  float64
	worst int         // of any square and colour
	at    image.Point // that square, in dots
}

// A tolerance is how far two pictures of one screen may be apart: the real
// window is drawn by OpenGL, the expected one by Fyne's software. TestPictures
// shows what is told apart all the same.
type tolerance struct {
	mean  float64
	worst int
}

// Screens are nearly equal; the ring around the focus is drawn some dots
// beside. Who listens sees it always, also where a page cuts it, and Fyne's
// software draws it whole within what is left.
var (
	strict    = tolerance{0.5, 20}
	withRing  = tolerance{1, 40}
	withVoice = tolerance{1, 90}
)

// whiteOnBlack is how many times further apart pictures of high contrast are in
// their mean.
const whiteOnBlack = 1.6

func (d difference) within(t tolerance) bool { return d.mean <= t.mean && d.worst <= t.worst }

func (d difference) String() string {
	return fmt.Sprintf("mean %.3f, worst %d at %v", d.mean, d.worst, d.at)
}

func compare(a, b cells) difference {
	if a.across != b.across || a.down != b.down {
		return difference{mean: 255, worst: 255}
	}
	var d difference
	sum := int64(0)
	for i, v := range a.mean {
		apart := int(v - b.mean[i])
		if apart < 0 {
			apart = -apart
		}
		sum += int64(apart)
		if apart > d.worst {
			square := i / 3
			d.worst, d.at = apart, image.Pt(square%a.across*cell, square/a.across*cell)
		}
	}
	d.mean = float64(sum) / float64(len(a.mean))
	return d
}

// savePNG writes a picture for a person to look at.
func savePNG(path string, m image.Image) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, m); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
