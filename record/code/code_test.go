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

// TestVectors were computed by another program.
func TestVectors(t *testing.T) {
	var counting, ones [Size]byte
	for i := range counting {
		counting[i], ones[i] = byte(i), 0xff
	}
	for want, c := range map[string][Size]byte{
		"0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0": {},
		"0001-081G-8186-0W40-J2GB-1G6G-W3RG-2491-650N-2RBH-G68T-3CE1-T7GZ-2": counting,
		"1ZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-F": ones,
		"0JZN-28QK-8HAM-RMXX-WBNV-HK9B-FRYH-C05D-CCE3-GPJX-FK72-7HVR-AHCT-A": sample(1),
	} {
		if got := Format(c); got != want {
			t.Errorf("%s instead of %s", got, want)
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

// FuzzParse: what parses is, but for how people type it, what Format writes.
func FuzzParse(f *testing.F) {
	f.Add(Format(sample(0)))
	f.Add(Format([Size]byte{}))
	f.Add(strings.ToLower(strings.ReplaceAll(Format(sample(2)), "-", " ")))
	f.Add(strings.Replace(Format([Size]byte{}), "0", "\u0131", 1)) // a dotless i is no 1
	f.Add("0000")
	typed := strings.NewReplacer(" ", "", "-", "", "\t", "", "\n", "", "o", "0", "O", "0", "i", "1", "I", "1", "l", "1", "L", "1")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Parse(s)
		if err != nil {
			return
		}
		want := strings.ReplaceAll(Format(c), "-", "")
		if got := typed.Replace(s); len(got) != len(want) || !strings.EqualFold(got, want) {
			t.Errorf("%q parses as %s", s, Format(c))
		}
	})
}
