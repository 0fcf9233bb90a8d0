package stationlog

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

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/signednote"
)

// A SignedHead is what a station signs of its log: how many lines there are,
// and their head. It fixes all of them (docs/spec/paper.md, Section 6.2).
type SignedHead struct {
	Election record.Hash // H_E
	Station  string
	Entries  int
	Head     Head
}

// MaxSignedHead bounds a signed head, in bytes.
const MaxSignedHead = signednote.MaxSize

// origin is the first line of what is signed, and the name of the key. No
// checkpoint of ballots begins so (record/ballotlog.Origin).
func origin(election record.Hash, station string) string {
	return "referendum-v1-station-log/" + hex.EncodeToString(election[:]) + "/" + station
}

// text is what is signed. Its second and third line are none that a reader of
// checkpoints takes for a size and a root.
func (s SignedHead) text() string {
	return fmt.Sprintf("%s\nentries %d\nhead %s\n", origin(s.Election, s.Station), s.Entries, base64.StdEncoding.EncodeToString(s.Head[:]))
}

// SignHead returns the signed note. key is Ed25519, in memory or in a device.
func SignHead(s SignedHead, key crypto.Signer) ([]byte, error) {
	b, err := signHead(s, key)
	if err != nil {
		return nil, fmt.Errorf("signing the head of the station's log: %w", err)
	}
	return b, nil
}

func signHead(s SignedHead, key crypto.Signer) ([]byte, error) {
	if s.Entries < 0 || s.Entries > maxEntries {
		return nil, fmt.Errorf("%d is no number of entries", s.Entries)
	}
	return signednote.Sign(origin(s.Election, s.Station), s.text(), key)
}

// ParseHead checks a signed head of the given station and election. It refuses
// other signatures beside the station's, and every encoding but the one that
// SignHead makes.
func ParseHead(b []byte, pub ed25519.PublicKey, election record.Hash, station string) (SignedHead, error) {
	s, err := parseHead(b, pub, election, station)
	if err != nil {
		return SignedHead{}, fmt.Errorf("signed head of the station's log: %w", err)
	}
	return s, nil
}

func parseHead(b []byte, pub ed25519.PublicKey, election record.Hash, station string) (SignedHead, error) {
	text, err := signednote.Open(b, origin(election, station), pub)
	if err != nil {
		return SignedHead{}, err
	}
	s, err := parseText(text)
	if err != nil {
		return SignedHead{}, err
	}
	s.Election, s.Station = election, station
	if s.text() != text {
		return SignedHead{}, signednote.ErrEncoding
	}
	return s, nil
}

// parseText reads number and head. That origin and number are canonical is seen
// by encoding again.
func parseText(text string) (SignedHead, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return SignedHead{}, errors.New("not three lines")
	}
	number, ok := strings.CutPrefix(lines[1], "entries ")
	n, err := strconv.ParseUint(number, 10, 32)
	if !ok || err != nil || n > maxEntries {
		return SignedHead{}, fmt.Errorf("%q is no number of entries", lines[1])
	}
	encoded, ok := strings.CutPrefix(lines[2], "head ")
	head, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(head) != len(Head{}) {
		return SignedHead{}, errors.New("the head is not 32 bytes in base64")
	}
	return SignedHead{Entries: int(n), Head: Head(head)}, nil
}

// VerifyLog checks a log against its signed head: every line follows the one
// before it, from the start that names election and station, and the last is
// the one that was signed. A log that was cut short, went on, or of which a
// line was changed, exchanged, added or removed, is an error.
func VerifyLog(log, signed []byte, pub ed25519.PublicKey, election record.Hash, station string) ([]Entry, error) {
	s, err := ParseHead(signed, pub, election, station)
	if err != nil {
		return nil, err
	}
	l, entries, err := Read(Start(election, station), log)
	if err != nil {
		return nil, err
	}
	if l.Len() != s.Entries {
		return nil, fmt.Errorf("station's log: %d lines, and %d were signed", l.Len(), s.Entries)
	}
	if l.Head() != s.Head {
		return nil, errors.New("station's log: its last line is not the one that was signed")
	}
	return entries, nil
}

// VerifyBeginning is VerifyLog for a log that may have gone on since its head
// was signed: what the machine itself has, or a later copy. It returns all
// entries; the first s.Entries of them are signed.
func VerifyBeginning(log, signed []byte, pub ed25519.PublicKey, election record.Hash, station string) ([]Entry, SignedHead, error) {
	s, err := ParseHead(signed, pub, election, station)
	if err != nil {
		return nil, SignedHead{}, err
	}
	_, entries, err := Read(Start(election, station), log)
	if err != nil {
		return nil, SignedHead{}, err
	}
	if len(entries) < s.Entries {
		return nil, SignedHead{}, fmt.Errorf("station's log: %d lines, and %d were signed", len(entries), s.Entries)
	}
	beginning := log[:endOf(log, s.Entries)]
	if _, err := VerifyLog(beginning, signed, pub, election, station); err != nil {
		return nil, SignedHead{}, err
	}
	return entries, s, nil
}

// endOf returns where the n-th line ends.
func endOf(log []byte, n int) int {
	end := 0
	for range n {
		end += bytes.IndexByte(log[end:], '\n') + 1
	}
	return end
}
