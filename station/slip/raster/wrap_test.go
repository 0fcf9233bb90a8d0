package raster

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func wrapped(t testing.TB, s *size, text string, width int) []string {
	t.Helper()
	lines, err := s.wrap(text, width)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, l := range lines {
		out = append(out, string(l))
	}
	return out
}

// TestWrap: widths count Chinese characters of 20 dots.
func TestWrap(t *testing.T) {
	s, err := newSize(20)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text  string
		width int
		want  string
	}{
		"nothing":                      {"", 5, ""},
		"Chinese between any two":      {"您是否同意公民投票", 4, "您是否同|意公民投|票"},
		"comma not first":              {"您是否同，意", 4, "您是否|同，意"},
		"bracket not last":             {"您是否「同意」", 4, "您是否|「同意」"},
		"Latin at spaces":              {"do you agree", 4, "do you|agree"},
		"no space at a line's start":   {"agree agree", 3, "agree|agree"},
		"long word broken where it is": {"WWWWWWWW", 4, "WWWW|WWWW"},
		"Latin inside Chinese":         {"第17案是否", 4, "第17案|是否"},
		"paragraphs":                   {"一\n二", 4, "一|二"},
		"narrower than a character":    {"一二", 0, "一|二"},
		"punctuation only":             {"，，，，，，", 3, "，，，|，，，"},
	} {
		if got := strings.Join(wrapped(t, s, c.text, c.width*20), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestWrapKeepsTheText: whatever the text, no character but spaces is lost or
// moved, and no line is wider than the paper.
func TestWrapKeepsTheText(t *testing.T) {
	s, err := newSize(24)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("公民投票，。「」（）abcWi -'’\n1234"))).Draw(t, "text")
		width := rapid.IntRange(30, 560).Draw(t, "width")
		lines, err := s.wrap(text, width)
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, l := range lines {
			if w := s.measure(l); w > width {
				t.Errorf("the line %q is %d wide, allowed are %d", string(l), w, width)
			}
			all.WriteString(string(l))
		}
		bare := strings.NewReplacer(" ", "", "\n", "").Replace
		if bare(all.String()) != bare(text) {
			t.Errorf("%q became %q", text, all.String())
		}
	})
}
