package gallerytest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/draw"

	"fyne.io/fyne/v2"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// A Picture is a scene as one person sees it on one display.
type Picture struct {
	Scene         Scene
	Language      string
	Width, Height int // of the display, in pixels
	Look          screen.Look
}

// Displays are the displays that the kiosk is made for, in pixels.
var displays = [][2]int{{1024, 768}, {1920, 1080}}

// looks are the sizes of text, in normal and high contrast.
func looks() []screen.Look {
	var all []screen.Look
	for size := range screen.Sizes {
		all = append(all, screen.Look{Size: size}, screen.Look{Size: size, Contrast: true})
	}
	return all
}

// Pictures returns all of them: every scene in every language on every display
// with every look.
func Pictures() []Picture { return picturesOf(Scenes(), languages...) }

func picturesOf(scenes []Scene, languages ...string) []Picture {
	var all []Picture
	for _, d := range displays {
		for _, look := range looks() {
			for _, s := range scenes {
				for _, l := range languages {
					all = append(all, Picture{s, l, d[0], d[1], look})
				}
			}
		}
	}
	return all
}

// String names the picture: scene, language, display, text size from 1, contrast.
func (p Picture) String() string {
	contrast := "normal"
	if p.Look.Contrast {
		contrast = "high"
	}
	return fmt.Sprintf("%s %s %dx%d size-%d %s", p.Scene.Name, p.Language, p.Width, p.Height, p.Look.Size+1, contrast)
}

func (p Picture) size() fyne.Size { return fyne.NewSize(float32(p.Width), float32(p.Height)) }

// digest is of the pixels and of nothing else: not of how they are compressed.
func digest(m image.Image) string {
	b := m.Bounds()
	pixels, ok := m.(*image.NRGBA)
	if !ok || pixels.Stride != 4*b.Dx() {
		pixels = image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(pixels, pixels.Bounds(), m, b.Min, draw.Src)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d %d\n", b.Dx(), b.Dy())
	h.Write(pixels.Pix)
	return hex.EncodeToString(h.Sum(nil)[:5])
}
