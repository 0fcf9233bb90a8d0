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

// The order is ℓ = 2^252 + tail, and the tail, of 125 bits, is these two words.
const (
	tail0 = 0x5812631a5cf5d3ed
	tail1 = 0x14def9dea2f79cd6
)

var (
	order       = Scalar{tail0, tail1, 0, 1 << topBits}
	tailSquared = Scalar{0xe2edf685ab128969, 0x680392762298a31d, 0x3dceec73d217f5be, 0x1b399411b7c309a}
)

// topBits is how many bits of a scalar's last word are below 2^252, and topMask
// is those.
const (
	topBits = 252 - 3*64
	topMask = 1<<topBits - 1
)

// ParseScalar decodes 32 bytes, little endian. It refuses other lengths and
// values that are not below ℓ.
func ParseScalar(b []byte) (Scalar, bool) {
	if len(b) != 32 {
		return Scalar{}, false
	}
	s := Scalar{word(b), word(b[8:]), word(b[16:]), word(b[24:])}
	_, c := bits.Sub64(s[0], order[0], 0)
	_, c = bits.Sub64(s[1], order[1], c)
	_, c = bits.Sub64(s[2], order[2], c)
	_, c = bits.Sub64(s[3], order[3], c)
	return s, c == 1
}

// ReduceWide returns 64 bytes, read as an integer, little endian, modulo ℓ: the
// last step of HashToScalar (docs/spec/crypto.md, Section 1.3).
//
// The highest of them counts for 2^504, which is tail² modulo ℓ.
func ReduceWide(b *[64]byte) (r Scalar) {
	x0, x1, x2, x3, x4 := mulAdd(uint64(b[63]), &tailSquared, word(b[:]), word(b[8:]), word(b[16:]), word(b[24:]))
	x4, c := bits.Add64(x4, word(b[32:]), 0)
	x5, c := bits.Add64(word(b[40:]), 0, c)
	x6, c := bits.Add64(word(b[48:]), 0, c)
	x7 := word(b[56:])&(1<<56-1) + c
	r[0], r[1], r[2], r[3] = reduce(x0, x1, x2, x3, x4, x5, x6, x7)
	return r
}

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// Bytes returns the encoding, 32 bytes, little endian.
func (s Scalar) Bytes() (b [32]byte) {
	for i, w := range s {
		binary.LittleEndian.PutUint64(b[8*i:], w)
	}
	return b
}

// Add returns s + t modulo ℓ: s − (0 − t).
func (s Scalar) Add(t Scalar) (r Scalar) {
	n0, n1, n2, n3 := subtract(0, 0, 0, 0, t[0], t[1], t[2], t[3])
	r[0], r[1], r[2], r[3] = subtract(s[0], s[1], s[2], s[3], n0, n1, n2, n3)
	return r
}

// Neg returns −s modulo ℓ.
func (s Scalar) Neg() Scalar { return Scalar{}.Sub(s) }

// Sub returns s − t modulo ℓ.
func (s Scalar) Sub(t Scalar) (r Scalar) {
	r[0], r[1], r[2], r[3] = subtract(s[0], s[1], s[2], s[3], t[0], t[1], t[2], t[3])
	return r
}

// subtract returns a − b modulo ℓ, both below ℓ.
func subtract(a0, a1, a2, a3, b0, b1, b2, b3 uint64) (r0, r1, r2, r3 uint64) {
	r0, c := bits.Sub64(a0, b0, 0)
	r1, c = bits.Sub64(a1, b1, c)
	r2, c = bits.Sub64(a2, b2, c)
	r3, c = bits.Sub64(a3, b3, c)
	borrowed := -c // all ones, or 0
	r0, c = bits.Add64(r0, tail0&borrowed, 0)
	r1, c = bits.Add64(r1, tail1&borrowed, c)
	r2, c = bits.Add64(r2, 0, c)
	r3 += 1<<topBits&borrowed + c
	return r0, r1, r2, r3
}

// Mul returns s·t modulo ℓ.
func (s Scalar) Mul(t Scalar) (r Scalar) {
	x0, x1, x2, x3, x4 := mulAdd(t[0], &s, 0, 0, 0, 0)
	x1, x2, x3, x4, x5 := mulAdd(t[1], &s, x1, x2, x3, x4)
	x2, x3, x4, x5, x6 := mulAdd(t[2], &s, x2, x3, x4, x5)
	x3, x4, x5, x6, x7 := mulAdd(t[3], &s, x3, x4, x5, x6)
	r[0], r[1], r[2], r[3] = reduce(x0, x1, x2, x3, x4, x5, x6, x7)
	return r
}

