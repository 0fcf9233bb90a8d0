package group

import (
	"bytes"
	"encoding/hex"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// order as an integer, for tests that calculate with math/big.
var bigOrder, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

// scalarFrom returns n modulo ℓ, by way of its canonical bytes.
func scalarFrom(n *big.Int) Scalar {
	b := new(big.Int).Mod(n, bigOrder).FillBytes(make([]byte, Size))
	for i, j := 0, Size-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	s, err := ParseScalar(b)
	if err != nil {
		panic(err)
	}
	return s
}

func bigFrom(s Scalar) *big.Int {
	b := s.Bytes()
	for i, j := 0, Size-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return new(big.Int).SetBytes(b)
}

// anyScalar draws scalars, half of them at the edges: 0, 1, −1, powers of two
// and their neighbours, and what lies around ℓ/2.
func anyScalar() *rapid.Generator[Scalar] {
	return rapid.Custom(func(t *rapid.T) Scalar {
		if rapid.Bool().Draw(t, "edge") {
			n := new(big.Int).Lsh(big.NewInt(1), uint(rapid.IntRange(0, 252).Draw(t, "bit")))
			n.Add(n, big.NewInt(int64(rapid.IntRange(-2, 2).Draw(t, "near"))))
			if rapid.Bool().Draw(t, "negative") {
				n.Neg(n)
			}
			if rapid.Bool().Draw(t, "half") {
				n = new(big.Int).Rsh(bigOrder, 1)
			}
			return scalarFrom(n)
		}
		return scalarFrom(new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), Size, Size).Draw(t, "bytes")))
	})
}

// anyElement draws [s]B, so the identity and B among them.
func anyElement() *rapid.Generator[Element] {
	return rapid.Custom(func(t *rapid.T) Element { return MulBase(anyScalar().Draw(t, "log")) })
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustElement(t testing.TB, s string) Element {
	t.Helper()
	x, err := ParseElement(unhex(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// ones is a source of randomness of which every byte is 1.
type ones struct{}

func (ones) Read(b []byte) (int, error) { return copy(b, bytes.Repeat([]byte{1}, len(b))), nil }
