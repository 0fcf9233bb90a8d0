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

// TestNoLineIsCut scrolls texts dot by dot: whatever line is drawn is drawn
// whole, by the outlines of its characters. All screens of the gallery are
// looked at by the Checker, page by page.
func TestNoLineIsCut(t *testing.T) {
	f := newFace()
	words := question()
	words.Parts = append(words.Parts, screen.Text{Words: strings.Repeat("Ågrädliche (jÿ) [Ñ] {q} “Ŝ” | ", 60)})
	for n := range screen.Sizes {
		words.Look.Size = n
		sc := arrange(f, words, displays[0], "", false)
		inks := map[string][2]float32{}
		for offset := float32(0); offset < sc.most(); offset++ {
			drawn := 0
			for _, s := range sc.visible(offset) {
				if s.text == "" {
					continue
				}
				drawn++
				ink, known := inks[s.text]
				if !known {
					ink[0], ink[1] = f.ink(s.text)
					inks[s.text] = ink
				}
				base := s.at.y + ascent*s.size - offset
				if top, bottom := base-ink[0]*s.size, base+ink[1]*s.size; top < -.5 || bottom > sc.pane.h+.5 {
					t.Fatalf("at %v the line %q is cut: %v to %v of %v", offset, s.text, top, bottom, sc.pane.h)
				}
			}
			if drawn == 0 {
				t.Fatalf("at %v nothing is drawn", offset)
			}
		}
	}
}

// TestCapitalLetters: the smallest text has capital letters of 4.8 mm and more
// on a display of 15 inches, and every further size is larger.
func TestCapitalLetters(t *testing.T) {
	f := newFace()
	high, _ := f.ink("I")
	for _, size := range displays {
		last := float32(4.8)
		for n := range screen.Sizes {
			sc := arrange(f, screen.Screen{Look: screen.Look{Size: n}, Parts: []screen.Part{screen.Text{Words: "I"}}}, size, "", false)
			if got := sc.parts[0].size * high / sc.unit; got < last {
				t.Errorf("%v: capital letters of size %d are %.2f mm high, want %.2f", size, n, got, last)
			} else {
				last = got + .2
			}
		}
	}
}

// TestItGoesOn: where parts go on below, a mark says so in words or is as wide
// as they are; at their end there is none, and where they begin is marked too.
func TestItGoesOn(t *testing.T) {
	for _, size := range displays {
		for n := range screen.Sizes {
			for _, high := range []bool{false, true} {
				b := newBench(t, size)
				s := question()
				s.Look.Size, s.Look.Contrast, s.Cues.More = n, high, "下面還有"
				b.show(s)
				if says, wide := marks(b.view, s.Cues.More); !wide || !says && n == 0 {
					t.Errorf("%v, size %d: at first sight nothing says that it goes on", size, n)
				}
				b.view.scroll(1e6)
				if says, wide := marks(b.view, s.Cues.More); says || wide {
					t.Errorf("%v, size %d: at the end it seems to go on", size, n)
				}
			}
		}
	}
}

// marks reports whether there is a mark below the pane: words, and a band that
// stands out from the page.
func marks(v *View, more string) (says, wide bool) {
	for _, s := range v.scrollShapes() {
		says = says || s.text == more && contrast(s.ink, s.on) >= v.scene.palette.least
		if s.at.y >= v.scene.pane.bottom()-1 && s.at.w > .9*v.scene.pane.w && s.text == "" {
			wide = s.at.h >= 4*v.scene.unit && contrast(s.fill, v.scene.palette.page.ground) >= 3
		}
	}
	return says, wide
}

// TestOffIsNoField: a button that is off has no line around it as an entry has,
// and bears a mark of its own in every look.
func TestOffIsNoField(t *testing.T) {
	f := newFace()
	for _, high := range []bool{false, true} {
		for n := range screen.Sizes {
			s := samples()[2]
			s.Buttons[0].Off, s.Look.Size, s.Look.Contrast = true, n, high
			sc := arrange(f, s, displays[0], "", false)
			off, _ := sc.target("enter")
			marked := false
			for _, x := range sc.under {
				marked = marked || x.icon == iconOff && x.at.overlaps(off.at) && contrast(x.ink, x.on) >= 3
				if x.at == off.at && (x.stroke > 0 || x.fill == sc.palette.card.ground && !high) {
					t.Errorf("high %v: it is drawn as a field", high)
				}
			}
			if !marked || !off.off {
				t.Errorf("high %v, size %d: it bears no mark", high, n)
			}
		}
	}
}

// TestActsHaveNoCircle: what acts at once does not look like a choice that is
// kept.
func TestActsHaveNoCircle(t *testing.T) {
	f := newFace()
	for _, act := range []bool{false, true} {
		s := screen.Screen{Title: "t", Cues: screen.Cues{Button: "button"}, Parts: []screen.Part{screen.Options{Act: act, Items: []screen.Option{{Press: "a", Label: "A", Key: '1'}, {Press: "b", Label: "B", Note: "n"}}}}}
		sc := arrange(f, s, displays[0], "", false)
		circles, arrows := 0, 0
		for _, x := range sc.parts {
			if x.radius > 0 && x.radius == x.at.w/2 {
				circles++
			}
			if x.icon == iconOn {
				arrows++
			}
		}
		if act && (circles != 0 || arrows != 2) || !act && (circles != 2 || arrows != 0) {
			t.Errorf("act %v: %d circles, %d arrows", act, circles, arrows)
		}
		if said := sc.targets[0].said; strings.Contains(said, "button") != act {
			t.Errorf("act %v: said %q", act, said)
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
