package kioskui

import (
	"encoding/binary"
	"image/color"
	"math"

	"fyne.io/fyne/v2"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// Outline says what a screen looks like without drawing it: every box, text and
// icon with its place, size and colours, and everything that can be pressed. It
// is for golden digests: two screens that look otherwise have two outlines.
// Lengths are rounded, so that all machines say the same.
func (c *Checker) Outline(s screen.Screen, size fyne.Size) []byte {
	sc := arrange(c.face, s, size, "", false)
	o := outline(nil).frame(sc.pane).lengths(sc.length)
	for _, shapes := range [][]shape{sc.under, sc.parts} {
		for _, s := range shapes {
			o = o.frame(s.at).colours(s.fill, s.line, s.ink).lengths(s.stroke, s.radius, s.size).text(s.text)
			o = append(o, byte(s.align), byte(s.icon))
		}
		o = append(o, 0)
	}
	for _, t := range sc.targets {
		o = o.text(t.press).frame(t.at).text(string(t.key))
		o = append(o, bit(t.scrolls), bit(t.off))
	}
	return o
}

// An outline grows by what is appended to it.
type outline []byte

func (o outline) lengths(all ...float32) outline {
	for _, l := range all {
		o = binary.BigEndian.AppendUint32(o, uint32(int32(math.Round(float64(l)*10))))
	}
	return o
}

func (o outline) frame(f frame) outline { return o.lengths(f.x, f.y, f.w, f.h) }

func (o outline) colours(all ...color.NRGBA) outline {
	for _, c := range all {
		o = append(o, c.R, c.G, c.B, c.A)
	}
	return o
}

func (o outline) text(s string) outline {
	return append(binary.BigEndian.AppendUint32(o, uint32(len(s))), s...)
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}
