package gallerytest

import (
	"maps"
	"testing"

	"github.com/openreferendum/referendum/kiosk-ui/locale"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/simulation/cec"
)

func openBook(t *testing.T) *locale.Book {
	t.Helper()
	words, err := locale.Open()
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// TestScenes plays every scene in every language.
func TestScenes(t *testing.T) {
	words := openBook(t)
	names := map[string]bool{}
	for _, s := range append(Scenes(), Notices()...) {
		if names[s.Name] {
			t.Errorf("two scenes are named %s", s.Name)
		}
		names[s.Name] = true
		for _, l := range languages {
			up, err := s.Screen(words, l, screen.Look{})
			if err != nil {
				t.Error(err)
				continue
			}
			if up.Title == "" {
				t.Errorf("%s in %s has no title", s.Name, l)
			}
		}
	}
}

// TestTextsAreTheCommissions: nobody who looks at the pictures reads a question
// that was not asked so.
func TestTextsAreTheCommissions(t *testing.T) {
	for i, q := range live().Questions {
		asked := cec.Questions2021[17+i]
		for name, both := range map[string][2]map[string]string{"title": {q.Title, asked.Title}, "text": {q.Text, asked.Text}, "proposer": {q.Proposer, asked.Proposer}} {
			ours := maps.Clone(both[0])
			delete(ours, "id") // nobody has asked in Indonesian
			if !maps.Equal(ours, both[1]) {
				t.Errorf("case %d, %s: %q, asked was %q", 17+i, name, ours, both[1])
			}
		}
	}
}
