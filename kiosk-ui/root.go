package kioskui

import (
	"image"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// A root is the one widget of the window. It draws a View's scene and gives it
// all touches and keys.
type root struct {
	widget.BaseWidget
	view *View

	layers  [3]layer // below the pane, in it, above it
	pane    *pane
	objects []fyne.CanvasObject
}

func newRoot(v *View) *root {
	r := &root{view: v, pane: &pane{}}
	r.pane.ExtendBaseWidget(r.pane)
	r.ExtendBaseWidget(r)
	return r
}

var (
	_ desktop.Mouseable  = (*root)(nil)
	_ desktop.Keyable    = (*root)(nil)
	_ desktop.Cursorable = (*root)(nil)
	_ fyne.Draggable     = (*root)(nil)
	_ fyne.Tabbable      = (*root)(nil)
)

// Cursor shows none: fingers have no pointer.
func (r *root) Cursor() desktop.Cursor { return desktop.HiddenCursor }

// MinSize lets the window be of any size.
func (r *root) MinSize() fyne.Size { return fyne.NewSize(1, 1) }

// Resize lays the screen out anew.
func (r *root) Resize(s fyne.Size) {
	if s == r.Size() {
		return
	}
	r.BaseWidget.Resize(s)
	r.view.arrange()
	r.view.keepFocus()
	r.view.draw()
}

// CreateRenderer is called by Fyne.
func (r *root) CreateRenderer() fyne.WidgetRenderer { return &rootRenderer{r} }

type rootRenderer struct{ r *root }

func (x *rootRenderer) Objects() []fyne.CanvasObject { return x.r.objects }
func (x *rootRenderer) Layout(fyne.Size)             {}
func (x *rootRenderer) MinSize() fyne.Size           { return fyne.NewSize(1, 1) }
func (x *rootRenderer) Refresh()                     {}
func (x *rootRenderer) Destroy()                     {}

// A pane shows only what lies within it.
type pane struct {
	widget.BaseWidget
	objects []fyne.CanvasObject
}

func (p *pane) MinSize() fyne.Size                  { return fyne.NewSize(1, 1) }
func (p *pane) CreateRenderer() fyne.WidgetRenderer { return &paneRenderer{p} }

type paneRenderer struct{ p *pane }

// IsClip tells Fyne's painters to clip.
func (x *paneRenderer) IsClip()                      {}
func (x *paneRenderer) Objects() []fyne.CanvasObject { return x.p.objects }
func (x *paneRenderer) Layout(fyne.Size)             {}
func (x *paneRenderer) MinSize() fyne.Size           { return fyne.NewSize(1, 1) }
func (x *paneRenderer) Refresh()                     {}
func (x *paneRenderer) Destroy()                     {}

// draw puts the scene into the objects that are there, so that Fyne keeps what
// has not changed.
func (v *View) draw() {
	r := v.root
	if v.scene == nil {
		r.objects = nil
		return
	}
	s, dots := v.scene, v.dots()
	r.objects = r.layers[0].put(s.under, 0, 0, dots, v.face.source, r.objects[:0])
	pane := s.pane.snapped(dots)
	r.pane.Move(fyne.NewPos(pane.x, pane.y))
	r.pane.Resize(fyne.NewSize(pane.w, pane.h))
	inPane, above := v.ring()
	offset := float32(math.Round(float64(v.offset*dots))) / dots
	r.pane.objects = r.layers[1].put(append(s.visible(v.offset), inPane...), 0, -offset, dots, v.face.source, r.pane.objects[:0])
	r.objects = append(r.objects, r.pane)
	r.objects = r.layers[2].put(append(v.scrollShapes(), above...), 0, 0, dots, v.face.source, r.objects)
	if v.canvas != nil {
		v.canvas.Refresh(r)
	}
}

// dots are the display's pixels per unit of the canvas.
func (v *View) dots() float32 {
	if v.canvas == nil || v.canvas.Scale() <= 0 {
		return 1
	}
	return v.canvas.Scale()
}

// The characters of a line reach from inkTop to inkBottom of its size below its
// top: a bracket's or a g's end is lower than the baseline.
const inkTop, inkBottom = .15, 1.44

// visible are the parts' shapes that are not scrolled out of sight. A line of
// text is there whole or not at all.
func (s *scene) visible(offset float32) []shape {
	seen := make([]shape, 0, len(s.parts))
	for _, p := range s.parts {
		top, bottom := p.at.y, p.at.bottom()
		if p.text != "" {
			top, bottom = top+inkBottom*p.size, top+inkTop*p.size
		}
		if bottom >= offset && top <= offset+s.pane.h {
			seen = append(seen, p)
		}
	}
	return seen
}

func (f frame) snapped(dots float32) frame {
	snap := func(v float32) float32 { return float32(math.Round(float64(v*dots))) / dots }
	x, y := snap(f.x), snap(f.y)
	return frame{x, y, max(1/dots, snap(f.right())-x), max(1/dots, snap(f.bottom())-y)}
}

// A layer keeps Fyne's objects from one scene for the next.
type layer struct {
	boxes []*canvas.Rectangle
	texts []*canvas.Text
	icons []*iconObject
}

// An iconObject is a picture of an icon, made when its size is known.
type iconObject struct {
	*canvas.Raster
	is  icon
	ink colour
}

// put makes objects of shapes, moved by (dx, dy), and appends them to all.
func (l *layer) put(shapes []shape, dx, dy, dots float32, source fyne.Resource, all []fyne.CanvasObject) []fyne.CanvasObject {
	var boxes, texts, icons int
	for _, s := range shapes {
		s.at.x, s.at.y = s.at.x+dx, s.at.y+dy
		switch {
		case s.icon != noIcon:
			all = append(all, l.putIcon(icons, s, dots))
			icons++
		case s.text != "":
			all = append(all, l.putText(texts, s, dots, source))
			texts++
		case s.size == 0:
			all = append(all, l.putBox(boxes, s, dots))
			boxes++
		}
	}
	return all
}

func (l *layer) putBox(i int, s shape, dots float32) fyne.CanvasObject {
	if i == len(l.boxes) {
		l.boxes = append(l.boxes, canvas.NewRectangle(s.fill))
	}
	o, at := l.boxes[i], s.at.snapped(dots)
	o.FillColor, o.StrokeColor, o.StrokeWidth, o.CornerRadius = s.fill, s.line, s.stroke, s.radius
	o.Move(fyne.NewPos(at.x, at.y))
	o.Resize(fyne.NewSize(at.w, at.h))
	return o
}

func (l *layer) putText(i int, s shape, dots float32, source fyne.Resource) fyne.CanvasObject {
	if i == len(l.texts) {
		l.texts = append(l.texts, &canvas.Text{FontSource: source})
	}
	o := l.texts[i]
	o.Text, o.TextSize, o.Color, o.Alignment = s.text, s.size, s.ink, s.align
	at := s.at.snapped(dots)
	o.Move(fyne.NewPos(at.x, at.y))
	o.Resize(fyne.NewSize(at.w, 0))
	return o
}

func (l *layer) putIcon(i int, s shape, dots float32) fyne.CanvasObject {
	if i == len(l.icons) {
		o := &iconObject{}
		o.Raster = canvas.NewRaster(func(w, h int) image.Image { return drawIcon(o.is, o.ink, w, h) })
		l.icons = append(l.icons, o)
	}
	o, at := l.icons[i], s.at.snapped(dots)
	o.Raster.Move(fyne.NewPos(at.x, at.y))
	o.Raster.Resize(fyne.NewSize(at.w, at.h))
	if o.is != s.icon || o.ink != s.ink {
		o.is, o.ink = s.icon, s.ink
		o.Raster.Refresh()
	}
	return o.Raster
}
