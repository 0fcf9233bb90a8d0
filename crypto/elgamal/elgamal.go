// Package elgamal implements exponential ElGamal encryption of small
// non-negative integers, as specified in docs/spec/crypto.md, Section 3.
//
// Nothing in this package proves that a plaintext is 0 or 1: see package proof.
package elgamal

import (
	"encoding"
	"errors"
	"fmt"
	"sync"

	"github.com/openreferendum/referendum/crypto/group"
)

// CiphertextSize is the length in bytes of an encoded ciphertext: α ‖ β.
const CiphertextSize = 2 * group.Size

// A PublicKey is K = [x]B, never the identity. The zero value is no key.
type PublicKey struct {
	k     group.Element
	table *lazyTable
}

// A lazyTable is made when the first ballot is: who only verifies needs none.
type lazyTable struct {
	once  sync.Once
	table *group.Table
}

// NewPublicKey refuses the identity.
func NewPublicKey(k group.Element) (PublicKey, error) {
	if k.IsZero() {
		return PublicKey{}, errors.New("public key: missing")
	}
	if k.IsIdentity() {
		return PublicKey{}, errors.New("public key: the identity is not allowed")
	}
	return PublicKey{k, new(lazyTable)}, nil
}

// ParsePublicKey decodes 32 canonical bytes.
func ParsePublicKey(b []byte) (PublicKey, error) {
	k, err := group.ParseElement(b)
	if err != nil {
		return PublicKey{}, fmt.Errorf("public key: %w", err)
	}
	return NewPublicKey(k)
}

// Element returns K.
func (pk PublicKey) Element() group.Element { return pk.k }

// Table returns the table of K, which multiplies it by secret scalars. It is
// made once for a key and all its copies.
func (pk PublicKey) Table() *group.Table {
	pk.table.once.Do(func() { pk.table.table = group.NewTable(pk.k) })
	return pk.table.table
}

// A Ciphertext is (α, β) = ([r]B, [m]B + [r]K). The zero value is none: using
// it panics.
type Ciphertext struct{ Alpha, Beta group.Element }

// Encrypt encrypts bit, which is 0 or 1 (anything else panics), with the nonce
// r. It takes the same time for both.
func Encrypt(pk PublicKey, bit int, r group.Secret) Ciphertext {
	alpha, beta := Products(pk, bit, r)
	pair := group.Evaluate(alpha, beta)
	return Ciphertext{pair[0], pair[1]}
}

// Products is Encrypt before α and β are computed: of many ciphertexts, all
// together cost less.
func Products(pk PublicKey, bit int, r group.Secret) (alpha, beta group.Product) {
	base, nonce := group.BaseTable(), r.Reveal()
	return base.Mul(nonce), base.Times(bit).Plus(pk.Table().Mul(nonce))
}

// Add returns an encryption of the sum of both plaintexts.
func (c Ciphertext) Add(d Ciphertext) Ciphertext {
	return Ciphertext{c.Alpha.Add(d.Alpha), c.Beta.Add(d.Beta)}
}

// Zero returns the trivial encryption of 0, the beginning of a sum.
func Zero() Ciphertext { return Ciphertext{group.Identity(), group.Identity()} }

// Equal reports whether both halves are equal.
func (c Ciphertext) Equal(d Ciphertext) bool {
	return c.Alpha.Equal(d.Alpha) && c.Beta.Equal(d.Beta)
}

// AppendBytes appends the 64-byte encoding α ‖ β to b.
func (c Ciphertext) AppendBytes(b []byte) []byte {
	return append(append(b, c.Alpha.Bytes()...), c.Beta.Bytes()...)
}

// MarshalText returns the encoding in hexadecimal.
func (c Ciphertext) MarshalText() ([]byte, error) {
	return marshalPair(c.Alpha, c.Beta)
}

func marshalPair(a, b encoding.TextMarshaler) ([]byte, error) {
	x, err := a.MarshalText()
	if err != nil {
		return nil, err
	}
	y, err := b.MarshalText()
	return append(x, y...), err
}

// UnmarshalText decodes what MarshalText made. The identity is allowed in both
// halves: a sum of nothing is (0, 0). A ballot refuses it nevertheless: see package
// proof.
func (c *Ciphertext) UnmarshalText(text []byte) error {
	if len(text) != 2*CiphertextSize {
		return fmt.Errorf("ciphertext: %d hexadecimal digits instead of %d", len(text), 2*CiphertextSize)
	}
	var alpha, beta group.Element
	if err := alpha.UnmarshalText(text[:CiphertextSize]); err != nil {
		return fmt.Errorf("ciphertext: alpha: %w", err)
	}
	if err := beta.UnmarshalText(text[CiphertextSize:]); err != nil {
		return fmt.Errorf("ciphertext: beta: %w", err)
	}
	*c = Ciphertext{alpha, beta}
	return nil
}
