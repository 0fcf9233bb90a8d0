package group

import (
	"bytes"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseErrors(t *testing.T) {
	minusOne := strings.Repeat("ff", 32)
	zero := strings.Repeat("00", 32)
	for _, test := range []struct {
		name  string
		parse func() error
		err   string
	}{
		{"element of 31 bytes", func() error { _, err := ParseElement(make([]byte, 31)); return err }, "group element: 31 bytes instead of 32"},
		{"element that is none", func() error { _, err := ParseElement(unhex(t, minusOne)); return err }, "group element: not a canonical encoding"},
		{"identity where none may be", func() error { _, err := ParseNonIdentity(make([]byte, 32)); return err }, "group element: the identity is not allowed here"},
		{"non-canonical where no identity may be", func() error { _, err := ParseNonIdentity(unhex(t, minusOne)); return err }, "group element: not a canonical encoding"},
		{"scalar of 33 bytes", func() error { _, err := ParseScalar(make([]byte, 33)); return err }, "scalar: 33 bytes instead of 32"},
		{"scalar too large", func() error { _, err := ParseScalar(unhex(t, minusOne)); return err }, "scalar: not below the group's order"},
		{"element text too short", func() error { return new(Element).UnmarshalText([]byte("00")) }, "group element: 2 hexadecimal digits instead of 64"},
		{"element text not hexadecimal", func() error { return new(Element).UnmarshalText([]byte(strings.Repeat("0g", 32))) }, "group element: not hexadecimal"},
		{"element text in upper case", func() error { return new(Element).UnmarshalText([]byte(strings.ToUpper(multiples[1]))) }, "group element: upper-case hexadecimal"},
		{"element text of no element", func() error { return new(Element).UnmarshalText([]byte(minusOne)) }, "group element: not a canonical encoding"},
		{"scalar text too long", func() error { return new(Scalar).UnmarshalText([]byte(zero + "0")) }, "scalar: 65 hexadecimal digits instead of 64"},
		{"scalar text too large", func() error { return new(Scalar).UnmarshalText([]byte(minusOne)) }, "scalar: not below the group's order"},
		{"missing element as text", func() error { _, err := Element{}.MarshalText(); return err }, "group element: missing"},
		{"missing scalar as text", func() error { _, err := Scalar{}.MarshalText(); return err }, "scalar: missing"},
		{"no randomness", func() error { _, err := RandomScalar(strings.NewReader(strings.Repeat("x", 63))); return err }, "reading randomness: unexpected EOF"},
	} {
		if err := test.parse(); err == nil || err.Error() != test.err {
			t.Errorf("%s: error %v, wanted %q", test.name, err, test.err)
		}
	}
}

// A failed UnmarshalText leaves the missing value, never half of one.
func TestElementIsMissing(t *testing.T) {
	e := Generator()
	if e.IsZero() {
		t.Error("the generator is missing")
	}
	if err := e.UnmarshalText([]byte(strings.Repeat("ff", 32))); err == nil || !e.IsZero() {
		t.Errorf("error %v; missing: %v", err, e.IsZero())
	}
}

func TestScalarArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyScalar().Draw(t, "a"), anyScalar().Draw(t, "b")
		x, y := bigFrom(a), bigFrom(b)
		for name, pair := range map[string][2]Scalar{
			"a + b": {a.Add(b), scalarFrom(new(big.Int).Add(x, y))},
			"a − b": {a.Sub(b), scalarFrom(new(big.Int).Sub(x, y))},
			"a · b": {a.Mul(b), scalarFrom(new(big.Int).Mul(x, y))},
			"−a":    {a.Neg(), scalarFrom(new(big.Int).Neg(x))},
			"1 ? a": {Select(1, a, b), a},
			"0 ? a": {Select(0, a, b), b},
		} {
			if !bytes.Equal(pair[0].Bytes(), pair[1].Bytes()) {
				t.Errorf("%s is %x instead of %x", name, pair[0].Bytes(), pair[1].Bytes())
			}
		}
		if a.Equal(b) != (x.Cmp(y) == 0) || a.IsNull() != (x.Sign() == 0) {
			t.Errorf("comparing %x and %x", a.Bytes(), b.Bytes())
		}
		if inverse := a.Inv(); !a.IsNull() && !a.Mul(inverse).Equal(NewScalar(1)) || a.IsNull() && !inverse.IsNull() {
			t.Errorf("1/%x is %x", a.Bytes(), inverse.Bytes())
		}
	})
}

func TestSelectRefuses(t *testing.T) {
	for _, bit := range []int{-1, 2, 1 << 32, -1 << 63} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("selecting by %d does not panic", bit)
				}
			}()
			Select(bit, NewScalar(1), NewScalar(2))
		}()
	}
}

func TestGroupLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyScalar().Draw(t, "a"), anyScalar().Draw(t, "b")
		p := anyElement().Draw(t, "p")
		if !p.Mul(a).Add(p.Mul(b)).Equal(p.Mul(a.Add(b))) {
			t.Error("[a]P + [b]P is not [a+b]P")
		}
		if !MulBase(a).Equal(Generator().Mul(a)) {
			t.Error("MulBase is not Mul of the generator")
		}
		if !p.Mul(a).Mul(b).Equal(p.Mul(a.Mul(b))) {
			t.Error("[b][a]P is not [ab]P")
		}
		if !p.Sub(p).IsIdentity() || !p.Add(p.Neg()).IsIdentity() || !p.Add(Identity()).Equal(p) {
			t.Error("the identity is not neutral")
		}
		if read, err := ParseElement(p.Bytes()); err != nil || !read.Equal(p) || !read.Add(Identity()).Equal(p) {
			t.Errorf("reading %v back: %v", p, err)
		}
	})
}

