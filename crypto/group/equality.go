package group

import (
	"crypto"
	"crypto/sha256"
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
// ristretto255-SHA512 and a domain separation tag that covers context and
// statement, as specified in docs/spec/crypto.md, Section 6.2. It is the pair
// (c, s), 64 bytes.
type Equality struct{ b [EqualitySize]byte }

// maxBatch is the largest batch: RFC 9497 numbers its elements with 16 bits.
const maxBatch = 65535

// bind appends the hash of the whole statement to the context's tag.
//
// The RFC derives the multiplier of pair i from the public key and pair i
// alone. A prover that answers wrongly could then look for errors of many pairs
// that cancel out, list by list (a generalized birthday: 2^50 work for 16
// pairs, a laptop's for a thousand). With the tag bound, every multiplier
// depends on every pair.
func bind(dst string, public Element, bases, answers []Element) string {
	h := sha256.New()
	h.Write(public.Bytes())
	for i := range bases {
		h.Write(bases[i].Bytes())
		h.Write(answers[i].Bytes())
	}
	return dst + "-" + hex.EncodeToString(h.Sum(nil))
}

func dleqParams(tag string) dleq.Params {
	return dleq.Params{G: curve, H: crypto.SHA512, DST: []byte(tag)}
}

// ProveEquality proves that public = [secret]B and answers(i) = [secret]bases(i).
// It fails on an empty or too large batch.
func ProveEquality(rand io.Reader, dst string, secret Secret, public Element, bases, answers []Element) (Equality, error) {
	if err := checkBatch(public, bases, answers); err != nil {
		return Equality{}, err
	}
	tag := bind(dst, public, bases, answers)
	r, err := nonce(rand, secret, tag)
	if err != nil {
		return Equality{}, err
	}
	p, err := dleq.Prover{Params: dleqParams(tag)}.ProveBatchWithRandomness(
		secret.Reveal().s, curve.Generator(), public.point(), unwrap(bases), unwrap(answers), r.s)
	if err != nil {
		return Equality{}, fmt.Errorf("proving equality: %w", err)
	}
	b, err := p.MarshalBinary()
	if err != nil {
		return Equality{}, fmt.Errorf("proving equality: %w", err)
	}
	return ParseEquality(b)
}

// nonce hashes fresh randomness together with the secret and the statement. A
// trustee's machine may be one that was just started from a stick: should its
// randomness repeat, no two statements share a nonce, which would give away the
// share.
func nonce(rand io.Reader, secret Secret, tag string) (Scalar, error) {
	b := make([]byte, 64)
	if _, err := io.ReadFull(rand, b); err != nil {
		return Scalar{}, fmt.Errorf("reading randomness: %w", err)
	}
	b = append(append(b, secret.Reveal().Bytes()...), tag...)
	return HashToScalar("referendum-v1-equality-nonce", b), nil
}

// VerifyEquality reports whether q shows the statement of ProveEquality. A
// batch that is empty, too large, unequal or has gaps shows nothing.
func VerifyEquality(dst string, public Element, bases, answers []Element, q Equality) bool {
	if checkBatch(public, bases, answers) != nil {
		return false
	}
	tag := bind(dst, public, bases, answers)
	// The library has the last word on a proof that does not hold.
	return q.holds(tag, public, bases, answers) || verifyBatch(tag, public, bases, answers, q)
}

// verifyBatch is VerifyProof of RFC 9497, Section 2.2.2.
func verifyBatch(tag string, public Element, bases, answers []Element, q Equality) bool {
	p := new(dleq.Proof)
	if p.UnmarshalBinary(curve, q.b[:]) != nil {
		return false
	}
	return dleq.Verifier{Params: dleqParams(tag)}.VerifyBatch(
		curve.Generator(), public.point(), unwrap(bases), unwrap(answers), p)
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
		ps[i] = es[i].point()
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
