// Package transcript turns a list of fields into the one string of bytes that
// is hashed, as specified in docs/spec/crypto.md, Section 2.
//
// Every field is preceded by its length, so two different lists never give the
// same bytes, and every list begins with a label that says what it is for.
package transcript

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
)

// A Transcript is a growing list of fields. Use New.
type Transcript struct{ b []byte }

// New begins a transcript with its label, the first field. No two purposes
// share a label; docs/spec/crypto.md, Section 2.4, lists them all.
func New(label string) *Transcript {
	t := new(Transcript)
	return t.Bytes([]byte(label))
}

// Bytes appends one field: its length as 4 bytes, big endian, and the bytes. A
// field of 4 GiB or more panics: callers bound what they read.
func (t *Transcript) Bytes(field []byte) *Transcript {
	if uint64(len(field)) > math.MaxUint32 {
		panic(fmt.Sprintf("transcript: internal error: field of %d bytes", len(field)))
	}
	t.b = binary.BigEndian.AppendUint32(t.b, uint32(len(field)))
	t.b = append(t.b, field...)
	return t
}

// Text appends a field of text.
func (t *Transcript) Text(field string) *Transcript { return t.Bytes([]byte(field)) }

// Uint appends an integer as a field of 8 bytes, big endian.
func (t *Transcript) Uint(n uint64) *Transcript {
	return t.Bytes(binary.BigEndian.AppendUint64(nil, n))
}

// Message returns the encoding, to be hashed to a scalar or signed.
func (t *Transcript) Message() []byte { return t.b }

// Sum returns the SHA-256 of the encoding.
func (t *Transcript) Sum() [32]byte { return sha256.Sum256(t.b) }