// Operations return new values: what was parsed stays what it was, and what
// Bytes returns is the caller's.
func TestElementsAreImmutable(t *testing.T) {
	e := mustElement(t, multiples[2])
	e.Bytes()[0] ^= 1
	e.Add(e)
	e.Neg()
	e.Mul(NewScalar(3))
	SumOfProducts(NewScalar(1), []Scalar{NewScalar(5)}, []Element{e})
	if e.String() != multiples[2] || !e.Equal(MulBase(NewScalar(2))) || MulBase(NewScalar(2)).String() != multiples[2] {
		t.Errorf("changed to %v", e)
	}
}

func TestRandomScalarReads64Bytes(t *testing.T) {
	r := strings.NewReader(strings.Repeat("r", 65))
	s, err := RandomScalar(r)
	if err != nil || r.Len() != 1 {
		t.Fatalf("%v, %d bytes left", err, r.Len())
	}
	if want := HashToScalar("referendum-v1-random-scalar", bytes.Repeat([]byte("r"), 64)); !s.Equal(want) {
		t.Error("not the hash of the 64 bytes")
	}
}

func TestSumOfProducts(t *testing.T) {
	if !SumOfProducts(NewScalar(0), nil, nil).IsIdentity() || !SumOfProducts(NewScalar(1), nil, nil).Equal(Generator()) {
		t.Error("the empty sum is wrong")
	}
	rapid.Check(t, func(t *rapid.T) {
		base := anyScalar().Draw(t, "base")
		n := rapid.IntRange(0, 8).Draw(t, "n")
		scalars := rapid.SliceOfN(anyScalar(), n, n).Draw(t, "scalars")
		elements := rapid.SliceOfN(anyElement(), n, n).Draw(t, "elements")
		want := MulBase(base)
		for i := range n {
			want = want.Add(elements[i].Mul(scalars[i]))
		}
		if got := SumOfProducts(base, scalars, elements); !got.Equal(want) {
			t.Errorf("%v instead of %v", got, want)
		}
	})
}

func TestSumOfProductsAsksForPairs(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("lists of different length do not panic")
		}
	}()
	SumOfProducts(NewScalar(0), []Scalar{NewScalar(1)}, nil)
}

func TestNonAdjacentForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyScalar().Draw(t, "s")
		sum, last := new(big.Int), -width
		for i, d := range nonAdjacentForm(s) {
			if d == 0 {
				continue
			}
			if d%2 == 0 || d < -15 || d > 15 || i-last < width {
				t.Errorf("digit %d at %d after one at %d", d, i, last)
			}
			last = i
			sum.Add(sum, new(big.Int).Lsh(big.NewInt(int64(d)), uint(i)))
		}
		if sum.Cmp(bigFrom(s)) != 0 {
			t.Errorf("the digits of %x add up to %x", bigFrom(s), sum)
		}
	})
}

func FuzzParseElement(f *testing.F) {
	for _, m := range multiples[:3] {
		f.Add(unhex(f, m))
	}
	f.Add(bytes.Repeat([]byte{0xff}, Size))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseElement(b)
		if err != nil {
			return
		}
		again := e.Add(Identity()) // loses the bytes that it was parsed from
		if !bytes.Equal(e.Bytes(), b) || !bytes.Equal(again.Bytes(), b) {
			t.Errorf("two encodings of one element: %x and %x", b, again.Bytes())
		}
		if !e.Mul(NewScalar(0)).IsIdentity() || !e.Mul(scalarFrom(new(big.Int).Sub(bigOrder, big.NewInt(1)))).Equal(e.Neg()) {
			t.Errorf("%x is not in the group of order ℓ", b)
		}
	})
}

func FuzzParseScalar(f *testing.F) {
	for _, s := range goodScalars {
		f.Add(unhex(f, s.encoding))
	}
	for _, s := range badScalars {
		f.Add(unhex(f, s.encoding))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseScalar(b)
		if err != nil {
			return
		}
		if !bytes.Equal(s.Bytes(), b) || bigFrom(s).Cmp(bigOrder) >= 0 {
			t.Errorf("two encodings of one scalar: %x and %x", b, s.Bytes())
		}
	})
}

func FuzzTexts(f *testing.F) {
	f.Add([]byte(multiples[1]))
	f.Add([]byte(strings.ToUpper(multiples[1])))
	f.Add([]byte(goodScalars[2].encoding))
	f.Fuzz(func(t *testing.T, text []byte) {
		var e Element
		if e.UnmarshalText(text) == nil && e.String() != string(text) {
			t.Errorf("two texts of one element: %q and %q", text, e.String())
		}
		var s Scalar
		if s.UnmarshalText(text) == nil {
			if again, err := s.MarshalText(); err != nil || !bytes.Equal(again, text) {
				t.Errorf("two texts of one scalar: %q and %q (%v)", text, again, err)
			}
		}
	})
}
