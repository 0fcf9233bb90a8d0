package multiscalar

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"slices"
	"testing"
)

// FuzzVectorDecode decodes one encoding with a hint, in any place of a round, and
// compares with the portable back end.
func FuzzVectorDecode(f *testing.F) {
	data, _, _ := elements(source(21), 3)
	for i, e := range append(badEncodings(f), data[:32], data[32:64], data[64:]) {
		f.Add(e, make([]byte, EncodingSize), uint8(i))
	}
	kernels := kernelsOf(f)
	f.Fuzz(func(t *testing.T, encoding, hint []byte, place uint8) {
		if len(encoding) != EncodingSize || len(hint) != EncodingSize {
			return
		}
		n := int(place%17) + 1
		offsets := make([]uint32, n) // the others are the identity
		offsets[n-1] = EncodingSize
		all := append(make([]byte, EncodingSize), encoding...)
		hints := append(bytes.Repeat([]byte{byte(place)}, EncodingSize*(n-1)), hint...)
		other := portable{}.newTable(n)
		want := other.decode(0, all, offsets, nil)
		for _, k := range kernels {
			speakTo(t, k.on)
			mine := k.newTable(n)
			if bad := mine.decode(0, all, offsets, hints); !slices.Equal(bad, want) {
				t.Fatalf("%s: refused are %v, not %v", k.called, bad, want)
			}
			if p, q := mine.sum(n-1, 1, 1).Bytes(), other.sum(n-1, 1, 1).Bytes(); p != q {
				t.Fatalf("%s: %x is read as %x, not %x", k.called, encoding, p, q)
			}
		}
	})
}

// FuzzLanes multiplies, squares, adds and subtracts elements of any reduced
// limbs.
func FuzzLanes(f *testing.F) {
	for _, e := range extremes(forIFMA, 0) {
		f.Add(bytes.Repeat(binary.LittleEndian.AppendUint64(nil, e), 20))
	}
	kernels := kernelsOf(f)
	f.Fuzz(func(t *testing.T, limbs []byte) {
		if len(limbs) != 160 {
			return
		}
		for _, k := range kernels {
			speakTo(t, k.on)
			fieldOn(t, k.called, k.on, limbs)
		}
	})
}

// fieldOn multiplies, squares, adds and subtracts two numbers whose limbs are
// taken from 160 bytes.
func fieldOn(t *testing.T, name string, on instructions, limbs []byte) {
	var x, y, z lanes
	f := on.form()
	for k := range 2 * len(f) {
		limb := binary.LittleEndian.Uint64(limbs[8*k:]) % (mostReduced(f, k%len(f)) + 1)
		for l := range 8 { // the second half of the lanes has them exchanged
			f.setLimb([]*lanes{&x, &y}[(k/len(f)+l/4)%2], k%len(f), l, limb)
		}
	}
	on.multiply(&z, &x, &y)
	expect(t, name+" product", f, &z, func(l int) *big.Int { return new(big.Int).Mul(number(f, &x, l), number(f, &y, l)) })
	on.add(&z, &x, &y)
	expect(t, name+" sum", f, &z, func(l int) *big.Int { return new(big.Int).Add(number(f, &x, l), number(f, &y, l)) })
	on.subtract(&z, &x, &y)
	expect(t, name+" difference", f, &z, func(l int) *big.Int { return new(big.Int).Sub(number(f, &x, l), number(f, &y, l)) })
	two := [2]lanes{x, y}
	on.squareTwo(&two, 1)
	expect(t, name+" square", f, &two[1], func(l int) *big.Int { return new(big.Int).Mul(number(f, &y, l), number(f, &y, l)) })
}

// speakTo makes the interpreter report to t.
func speakTo(t testing.TB, on instructions) {
	if m, ok := on.(interpreted); ok {
		m.t = t
	}
}

// kernelsOf are the vector back ends that can be run here: interpreted, and on
// the processor.
func kernelsOf(t testing.TB) (all []*vector) {
	all = append(all, newVector("interpreted", newInterpreted(t)).(*vector))
	for _, k := range vectorKernels() {
		all = append(all, k.(*vector))
	}
	return all
}
