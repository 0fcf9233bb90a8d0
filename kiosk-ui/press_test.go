package kioskui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

func TestTouch(t *testing.T) {
	tests := []struct {
		name string
		do   func(b *bench)
		want string
	}{
		{"a finger that slides off presses nothing", func(b *bench) { b.down(b.middle("a")); b.drag(b.middle("b")); b.up(b.middle("b")) }, ""},
		{"nor if no movement was seen", func(b *bench) { b.down(b.middle("a")); b.up(b.middle("b")) }, ""},
		{"nor when it comes back", func(b *bench) {
			b.down(b.middle("a"))
			b.drag(b.middle("b"))
			b.drag(b.middle("a"))
			b.up(b.middle("a"))
		}, ""},
		{"a release without a press is none", func(b *bench) { b.up(b.middle("a")) }, ""},
		{"two presses within the bounce are one", func(b *bench) {
			p := b.middle("a")
			b.down(p)
			b.up(p)
			b.now = b.now.Add(Bounce - 1)
			b.down(p)
			b.up(p)
		}, "a"},
		{"two presses apart are two", func(b *bench) { b.tap("a"); b.tap("a") }, "a a"},
		{"a long press is one", func(b *bench) {
			b.down(b.middle("a"))
			b.now = b.now.Add(time.Minute)
			b.up(b.middle("a"))
		}, "a"},
		{"a touch meant for the screen before", func(b *bench) {
			s := samples()[1]
			s.ID = "another"
			b.view.Show(s)
			p := b.middle("next")
			b.down(p)
			b.up(p)
		}, ""},
		{"a screen that changes under the finger", func(b *bench) {
			b.down(b.middle("next"))
			s := samples()[1]
			s.ID = "another"
			b.show(s)
			b.up(b.middle("next"))
		}, ""},
		{"a button that is off", func(b *bench) {
			s := samples()[1]
			s.Buttons[0].Off = true
			b.show(s)
			b.tap("next")
		}, ""},
		{"beside everything", func(b *bench) { b.down(fyne.NewPos(3, 400)); b.up(fyne.NewPos(3, 400)) }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, displays[0])
			b.show(samples()[1])
			test.do(b)
			if got := b.took(); got != test.want {
				t.Errorf("pressed %q, want %q", got, test.want)
			}
		})
	}
}

func TestTheFirstScreenIsOneButton(t *testing.T) {
	b := newBench(t, displays[1])
	b.show(samples()[6])
	b.down(fyne.NewPos(40, 700))
	b.up(fyne.NewPos(40, 700))
	if got := b.took(); got != "begin" {
		t.Errorf("pressed %q, want begin", got)
	}
}

// TestScroll reaches the end of a long text by finger and by keys, and finds
// that what is scrolled cannot be pressed where it is not seen.
func TestScroll(t *testing.T) {
	b := newBench(t, displays[0])
	b.show(question())
	if b.view.scene.most() == 0 {
		t.Fatal("the sample does not scroll")
	}
	if _, _, there := b.view.Place("c"); there {
		t.Fatal("the last option is in sight before anything was scrolled")
	}
	for i := 0; b.view.offset < b.view.scene.most(); i++ {
		if i > 20 {
			t.Fatal("the button does not come to the end")
		}
		b.tap(scrollDown)
	}
	b.tap("c")
	if got := b.took(); got != "c" {
		t.Errorf("pressed %q, want c", got)
	}
	p := b.middle("c")
	b.down(p)
	b.drag(p.AddXY(0, 200))
	b.up(p.AddXY(0, 200))
	if b.view.offset >= b.view.scene.most() || b.took() != "" {
		t.Error("a finger that drags does not scroll, or presses")
	}
	b.key(fyne.KeyPageUp, fyne.KeyPageUp, fyne.KeyPageUp)
	if b.view.offset != 0 {
		t.Errorf("PageUp leaves %v above", b.view.offset)
	}
}

