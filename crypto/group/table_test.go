package group

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// repeated is the scalar with the digit in all its places to the base 16 but
// the last, plus low.
func repeated(digit byte, low uint64) Scalar {
	s, err := ParseScalar(append(bytes.Repeat([]byte{digit<<4 | digit}, 31), digit))
	if err != nil {
		panic(err)
	}
	return s.Add(NewScalar(low))
}

// tableScalars are scalars whose digits to the base 16 stand at their edges.
func tableScalars() []Scalar {
	all := []Scalar{NewScalar(1 << 63), repeated(7, 1)} // the last: every digit is −8
	for d := range 16 {
		all = append(all, repeated(byte(d), 0), repeated(byte(d), 0).Neg(), NewScalar(uint64(d)), NewScalar(uint64(d)).Neg())
	}
	for place := uint(3); place < 252; place += 4 {
		for near := int64(-1); near <= 1; near++ {
			n := new(big.Int).Lsh(big.NewInt(1), place) // digit 8 alone: the least that is carried
			all = append(all, scalarFrom(n.Add(n, big.NewInt(near))))
		}
	}
	for near := int64(-1); near <= 1; near++ {
		n := new(big.Int).Lsh(big.NewInt(1), 252)
		half := new(big.Int).Rsh(bigOrder, 1)
		all = append(all, scalarFrom(n.Add(n, big.NewInt(near))), scalarFrom(half.Add(half, big.NewInt(near))))
	}
	for i := range 60 {
		all = append(all, HashToScalar("table", []byte{byte(i)}))
	}
	return all
}

// TestDigits: they are the scalar's, and none is beyond a row's entries.
func TestDigits(t *testing.T) {
	for _, s := range tableScalars() {
		ds := digits([Size]byte(s.Bytes()))
		sum := new(big.Int)
		for i := len(ds) - 1; i >= 0; i-- {
			if ds[i] < -entries || ds[i] >= entries || i == rows-1 && ds[i] != 0 && ds[i] != 1 {
				t.Errorf("%x: digit %d is %d", s.Bytes(), i, ds[i])
			}
			sum.Lsh(sum, 4).Add(sum, big.NewInt(int64(ds[i])))
		}
		if sum.Cmp(bigFrom(s)) != 0 {
			t.Errorf("%x: digits of %x", s.Bytes(), sum)
		}
	}
	for i, d := range digits([Size]byte(repeated(7, 1).Bytes())) {
		if i < rows-1 && d != -8 {
			t.Errorf("digit %d is %d: the extreme scalar is none", i, d)
		}
	}
}

// TestEveryEntry: every digit in every place alone, from −8 to 8.
func TestEveryEntry(t *testing.T) {
	table, place := NewTable(Generator()), NewScalar(1)
	for i := range rows {
		for d := int8(-entries); d <= entries; d++ {
			p := neutral()
			table.addDigit(&p, i, d)
			want := MulBase(place.Mul(scalarFrom(big.NewInt(int64(d)))))
			if got := encodeDoubles([]point{p})[0]; !bytes.Equal(got[:], want.Bytes()) {
				t.Fatalf("digit %d in place %d gives %x", d, i, got)
			}
		}
		place = place.Mul(NewScalar(16))
	}
}

// TestNoSuchTable: the zero Element is no element, and has no table.
func TestNoSuchTable(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a table of nothing")
		}
	}()
	NewTable(Element{})
}

// bases are elements whose tables are made: the identity's, too.
func bases() map[string]Element {
	return map[string]Element{
		"B": Generator(), "-B": Generator().Neg(), "0": Identity(), "K": MulBase(HashToScalar("key", nil)), "[2]B": MulBase(NewScalar(2)),
	}
}

// TestTables compares with the library's multiplication.
func TestTables(t *testing.T) {
	for name, base := range bases() {
		table := NewTable(base)
		for _, s := range tableScalars() {
			product := base.Mul(s)
			for what, c := range map[string]struct {
				got  Product
				want Element
			}{
				"s": {table.Mul(s), product}, "s + B": {table.Mul(s).Plus(BaseTable().Times(1)), product.Add(Generator())},
				"s + 0": {BaseTable().Times(0).Plus(table.Mul(s)), product}, "s − s": {table.Mul(s).Plus(table.Mul(s.Neg())), Identity()},
				"2s": {table.Mul(s).Plus(table.Mul(s)), product.Add(product)},
			} {
				got := Evaluate(c.got)[0]
				if !bytes.Equal(got.Bytes(), c.want.Bytes()) || !got.Equal(c.want) {
					t.Fatalf("%s, %s, %x: %v instead of %v", name, what, s.Bytes(), got, c.want)
				}
			}
		}
	}
}

