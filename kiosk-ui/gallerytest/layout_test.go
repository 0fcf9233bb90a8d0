package gallerytest

import (
	"regexp"
	"testing"

	"fyne.io/fyne/v2"

	kioskui "github.com/openreferendum/referendum/kiosk-ui"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// TestLayout lays every scene out, and every notice, in every language, on every
// display, with every look: nothing is cut, nothing lies on anything else,
// everything that is touched is large enough, every text has its contrast and
// every character its glyph.
func TestLayout(t *testing.T) {
	t.Parallel()
	words, checker := openBook(t), kioskui.NewChecker()
	looked := 0
	for _, s := range append(Scenes(), Notices()...) {
		for _, l := range languages {
			up := playIn(t, words, s, l)
			for _, d := range displays {
				for _, look := range looks() {
					up.Look.Size, up.Look.Contrast = look.Size, look.Contrast
					looked++
					for _, p := range checker.Problems(up, fyne.NewSize(float32(d[0]), float32(d[1]))) {
						t.Errorf("%s: %s", Picture{s, l, d[0], d[1], look}, p)
					}
				}
			}
		}
	}
	if looked < 5000 {
		t.Errorf("only %d screens were looked at", looked)
	}
}

// TestNoFavourite: to take a paper and not to take it are buttons of one size,
// and the answers are.
func TestNoFavourite(t *testing.T) {
	words := openBook(t)
	for _, d := range displays {
		stage := NewStage(d[0], d[1])
		for _, s := range Scenes() {
			if s.ID != "question" && s.ID != "question-answer" {
				continue
			}
			for _, l := range languages {
				for _, look := range looks() {
					up := playIn(t, words, s, l)
					up.Look.Size, up.Look.Contrast = look.Size, look.Contrast
					stage.Show(up)
					names := []string{"take", "leave"}
					if s.ID == "question-answer" {
						names = []string{"answer:1", "answer:2"}
					}
					one, there := stage.Place(names[0])
					other, too := stage.Place(names[1])
					if one.Size() != other.Size() || !there || !too {
						t.Errorf("%s: %q is %v, %q is %v", Picture{s, l, d[0], d[1], look}, names[0], one.Size(), names[1], other.Size())
					}
				}
			}
		}
	}
}

// nameless is what a message looks like that no language has.
var nameless = regexp.MustCompile(`^[a-z]+[a-z-]*(\.[a-z0-9-]+)+$|<no value>`)

// TestWords looks for words that are missing: then a screen shows their name.
func TestWords(t *testing.T) {
	t.Parallel()
	words := openBook(t)
	for _, s := range append(Scenes(), Notices()...) {
		for _, l := range languages {
			for _, w := range shownWords(playIn(t, words, s, l)) {
				if nameless.MatchString(w) {
					t.Errorf("%s in %s shows %q", s.Name, l, w)
				}
			}
		}
	}
}

// shownWords are all words of a screen.
func shownWords(s screen.Screen) []string {
	all := []string{s.Title, s.Step, s.Place, s.Banner}
	for _, b := range append(append([]screen.Button(nil), s.Buttons...), s.Tools...) {
		all = append(all, b.Label)
	}
	for _, p := range s.Parts {
		switch p := p.(type) {
		case screen.Text:
			all = append(all, p.Words)
		case screen.Options:
			for _, o := range p.Items {
				all = append(all, o.Label, o.Note)
			}
		case screen.Facts:
			for _, f := range p.Rows {
				all = append(all, f.Name, f.Value, f.Change)
			}
		case screen.Report:
			for _, l := range p.Lines {
				all = append(all, l.Name, l.What, l.Do)
			}
		case screen.Entry:
			all = append(all, p.Label, p.Shown)
		}
	}
	return all
}
