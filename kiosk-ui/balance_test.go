package kioskui

import (
	"strings"
	"testing"
)

// TestBalanceBreaksNoWord: words that fit a line stay whole when the lines are
// made alike.
func TestBalanceBreaksNoWord(t *testing.T) {
	f := newFace()
	for _, text := range []string{"Ukuran teks", "Call for help", "Close the polls for good", "a incomprehensibilities b"} {
		for width := f.longestWord(text); width < f.width([]rune(text)); width += .1 {
			for _, line := range f.balanced(text, width) {
				for _, w := range strings.Fields(line) {
					if !strings.Contains(" "+text+" ", " "+w+" ") {
						t.Errorf("%q at %.1f: %q is no word", text, width, w)
					}
				}
			}
		}
	}
}
