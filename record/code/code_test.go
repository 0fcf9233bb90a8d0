package code

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
)

func sample(n byte) [Size]byte { return sha256.Sum256([]byte{n}) }

func TestParseRefuses(t *testing.T) {
	good := Format(sample(1))
	for name, s := range map[string]string{
		"empty":              "",
		"one symbol short":   good[1:],
		"one symbol more":    good + "0",
		"no symbol":          strings.Replace(good, good[:1], "!", 1),
		"check symbol early": "U" + good[1:],
		"above 256 bits":     "Z" + good[1:],
		"no check symbol":    good[:len(good)-2],
		"not ASCII":          "é" + good[1:],
	} {
		if _, err := Parse(s); !errors.Is(err, ErrMistyped) {
			t.Errorf("%s: %q: error %v", name, s, err)
		}
	}
}

// TestEveryTypingErrorIsFound tries every wrong symbol at every place, and
// every swap of neighbours.
func TestEveryTypingErrorIsFound(t *testing.T) {
	for n := range byte(8) {
		good := strings.ReplaceAll(Format(sample(n)), "-", "")
		for i := range good {
			for _, c := range symbols {
				if bad := good[:i] + string(c) + good[i+1:]; bad != good {
					if _, err := Parse(bad); err == nil {
						t.Fatalf("%q passes for %q", bad, good)
					}
				}
			}
			if i > 0 && good[i] != good[i-1] {
				bad := good[:i-1] + good[i:i+1] + good[i-1:i] + good[i+1:]
				if _, err := Parse(bad); err == nil {
					t.Fatalf("swapped %q passes for %q", bad, good)
				}
			}
		}
	}
}

func TestParseAsPeopleType(t *testing.T) {
	want := sample(3)
	good := Format(want)
	for _, s := range []string{
		good, strings.ToLower(good), strings.ReplaceAll(good, "-", " "), strings.ReplaceAll(good, "-", ""),
		strings.ReplaceAll(strings.ReplaceAll(good, "0", "o"), "1", "l"), " " + good + "\n",
	} {
		if got, err := Parse(s); err != nil || got != want {
			t.Errorf("%q: %x, %v", s, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Format(sample(0)))
	f.Add(Format([Size]byte{}))
	f.Add("0000")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(Format(c))
		if err != nil || again != c {
			t.Errorf("%q does not come back: %v", s, err)
		}
	})
}