// TestEvaluateMany: what is computed together is as if alone, also where some
// products are the identity.
func TestEvaluateMany(t *testing.T) {
	if got := Evaluate(); len(got) != 0 {
		t.Errorf("nothing gives %v", got)
	}
	var products []Product
	var want []Element
	for i, s := range tableScalars()[:40] {
		if i%5 == 2 {
			s = NewScalar(0)
		}
		products, want = append(products, BaseTable().Mul(s)), append(want, MulBase(s))
	}
	for n := range len(products) + 1 {
		for i, got := range Evaluate(products[:n]...) {
			if !bytes.Equal(got.Bytes(), want[i].Bytes()) {
				t.Fatalf("%d of %d: %v instead of %v", i, n, got, want[i])
			}
		}
	}
}

// TestEvaluatedElements behave as others do.
func TestEvaluatedElements(t *testing.T) {
	s := HashToScalar("element", nil)
	e, f := Evaluate(BaseTable().Mul(s))[0], MulBase(s)
	if e.IsZero() || e.IsIdentity() || !Evaluate(BaseTable().Times(0))[0].IsIdentity() || !(Element{}).IsZero() {
		t.Error("an element, the identity or none")
	}
	for name, pair := range map[string][2]Element{
		"+": {e.Add(e), f.Add(f)}, "-": {e.Sub(f), Identity()}, "neg": {e.Neg(), f.Neg()}, "*": {e.Mul(s), f.Mul(s)},
		"sum": {SumOfProducts(s, []Scalar{s}, []Element{e}), SumOfProducts(s, []Scalar{s}, []Element{f})},
	} {
		if !pair[0].Equal(pair[1]) || !bytes.Equal(pair[0].Bytes(), pair[1].Bytes()) {
			t.Errorf("%s: %v instead of %v", name, pair[0], pair[1])
		}
	}
	text, err := e.MarshalText()
	if err != nil || string(text) != f.String() {
		t.Errorf("%s, %v", text, err)
	}
}

// TestProductsCannotBePrinted: a product holds a secret.
func TestProductsCannotBePrinted(t *testing.T) {
	s := HashToScalar("secret", nil)
	p := BaseTable().Mul(s)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if got := fmt.Sprintf(verb, p); strings.Contains(strings.ToLower(got), hex.EncodeToString(s.Bytes()[:4])) {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

// TestNoBit: only a bit selects.
func TestNoBit(t *testing.T) {
	for _, bit := range []int{-1, 2, 255} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d is taken for a bit", bit)
				}
			}()
			BaseTable().Times(bit)
		}()
	}
}

// FuzzTable takes a base's logarithm and two scalars.
func FuzzTable(f *testing.F) {
	for _, s := range tableScalars()[:8] {
		f.Add(s.Bytes(), s.Neg().Bytes(), NewScalar(1).Bytes(), true)
		f.Add(NewScalar(0).Bytes(), s.Bytes(), s.Bytes(), false)
	}
	f.Fuzz(func(t *testing.T, log, a, b []byte, selected bool) {
		var s [3]Scalar
		for i, raw := range [][]byte{log, a, b} {
			s[i] = scalarFrom(new(big.Int).SetBytes(raw))
		}
		bit := 0
		if selected {
			bit = 1
		}
		base := MulBase(s[0])
		table := NewTable(base)
		got := Evaluate(table.Mul(s[1]), table.Mul(s[1]).Plus(BaseTable().Mul(s[2])), table.Mul(s[2]).Plus(BaseTable().Times(bit)))
		for i, want := range []Element{base.Mul(s[1]), base.Mul(s[1]).Add(MulBase(s[2])), base.Mul(s[2]).Add(MulBase(NewScalar(uint64(bit))))} {
			if !bytes.Equal(got[i].Bytes(), want.Bytes()) {
				t.Errorf("product %d is %v instead of %v", i, got[i], want)
			}
		}
	})
}

func BenchmarkFixedBase(b *testing.B) {
	s, base := HashToScalar("x", nil), MulBase(HashToScalar("key", nil))
	table := NewTable(base)
	eight := make([]Product, 8)
	for i := range eight {
		eight[i] = table.Mul(s)
	}
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"table", func() { Evaluate(table.Mul(s)) }}, {"eight", func() { Evaluate(eight...) }},
		{"circl/base", func() { MulBase(s).Bytes() }}, {"circl/other", func() { base.Mul(s).Bytes() }}, {"NewTable", func() { NewTable(base) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.f()
			}
		})
	}
}
