package multiscalar

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
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

// badEncodings are those of RFC 9496, Appendix A.3, and some more.
func badEncodings(t testing.TB) [][]byte {
	var all [][]byte
	for _, s := range strings.Fields(appendixA3) {
		b, err := hex.DecodeString(s)
		if err != nil || len(b) != EncodingSize {
			t.Fatalf("%s: %v", s, err)
		}
		all = append(all, b)
	}
	p := append([]byte{0xed}, bytes.Repeat([]byte{0xff}, 30)...)
	all = append(all, append(p, 0x7f)) // 2^255 − 19 for 0
	return append(all, bytes.Repeat([]byte{0xff}, 32), append(make([]byte, 31), 0x80))
}

// appendixA3 lists non-canonical field elements, negative ones, non-squares,
// a negative xy, and s = −1, which gives y = 0.
const appendixA3 = `
00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
0100000000000000000000000000000000000000000000000000000000000000
01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20
c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562
c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78
47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24
f1c6165d33367351b0da8f6e4511010c68174a03b6581212c71c0e1d026c3c72
87260f7a2f12495118360f02c26a470f450dadf34a413d21042b43b9d93e1309
26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371
4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f
de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad7b
bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042
2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08
f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22
8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731
2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b
3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e
a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220
d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e
8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32
32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b
227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165
5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e
445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b
ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f`

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
