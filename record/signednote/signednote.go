// Package signednote signs and opens notes (C2SP signed-note) that one Ed25519
// key signs and nobody beside it: the checkpoint of the ballots
// (docs/spec/ballotlog.md) and the head of a station's log (docs/spec/paper.md,
// Section 6.2).
//
// What stands in a note it does not know: whoever opens one parses the text, and
// encodes it again to see that it is the only encoding.
package signednote

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// MaxSize bounds a note, in bytes.
const MaxSize = 4096

var errKey = errors.New("not an Ed25519 key")

// Sign returns the note of a text, which ends with a newline. key is Ed25519, in
// memory or in a device; name is the key's name.
func Sign(name, text string, key crypto.Signer) ([]byte, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errKey
	}
	v, err := newVerifier(name, pub)
	if err != nil {
		return nil, err
	}
	b, err := note.Sign(&note.Note{Text: text}, signer{v, key})
	if err != nil {
		return nil, err
	}
	if _, err := Open(b, name, pub); err != nil {
		return nil, fmt.Errorf("the key made a signature that does not hold: %w", err)
	}
	return b, nil
}

// signer lets note sign with a key that may live in a device.
type signer struct {
	note.Verifier
	key crypto.Signer
}

func (s signer) Sign(msg []byte) ([]byte, error) { return s.key.Sign(nil, msg, crypto.Hash(0)) }

func newVerifier(name string, pub ed25519.PublicKey) (note.Verifier, error) {
	if len(pub) != ed25519.PublicKeySize {
		return nil, errKey
	}
	text, err := note.NewEd25519VerifierKey(name, pub)
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(text)
}

// Open returns the text that the key of that name has signed. It refuses other
// signatures beside it, and every encoding of the signature but the one that
// Sign makes.
func Open(b []byte, name string, pub ed25519.PublicKey) (string, error) {
	if len(b) > MaxSize {
		return "", fmt.Errorf("%d bytes, allowed are %d", len(b), MaxSize)
	}
	v, err := newVerifier(name, pub)
	if err != nil {
		return "", err
	}
	n, err := note.Open(b, note.VerifierList(v))
	if err != nil {
		return "", errors.New("not signed by this station for this election")
	}
	if len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 0 {
		return "", errors.New("signatures beside the station's")
	}
	// Base64 is decoded and encoded again: note reads bits of its last symbol
	// that nobody signed.
	sig, err := base64.StdEncoding.DecodeString(n.Sigs[0].Base64)
	if err != nil {
		return "", err
	}
	if fmt.Sprintf("%s\n— %s %s\n", n.Text, name, base64.StdEncoding.EncodeToString(sig)) != string(b) {
		return "", ErrEncoding
	}
	return n.Text, nil
}

// ErrEncoding is for a note, or its text, in a second spelling.
var ErrEncoding = errors.New("not the canonical encoding")
