package kioskui

import (
	"image/color"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// TestBadScreens shows screens that nobody should make: none panics, and the
// Checker says what is wrong.
func TestBadScreens(t *testing.T) {
	many := screen.Options{}
	for i := range 30 {
		many.Items = append(many.Items, screen.Option{Press: "o" + string(rune('a'+i)), Label: strings.Repeat("long ", 40), Note: "note"})
	}
	tests := []struct {
		name string
		s    screen.Screen
		want string // in a problem; "" for none
	}{
		{"empty", screen.Screen{}, ""},
		{"thirty options", screen.Screen{ID: "x", Title: "t", Parts: []screen.Part{many}}, ""},
		{"a huge text", screen.Screen{Parts: []screen.Part{screen.Text{Words: strings.Repeat("國民", 5000)}}}, ""},
		{"a word without end", screen.Screen{Parts: []screen.Part{screen.Text{Words: strings.Repeat("x", 3000)}}}, ""},
		{"a huge title", screen.Screen{Title: strings.Repeat("公民投票", 100)}, "no room"},
		{"a button without words or name", screen.Screen{Buttons: []screen.Button{{}}}, "no name"},
		{"a button with a novel", screen.Screen{Buttons: []screen.Button{{Press: "a", Label: strings.Repeat("w", 400)}, {Press: "b", Label: "b"}}}, ""},
		{"two of one name", screen.Screen{Buttons: []screen.Button{{Press: "a", Label: "A"}, {Press: "a", Label: "B"}}}, "both pressed"},
		{"a character that the font lacks", screen.Screen{Title: "\U00013000"}, "the font has no"},
		{"a size that is none", screen.Screen{Look: screen.Look{Size: 99}, Title: "t"}, ""},
		{"too many buttons", screen.Screen{Title: "t", Parts: []screen.Part{many}, Buttons: twenty()}, "no room"},
		{"a part that is nil", screen.Screen{Title: "t", Parts: []screen.Part{nil, screen.Facts{}, screen.Options{}, screen.Report{}}}, ""},
		{"more characters than dots", screen.Screen{Parts: []screen.Part{screen.Entry{Filled: 9999}}}, ""},
		{"less than none", screen.Screen{Parts: []screen.Part{screen.Entry{Filled: -1}}}, ""},
	}
	c := NewChecker()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range append(displays, fyne.NewSize(1, 1), fyne.NewSize(200, 3000)) {
				b := newBench(t, size)
				b.show(test.s)
				b.key(fyne.KeyTab, fyne.KeySpace, fyne.KeyPageDown, fyne.KeyR)
				b.types("1a")
				if size == displays[0] && strings.HasPrefix(test.name, "thirty") { // pixels take long
					b.canvas.Capture()
				}
			}
			found := strings.Join(c.Problems(test.s, displays[0]), "\n")
			if !strings.Contains(found, test.want) || test.want == "" && found != "" {
				t.Errorf("found %q, want %q", found, test.want)
			}
		})
	}
}

func twenty() []screen.Button {
	var all []screen.Button
	for i := range 20 {
		all = append(all, screen.Button{Press: string(rune('a' + i)), Label: strings.Repeat("many words ", 4)})
	}
	return all
}

// TestContrast holds every pair of every palette against its bar, and what is
// no text against 3:1.
func TestContrast(t *testing.T) {
	for _, party := range []screen.Party{screen.Voter, screen.Workers} {
		for _, strong := range []bool{false, true} {
			p := paletteOf(party, strong)
			if want := map[bool]float64{false: 10, true: 20}[strong]; p.least != want {
				t.Errorf("the bar is %v:1, want %v:1", p.least, want)
			}
			for name, x := range map[string]pair{"page": p.page, "bar": p.bar, "side": p.side, "card": p.card, "marked": p.marked, "lead": p.lead, "plain": p.plain,
				"grave": p.grave, "held": p.held, "off": p.off, "banner": p.banner, "quiet": {p.page.ground, p.quiet, p.quiet}} {
				if ratio := contrast(x.ink, x.ground); ratio < p.least {
					t.Errorf("party %v, high %v: %s has %.2f:1", party, strong, name, ratio)
				}
			}
			for name, ink := range map[string]color.NRGBA{"good": p.good, "warn": p.warn, "stop": p.stop, "ring": p.ring, "card line": p.card.line, "plain line": p.plain.line} {
				if ratio := contrast(ink, p.page.ground); ratio < 3 {
					t.Errorf("party %v, high %v: %s has %.2f:1", party, strong, name, ratio)
				}
			}
		}
	}
	if got := contrast(black, white); got < 20.99 || got > 21.01 {
		t.Errorf("black on white has %v:1, WCAG says 21:1", got)
	}
}

// TestWrap breaks lines of both scripts.
func TestWrap(t *testing.T) {
	f := newFace()
	tests := []struct {
		text  string
		width float32
		want  string
	}{
		{"同意，不同意。", 2, "同|意，|不同|意。"},
		{"（同意）", 2.5, "（同|意）"},
		{"Take this paper", 4.6, "Take this|paper"},
		{"選Yes或No", 2.9, "選Yes|或No"},
		{"", 5, ""},
		{"a\n\nb", 5, "a||b"},
		{"wwwwwwww", 2.5, "www|www|ww"},
		{"同意", 0, "同|意"},
	}
	for _, test := range tests {
		if got := strings.Join(f.wrap(test.text, test.width), "|"); got != test.want {
			t.Errorf("%q in %v ems: %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

// TestWidthsAreFynes compares the widths that lines are broken by with those
// that Fyne draws: never narrower.
func TestWidthsAreFynes(t *testing.T) {
	b := newBench(t, displays[0])
	for _, text := range []string{"AVATAR To Yes. fi ffi", "你是否同意，自民國一百一十六年起？", "第 0412 投票所", "Pertanyaan 1 dari 4", "“quoted” (x) [y] 100%"} {
		for _, size := range []float32{17, 21, 75} {
			drawn := (&canvas.Text{Text: text, TextSize: size, FontSource: b.view.face.source}).MinSize()
			counted := b.view.face.width([]rune(text)) * size
			if drawn.Width > counted+1 || drawn.Width < counted*.9 {
				t.Errorf("%q at %v: Fyne draws %v wide, counted %v", text, size, drawn.Width, counted)
			}
			if h := size * lineHeight; drawn.Height < h-1 || drawn.Height > h+1 {
				t.Errorf("a line at %v is %v high, counted %v", size, drawn.Height, h)
			}
		}
	}
}

// TestPINIsNotDrawn looks for what is typed in everything that is drawn.
func TestPINIsNotDrawn(t *testing.T) {
	pin := samples()[2]
	sc := arrange(newFace(), pin, displays[0], "", false)
	dots := 0
	for _, s := range sc.parts {
		if s.icon == iconDisc {
			dots++
		}
		if s.text != "" && strings.ContainsAny(s.text, "0123456789") && !strings.Contains(s.text, "times") && !strings.Contains(s.text, "try") {
			t.Errorf("the entry shows %q", s.text)
		}
	}
	if dots != 4 {
		t.Errorf("%d dots, want 4", dots)
	}
}
