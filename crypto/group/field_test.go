package group

import (
	"testing"

	field "github.com/cloudflare/circl/math/fp25519"
)

// TestFieldConstants: they are what RFC 9496, Section 4.1, says of them.
func TestFieldConstants(t *testing.T) {
	small := func(n uint32) field.Elt { return field.Elt{byte(n), byte(n >> 8), byte(n >> 16)} }
	var dTimes, square, sum field.Elt
	a, b := small(121666), small(121665)
	field.Mul(&dTimes, &curveD, &a)
	field.Add(&dTimes, &dTimes, &b)
	if isZero(&dTimes) != 1 {
		t.Error("121666·d + 121665 is not 0")
	}
	field.Sqr(&square, &rootOfMinusOne)
	field.Add(&square, &square, &one)
	if isZero(&square) != 1 {
		t.Error("i² + 1 is not 0")
	}
	field.Sqr(&square, &invRootOfADiff)
	field.Add(&sum, &one, &curveD)
	field.Mul(&square, &square, &sum)
	field.Add(&square, &square, &one)
	if isZero(&square) != 1 {
		t.Error("k²·(−1 − d) is not 1")
	}
}

// extremes are 0 and ±1, each in all its forms below 2^256, and others.
func extremes() (zeros, others []field.Elt) {
	p := field.P()
	twice := field.Elt{0xda} // 2p = 2^256 − 38
	for i := 1; i < len(twice); i++ {
		twice[i] = 0xff
	}
	near := func(x field.Elt, change int) field.Elt { x[0] += byte(change); return x }
	zeros = []field.Elt{{}, p, twice}
	for _, z := range zeros {
		others = append(others, near(z, 1))
	}
	others = append(others, near(p, -1), near(twice, -1), near(twice, 37), curveD, rootOfMinusOne, field.Elt{31: 0x80}, field.Elt{15: 1})
	return zeros, others
}

func TestIsZero(t *testing.T) {
	zeros, others := extremes()
	for _, x := range zeros {
		if y := x; isZero(&y) != 1 {
			t.Errorf("%v is not 0", x)
		}
	}
	for _, x := range others {
		if y := x; isZero(&y) != 0 {
			t.Errorf("%v is 0", x)
		}
	}
	for bit := range 255 {
		var x field.Elt
		x[bit/8] = 1 << (bit % 8)
		if isZero(&x) != 0 {
			t.Errorf("2^%d is 0", bit)
		}
	}
}

// TestInvertAll: zeros among others give 0 and spoil none.
func TestInvertAll(t *testing.T) {
	zeros, others := extremes()
	invertAll(nil)
	for n := range len(others) + 1 {
		var xs []field.Elt
		for i := range n {
			xs = append(xs, others[i], zeros[i%len(zeros)])
		}
		inverses := append([]field.Elt(nil), xs...)
		invertAll(inverses)
		for i := range xs {
			product := inverses[i]
			if i%2 == 0 {
				field.Mul(&product, &product, &xs[i])
				field.Sub(&product, &product, &one)
			}
			if isZero(&product) != 1 {
				t.Errorf("%d of %d: 1/%v is %v", i, len(xs), xs[i], inverses[i])
			}
		}
	}
}
