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

func fromBig(t testing.TB, x *big.Int) Scalar {
	t.Helper()
	var b [32]byte
	for i, c := range x.FillBytes(make([]byte, 32)) {
		b[31-i] = c
	}
	s, ok := ParseScalar(b[:])
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
		big.NewInt(0), big.NewInt(1), big.NewInt(2), power(64), power(127), power(128), power(192), power(252),
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
	little := func(x *big.Int) []byte {
		b := make([]byte, 32)
		for i, c := range x.FillBytes(make([]byte, 32)) {
			b[31-i] = c
		}
		return b
	}
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

func TestReduceWide(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	check := func(b *[64]byte) {
		want := toBig(b[:])
		if got := bigOf(ReduceWide(b)); got.Cmp(want.Mod(want, bigOrder)) != 0 {
			t.Fatalf("%x: %v instead of %v", *b, got, want)
		}
	}
	for bit := range 512 {
		var b [64]byte
		b[bit/8] = 1 << (bit % 8)
		check(&b)
		for i := range b { // all bits up to this one, and all from it on
			b[i] = 0xff * byte(min(1, max(0, bit/8-i)))
		}
		check(&b)
		for i := range b {
			b[i] = ^b[i]
		}
		check(&b)
	}
	for range 2000 {
		var b [64]byte
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		check(&b)
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