// mulAdd returns w·s + a. It fits: (2^64−1)(2^256−1) + 2^256−1 < 2^320.
func mulAdd(w uint64, s *Scalar, a0, a1, a2, a3 uint64) (r0, r1, r2, r3, r4 uint64) {
	h0, l0 := bits.Mul64(w, s[0])
	h1, l1 := bits.Mul64(w, s[1])
	h2, l2 := bits.Mul64(w, s[2])
	h3, l3 := bits.Mul64(w, s[3])
	r0, c := bits.Add64(a0, l0, 0)
	r1, c = bits.Add64(a1, l1, c)
	r2, c = bits.Add64(a2, l2, c)
	r3, c = bits.Add64(a3, l3, c)
	r4 = h3 + c
	r1, c = bits.Add64(r1, h0, 0)
	r2, c = bits.Add64(r2, h1, c)
	r3, c = bits.Add64(r3, h2, c)
	return r0, r1, r2, r3, r4 + c
}

// mulAddTail returns h·tail + a, which is below 2^64·2^125 + 2^128 < 2^192.
func mulAddTail(h, a0, a1 uint64) (r0, r1, r2 uint64) {
	h0, l0 := bits.Mul64(h, tail0)
	h1, l1 := bits.Mul64(h, tail1)
	r0, c := bits.Add64(a0, l0, 0)
	r1, c = bits.Add64(a1, l1, c)
	r2 = h1 + c
	r1, c = bits.Add64(r1, h0, 0)
	return r0, r1, r2 + c
}

// reduce returns x modulo ℓ, for x < 2^507. As 2^252 = −tail modulo ℓ,
// x = h·2^252 + r with r < 2^252 is r − h·tail. Done twice, it is r − (s − t) with
// each of the three below ℓ.
func reduce(x0, x1, x2, x3, x4, x5, x6, x7 uint64) (r0, r1, r2, r3 uint64) {
	y0, y1, y2 := mulAddTail(over(x3, x4), 0, 0)
	y1, y2, y3 := mulAddTail(over(x4, x5), y1, y2)
	y2, y3, y4 := mulAddTail(over(x5, x6), y2, y3)
	y3, y4, y5 := mulAddTail(over(x6, x7), y3, y4) // y < 2^255·2^124.4

	t0, t1, t2 := mulAddTail(over(y3, y4), 0, 0)
	t1, t2, t3 := mulAddTail(over(y4, y5), t1, t2) // t < 2^127.4·2^124.4 < 2^252
	r0, r1, r2, r3 = subtract(y0, y1, y2, y3&topMask, t0, t1, t2, t3)
	return subtract(x0, x1, x2, x3&topMask, r0, r1, r2, r3)
}

// over returns the word of the bits from 2^252 on, of the words that hold them.
func over(low, high uint64) uint64 { return low>>topBits | high<<(64-topBits) }

// An Accumulator is a sum of products of weights and scalars that is reduced
// only once. The zero value is the empty sum. A product is below 2^381, so that
// 2^126 of them fit below 2^507, and all that can be counted do.
type Accumulator struct{ sum [8]uint64 }

// MulAdd adds w·s.
func (a *Accumulator) MulAdd(w Weight, s Scalar) {
	x0, x1, x2, x3, x4 := mulAdd(w[0], &s, a.sum[0], a.sum[1], a.sum[2], a.sum[3])
	x1, x2, x3, x4, x5 := mulAdd(w[1], &s, x1, x2, x3, x4)
	a.sum[0], a.sum[1], a.sum[2], a.sum[3] = x0, x1, x2, x3
	var c uint64
	a.sum[4], c = bits.Add64(a.sum[4], x4, 0)
	a.sum[5], c = bits.Add64(a.sum[5], x5, c)
	a.sum[6], c = bits.Add64(a.sum[6], 0, c)
	a.sum[7] += c
}

// Add adds another sum.
func (a *Accumulator) Add(b *Accumulator) {
	var carry uint64
	for i := range a.sum {
		a.sum[i], carry = bits.Add64(a.sum[i], b.sum[i], carry)
	}
}

// Reduce returns the sum modulo ℓ.
func (a *Accumulator) Reduce() (r Scalar) {
	x := &a.sum
	r[0], r[1], r[2], r[3] = reduce(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7])
	return r
}
