package multiscalar

import (
	"encoding/binary"
	"math/bits"
)

// A Scalar is an integer modulo the group's order
// ℓ = 2^252 + 27742317777372353535851937790883648493, less than ℓ, in four
// words, the least significant first.
type Scalar [4]uint64

// A Weight is an integer of 128 bits, the less significant word first.
type Weight [2]uint64

// order is ℓ, and orderTail is ℓ − 2^252, of 125 bits.
var (
	order     = Scalar{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000}
	orderTail = [2]uint64{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6}
)

// topBits is how many bits of a scalar's last word are below 2^252.
const topBits = 252 - 3*64

// ParseScalar decodes 32 bytes, little endian. It refuses other lengths and
// values that are not below ℓ.
func ParseScalar(b []byte) (Scalar, bool) {
	if len(b) != 32 {
		return Scalar{}, false
	}
	var s Scalar
	for i := range s {
		s[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return s, s.less(&order)
}

// ReduceWide returns 64 bytes, read as an integer, little endian, modulo ℓ: the
// last step of HashToScalar (docs/spec/crypto.md, Section 1.3).
func ReduceWide(b *[64]byte) Scalar {
	var x wide
	for i := range x {
		x[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return x.reduce()
}

// Bytes returns the encoding, 32 bytes, little endian.
func (s Scalar) Bytes() (b [32]byte) {
	for i, w := range s {
		binary.LittleEndian.PutUint64(b[8*i:], w)
	}
	return b
}

func (s *Scalar) less(t *Scalar) bool {
	var borrow uint64
	for i := range s {
		_, borrow = bits.Sub64(s[i], t[i], borrow)
	}
	return borrow == 1
}

// Add returns s + t modulo ℓ.
func (s Scalar) Add(t Scalar) Scalar {
	var carry uint64
	for i := range s {
		s[i], carry = bits.Add64(s[i], t[i], carry)
	}
	if !s.less(&order) { // s + t < 2ℓ < 2^254
		s.subtract(&order)
	}
	return s
}

// Sub returns s − t modulo ℓ.
func (s Scalar) Sub(t Scalar) Scalar {
	if s.subtract(&t) == 1 {
		var carry uint64
		for i := range s {
			s[i], carry = bits.Add64(s[i], order[i], carry)
		}
	}
	return s
}

func (s *Scalar) subtract(t *Scalar) (borrow uint64) {
	for i := range s {
		s[i], borrow = bits.Sub64(s[i], t[i], borrow)
	}
	return borrow
}

// Neg returns −s modulo ℓ.
func (s Scalar) Neg() Scalar { return Scalar{}.Sub(s) }

// Mul returns s·t modulo ℓ.
func (s Scalar) Mul(t Scalar) Scalar {
	var x wide
	for i, w := range t {
		x.addProduct(i, w, &s)
	}
	return x.reduce()
}

// A wide is an integer below 2^512.
type wide [8]uint64

// addProduct adds w·s·2^(64·at), at ≤ 3. The caller knows that it fits.
func (x *wide) addProduct(at int, w uint64, s *Scalar) {
	var carry uint64
	for i, v := range s {
		hi, lo := bits.Mul64(w, v)
		var c uint64
		lo, c = bits.Add64(lo, carry, 0)
		hi += c // hi ≤ 2^64 − 2
		x[at+i], c = bits.Add64(x[at+i], lo, 0)
		carry = hi + c // (2^64−1)² + 2(2^64−1) < 2^128
	}
	for i := at + 4; carry != 0 && i < len(x); i++ {
		x[i], carry = bits.Add64(x[i], carry, 0)
	}
}

// reduce returns x modulo ℓ. With x = h·2^252 + r, r < 2^252, and
// 2^252 = −tail modulo ℓ, it is r − h·tail; of h·tail, which is 127 bits shorter
// than x, the same is computed first. The lengths are 512, 385, 258 and 131
// bits, and what is shorter than 252 bits is below ℓ.
func (x *wide) reduce() Scalar {
	r := Scalar{x[0], x[1], x[2], x[3] & (1<<topBits - 1)}
	var high [5]uint64
	rest := uint64(0)
	for i := range high {
		high[i] = x[i+3] >> topBits
		if i+4 < len(x) {
			high[i] |= x[i+4] << (64 - topBits)
		}
		rest |= high[i]
	}
	if rest == 0 {
		return r
	}
	var product wide
	for i, t := range orderTail {
		var carry uint64
		for k, h := range high {
			hi, lo := bits.Mul64(h, t)
			var c uint64
			lo, c = bits.Add64(lo, carry, 0)
			hi += c
			product[i+k], c = bits.Add64(product[i+k], lo, 0)
			carry = hi + c
		}
		product[i+len(high)] = carry
	}
	return r.Sub(product.reduce())
}

// An Accumulator is a sum of products of weights and scalars that is reduced
// only once. The zero value is the empty sum. A product is below 2^381, so that
// 2^131 of them fit, and all that can be counted do.
type Accumulator struct{ sum wide }

// MulAdd adds w·s.
func (a *Accumulator) MulAdd(w Weight, s Scalar) {
	a.sum.addProduct(0, w[0], &s)
	a.sum.addProduct(1, w[1], &s)
}

// Add adds another sum.
func (a *Accumulator) Add(b *Accumulator) {
	var carry uint64
	for i := range a.sum {
		a.sum[i], carry = bits.Add64(a.sum[i], b.sum[i], carry)
	}
}

// Reduce returns the sum modulo ℓ.
func (a *Accumulator) Reduce() Scalar { return a.sum.reduce() }
