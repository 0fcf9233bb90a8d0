package ballotlog

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/openreferendum/referendum/record/signednote"
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
const MaxCheckpoint = signednote.MaxSize

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
	b, err := signednote.Sign(Origin(c.Election, c.Station), c.Text(), key)
	if err != nil {
		return nil, fmt.Errorf("signing the checkpoint: %w", err)
	}
	return b, nil
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
	text, err := signednote.Open(b, Origin(election, station), pub)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := parseText(text)
	if err != nil {
		return Checkpoint{}, err
	}
	c.Election, c.Station = election, station
	if c.Text() != text {
		return Checkpoint{}, signednote.ErrEncoding
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
