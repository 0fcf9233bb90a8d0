package group

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/cloudflare/circl/group"
)

// A Scalar is an integer modulo ℓ. The zero value is not a scalar: using it
// panics.
//
// A Scalar has a text form because responses of proofs are published. A secret
// scalar is never held as such: wrap it in a Secret.
type Scalar struct{ s group.Scalar }

// ParseScalar decodes 32 bytes, little endian, of an integer below ℓ. Larger
// integers are refused, so every scalar has one encoding.
func ParseScalar(b []byte) (Scalar, error) {
	if len(b) != Size {
		return Scalar{}, fmt.Errorf("scalar: %d bytes instead of %d", len(b), Size)
	}
	if !belowOrder(b) {
		return Scalar{}, errors.New("scalar: not below the group's order")
	}
	s := curve.NewScalar()
	if err := s.UnmarshalBinary(b); err != nil {
		return Scalar{}, fmt.Errorf("scalar: %w", err)
	}
	return Scalar{s}, nil
}

// order is ℓ, little endian.
var order = [Size]byte{
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
}

func belowOrder(b []byte) bool {
	for i := Size - 1; i >= 0; i-- {
		if b[i] != order[i] {
			return b[i] < order[i]
		}
	}
	return false
}

// RandomScalar returns a uniformly random scalar. It reads 64 bytes from rand,
// which must be a cryptographic source (tests may seed one).
func RandomScalar(rand io.Reader) (Scalar, error) {
	var b [64]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return Scalar{}, fmt.Errorf("reading randomness: %w", err)
	}
	return HashToScalar("referendum-v1-random-scalar", b[:]), nil
}

// HashToScalar implements HashToScalar of RFC 9497, Section 4.1
// (ristretto255-SHA512) with the domain separation tag dst.
func HashToScalar(dst string, msg []byte) Scalar {
	return Scalar{curve.HashToScalar(msg, []byte(dst))}
}

// NewScalar returns n modulo ℓ.
func NewScalar(n uint64) Scalar { return Scalar{curve.NewScalar().SetUint64(n)} }

// Bytes returns the canonical encoding: 32 bytes, little endian.
func (a Scalar) Bytes() []byte {
	b, err := a.s.MarshalBinary()
	if err != nil {
		panic("group: internal error: " + err.Error())
	}
	return b
}

// Add returns a + b.
func (a Scalar) Add(b Scalar) Scalar { return Scalar{curve.NewScalar().Add(a.s, b.s)} }

// Sub returns a − b.
func (a Scalar) Sub(b Scalar) Scalar { return Scalar{curve.NewScalar().Sub(a.s, b.s)} }

// Mul returns a · b.
func (a Scalar) Mul(b Scalar) Scalar { return Scalar{curve.NewScalar().Mul(a.s, b.s)} }

// Neg returns −a.
func (a Scalar) Neg() Scalar { return Scalar{curve.NewScalar().Neg(a.s)} }

// Inv returns 1/a. The inverse of zero is zero.
func (a Scalar) Inv() Scalar { return Scalar{curve.NewScalar().Inv(a.s)} }

// Equal reports whether a and b are the same scalar.
func (a Scalar) Equal(b Scalar) bool { return a.s.IsEqual(b.s) }

// IsNull reports whether a is the scalar 0.
func (a Scalar) IsNull() bool { return a.s.IsZero() }

// Select returns a if bit is 1 and b if bit is 0: b + bit·(a − b), arithmetic
// without a branch or a table. Any other bit panics; that comparison goes the
// same way for 0 and for 1. (The library's CSelect asks for 0 first and then
// for 1, and leaves it to the compiler to make one comparison of it.)
func Select(bit int, a, b Scalar) Scalar {
	if uint(bit) > 1 {
		panic("group: internal error: selecting by something that is not a bit")
	}
	return b.Add(NewScalar(uint64(bit)).Mul(a.Sub(b)))
}

// MarshalText returns the encoding in lower-case hexadecimal.
func (a Scalar) MarshalText() ([]byte, error) {
	if a.s == nil {
		return nil, errors.New("scalar: missing")
	}
	return []byte(hex.EncodeToString(a.Bytes())), nil
}

// UnmarshalText decodes what MarshalText made; see ParseScalar.
func (a *Scalar) UnmarshalText(text []byte) error {
	b, err := decodeHex("scalar", text)
	if err != nil {
		return err
	}
	*a, err = ParseScalar(b)
	return err
}
