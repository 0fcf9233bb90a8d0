package gallerytest

import (
	"cmp"
	"image"
	"image/color"
	"slices"

	"golang.org/x/image/draw"
)

// shrink makes a picture so wide, and as high as that makes it.
func shrink(m image.Image, width int) *image.RGBA {
	b := m.Bounds()
	small := image.NewRGBA(image.Rect(0, 0, width, b.Dy()*width/b.Dx()))
	draw.CatmullRom.Scale(small, small.Bounds(), m, b, draw.Src, nil)
	return small
}

// paletted draws a picture with few colours, so that its file is small: screens
// have few to begin with. The most frequent are taken that are not too near to
// one taken before.
func paletted(m image.Image, colours int) *image.Paletted {
	b := m.Bounds()
	count := map[color.RGBA]int{}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[rgb(m.At(x, y))]++
		}
	}
	order := make([]color.RGBA, 0, len(count))
	for c := range count {
		order = append(order, c)
	}
	slices.SortFunc(order, func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	palette := color.Palette{}
	for near := 24; len(palette) < colours && near > 0; near /= 2 {
		for _, c := range order {
			if len(palette) < colours && farFrom(palette, c, near) {
				palette = append(palette, c)
			}
		}
	}
	p := image.NewPaletted(image.Rect(0, 0, b.Dx(), b.Dy()), palette)
	index := map[color.RGBA]uint8{}
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := rgb(m.At(b.Min.X+x, b.Min.Y+y))
			i, known := index[c]
			if !known {
				i = uint8(palette.Index(c))
				index[c] = i
			}
			p.Pix[y*p.Stride+x] = i
		}
	}
	return p
}

func rgb(c color.Color) color.RGBA {
	r, g, b, _ := c.RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
}

func farFrom(palette color.Palette, c color.RGBA, near int) bool {
	return !slices.ContainsFunc(palette, func(other color.Color) bool {
		o := other.(color.RGBA)
		return max(apart(o.R, c.R), apart(o.G, c.G), apart(o.B, c.B)) < near
	})
}

func apart(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }
