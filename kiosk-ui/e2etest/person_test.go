package e2etest

import (
	"encoding/json"
	"image"
	"image/draw"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	kioskui "github.com/openreferendum/referendum/kiosk-ui"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/kiosk-ui/locale"
)

// A mirror is the screen that should be up, in memory: it gets the same touches
// as the window, and the situation that a test expects.
type mirror struct {
	t      testing.TB
	flow   *flow.Flow
	view   *kioskui.View
	canvas test.WindowlessCanvas
	clock  time.Time
	asked  []flow.Command // by touches since the last situation
}

func newMirror(t testing.TB, s flow.Setup, width, height int) *mirror {
	t.Helper()
	words, err := locale.Open()
	must(t, err)
	m := emptyMirror(t, width, height)
	m.flow = flow.New(s, words)
	m.view.Show(m.flow.Screen())
	return m
}

// emptyMirror shows nothing yet.
func emptyMirror(t testing.TB, width, height int) *mirror {
	t.Helper()
	test.NewTempApp(t)
	m := &mirror{t: t, canvas: software.NewTransparentCanvas(), clock: time.Now()}
	m.view = kioskui.New(kioskui.Options{Press: m.press, Now: func() time.Time { return m.clock }})
	size := fyne.NewSize(float32(width), float32(height))
	m.canvas.SetPadded(false)
	m.canvas.Resize(size)
	m.view.Attach(m.canvas)
	m.canvas.Resize(size)
	return m
}

func (m *mirror) press(name string) {
	m.asked = append(m.asked, m.flow.Press(name)...)
	m.view.Show(m.flow.Screen())
}

// later lets so much time pass that nothing is taken for a finger that bounced.
func (m *mirror) later() { m.clock = m.clock.Add(time.Minute) }

func (m *mirror) update(s flow.Situation) {
	m.asked = nil
	m.flow.Update(s)
	m.view.Show(m.flow.Screen())
}

// place is the middle of what can be pressed.
func (m *mirror) place(press string) fyne.Position {
	m.t.Helper()
	at, size, there := m.view.Place(press)
	if !there {
		m.t.Fatalf("%q is not on the screen:\n%s", press, m.words())
	}
	return fyne.NewPos(at.X+size.Width/2, at.Y+size.Height/2)
}

// touch is what the window's driver does with a press and a release.
func (m *mirror) touch(at fyne.Position) {
	m.later()
	root := m.canvas.Content()
	test.MoveMouse(m.canvas, at)
	event := &desktop.MouseEvent{PointEvent: fyne.PointEvent{AbsolutePosition: at, Position: at}, Button: desktop.MouseButtonPrimary}
	if o, is := root.(desktop.Mouseable); is {
		o.MouseDown(event)
		o.MouseUp(event)
	}
	if o, is := root.(fyne.Tappable); is {
		o.Tapped(&event.PointEvent)
	}
}

// key presses a key.
func (m *mirror) key(name fyne.KeyName, character rune) {
	m.later()
	pressKey(m.canvas, name, character)
}

// pressKey is what the window's driver does with a key.
func pressKey(c fyne.Canvas, name fyne.KeyName, character rune) {
	event := &fyne.KeyEvent{Name: name}
	root := c.Focused()
	if o, is := root.(desktop.Keyable); is {
		o.KeyDown(event)
	}
	root.TypedKey(event)
	if character != 0 {
		root.TypedRune(character)
	}
	if o, is := root.(desktop.Keyable); is {
		o.KeyUp(event)
	}
}

// words is the screen that should be up, for people.
func (m *mirror) words() string {
	b, err := json.MarshalIndent(m.flow.Screen(), "", "  ")
	must(m.t, err)
	return string(b)
}

// draw draws the screen that should be up, as OpenGL does: Fyne's software draws
// the edge of a box on its border, OpenGL within it and in whole dots.
func (m *mirror) draw() *image.RGBA {
	for _, box := range boxes(m.canvas.Content()) {
		defer func(was canvas.Rectangle) {
			box.StrokeWidth, box.CornerRadius = was.StrokeWidth, was.CornerRadius
			box.Move(was.Position())
			box.Resize(was.Size())
		}(*box)
		edge := float32(math.Round(float64(box.StrokeWidth)))
		box.StrokeWidth, box.CornerRadius = edge, max(0, float32(math.Round(float64(box.CornerRadius)))-edge/2)
		box.Move(box.Position().AddXY(edge/2, edge/2))
		box.Resize(box.Size().SubtractWidthHeight(edge, edge))
	}
	p := m.canvas.Capture()
	drawn := image.NewRGBA(image.Rect(0, 0, p.Bounds().Dx(), p.Bounds().Dy()))
	draw.Draw(drawn, drawn.Bounds(), p, p.Bounds().Min, draw.Src)
	return drawn
}