// TestTwoSwitches finds everything on every sample screen with Tab and Space
// alone, the end of every text included.
func TestTwoSwitches(t *testing.T) {
	for _, size := range displays {
		for _, s := range samples() {
			b := newBench(t, size)
			b.show(s)
			reached, end := map[string]bool{}, false
			for range 200 {
				b.key(fyne.KeyTab)
				reached[b.view.focus] = true
				if b.view.focus == scrollDown {
					b.key(fyne.KeySpace)
				}
				end = end || b.view.offset >= b.view.scene.most()-.5
			}
			for _, want := range b.view.scene.targets {
				if !want.off && !b.view.idle(want.press) && !reached[want.press] {
					t.Errorf("%s at %v: switches do not reach %q", s.ID, size, want.press)
				}
			}
			if !end {
				t.Errorf("%s at %v: switches do not reach the end", s.ID, size)
			}
			if b.took() != "" {
				t.Errorf("%s: moving and scrolling has pressed something", s.ID)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	tests := []struct {
		name string
		at   int // sample
		do   func(b *bench)
		want string
	}{
		{"Space first shows where the focus is", 1, func(b *bench) { b.key(fyne.KeySpace) }, ""},
		{"and presses then", 1, func(b *bench) { b.key(fyne.KeySpace, fyne.KeySpace) }, "a"},
		{"a key that is held presses once", 1, func(b *bench) {
			b.key(fyne.KeyTab)
			b.view.root.KeyDown(&fyne.KeyEvent{Name: fyne.KeySpace})
			for range 50 {
				b.view.root.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
				b.now = b.now.Add(time.Second)
			}
		}, "a"},
		{"digits press their option", 1, func(b *bench) { b.types("39") }, "c"},
		{"a digit that is held presses once", 1, func(b *bench) {
			b.types("2")
			for range 20 {
				b.now = b.now.Add(time.Second)
				b.view.root.TypedRune('2')
			}
		}, "b"},
		{"arrows", 1, func(b *bench) { b.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn) }, "b"},
		{"F13 and F14", 1, func(b *bench) {
			for _, c := range []int{scanF13, scanF13, scanF14} {
				b.view.root.KeyDown(&fyne.KeyEvent{Physical: fyne.HardwareKey{ScanCode: c}})
				b.now = b.now.Add(time.Second)
			}
		}, "b"},
		{"shift and Tab go back", 1, func(b *bench) {
			b.key(fyne.KeyTab)
			b.view.root.KeyDown(&fyne.KeyEvent{Name: "LeftShift"})
			b.key(fyne.KeyTab, fyne.KeyReturn)
		}, "language"},
		{"a PIN", 2, func(b *bench) { b.types("12ab3"); b.key(fyne.KeyBackspace) }, "key:1 key:2 key:3 key:back"},
		{"a passphrase with a space", 3, func(b *bench) { b.types("aB"); b.key(fyne.KeySpace); b.view.fresh = true; b.view.root.TypedRune(' ') }, "key:a key:B key: "},
		{"capital letters on the screen", 3, func(b *bench) { b.tap(keyShift); b.tap("key:A"); b.tap("key:a") }, "key:A key:a"},
		{"Backspace where nothing is typed", 1, func(b *bench) { b.key(fyne.KeyBackspace) }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, displays[0])
			b.show(samples()[test.at])
			test.do(b)
			if got := b.took(); got != test.want {
				t.Errorf("pressed %q, want %q", got, test.want)
			}
		})
	}
}

func TestFocusStays(t *testing.T) {
	b := newBench(t, displays[0])
	s := samples()[1]
	b.show(s)
	b.key(fyne.KeyTab, fyne.KeyTab, fyne.KeyTab)
	s.Look.Size, s.Title = 3, "Another title"
	b.show(s)
	if b.view.focus != "c" {
		t.Errorf("the focus is on %q after other words, want c", b.view.focus)
	}
	s.Step = "Question 3 of 4"
	b.show(s)
	if b.view.focus == "c" {
		t.Error("the focus is still on c at another step")
	}
}

func TestSpeech(t *testing.T) {
	b := newBench(t, displays[0])
	s := question()
	b.show(s)
	if got := strings.Join(b.said, "|"); got != "hush" {
		t.Errorf("said %q with the voice off", got)
	}
	b.said, s.Look.Voice.On = nil, true
	b.show(s)
	if len(b.said) != 1 || !strings.HasPrefix(b.said[0], "zh-Hant: "+s.Banner) || !strings.Contains(b.said[0], "同意, 已選") || !strings.Contains(b.said[0], s.Title) {
		t.Errorf("said %q", b.said)
	}
	b.said = nil
	b.key(fyne.KeyTab)
	b.key(fyne.KeyR)
	if len(b.said) != 2 || b.said[1] == b.said[0] {
		t.Errorf("the focus and R said %q", b.said)
	}
	pin := samples()[2]
	pin.Look.Voice.On, pin.Cues.Filled = true, "4 digits"
	b.show(pin)
	b.said = nil
	pin.Cues.Filled = "5 digits"
	e := pin.Parts[1].(screen.Entry)
	e.Filled = 5
	pin.Parts = []screen.Part{pin.Parts[0], e}
	b.show(pin)
	if got := strings.Join(b.said, "|"); got != "en: 5 digits" {
		t.Errorf("said %q after a digit", got)
	}
}

// BenchmarkShow lays out another screen and makes what is drawn of it. The
// pixels are the graphics card's.
func BenchmarkShow(b *testing.B) {
	bench := newBench(b, displays[1])
	all := samples()
	for i := range all {
		bench.show(all[i])
		bench.canvas.Capture()
	}
	for i := 0; b.Loop(); i++ {
		bench.view.Show(all[i%len(all)])
	}
}

// TestNoLineIsCut scrolls a text dot by dot: whatever line is drawn is drawn
// whole.
func TestNoLineIsCut(t *testing.T) {
	b := newBench(t, displays[0])
	b.show(question())
	sc := b.view.scene
	for offset := float32(0); offset < sc.most(); offset++ {
		drawn := 0
		for _, s := range sc.visible(offset) {
			if s.text == "" {
				continue
			}
			drawn++
			if top, bottom := s.at.y+.28*s.size-offset, s.at.y+1.16*s.size-offset; top < -1 || bottom > sc.pane.h+1 {
				t.Fatalf("at %v the line %q is cut: %v to %v of %v", offset, s.text, top, bottom, sc.pane.h)
			}
		}
		if drawn == 0 {
			t.Fatalf("at %v nothing is drawn", offset)
		}
	}
}

// TestTheFocusIsNotTheNextVoters ends with the first screen what a voter did
// with keys.
func TestTheFocusIsNotTheNextVoters(t *testing.T) {
	b := newBench(t, displays[0])
	b.show(samples()[1])
	b.key(fyne.KeyTab)
	if _, above := b.view.ring(); above == nil {
		if in, _ := b.view.ring(); in == nil {
			t.Fatal("the focus is not to be seen after Tab")
		}
	}
	b.show(samples()[6])
	if in, above := b.view.ring(); in != nil || above != nil {
		t.Error("the focus is to be seen on the first screen")
	}
}
