package multiscalar

import (
	"bytes"
	"math/big"
	"testing"
)

// FuzzScalars: whatever two integers of 512 bits are, they are reduced, added,
// subtracted, multiplied and accumulated as the library's integers are, and their
// digits give them again.
func FuzzScalars(f *testing.F) {
	ones := bytes.Repeat([]byte{0xff}, 64)
	order := order.Bytes()
	f.Add(ones, ones)
	f.Add(make([]byte, 64), ones)
	f.Add(append(order[:], order[:]...), append(make([]byte, 32), order[:]...))
	for _, s := range edges(f) {
		b := s.Bytes()
		f.Add(append(b[:], make([]byte, 32)...), append(order[:], b[:]...))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a) != 64 || len(b) != 64 {
			return
		}
		s, u := ReduceWide((*[64]byte)(a)), ReduceWide((*[64]byte)(b))
		w := Weight{u[0], u[1]}
		var sum, other Accumulator
		sum.MulAdd(w, s)
		other.MulAdd(w, u)
		other.MulAdd(Weight{^uint64(0), ^uint64(0)}, s)
		sum.Add(&other)

		x, y := toBig(a), toBig(b)
		x.Mod(x, bigOrder)
		y.Mod(y, bigOrder)
		weight := new(big.Int).Lsh(new(big.Int).SetUint64(w[1]), 64)
		weight.Add(weight, new(big.Int).SetUint64(w[0]))
		total := new(big.Int).Lsh(x, 128) // x·weight + y·weight + x·(2^128 − 1)
		total.Sub(total, x).Add(total, new(big.Int).Mul(weight, new(big.Int).Add(x, y)))
		c := 2 + int(a[0])%(maxWindow-1)
		digitsGiveScalars(t, []Scalar{s, u, {w[0], w[1]}}, windows(longBits, c), c)
		for _, c := range []struct {
			op   string
			got  Scalar
			want *big.Int
		}{
			{"first", s, x},
			{"second", u, y},
			{"+", s.Add(u), new(big.Int).Add(x, y)},
			{"-", s.Sub(u), new(big.Int).Sub(x, y)},
			{"*", s.Mul(u), new(big.Int).Mul(x, y)},
			{"negative", s.Neg(), new(big.Int).Neg(x)},
			{"accumulated", sum.Reduce(), total},
		} {
			if bigOf(c.got).Cmp(new(big.Int).Mod(c.want, bigOrder)) != 0 {
				t.Errorf("%x and %x: %s gives %x", x, y, c.op, bigOf(c.got))
			}
			encoded := c.got.Bytes()
			if again, ok := ParseScalar(encoded[:]); !ok || again != c.got {
				t.Errorf("%x and %x: %s is not below the order", x, y, c.op)
			}
		}
	})
}
