package multiscalar

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/vectorstest"
)

// onEach runs a test over every back end of this machine.
func onEach(t *testing.T, test func(t *testing.T, b Backend)) {
	for _, b := range Backends() {
		t.Run(b.String(), func(t *testing.T) { test(t, b) })
	}
}

func toGroup(t testing.TB, s Scalar) group.Scalar {
	t.Helper()
	b := s.Bytes()
	g, err := group.ParseScalar(b[:])
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// elements returns n encodings, one behind the other, and what they encode. Some
// stand twice, some are the negative of another, and one is the identity.
func elements(r *rand.Rand, n int) (data []byte, offsets []uint32, all []group.Element) {
	for i := range n {
		e := group.HashToScalar("element", []byte{byte(r.Uint32()), byte(r.Uint32()), byte(i), byte(i >> 8)})
		p := group.MulBase(e)
		switch {
		case i%17 == 3:
			p = all[i-1]
		case i%17 == 5:
			p = all[i-1].Neg()
		case i%41 == 7:
			p = group.Identity()
		}
		all = append(all, p)
		offsets = append(offsets, uint32(len(data)))
		data = append(data, p.Bytes()...)
	}
	return data, offsets, all
}

func filled(t testing.TB, b Backend, data []byte, offsets []uint32) *Table {
	t.Helper()
	table := NewTable(b, len(offsets))
	if bad := table.Decode(0, data, offsets, nil); bad != nil {
		t.Fatalf("refused: %v", bad)
	}
	return table
}

func same(p Point, e group.Element) bool {
	b := p.Bytes()
	return bytes.Equal(b[:], e.Bytes()) && p.IsIdentity() == e.IsIdentity()
}

// badEncodings are those of crypto/testdata, which has all of RFC 9496, Appendix
// A.2, and some more.
func badEncodings(t testing.TB) [][]byte {
	raw, err := os.ReadFile("../../testdata/group.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vectorstest.Vector
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for _, v := range vectors {
		b, err := hex.DecodeString(v.Input["bytes"])
		if err == nil && v.Algorithm == "1.1 element" && !v.Good && len(b) == EncodingSize {
			all = append(all, b)
		}
	}
	if len(all) < 29 {
		t.Fatalf("only %d bad encodings", len(all))
	}
	p := append([]byte{0xed}, bytes.Repeat([]byte{0xff}, 30)...)
	all = append(all, append(p, 0x7f)) // 2^255 − 19 for 0
	return append(all, bytes.Repeat([]byte{0xff}, 32), append(make([]byte, 31), 0x80))
}

// TestRefuses puts every bad encoding among good ones, in every place of a round.
func TestRefuses(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	good, _, _ := elements(r, 1)
	onEach(t, func(t *testing.T, b Backend) {
		for _, e := range badEncodings(t) {
			if _, err := group.ParseElement(e); err == nil {
				t.Fatalf("%x is an encoding", e)
			}
			for n := 1; n <= 17; n += 8 {
				for at := range n {
					data := append(slices.Clone(good), e...)
					offsets := make([]uint32, n)
					offsets[at] = EncodingSize
					table := NewTable(b, n)
					for _, hints := range [][]byte{nil, make([]byte, 32*n)} {
						if bad := table.Decode(0, data, offsets, hints); !slices.Equal(bad, []int{at}) {
							t.Fatalf("%x in place %d of %d: refused are %v", e, at, n, bad)
						}
						if p := table.Sum(at, 1, 1); !p.IsIdentity() {
							t.Fatalf("%x is kept as %x", e, p.Bytes())
						}
					}
				}
			}
		}
	})
}

// TestDecode reads elements at scattered places, over other ones.
func TestDecode(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 1))
	data, offsets, all := elements(r, 100)
	order := r.Perm(len(all))
	var places []uint32
	for _, i := range order {
		places = append(places, offsets[i])
	}
	onEach(t, func(t *testing.T, b Backend) {
		table := filled(t, b, data, offsets)
		if bad := table.Decode(10, data, places[:90], nil); bad != nil {
			t.Fatalf("refused: %v", bad)
		}
		for i := range 100 {
			want := all[i]
			if i >= 10 {
				want = all[order[i-10]]
			}
			if got := table.Sum(i, 1, 1); !same(got, want) {
				t.Fatalf("entry %d is %x, not %v", i, got.Bytes(), want)
			}
		}
	})
}

