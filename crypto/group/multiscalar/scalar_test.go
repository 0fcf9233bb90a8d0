package multiscalar

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
)

var bigOrder, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

func toBig(b []byte) *big.Int {
	be := make([]byte, len(b))
	for i := range b {
		be[len(b)-1-i] = b[i]
	}
	return new(big.Int).SetBytes(be)
}

func bigOf(s Scalar) *big.Int { b := s.Bytes(); return toBig(b[:]) }

func fixedBytes(x *big.Int, size int) []byte {
	b := x.FillBytes(make([]byte, size))
	slices.Reverse(b)
	return b
}

func fromBig(t testing.TB, x *big.Int) Scalar {
	t.Helper()
	s, ok := ParseScalar(fixedBytes(x, 32))
	if !ok {
		t.Fatalf("%v is refused", x)
	}
	return s
}

// edges are scalars at which carries, borrows and reductions turn.
func edges(t testing.TB) []Scalar {
	power := func(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }
	var all []Scalar
	for _, x := range []*big.Int{
		big.NewInt(0), big.NewInt(1), big.NewInt(2), power(64), power(127), power(128), power(192), power(252), new(big.Int).Add(power(252), big.NewInt(2)),
	} {
		all = append(all, fromBig(t, x))
		if x.Sign() > 0 {
			all = append(all, fromBig(t, new(big.Int).Sub(x, big.NewInt(1))), fromBig(t, new(big.Int).Sub(bigOrder, x)))
		}
	}
	return all
}

func randomScalar(r *rand.Rand) Scalar {
	var b [64]byte
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return ReduceWide(&b)
}

func TestParseScalarRefuses(t *testing.T) {
	little := func(x *big.Int) []byte { return fixedBytes(x, 32) }
	ones := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1))
	for name, b := range map[string][]byte{
		"nothing": nil, "31 bytes": make([]byte, 31), "33 bytes": make([]byte, 33), "order": little(bigOrder),
		"order + 1": little(new(big.Int).Add(bigOrder, big.NewInt(1))), "2^253": little(new(big.Int).Lsh(big.NewInt(1), 253)), "all ones": little(ones),
	} {
		if s, ok := ParseScalar(b); ok {
			t.Errorf("%s: read as %v", name, bigOf(s))
		}
		if _, err := group.ParseScalar(b); err == nil {
			t.Errorf("%s: package group reads it", name)
		}
	}
}

// TestScalars compares with the library's integers, and with package group.
func TestScalars(t *testing.T) {
	all := edges(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		all = append(all, randomScalar(r))
	}
	mod := func(x *big.Int) *big.Int { return x.Mod(x, bigOrder) }
	for _, s := range all {
		b := s.Bytes()
		g, err := group.ParseScalar(b[:])
		if err != nil {
			t.Fatal(err)
		}
		if n := s.Neg().Bytes(); [32]byte(g.Neg().Bytes()) != n {
			t.Fatalf("-%x is %x", b, n)
		}
		for _, u := range all {
			x, y := bigOf(s), bigOf(u)
			for op, got := range map[string]Scalar{"+": s.Add(u), "-": s.Sub(u), "*": s.Mul(u)} {
				want := map[string]*big.Int{"+": mod(new(big.Int).Add(x, y)), "-": mod(new(big.Int).Sub(x, y)), "*": mod(new(big.Int).Mul(x, y))}[op]
				if bigOf(got).Cmp(want) != 0 {
					t.Fatalf("%v %s %v = %v, is %v", x, op, y, bigOf(got), want)
				}
			}
		}
	}
}

// TestReduceWide: single bits, runs of bits, words of zeros and ones, what is
// next to a multiple of ℓ at every length, and random numbers.
func TestReduceWide(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	check := func(x *big.Int) {
		b := [64]byte(fixedBytes(x, 64))
		want := new(big.Int).Mod(x, bigOrder)
		if got := bigOf(ReduceWide(&b)); got.Cmp(want) != 0 {
			t.Fatalf("%x: %v instead of %v", x, got, want)
		}
	}
	one, all := big.NewInt(1), new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 512), big.NewInt(1))
	for bit := range uint(512) {
		x := new(big.Int).Lsh(one, bit)
		below := new(big.Int).Sub(x, one)
		multiple := new(big.Int).Sub(x, new(big.Int).Mod(x, bigOrder))
		for _, x := range []*big.Int{x, below, multiple, new(big.Int).Add(multiple, one)} {
			check(x)
			check(new(big.Int).Xor(x, all))
		}
		if multiple.Sign() > 0 {
			check(multiple.Sub(multiple, one))
		}
	}
	for pattern := range 256 {
		x := new(big.Int)
		for word := range 8 {
			if pattern>>word&1 == 1 {
				x.Or(x, new(big.Int).Lsh(new(big.Int).SetUint64(1<<64-1), uint(64*word)))
			}
		}
		check(x)
	}
	for range 2000 {
		var b [64]byte
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		check(toBig(b[:]))
	}
}

