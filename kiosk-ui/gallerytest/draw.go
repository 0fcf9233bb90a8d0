package gallerytest

import (
	"image"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	kioskui "github.com/openreferendum/referendum/kiosk-ui"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// A Stage is a display that is not there: screens are drawn on it in memory.
// There is one at a time, because Fyne's theme is one for all windows.
type Stage struct {
	canvas test.WindowlessCanvas
	view   *kioskui.View
}

// NewStage makes a display of so many pixels.
func NewStage(width, height int) *Stage {
	s := &Stage{canvas: software.NewTransparentCanvas(), view: kioskui.New(kioskui.Options{Press: func(string) {}})}
	s.canvas.SetPadded(false)
	s.canvas.Resize(fyne.NewSize(float32(width), float32(height)))
	s.view.Attach(s.canvas)
	s.canvas.Resize(fyne.NewSize(float32(width), float32(height)))
	return s
}

// Show puts a screen up without drawing it.
func (s *Stage) Show(up screen.Screen) { s.view.Show(up) }

// Draw returns the picture of a screen.
func (s *Stage) Draw(up screen.Screen) image.Image {
	s.view.Show(up)
	return s.canvas.Capture()
}

// Place is where on the picture something lies that can be pressed, on the
// screen that is up.
func (s *Stage) Place(press string) (at image.Rectangle, there bool) {
	from, size, there := s.view.Place(press)
	whole := func(f float32) int { return int(math.Round(float64(f))) }
	return image.Rect(0, 0, whole(size.Width), whole(size.Height)).Add(image.Pt(whole(from.X), whole(from.Y))), there
}
