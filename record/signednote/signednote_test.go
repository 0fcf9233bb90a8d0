package signednote

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"io"
	"strings"
	"testing"
)

const name, text = "a-name/of-a-key", "two\nlines\n"

func keyOf(b byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
}

func public(b byte) ed25519.PublicKey { return keyOf(b).Public().(ed25519.PublicKey) }

func signed(t testing.TB, name, text string, key crypto.Signer) []byte {
	t.Helper()
	b, err := Sign(name, text, key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// aKey answers for a key with something else than it should.
type aKey struct {
	public crypto.PublicKey
	answer []byte
	err    error
}

func (k aKey) Public() crypto.PublicKey                                  { return k.public }
func (k aKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return k.answer, k.err }

func TestSignRefuses(t *testing.T) {
	gone := errors.New("gone")
	for what, c := range map[string]struct {
		name, text string
		key        crypto.Signer
		want       string
	}{
		"no Ed25519 key":   {name, text, aKey{public: "key"}, "not an Ed25519 key"},
		"half a key":       {name, text, aKey{public: public(1)[:31]}, "not an Ed25519 key"},
		"key is gone":      {name, text, aKey{public: public(1), err: gone}, "gone"},
		"key lies":         {name, text, aKey{public: public(1), answer: make([]byte, 64)}, "a signature that does not hold"},
		"key of another":   {name, text, aKey{public: public(1), answer: ed25519.Sign(keyOf(2), []byte(text))}, "a signature that does not hold"},
		"no name":          {"", text, keyOf(1), "malformed"},
		"space in a name":  {"a b", text, keyOf(1), "malformed"},
		"line without end": {name, "text", keyOf(1), "malformed"},
		"too long":         {name, strings.Repeat("x", MaxSize) + "\n", keyOf(1), "allowed are 4096"},
	} {
		if b, err := Sign(c.name, c.text, c.key); err == nil || b != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", what, err, c.want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	good := string(signed(t, name, text, keyOf(1)))
	other := string(signed(t, name, text, keyOf(2)))
	_, second, _ := strings.Cut(other, "\n\n")
	const strange = "not signed by this station for this election"
	for what, c := range map[string]struct{ note, want string }{
		"empty":          {"", strange},
		"no signature":   {text, strange},
		"another's":      {other, strange},
		"another name":   {string(signed(t, "b", text, keyOf(1))), strange},
		"text changed":   {strings.Replace(good, "two", "tow", 1), strange},
		"a second key":   {good + second, "signatures beside the station's"},
		"a byte more":    {good + "\n", strange},
		"loose bits":     {strings.Replace(good, "=\n", "\x00\n", 1), strange},
		"too long":       {good + strings.Repeat("x", MaxSize), "allowed are 4096"},
		"the line twice": {good + good[strings.Index(good, "—"):], ""},
	} {
		if got, err := Open([]byte(c.note), name, public(1)); err == nil || got != "" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, error %v, want %q", what, got, err, c.want)
		}
	}
	for what, key := range map[string]ed25519.PublicKey{"no key": nil, "half a key": public(1)[:31], "another key": public(2)} {
		if _, err := Open([]byte(good), name, key); err == nil {
			t.Errorf("%s opens it", what)
		}
	}
	if got, err := Open([]byte(good), name, public(1)); err != nil || got != text {
		t.Errorf("%q, %v", got, err)
	}
}

// FuzzOpen: what opens is what Sign writes.
func FuzzOpen(f *testing.F) {
	good := signed(f, name, text, keyOf(1))
	f.Add(good)
	// 68 bytes end in two symbols of which the second has four bits that nobody signed.
	for _, last := range "ABCDEFGHIJKLMNOP" {
		f.Add(append(bytes.Clone(good[:len(good)-3]), string(last)+"=\n"...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Open(b, name, public(1))
		if err != nil {
			return
		}
		if !bytes.Equal(signed(t, name, got, keyOf(1)), b) {
			t.Errorf("two encodings of one note: %q", b)
		}
	})
}
