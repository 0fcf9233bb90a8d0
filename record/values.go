package record

import (
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Hash is a SHA-256 digest or another public value of 32 bytes, written as 64
// lower-case hexadecimal digits.
type Hash [32]byte

// MarshalText returns 64 hexadecimal digits.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// String returns 64 hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// UnmarshalText decodes what MarshalText made.
func (h *Hash) UnmarshalText(text []byte) error { return decodeHex(h[:], text) }

// ParseHash decodes 64 lower-case hexadecimal digits.
func ParseHash(s string) (Hash, error) {
	var h Hash
	if err := h.UnmarshalText([]byte(s)); err != nil {
		return Hash{}, err
	}
	return h, nil
}

func decodeHex(to, text []byte) error {
	if len(text) != 2*len(to) {
		return fmt.Errorf("%d hexadecimal digits instead of %d", len(text), 2*len(to))
	}
	if _, err := hex.Decode(to, text); err != nil {
		return errors.New("not hexadecimal")
	}
	if hex.EncodeToString(to) != string(text) {
		return errors.New("upper-case hexadecimal")
	}
	return nil
}

// Bytes is a public string of bytes, written in lower-case hexadecimal.
type Bytes []byte

// MarshalText returns hexadecimal digits.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(b)), nil }

// UnmarshalText decodes what MarshalText made.
func (b *Bytes) UnmarshalText(text []byte) error {
	*b = make(Bytes, len(text)/2)
	return decodeHex(*b, text)
}

// A Text is one text in every language of the manifest, by BCP-47 tag.
type Text map[string]string

var (
	identifier = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)
	language   = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// maxText bounds a text, in bytes.
const maxText = 1 << 16

func checkIdentifier(what, id string) error {
	if !identifier.MatchString(id) {
		return fmt.Errorf("%s: %q is not an identifier (a-z, 0-9, dot and dash, at most 64)", what, id)
	}
	return nil
}

func (t Text) check(what string, languages []string) error {
	if len(t) != len(languages) {
		return fmt.Errorf("%s: text in %d languages instead of %d", what, len(t), len(languages))
	}
	for _, l := range languages {
		s, ok := t[l]
		if !ok || s == "" {
			return fmt.Errorf("%s: no text in %q", what, l)
		}
		if err := checkString(s); err != nil {
			return fmt.Errorf("%s: text in %q: %w", what, l, err)
		}
	}
	return nil
}

// checkName refuses a name that does not stand on one line.
func checkName(s string) error {
	if s == "" || len(s) > 256 || strings.Contains(s, "\n") {
		return errors.New("missing, longer than 256 bytes, or not one line")
	}
	return checkString(s)
}

// checkString refuses what a reader could not see or could not trust: control
// and format characters (but the newline), private-use characters, and the
// replacement character.
func checkString(s string) error {
	if len(s) > maxText {
		return fmt.Errorf("%d bytes, allowed are %d", len(s), maxText)
	}
	for _, r := range s {
		if r == '\n' || r == 0x3000 { // ideographic space
			continue
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return fmt.Errorf("character %U is not allowed", r)
		}
	}
	return nil
}
