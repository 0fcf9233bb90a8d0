package ballotlog

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A Checkpoint commits a station to its ballots: how many, and the root over
// their confirmation codes.
type Checkpoint struct {
	Election [32]byte // H_E
	Station  string
	Size     int64
	Root     [HashSize]byte
}

// MaxCheckpoint bounds an encoded checkpoint, in bytes.
const MaxCheckpoint = 4096

// Origin names the log: it is the checkpoint's first line and its key's name.
func Origin(election [32]byte, station string) string {
	return "referendum-v1/" + hex.EncodeToString(election[:]) + "/" + station
}

// Text returns what is signed (C2SP tlog-checkpoint): origin, size in decimal,
// root in base64, a line each.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", Origin(c.Election, c.Station), c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// Sign returns the signed note. key is Ed25519, in memory or in a device.
func Sign(c Checkpoint, key crypto.Signer) ([]byte, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("signing the checkpoint: not an Ed25519 key")
	}
	s, err := newSigner(Origin(c.Election, c.Station), pub, key)
	if err != nil {
		return nil, fmt.Errorf("signing the checkpoint: %w", err)
	}
	b, err := note.Sign(&note.Note{Text: c.Text()}, s)
	if err != nil {
		return nil, fmt.Errorf("signing the checkpoint: %w", err)
	}
	return b, nil
}

// signer lets note sign with a key that may live in a device.
type signer struct {
	note.Verifier
	key crypto.Signer
}

func (s signer) Sign(msg []byte) ([]byte, error) { return s.key.Sign(nil, msg, crypto.Hash(0)) }

func newSigner(name string, pub ed25519.PublicKey, key crypto.Signer) (note.Signer, error) {
	v, err := newVerifier(name, pub)
	return signer{v, key}, err
}

func newVerifier(name string, pub ed25519.PublicKey) (note.Verifier, error) {
	text, err := note.NewEd25519VerifierKey(name, pub)
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(text)
}

// Open checks a signed checkpoint of the given station and election. It refuses
// other signatures beside the station's, and every encoding but the one that
// Sign makes.
func Open(b []byte, pub ed25519.PublicKey, election [32]byte, station string) (Checkpoint, error) {
	c, err := open(b, pub, election, station)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	return c, nil
}

func open(b []byte, pub ed25519.PublicKey, election [32]byte, station string) (Checkpoint, error) {
	if len(b) > MaxCheckpoint {
		return Checkpoint{}, fmt.Errorf("%d bytes, allowed are %d", len(b), MaxCheckpoint)
	}
	v, err := newVerifier(Origin(election, station), pub)
	if err != nil {
		return Checkpoint{}, err
	}
	n, err := note.Open(b, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, errors.New("not signed by this station for this election")
	}
	if len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 0 {
		return Checkpoint{}, errors.New("signatures beside the station's")
	}
	c, err := parseText(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	c.Election, c.Station = election, station
	// Base64 is decoded and encoded again: note reads bits of its last symbol
	// that nobody signed.
	sig, err := base64.StdEncoding.DecodeString(n.Sigs[0].Base64)
	if err != nil {
		return Checkpoint{}, err
	}
	again := fmt.Appendf([]byte(c.Text()), "\n— %s %s\n", n.Sigs[0].Name, base64.StdEncoding.EncodeToString(sig))
	if !bytes.Equal(again, b) {
		return Checkpoint{}, errors.New("not the canonical encoding")
	}
	return c, nil
}

// parseText reads size and root. That origin and numbers are canonical is seen
// by encoding again.
func parseText(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return Checkpoint{}, errors.New("not three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, fmt.Errorf("size %q is no number of ballots", lines[1])
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != HashSize {
		return Checkpoint{}, errors.New("root is not 32 bytes in base64")
	}
	return Checkpoint{Size: size, Root: [HashSize]byte(root)}, nil
}
