package multiscalar

import (
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
)

// TestMixtures reads good encodings and bad ones in any order and number, with
// hints of every kind beside: the right one, another spelling of it, that of
// another element, and chance. Back ends read several at a time, and none may
// get what is another's.
func TestMixtures(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 1))
	data, offsets, _ := elements(r, 60)
	for _, b := range badEncodings(t) {
		offsets = append(offsets, uint32(len(data)))
		data = append(data, b...)
	}
	onEach(t, func(t *testing.T, b Backend) {
		roots := make([]byte, EncodingSize*len(offsets))
		NewTable(b, 0).SquareRoots(data, offsets, roots)
		for n := range 120 {
			table := NewTable(b, n)
			var places []uint32
			var hints []byte
			var bad []int
			want := make([]group.Element, n)
			for i := range n {
				k := r.IntN(len(offsets))
				places = append(places, offsets[k])
				hints = append(hints, anyHint(r, roots, k)...)
				e, err := group.ParseElement(data[offsets[k]:][:EncodingSize])
				if want[i] = e; err != nil {
					want[i], bad = group.Identity(), append(bad, i)
				}
			}
			if n%4 == 0 {
				hints = nil
			}
			if got := table.Decode(0, data, places, hints); !slices.Equal(got, bad) {
				t.Fatalf("%d: refused are %v, not %v", n, got, bad)
			}
			for i, e := range want {
				if p := table.Sum(i, 1, 1); !same(p, e) {
					t.Fatalf("%d: entry %d is %x, not %v", n, i, p.Bytes(), e)
				}
			}
		}
	})
}

// anyHint returns a hint for encoding k, right or not.
func anyHint(r *rand.Rand, roots []byte, k int) []byte {
	hint := slices.Clone(roots[EncodingSize*k:][:EncodingSize])
	switch r.IntN(4) {
	case 1: // root + p, below 2^256
		e := fieldElement(new(big.Int).Add(toBig(hint), bigPrime))
		return e[:]
	case 2:
		return roots[EncodingSize*r.IntN(len(roots)/EncodingSize):][:EncodingSize]
	case 3:
		binary.LittleEndian.PutUint64(hint[8*r.IntN(4):], r.Uint64())
	}
	return hint
}

// TestSquareRootsAreCanonical: a hint is below p and not negative, so there is
// one file of hints for a record.
func TestSquareRootsAreCanonical(t *testing.T) {
	data, offsets, _ := elements(rand.New(rand.NewPCG(17, 1)), 50)
	onEach(t, func(t *testing.T, b Backend) {
		roots := make([]byte, EncodingSize*len(offsets))
		NewTable(b, 0).SquareRoots(data, offsets, roots)
		for i := range offsets {
			if x := toBig(roots[EncodingSize*i:][:EncodingSize]); x.Sign() == 0 || x.Cmp(bigPrime) >= 0 || x.Bit(0) == 1 {
				t.Errorf("hint %d is %x", i, x)
			}
		}
	})
}

// TestManyProducts sums up to thousands of products. The elements are multiples
// of the generator that are known, so that the answer is one multiplication.
func TestManyProducts(t *testing.T) {
	const most = 4000
	r := rand.New(rand.NewPCG(18, 1))
	var data []byte
	offsets, factors := make([]uint32, most), make([]Scalar, most)
	for i := range most {
		if offsets[i] = uint32(len(data)); i%5 == 4 { // again, and the opposite
			k := r.IntN(i)
			offsets[i], factors[i] = offsets[k], factors[k]
			continue
		}
		if factors[i] = randomScalar(r); i%5 == 3 {
			factors[i] = factors[i-1].Neg()
		}
		data = append(data, group.MulBase(toGroup(t, factors[i])).Bytes()...)
	}
	edge := edges(t)
	kinds := map[string]func(i int) Scalar{
		"any":   func(int) Scalar { return randomScalar(r) },
		"short": func(int) Scalar { return Scalar{r.Uint64(), r.Uint64()} },
		"edges": func(i int) Scalar { return edge[i%len(edge)] },
		"alike": func(int) Scalar { return Scalar{^uint64(0), ^uint64(0)} },
		"mixed": func(i int) Scalar {
			if i%14 < 6 {
				return randomScalar(r)
			}
			return Scalar{r.Uint64(), r.Uint64()}
		},
	}
	onEach(t, func(t *testing.T, b Backend) {
		table := filled(t, b, data, offsets)
		for _, n := range []int{0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 127, 500, 1023, most} {
			for name, kind := range kinds {
				scalars := make([]Scalar, n)
				var want Scalar
				for i := range scalars {
					scalars[i] = kind(i)
					want = want.Add(scalars[i].Mul(factors[i]))
				}
				if got := table.SumOfProducts(nil, 0, scalars); !same(got, group.MulBase(toGroup(t, want))) {
					t.Fatalf("%s: the sum of %d is %x", name, n, got.Bytes())
				}
			}
		}
	})
}