// TestReduceAtItsBound: an Accumulator is reduced rightly up to 2^507, with every
// word of it at its largest, and with what the folds leave as large as can be.
func TestReduceAtItsBound(t *testing.T) {
	bound := new(big.Int).Lsh(big.NewInt(1), 507)
	last := new(big.Int).Sub(bound, new(big.Int).Mod(bound, bigOrder)) // a multiple of ℓ
	tail := new(big.Int).Sub(bigOrder, new(big.Int).Lsh(big.NewInt(1), 252))
	for _, from := range []*big.Int{bound, last, new(big.Int).Lsh(big.NewInt(1), 506), new(big.Int).Lsh(big.NewInt(1), 504), new(big.Int).Lsh(tail, 380)} {
		for d := int64(-300); d <= 300; d++ {
			x := new(big.Int).Add(from, big.NewInt(d))
			for _, x := range []*big.Int{x, new(big.Int).Sub(x, new(big.Int).Lsh(big.NewInt(1), 252))} {
				if x.Cmp(bound) >= 0 {
					continue
				}
				b := fixedBytes(x, 64)
				var a Accumulator
				for i := range a.sum {
					a.sum[i] = word(b[8*i:])
				}
				if got := bigOf(a.Reduce()); got.Cmp(new(big.Int).Mod(x, bigOrder)) != 0 {
					t.Fatalf("%x: %v", x, got)
				}
			}
		}
	}
}

// TestLargestProducts: what is carried in a product is at its largest with words
// that are all ones.
func TestLargestProducts(t *testing.T) {
	const ones = ^uint64(0)
	s := Scalar{ones, ones, ones, ones} // none, but the largest number of four words
	r := [5]uint64{}
	r[0], r[1], r[2], r[3], r[4] = mulAdd(ones, &s, ones, ones, ones, ones)
	if r != [5]uint64{0, ones, ones, ones, ones} { // (2^64−1)(2^256−1) + 2^256−1 = 2^320 − 2^64
		t.Errorf("%x", r)
	}
	var q [3]uint64
	q[0], q[1], q[2] = mulAddTail(ones, ones, ones)
	tail := new(big.Int).Sub(bigOrder, new(big.Int).Lsh(big.NewInt(1), 252))
	want := new(big.Int).Mul(new(big.Int).SetUint64(ones), tail)
	want.Add(want, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1)))
	got := new(big.Int)
	for i := range q {
		got.Or(got, new(big.Int).Lsh(new(big.Int).SetUint64(q[i]), uint(64*i)))
	}
	if got.Cmp(want) != 0 {
		t.Errorf("%x instead of %x", got, want)
	}
	if square := new(big.Int).Mul(tail, tail); bigOf(tailSquared).Cmp(square) != 0 {
		t.Errorf("tail² is %x", square)
	}
}

// TestAccumulator sums the largest products there are, and random ones.
func TestAccumulator(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	largest := fromBig(t, new(big.Int).Sub(bigOrder, big.NewInt(1)))
	var a, b Accumulator
	want := new(big.Int)
	for i := range 3000 {
		w, s := Weight{^uint64(0), ^uint64(0)}, largest
		if i%3 > 0 {
			w, s = Weight{r.Uint64(), r.Uint64()}, randomScalar(r)
		}
		to := &a
		if i%2 == 1 {
			to = &b
		}
		to.MulAdd(w, s)
		product := new(big.Int).Lsh(new(big.Int).SetUint64(w[1]), 64)
		product.Add(product, new(big.Int).SetUint64(w[0])).Mul(product, bigOf(s))
		want.Add(want, product)
	}
	a.Add(&b)
	if got := bigOf(a.Reduce()); got.Cmp(want.Mod(want, bigOrder)) != 0 {
		t.Errorf("%v instead of %v", got, want)
	}
	const ones = ^uint64(0)
	full := Accumulator{[8]uint64{ones, ones, ones, ones, ones, ones, ones}} // to carry through all of it
	full.MulAdd(Weight{1}, Scalar{1})
	if full != (Accumulator{[8]uint64{7: 1}}) {
		t.Errorf("2^448 is %x", full.sum)
	}
	if s := new(Accumulator).Reduce(); s != (Scalar{}) {
		t.Errorf("nothing sums up to %v", bigOf(s))
	}
}

// TestDigits: the digits of many scalars give each again, stay in their bounds,
// and stand where they should and nowhere else.
func TestDigits(t *testing.T) {
	all := append(edges(t), Scalar{^uint64(0), ^uint64(0)}, Scalar{0, 0, 0, 1<<61 - 1}, Scalar{^uint64(0), ^uint64(0), ^uint64(0), 1<<61 - 1})
	r := rand.New(rand.NewPCG(7, 8))
	for len(all) < 3*scalarsAtATime {
		all = append(all, randomScalar(r))
	}
	short := []Scalar{{1}, {0, 1 << 63}, {^uint64(0), ^uint64(0)}}
	for c := 2; c <= maxWindow; c++ {
		for n := range all {
			digitsGiveScalars(t, all[n:], windows(longBits, c), c)
		}
		digitsGiveScalars(t, short, windows(shortBits, c), c)
	}
}

func digitsGiveScalars(t *testing.T, scalars []Scalar, windows, c int) {
	const first, untouched = 3, 12345
	digits := make([][]int16, windows)
	for j := range digits {
		digits[j] = slices.Repeat([]int16{untouched}, first+len(scalars)+1)
	}
	writeDigits(digits, first, scalars, c)
	for k, s := range scalars {
		got := new(big.Int)
		for j := len(digits) - 1; j >= 0; j-- {
			d := digits[j][first+k]
			if d > 1<<(c-1) || d <= -1<<(c-1) {
				t.Fatalf("c = %d: digit %d", c, d)
			}
			got.Lsh(got, uint(c)).Add(got, big.NewInt(int64(d)))
		}
		if got.Cmp(bigOf(s)) != 0 {
			t.Fatalf("c = %d: digits of %v give %v", c, bigOf(s), got)
		}
	}
	for j := range digits {
		if digits[j][first-1] != untouched || digits[j][first+len(scalars)] != untouched {
			t.Fatalf("c = %d: window %d is written beyond its scalars", c, j)
		}
	}
}
