package record

import (
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
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

// CheckName refuses a trustee's name that does not stand on one line, or has
// white space around it: two names would look the same.
func CheckName(s string) error {
	if s == "" || len(s) > 256 || strings.Contains(s, "\n") {
		return errors.New("missing, longer than 256 bytes, or not one line")
	}
	if strings.Trim(s, " \u3000") != s {
		return errors.New("white space around it")
	}
	return checkString(s)
}

// checkString refuses what a reader could not see or could not trust.
func checkString(s string) error {
	if len(s) > maxText {
		return fmt.Errorf("%d bytes, allowed are %d", len(s), maxText)
	}
	for _, r := range s {
		if r != '\n' && !visible(r) {
			return fmt.Errorf("character %U is not allowed", r)
		}
	}
	return nil
}

// invisible lists what cannot be seen, or changes what can, in ascending order:
// docs/spec/record.md, Section 2. It names characters by their numbers, so that
// it means the same in every version of Unicode.
var invisible = [][2]rune{
	{0x0000, 0x001f}, {0x007f, 0x00a0}, {0x00ad, 0x00ad}, // controls, no-break space, soft hyphen
	{0x034f, 0x034f}, {0x0600, 0x0605}, {0x061c, 0x061c}, {0x06dd, 0x06dd}, {0x070f, 0x070f}, {0x0890, 0x0891}, {0x08e2, 0x08e2},
	{0x115f, 0x1160}, {0x1680, 0x1680}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, // fillers, separators
	{0x2000, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f}, // spaces, joiners, directions
	{0x3164, 0x3164}, {0xd800, 0xf8ff}, // filler, surrogates, private use
	{0xfdd0, 0xfdef}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xffff}, // variations, specials, replacement
	{0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
	{0x1fffe, 0x1ffff}, {0x2fffe, 0x2ffff}, {0x3fffe, 0x10ffff}, // not characters, tags, private use
}

func visible(r rune) bool {
	for _, x := range invisible {
		if r <= x[1] {
			return r < x[0]
		}
	}
	return true
}