// TestHints: with right hints, wrong ones, and some of each, the same comes out.
func TestHints(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 1))
	data, offsets, all := elements(r, 70)
	data = append(data, badEncodings(t)[6]...)
	offsets = append(offsets, uint32(len(data)-EncodingSize))
	onEach(t, func(t *testing.T, b Backend) {
		table := NewTable(b, len(offsets))
		hints := make([]byte, EncodingSize*len(offsets))
		table.SquareRoots(data, offsets, hints)
		if !bytes.Equal(hints[70*32:], make([]byte, 32)) {
			t.Errorf("a root of what is none: %x", hints[70*32:])
		}
		other := NewTable(Backends()[len(Backends())-1], len(offsets))
		if again := make([]byte, len(hints)); !func() bool { other.SquareRoots(data, offsets, again); return bytes.Equal(hints, again) }() {
			t.Error("back ends differ in their hints")
		}
		negative := slices.Clone(hints)
		for i := range offsets { // −root, as p − root
			x := new([32]byte)
			copy(x[:], hints[32*i:])
			borrow := 0
			for k, c := range append(append([]byte{0xed}, bytes.Repeat([]byte{0xff}, 30)...), 0x7f) {
				d := int(c) - int(x[k]) - borrow
				borrow = 0
				if d < 0 {
					d, borrow = d+256, 1
				}
				negative[32*i+k] = byte(d)
			}
		}
		mixed, ones := slices.Clone(hints), bytes.Repeat([]byte{0xff}, len(hints))
		for i := 0; i < len(mixed); i += 3 * 32 {
			mixed[i] ^= 2
		}
		for name, h := range map[string][]byte{
			"right": hints, "negative": negative, "some wrong": mixed, "all ones": ones, "zero": make([]byte, len(hints)), "one byte short": hints[:len(hints)-1], "empty": {},
		} {
			table := NewTable(b, len(offsets))
			if bad := table.Decode(0, data, offsets, h); !slices.Equal(bad, []int{70}) {
				t.Fatalf("%s: refused are %v", name, bad)
			}
			for i, want := range all {
				if got := table.Sum(i, 1, 1); !same(got, want) {
					t.Fatalf("%s: entry %d is %x, not %v", name, i, got.Bytes(), want)
				}
			}
		}
	})
}

func TestSum(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 1))
	data, offsets, all := elements(r, 90)
	onEach(t, func(t *testing.T, b Backend) {
		table := filled(t, b, data, offsets)
		for _, c := range []struct{ first, step, count int }{{0, 1, 0}, {0, 1, 90}, {3, 7, 12}, {89, 5, 1}, {1, 11, 8}, {2, 2, 9}, {4, 0, 20}} {
			want := group.Identity()
			for k := range c.count {
				want = want.Add(all[c.first+k*c.step])
			}
			if got := table.Sum(c.first, c.step, c.count); !same(got, want) {
				t.Errorf("%+v: %x, not %v", c, got.Bytes(), want)
			}
		}
	})
}

// TestSumOfProducts compares with the elements multiplied one by one.
func TestSumOfProducts(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 1))
	data, offsets, all := elements(r, 300)
	edge := edges(t)
	onEach(t, func(t *testing.T, b Backend) {
		table := filled(t, b, data, offsets)
		for _, n := range []struct{ fixed, first, rest int }{{0, 0, 0}, {0, 0, 1}, {1, 1, 0}, {2, 2, 3}, {2, 50, 8}, {0, 100, len(edge)}, {2, 2, 298}} {
			for round := range 4 {
				scalars := make([]Scalar, n.fixed+n.rest)
				for i := range scalars {
					switch scalars[i] = randomScalar(r); {
					case round == 1:
						scalars[i] = edge[i%len(edge)]
					case i%2 == 1 && round == 2:
						scalars[i] = Scalar{^uint64(0), ^uint64(0)}
					case i%2 == 1:
						scalars[i] = Scalar{r.Uint64(), r.Uint64()}
					}
				}
				want := group.Identity()
				for i, s := range scalars {
					if i >= n.fixed {
						i += n.first - n.fixed
					}
					want = want.Add(all[i].Mul(toGroup(t, s)))
				}
				if got := table.SumOfProducts(scalars[:n.fixed], n.first, scalars[n.fixed:]); !same(got, want) {
					t.Fatalf("%+v, round %d: %x, not %v", n, round, got.Bytes(), want)
				}
			}
		}
	})
}

