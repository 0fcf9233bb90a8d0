package group

import (
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/zk/dleq"
)

// EqualitySize is the length in bytes of an encoded Equality.
const EqualitySize = 2 * Size

// An Equality proves that log_B P = log_A(i) M(i) for every i of a batch: the
// batched DLEQ proof of RFC 9497, Section 2.2, with ciphersuite
// ristretto255-SHA512. It is the pair (c, s), 64 bytes.
//
// The challenge covers every element of the statement, and the domain
// separation tag the context; see docs/spec/crypto.md, Section 6.
type Equality struct{ b [EqualitySize]byte }

// maxBatch is the largest batch: RFC 9497 numbers its elements with 16 bits.
const maxBatch = 65535

func dleqParams(dst string) dleq.Params {
	return dleq.Params{G: curve, H: crypto.SHA512, DST: []byte(dst)}
}

// ProveEquality proves that public = [secret]B and answers(i) = [secret]bases(i).
// It fails on an empty or too large batch.
func ProveEquality(rand io.Reader, dst string, secret Secret, public Element, bases, answers []Element) (Equality, error) {
	if err := checkBatch(public, bases, answers); err != nil {
		return Equality{}, err
	}
	r, err := RandomScalar(rand)
	if err != nil {
		return Equality{}, err
	}
	p, err := dleq.Prover{Params: dleqParams(dst)}.ProveBatchWithRandomness(
		secret.Reveal().s, curve.Generator(), public.p, unwrap(bases), unwrap(answers), r.s)
	if err != nil {
		return Equality{}, fmt.Errorf("proving equality: %w", err)
	}
	b, err := p.MarshalBinary()
	if err != nil {
		return Equality{}, fmt.Errorf("proving equality: %w", err)
	}
	return ParseEquality(b)
}

// VerifyEquality reports whether q shows the statement of ProveEquality. A
// batch that is empty, too large, unequal or has gaps shows nothing.
func VerifyEquality(dst string, public Element, bases, answers []Element, q Equality) bool {
	if checkBatch(public, bases, answers) != nil {
		return false
	}
	p := new(dleq.Proof)
	if p.UnmarshalBinary(curve, q.b[:]) != nil {
		return false
	}
	return dleq.Verifier{Params: dleqParams(dst)}.VerifyBatch(
		curve.Generator(), public.p, unwrap(bases), unwrap(answers), p)
}

func checkBatch(public Element, bases, answers []Element) error {
	if len(bases) != len(answers) || len(bases) == 0 || len(bases) > maxBatch {
		return fmt.Errorf("equality proof: batch of %d bases and %d answers", len(bases), len(answers))
	}
	if public.IsZero() || slices.ContainsFunc(bases, Element.IsZero) || slices.ContainsFunc(answers, Element.IsZero) {
		return errors.New("equality proof: an element of the statement is missing")
	}
	return nil
}

func unwrap(es []Element) []group.Element {
	ps := make([]group.Element, len(es))
	for i := range es {
		ps[i] = es[i].p
	}
	return ps
}

// ParseEquality decodes 64 bytes: two canonical scalars.
func ParseEquality(b []byte) (Equality, error) {
	if len(b) != EqualitySize {
		return Equality{}, fmt.Errorf("equality proof: %d bytes instead of %d", len(b), EqualitySize)
	}
	for i := 0; i < EqualitySize; i += Size {
		if _, err := ParseScalar(b[i : i+Size]); err != nil {
			return Equality{}, fmt.Errorf("equality proof: %w", err)
		}
	}
	return Equality{[EqualitySize]byte(b)}, nil
}

// Bytes returns the 64-byte encoding.
func (q Equality) Bytes() []byte { return q.b[:] }

// MarshalText returns the encoding in lower-case hexadecimal.
func (q Equality) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(q.b[:])), nil }

// UnmarshalText decodes what MarshalText made.
func (q *Equality) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || hex.EncodeToString(b) != string(text) {
		return errors.New("equality proof: not lower-case hexadecimal")
	}
	*q, err = ParseEquality(b)
	return err
}
