package group

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// tableScalars are scalars whose digits to the base 16 stand at their edges.
func tableScalars() []Scalar {
	repeated := func(digit byte) Scalar {
		s, err := ParseScalar(append(bytes.Repeat([]byte{digit<<4 | digit}, 31), 0))
		if err != nil {
			panic(err)
		}
		return s
	}
	all := []Scalar{NewScalar(0), NewScalar(1), NewScalar(1).Neg(), NewScalar(8), NewScalar(8).Neg(), NewScalar(1 << 63)}
	for d := range 16 {
		all = append(all, repeated(byte(d)), repeated(byte(d)).Neg(), NewScalar(uint64(d)), NewScalar(uint64(d)).Neg())
	}
	for i := range 60 {
		all = append(all, HashToScalar("table", []byte{byte(i)}))
	}
	return all
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
	for i, s := range tableScalars() {
		if i%5 == 2 {
			s = NewScalar(0)
		}
		products, want = append(products, BaseTable().Mul(s)), append(want, MulBase(s))
	}
	for n := range len(products) {
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

func FuzzTable(f *testing.F) {
	f.Add([]byte{1}, []byte{2})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		s, u := HashToScalar("a", a), HashToScalar("b", b)
		base := MulBase(u)
		got := Evaluate(NewTable(base).Mul(s).Plus(BaseTable().Mul(u)))[0]
		if want := base.Mul(s).Add(base); !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Fatalf("%v instead of %v", got, want)
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
