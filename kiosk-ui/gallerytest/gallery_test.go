package gallerytest

import (
	"testing"

	"github.com/openreferendum/referendum/kiosk-ui/locale"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
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