// TestWindows goes through all widths, with the largest digits.
func TestWindows(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 1))
	data, offsets, all := elements(r, 40)
	onEach(t, func(t *testing.T, b Backend) {
		table := filled(t, b, data, offsets)
		for c := 2; c <= maxWindow; c++ {
			digits := make([]int16, len(all))
			want := group.Identity()
			for i := range digits {
				digits[i] = int16(r.IntN(1<<c) + 1 - 1<<(c-1))
				if i%5 == 0 {
					digits[i] = 1 << (c - 1)
				}
				s := group.NewScalar(uint64(max(digits[i], -digits[i])))
				if digits[i] < 0 {
					s = s.Neg()
				}
				want = want.Add(all[i].Mul(s))
			}
			if got := table.table.window(digits, c); !same(got, want) {
				t.Fatalf("c = %d: %x, not %v", c, got.Bytes(), want)
			}
		}
	})
}

// TestPoints: multiples of the generator, RFC 9496, Appendix A.1, by addition
// and by doubling.
func TestPoints(t *testing.T) {
	table := filled(t, Backends()[0], group.Generator().Bytes(), []uint32{0})
	p, b := identity(), table.Sum(0, 1, 1)
	for n := range uint64(40) {
		want := group.MulBase(group.NewScalar(n))
		if !same(p, want) {
			t.Fatalf("%d·B is %x, not %v", n, p.Bytes(), want)
		}
		twice := p
		twice.double()
		if !same(twice, want.Add(want)) || !same(p.Add(p), want.Add(want)) {
			t.Fatalf("twice %d·B", n)
		}
		p = p.Add(b)
	}
}

// FuzzDecode: both back ends and package group read the same from 32 bytes,
// whatever the hint.
func FuzzDecode(f *testing.F) {
	for _, e := range badEncodings(f) {
		f.Add(e, e)
	}
	f.Add(group.Generator().Bytes(), make([]byte, 32))
	f.Add(make([]byte, 32), make([]byte, 32))
	f.Fuzz(func(t *testing.T, b, hint []byte) {
		if len(b) != EncodingSize {
			t.Skip()
		}
		want, err := group.ParseElement(b)
		for _, backend := range Backends() {
			for _, hints := range [][]byte{nil, hint} {
				table := NewTable(backend, 1)
				bad := table.Decode(0, b, []uint32{0}, hints)
				if (err == nil) != (bad == nil) {
					t.Fatalf("%v: %x: refused %v, package group says %v", backend, b, bad, err)
				}
				if got := table.Sum(0, 1, 1); err == nil && !same(got, want) {
					t.Fatalf("%v: %x is read as %x", backend, b, got.Bytes())
				}
			}
		}
	})
}

// FuzzSumOfProducts: two elements, one with a scalar and one with a weight.
func FuzzSumOfProducts(f *testing.F) {
	for _, s := range edges(f) {
		b := s.Bytes()
		f.Add(b[:], b[:], uint64(3))
	}
	f.Fuzz(func(t *testing.T, scalar, weight []byte, n uint64) {
		s, ok := ParseScalar(scalar)
		if _, err := group.ParseScalar(scalar); (err == nil) != ok {
			t.Fatalf("%x: %v, package group says %v", scalar, ok, err)
		}
		w, right := ParseScalar(weight)
		if !ok || !right {
			return
		}
		short := Scalar{w[0], w[1]}
		p := group.MulBase(group.NewScalar(n))
		q := p.Add(group.Generator())
		want := p.Mul(toGroup(t, s)).Add(q.Mul(toGroup(t, short)))
		for _, backend := range Backends() {
			table := filled(t, backend, append(p.Bytes(), q.Bytes()...), []uint32{0, 32})
			if got := table.SumOfProducts([]Scalar{s}, 1, []Scalar{short}); !same(got, want) {
				t.Fatalf("%v: %x, not %v", backend, got.Bytes(), want)
			}
		}
	})
}
