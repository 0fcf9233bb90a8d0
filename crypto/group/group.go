// Package group is the prime-order group of the protocol: ristretto255
// (RFC 9496), of order ℓ = 2^252 + 27742317777372353535851937790883648493 with
// generator B, as specified in docs/spec/crypto.md, Section 1.
//
// It is the only package that imports the library of the group (package
// multiscalar below it uses that library's field), and adds to it what the
// library leaves to its callers: canonical encodings only, randomness from a
// given source, and values that cannot be changed behind their holder's back.
// Elements and scalars are immutable; every operation returns a new one.
//
// Operations on secret scalars take constant time, as far as
// github.com/cloudflare/circl/group does; Parse… and text forms do not.
//
// Tables and Evaluate (table.go, point.go, field.go) are arithmetic of our own
// on github.com/cloudflare/circl/math/fp25519, for secret scalars. No condition
// and no index in them depends on a scalar, a bit or a coordinate: loops have
// fixed ends or run over the products, entries are all read and kept by masks,
// formulas have no cases, and what is 0 or negative is exchanged by masks. Of
// the field this needs that Add, Sub, AddSub, Mul, Sqr, Inv, Modp, Cmov and
// Cswap do the same for all values. So they do: in assembly for amd64 by
// conditional moves (its one branch asks for the processor's BMI2 and ADX),
// elsewhere by masks on carries, in so far as the compiler makes no branch and
// the processor multiplies in constant time. The field's IsZero and InvSqrt,
// which do branch, serve public elements only. NewTable is for public elements.
package group

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/cloudflare/circl/group"
)

// Size is the length in bytes of an encoded element and of an encoded scalar.
const Size = 32

var curve = group.Ristretto255

// An Element is a member of the group. The zero value is not an element:
// using it panics. Get one from Generator, Identity, ParseElement or an
// operation on others.
type Element struct {
	p       group.Element // or nil, if only the encoding is known: see point
	encoded *[Size]byte   // what it was parsed from or evaluated to, or nil
}

// point returns e as the library wants it, decoding it if need be. Elements
// that Evaluate made are mostly written and never computed with.
func (e Element) point() group.Element {
	if e.p != nil {
		return e.p
	}
	p := curve.NewElement()
	if err := p.UnmarshalBinary(e.encoded[:]); err != nil {
		panic("group: internal error: " + err.Error())
	}
	return p
}

// Generator returns B.
func Generator() Element { return Element{p: curve.Generator()} }

// Identity returns the neutral element.
func Identity() Element { return Element{p: curve.Identity()} }

// ParseElement decodes the canonical 32-byte encoding of RFC 9496, Section
// 4.3.1. Every other string is refused. The identity is an element; callers to
// whom it is not a valid value use ParseNonIdentity.
func ParseElement(b []byte) (Element, error) {
	if len(b) != Size {
		return Element{}, fmt.Errorf("group element: %d bytes instead of %d", len(b), Size)
	}
	p := curve.NewElement()
	if err := p.UnmarshalBinary(b); err != nil {
		return Element{}, errors.New("group element: not a canonical encoding")
	}
	return Element{p, (*[Size]byte)(append([]byte(nil), b...))}, nil
}

// ParseNonIdentity is ParseElement for keys and commitments, where the identity
// is not a valid value.
func ParseNonIdentity(b []byte) (Element, error) {
	e, err := ParseElement(b)
	if err == nil && e.IsIdentity() {
		return Element{}, errors.New("group element: the identity is not allowed here")
	}
	return e, err
}

// Bytes returns the canonical 32-byte encoding.
func (e Element) Bytes() []byte {
	if e.encoded != nil {
		return append([]byte(nil), e.encoded[:]...)
	}
	b, err := e.p.MarshalBinary()
	if err != nil {
		panic("group: internal error: " + err.Error())
	}
	return b
}

// Add returns e + f.
func (e Element) Add(f Element) Element {
	return Element{p: curve.NewElement().Add(e.point(), f.point())}
}

// Sub returns e − f.
func (e Element) Sub(f Element) Element { return e.Add(f.Neg()) }

// Neg returns −e.
func (e Element) Neg() Element { return Element{p: curve.NewElement().Neg(e.point())} }

// Mul returns [s]e.
func (e Element) Mul(s Scalar) Element { return Element{p: curve.NewElement().Mul(e.point(), s.s)} }

// MulBase returns [s]B.
func MulBase(s Scalar) Element { return Element{p: curve.NewElement().MulGen(s.s)} }

// Equal reports whether e and f are the same element.
func (e Element) Equal(f Element) bool { return e.point().IsEqual(f.point()) }

// IsIdentity reports whether e is the neutral element.
func (e Element) IsIdentity() bool { return e.point().IsIdentity() }

// String returns the encoding in lower-case hexadecimal.
func (e Element) String() string { return hex.EncodeToString(e.Bytes()) }

// MarshalText returns the encoding in lower-case hexadecimal.
func (e Element) MarshalText() ([]byte, error) {
	if e.IsZero() {
		return nil, errors.New("group element: missing")
	}
	return []byte(e.String()), nil
}

// UnmarshalText decodes what MarshalText made; see ParseElement.
func (e *Element) UnmarshalText(text []byte) error {
	b, err := decodeHex("group element", text)
	if err != nil {
		return err
	}
	*e, err = ParseElement(b)
	return err
}

// IsZero reports whether e is the zero value, which is not an element.
func (e Element) IsZero() bool { return e.p == nil && e.encoded == nil }

func decodeHex(what string, text []byte) ([]byte, error) {
	b := make([]byte, Size)
	if len(text) != 2*Size {
		return nil, fmt.Errorf("%s: %d hexadecimal digits instead of %d", what, len(text), 2*Size)
	}
	if _, err := hex.Decode(b, text); err != nil {
		return nil, fmt.Errorf("%s: not hexadecimal", what)
	}
	if hex.EncodeToString(b) != string(text) {
		return nil, fmt.Errorf("%s: upper-case hexadecimal", what)
	}
	return b, nil
}
