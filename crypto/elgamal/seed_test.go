package elgamal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSeedCannotBePrinted(t *testing.T) {
	var b [SeedSize]byte
	for i := range b {
		b[i] = byte(200 + i)
	}
	s := SeedFromBytes(b)
	held := struct{ xi SecretSeed }{s} // an unexported field skips Format
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("m", "seed", s, "held", held)
	}
	out := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%t"} {
		out += fmt.Sprintf(verb+verb+verb, s, &s, held)
	}
	for _, leak := range []string{hex.EncodeToString(b[:4]), fmt.Sprint(b[:4])[1:15], "0xc8, 0xc9", "C8C9CA"} {
		if strings.Contains(out, leak) {
			t.Errorf("printed %q:\n%s", leak, out)
		}
	}
	if !strings.Contains(fmt.Sprint(s), "redacted") || !strings.Contains(log.String(), "redacted") {
		t.Error("no placeholder")
	}
	if _, err := json.Marshal(s); err == nil || !strings.Contains(err.Error(), "seed in JSON") {
		t.Errorf("JSON: %v", err)
	}
	if _, err := s.MarshalText(); err == nil || !strings.Contains(err.Error(), "seed in a text") {
		t.Errorf("text: %v", err)
	}
	if s.Export() != b {
		t.Error("a seed is not what it holds")
	}
}

func TestGenerateSeed(t *testing.T) {
	if _, err := GenerateSeed(strings.NewReader("short")); err == nil || !strings.Contains(err.Error(), "reading randomness") {
		t.Errorf("without randomness: %v", err)
	}
	r := strings.NewReader(strings.Repeat("s", SeedSize+1))
	s, err := GenerateSeed(r)
	if xi := s.Export(); err != nil || string(xi[:]) != strings.Repeat("s", SeedSize) || r.Len() != 1 {
		t.Errorf("%v, %d bytes left", err, r.Len())
	}
}

func TestParseSeedRefuses(t *testing.T) {
	for _, text := range []string{"", "00", strings.Repeat("0", 63), strings.Repeat("0", 65), strings.Repeat("g", 64), strings.Repeat("A", 64), " " + strings.Repeat("0", 63), strings.Repeat("0", 128)} {
		if _, err := ParseSeed(text); err == nil || err.Error() != "ballot seed: not 64 lower-case hexadecimal digits" {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// Every input of a nonce counts, and question and option are not confused.
func TestNoncesDiffer(t *testing.T) {
	seen := map[string]string{}
	seed := SeedFromBytes([SeedSize]byte{1})
	for q := 1; q <= 4; q++ {
		for i := 1; i <= 4; i++ {
			seen[fmt.Sprintf("%x", seed.Nonce([32]byte{}, q, i).Reveal().Bytes())] = fmt.Sprint(q, i)
		}
	}
	seen[fmt.Sprintf("%x", seed.Nonce([32]byte{1}, 1, 1).Reveal().Bytes())] = "another election"
	seen[fmt.Sprintf("%x", SeedFromBytes([SeedSize]byte{2}).Nonce([32]byte{}, 1, 1).Reveal().Bytes())] = "another seed"
	if len(seen) != 18 {
		t.Errorf("only %d different nonces of 18", len(seen))
	}
}

func FuzzParseSeed(f *testing.F) {
	f.Add(strings.Repeat("0a", SeedSize))
	f.Add(strings.Repeat("0A", SeedSize))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSeed(text)
		if err != nil {
			return
		}
		if xi := s.Export(); hex.EncodeToString(xi[:]) != text {
			t.Errorf("two texts of one seed: %q and %x", text, xi)
		}
	})
}
