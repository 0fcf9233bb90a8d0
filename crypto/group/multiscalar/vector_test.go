package multiscalar

import (
	"bytes"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// vectorOn tests the vector back ends on every machine.
func vectorOn(t *testing.T, test func(t *testing.T, k kernel)) {
	onMachines(t, func(t *testing.T, _ string, on instructions) { test(t, newVector("vector", on)) })
}

// Encodings of all kinds, good and bad, at any place.
func anyEncodings(t *testing.T, r *rand.Rand, n int) (data []byte, offsets []uint32) {
	good, from, _ := elements(r, n)
	bad := badEncodings(t)
	for i := range n {
		data = append(data, make([]byte, r.IntN(3))...) // not aligned
		offsets = append(offsets, uint32(len(data)))
		switch r.IntN(8) {
		case 0:
			data = append(data, bad[r.IntN(len(bad))]...)
		case 1: // any even number below 2^255: most are no encoding
			b := make([]byte, EncodingSize)
			for j := range b {
				b[j] = byte(r.Uint32())
			}
			b[0] &= 0xfe
			b[31] &= 0x7f
			data = append(data, b...)
		default:
			data = append(data, good[from[i]:][:EncodingSize]...)
		}
	}
	return data, offsets
}

// sameEntries compares all entries of two tables.
func sameEntries(t *testing.T, a, b table, n int) {
	t.Helper()
	for i := range n {
		if p, q := a.sum(i, 1, 1).Bytes(), b.sum(i, 1, 1).Bytes(); p != q {
			t.Fatalf("entry %d is %x, not %x", i, p, q)
		}
	}
}

// TestVectorDecodes compares with the portable back end: the refused, the entries
// and the hints, with right hints, wrong ones and none.
func TestVectorDecodes(t *testing.T) {
	vectorOn(t, func(t *testing.T, k kernel) {
		r := source(11)
		for _, n := range []int{1, 8, 15, 33} {
			data, offsets := anyEncodings(t, r, n)
			mine, other := k.newTable(n+3), portable{}.newTable(n+3)
			hints, want := make([]byte, 32*n), make([]byte, 32*n)
			mine.squareRoots(data, offsets, hints)
			other.squareRoots(data, offsets, want)
			if !bytes.Equal(hints, want) {
				t.Fatalf("hints of %d\n%x, not\n%x", n, hints, want)
			}
			wrong := slices.Clone(hints)
			for range n {
				wrong[r.IntN(len(wrong))] ^= 1 << r.IntN(8)
			}
			for what, h := range map[string][]byte{"no": nil, "right": hints, "some wrong": wrong, "no right": bytes.Repeat([]byte{0xff}, 32*n)} {
				refused := other.decode(2, data, offsets, nil)
				if bad := mine.decode(2, data, offsets, h); !slices.Equal(bad, refused) {
					t.Fatalf("%s hints: refused are %v of %d, not %v", what, bad, n, refused)
				}
				sameEntries(t, mine, other, n+3)
			}
		}
	})
}

// TestVectorSums compares sums with those of the portable back end.
func TestVectorSums(t *testing.T) {
	vectorOn(t, func(t *testing.T, k kernel) {
		r := source(12)
		const n = 45
		data, offsets, _ := elements(r, n)
		mine, other := k.newTable(n), portable{}.newTable(n)
		mine.decode(0, data, offsets, nil)
		other.decode(0, data, offsets, nil)
		for _, s := range [][3]int{{0, 1, 0}, {0, 1, 1}, {44, 1, 1}, {0, 1, 45}, {3, 5, 8}, {1, 4, 9}, {0, 0, 16}} {
			if p, q := mine.sum(s[0], s[1], s[2]).Bytes(), other.sum(s[0], s[1], s[2]).Bytes(); p != q {
				t.Errorf("sum %v is %x, not %x", s, p, q)
			}
		}
	})
}

// TestVectorWindows compares windows of all kinds of digits: none, all the same,
// the largest, few and many.
func TestVectorWindows(t *testing.T) {
	vectorOn(t, func(t *testing.T, k kernel) {
		r := source(13)
		const n = 100
		data, offsets, _ := elements(r, n)
		mine, other := k.newTable(n), portable{}.newTable(n)
		mine.decode(0, data, offsets, nil)
		other.decode(0, data, offsets, nil)
		for _, c := range []int{2, 3, 4, 5, 8} {
			half := int16(1) << (c - 1)
			for what, digit := range map[string]func() int16{
				"none":    func() int16 { return 0 },
				"same":    func() int16 { return 1 },
				"largest": func() int16 { return half },
				"least":   func() int16 { return -half },
				"edges":   func() int16 { return half * int16(r.IntN(3)-1) },
				"any":     func() int16 { return int16(r.IntN(2*int(half)+1)) - half },
			} {
				digits := make([]int16, r.IntN(n+1))
				for i := range digits {
					digits[i] = digit()
				}
				if p, q := mine.window(digits, c).Bytes(), other.window(digits, c).Bytes(); p != q {
					t.Errorf("%d digits of %d bits, %s: %x, not %x", len(digits), c, what, p, q)
				}
			}
		}
	})
}

// TestVectorSumOfProducts runs everything above the seam over the back end.
func TestVectorSumOfProducts(t *testing.T) {
	vectorOn(t, func(t *testing.T, k kernel) {
		r := source(14)
		data, offsets, _ := elements(r, 60)
		scalars := make([]Scalar, 60)
		for i := range scalars {
			scalars[i] = randomScalar(r)
			if i >= 25 {
				scalars[i] = Scalar{r.Uint64(), r.Uint64()}
			}
		}
		scalars[30] = Scalar{1<<64 - 1, 1<<64 - 1}
		var results [][EncodingSize]byte
		for _, b := range []Backend{{k}, {portable{}}} {
			p := filled(t, b, data, offsets).SumOfProducts(scalars[:2], 2, scalars[2:])
			results = append(results, p.Bytes())
		}
		if results[0] != results[1] {
			t.Errorf("%x, not %x", results[0], results[1])
		}
	})
}

// TestVectorAddsExtremes adds entries and sums whose limbs are as large as they may
// be, in numbers that are no points: the bounds hold whatever stands there.
func TestVectorAddsExtremes(t *testing.T) {
	onMachines(t, func(t *testing.T, name string, on instructions) {
		r, f := source(15), on.form()
		for range rounds(name) / 10 {
			var s sums
			var other points
			for part := range other {
				s[part], other[part] = *anyLanes(r, f), *anyLanes(r, f)
			}
			table := make([]entry, 9)
			on.storeEntries(table, anyLanes(r, f), anyLanes(r, f), anyLanes(r, f))
			table[8] = identityEntry
			steps := make([]uint32, 8*(3+lookahead))
			for i := range steps {
				steps[i] = uint32(r.IntN(9))*entryStep + uint32(r.IntN(2))*negativeStep
			}
			on.addEntries(&s, table, steps, 3)
			on.addSums(&s, &other, newCurve(on.form()).fourD)
			for part := plusXY; part <= productT; part++ {
				expect(t, name, f, &s[part], func(l int) *big.Int { return number(f, &s[part], l) })
			}
		}
	})
}
