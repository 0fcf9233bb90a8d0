package gallerytest

import (
	"fmt"
	"image"
	"image/color"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/openreferendum/referendum/internal/typeface"
)

// The measures of a contact sheet, in pixels.
const (
	thumb   = 320
	gap     = 12
	caption = 26
	columns = 5
)

// A Frame is one picture of a contact sheet.
type Frame struct {
	Caption string
	Image   image.Image // shrunk
}

// Sheet lays pictures out in rows, each with its caption below it. All are of
// one size.
func Sheet(frames []Frame) (*image.Paletted, error) {
	face, err := captionFace()
	if err != nil {
		return nil, err
	}
	defer face.Close()
	height := 0
	for _, f := range frames {
		height = max(height, f.Image.Bounds().Dy())
	}
	row := height + caption + gap
	sheet := image.NewRGBA(image.Rect(0, 0, columns*(thumb+gap)+gap, (len(frames)+columns-1)/columns*row+gap))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.RGBA{112, 118, 126, 255}), image.Point{}, draw.Src)
	pen := font.Drawer{Dst: sheet, Src: image.White, Face: face}
	for i, f := range frames {
		at := image.Pt(gap+i%columns*(thumb+gap), gap+i/columns*row)
		draw.Draw(sheet, f.Image.Bounds().Sub(f.Image.Bounds().Min).Add(at), f.Image, f.Image.Bounds().Min, draw.Src)
		pen.Dot = fixed.P(at.X, at.Y+height+caption-8)
		pen.DrawString(f.Caption)
	}
	return paletted(sheet, 32), nil
}

func captionFace() (font.Face, error) {
	parsed, err := opentype.Parse(typeface.Regular())
	if err != nil {
		return nil, fmt.Errorf("reading the font: %w", err)
	}
	return opentype.NewFace(parsed, &opentype.FaceOptions{Size: 15, DPI: 72})
}
