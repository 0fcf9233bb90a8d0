package voice

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for text, want := range map[string][]string{
		"":                              nil,
		" \t\r\n…\n——\n":                nil,
		"a\nb":                          {"a", "b"},
		"  a \u3000 b\u2028c ":          {"a b c"},
		"同意[[x]]<b>":                    {"同意 x b"},
		"a\x00\x07b\x7f":                {"a b"},
		"\u202eevil\u2066 so\u00adft":   {"evil soft"},
		"\xff\xfea":                     {"a"},
		"\ue000 7":                      {"7"},
		strings.Repeat("意", 2*MaxText):  {strings.Repeat("意", MaxText)},
		strings.Repeat("意意\n", MaxText): slices.Repeat([]string{"意意"}, MaxText/2),
	} {
		if got := clean(text); !slices.Equal(got, want) {
			t.Errorf("%.30q becomes %.60q, not %.60q", text, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("你的選擇是不同意\n3F9A-22C1 [[h@]]")
	f.Add("\xff\u202e<\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines := clean(text)
		joined := strings.Join(lines, "\n")
		if !utf8.ValidString(joined) || utf8.RuneCountInString(joined) > MaxText+len(lines) || strings.ContainsAny(joined, "<>[]\x00\x1b\r") {
			t.Errorf("%q becomes %q", text, joined)
		}
		if !slices.Equal(clean(joined), lines) {
			t.Errorf("cleaned twice, %q becomes %q", joined, clean(joined))
		}
	})
}

func FuzzWAV(f *testing.F) {
	whole := (&sound{channels: 2, rate: 44100, samples: []byte{1, 2, 3, 4, 5, 6, 7, 0x80}}).wav(100)
	f.Add(whole)
	f.Add(whole[:40])
	f.Add(append(bytes.Clone(whole), "LIST\x01\x00\x00\x00x"...))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseWAV(b)
		if err != nil {
			return
		}
		again, err := parseWAV(s.wav(100))
		if err != nil {
			t.Fatalf("written again it is refused: %v", err)
		}
		if again.channels != s.channels || again.rate != s.rate || !bytes.Equal(again.samples, s.samples) {
			t.Error("written again it is another sound")
		}
		if s.seconds() < 1 {
			t.Errorf("it lasts %d seconds", s.seconds())
		}
	})
}

// TestTooLong: programs that hang are ended by themselves, and that is told.
func TestTooLong(t *testing.T) {
	hangs := filepath.Join(t.TempDir(), "hangs")
	if err := os.WriteFile(hangs, []byte("#!/bin/sh\nexec /bin/sleep 100000\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	v, err := Open(Config{Program: hangs, Player: []string{hangs}})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	v.mu.Lock()
	v.patience = 0 // nothing beyond the second that a letter may take
	v.mu.Unlock()
	v.Say(Utterance{Text: "a", Language: "en"})
	select {
	case err := <-v.Lost():
		if !strings.Contains(err.Error(), "longer than the longest") {
			t.Errorf("lost because of %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it hangs")
	}
}
