package multiscalar

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"slices"
	"testing"
)

// FuzzIFMADecode decodes one encoding with a hint, in any place of a round, and
// compares with the portable back end.
func FuzzIFMADecode(f *testing.F) {
	data, _, _ := elements(source(21), 3)
	for i, e := range append(badEncodings(f), data[:32], data[32:64], data[64:]) {
		f.Add(e, make([]byte, EncodingSize), uint8(i))
	}
	on := newInterpreted(f)
	f.Fuzz(func(t *testing.T, encoding, hint []byte, place uint8) {
		if len(encoding) != EncodingSize || len(hint) != EncodingSize {
			return
		}
		n := int(place%17) + 1
		offsets := make([]uint32, n) // the others are the identity
		offsets[n-1] = EncodingSize
		all := append(make([]byte, EncodingSize), encoding...)
		hints := append(bytes.Repeat([]byte{byte(place)}, EncodingSize*(n-1)), hint...)
		on.t = t
		mine, other := newIFMA(on).newTable(n), portable{}.newTable(n)
		bad, want := mine.decode(0, all, offsets, hints), other.decode(0, all, offsets, nil)
		if !slices.Equal(bad, want) {
			t.Fatalf("refused are %v, not %v", bad, want)
		}
		if p, q := mine.sum(n-1, 1, 1).Bytes(), other.sum(n-1, 1, 1).Bytes(); p != q {
			t.Fatalf("%x is read as %x, not %x", encoding, p, q)
		}
	})
}

// FuzzLanes multiplies, squares, adds and subtracts elements of any reduced
// limbs.
func FuzzLanes(f *testing.F) {
	for _, e := range extremes {
		f.Add(bytes.Repeat(binary.LittleEndian.AppendUint64(nil, e), 10))
	}
	on := newInterpreted(f)
	f.Fuzz(func(t *testing.T, limbs []byte) {
		if len(limbs) != 80 {
			return
		}
		var x, y, z lanes
		for k := range 10 {
			limb := binary.LittleEndian.Uint64(limbs[8*k:]) % (mostReduced + 1)
			for l := range 8 { // the second half of the lanes has them exchanged
				[]*lanes{&x, &y}[(k/5+l/4)%2][k%5][l] = limb
			}
		}
		on.t = t
		on.multiply(&z, &x, &y)
		expect(t, "product", &z, func(l int) *big.Int { return new(big.Int).Mul(number(&x, l), number(&y, l)) })
		on.add(&z, &x, &y)
		expect(t, "sum", &z, func(l int) *big.Int { return new(big.Int).Add(number(&x, l), number(&y, l)) })
		on.subtract(&z, &x, &y)
		expect(t, "difference", &z, func(l int) *big.Int { return new(big.Int).Sub(number(&x, l), number(&y, l)) })
		two := [2]lanes{x, y}
		on.squareTwo(&two, 1)
		expect(t, "square", &two[1], func(l int) *big.Int { return new(big.Int).Mul(number(&y, l), number(&y, l)) })
	})
}