// boxes are all boxes with an edge.
func boxes(o fyne.CanvasObject) []*canvas.Rectangle {
	switch o := o.(type) {
	case *canvas.Rectangle:
		if o.StrokeWidth > 0 {
			return []*canvas.Rectangle{o}
		}
	case fyne.Widget:
		var all []*canvas.Rectangle
		for _, part := range test.WidgetRenderer(o).Objects() {
			all = append(all, boxes(part)...)
		}
		return all
	}
	return nil
}

// A person sees a display, touches it and types. It believes the mirror.
type person struct {
	*mirror
	d *display
	p *program

	seen       cells         // what was up when somebody looked last
	settled    time.Time     // from when on what is touched is taken for what was seen
	ring       bool          // keys were used last, and the focus is visible
	idle       time.Duration // how long the machine waits for a voter before it does something
	switchedOn string        // the screen on which switches were pressed last
	steps      int           // since it came
}

// touch touches what is named so, one after the other, without looking.
func (p *person) touch(names ...string) {
	p.t.Helper()
	for _, name := range names {
		at := p.place(name)
		p.mirror.touch(at)
		p.ring = false
		p.settle()
		must(p.t, p.d.touch(int(at.X), int(at.Y)))
	}
}

// keys are some keys of a keyboard: their codes in X, and what Fyne calls them.
var keys = map[string]struct {
	code      byte
	name      fyne.KeyName
	character rune
}{
	"Tab": {23, fyne.KeyTab, 0}, "space": {65, fyne.KeySpace, ' '},
	"1": {10, fyne.Key1, '1'}, "2": {11, fyne.Key2, '2'}, "3": {12, fyne.Key3, '3'}, "4": {13, fyne.Key4, '4'}, "5": {14, fyne.Key5, '5'}, "6": {15, fyne.Key6, '6'},
}

// typed presses keys.
func (p *person) typed(names ...string) {
	p.t.Helper()
	for _, name := range names {
		k, known := keys[name]
		if !known {
			p.t.Fatalf("no key %q", name)
		}
		p.mirror.key(k.name, k.character)
		p.ring = true
		p.settle()
		must(p.t, p.d.key(k.code))
	}
}

// settle waits until a touch is taken: a person is slower than that.
func (p *person) settle() { time.Sleep(time.Until(p.settled)) }

// expects tells the mirror what the station is expected to say, and waits until
// the window shows that.
func (p *person) expects(s flow.Situation) {
	p.t.Helper()
	p.update(s)
	p.sees()
}

// sees waits until the window shows what the mirror does.
func (p *person) sees() {
	p.t.Helper()
	expected := p.draw()
	want := cellsOf(expected)
	var last difference
	begun := time.Now()
	for end := begun.Add(p.idle + patience); ; time.Sleep(pause(begun)) {
		now := time.Now()
		up, err := p.d.look()
		must(p.t, err)
		if last = compare(want, cellsOf(up)); last.within(p.tolerance()) {
			p.settled, p.seen = now.Add(kioskui.Settle), want
			return
		}
		if time.Now().After(end) || p.p.hasEnded() {
			p.differs(expected, up, last)
		}
	}
}

// pause is how long a person looks away who has waited since then.
func pause(begun time.Time) time.Duration {
	return min(max(time.Since(begun)/20, 5*time.Millisecond), 250*time.Millisecond)
}

// tolerance is how far the window's picture may be from the mirror's.
func (p *person) tolerance() tolerance {
	look, t := p.flow.Screen().Look, strict
	switch {
	case look.Voice.On:
		t = withVoice
	case p.ring:
		t = withRing
	}
	if look.Contrast {
		t.mean *= whiteOnBlack
	}
	return t
}

// failed is where pictures are kept for people to look at, in the folder of what is built.
const failed = "../../build/e2e"

func (p *person) differs(expected, up *image.RGBA, by difference) {
	p.t.Helper()
	name := strings.NewReplacer("/", "-", " ", "-").Replace(p.t.Name())
	for what, m := range map[string]image.Image{"expected": expected, "actual": up} {
		must(p.t, savePNG(filepath.Join(failed, name+"-"+what+".png"), m))
	}
	must(p.t, os.WriteFile(filepath.Join(failed, name+".json"), []byte(p.words()), 0o644))
	said := p.p.said.String()
	p.t.Fatalf("the window does not show the screen %q (%s): %v; see %s/%s-*.png\nthe program said:\n%s",
		p.flow.Screen().ID, p.flow.Screen().Title, by, failed, name, said[max(0, len(said)-3000):])
}
