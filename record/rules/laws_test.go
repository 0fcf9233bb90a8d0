package rules_test

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/openreferendum/referendum/record/rules"
)

// fraction is a coefficient as two integers, with its canonical text.
type fraction struct{ num, den int64 }

func (f fraction) text() rules.Rational {
	r := big.NewRat(f.num, f.den)
	return rules.Rational(r.RatString())
}

var fractions = rapid.Custom(func(t *rapid.T) fraction {
	return fraction{rapid.Int64Range(-999, 999).Draw(t, "numerator"), rapid.Int64Range(1, 99).Draw(t, "denominator")}
})

var someCounts = rapid.Custom(func(t *rapid.T) rules.Counts {
	n := rapid.OneOf(rapid.Uint64Range(0, 3), rapid.Uint64Range(0, rules.MaxCount), rapid.Just[uint64](rules.MaxCount))
	c := counts(n.Draw(t, "registered"), n.Draw(t, "agree"), n.Draw(t, "disagree"), n.Draw(t, "blank"))
	c.Cast = n.Draw(t, "cast")
	return c
})

// side draws one side of a comparison, and what it is worth: numerator and
// denominator, computed with integers and without ever reducing a fraction.
func side(t *rapid.T, c rules.Counts) (rules.Expression, *big.Int, *big.Int) {
	values := map[string]*big.Int{"constant": big.NewInt(1), "issued": big.NewInt(0), "valid": big.NewInt(0)}
	for of, n := range map[string]uint64{
		"registered": c.Registered, "cast": c.Cast, "blank": c.Options[2].Count,
		"option:agree": c.Options[0].Count, "option:disagree": c.Options[1].Count, "option:blank": c.Options[2].Count,
	} {
		values[of] = new(big.Int).SetUint64(n)
	}
	values["valid"].Add(values["option:agree"], values["option:disagree"])
	values["issued"].Add(values["valid"], values["blank"])
	var e rules.Expression
	num, den := big.NewInt(0), big.NewInt(1)
	names := []string{"constant", "registered", "cast", "issued", "valid", "blank", "option:agree", "option:disagree", "option:blank"}
	for range rapid.IntRange(1, 4).Draw(t, "terms") {
		f, of := fractions.Draw(t, "coefficient"), rapid.SampledFrom(names).Draw(t, "of")
		e = append(e, rules.Term{Coefficient: f.text(), Of: of})
		// num/den + f·v = (num·f.den + f.num·v·den) / (den·f.den)
		add := new(big.Int).Mul(big.NewInt(f.num), values[of])
		num.Mul(num, big.NewInt(f.den)).Add(num, add.Mul(add, den))
		den.Mul(den, big.NewInt(f.den))
	}
	return e, num, den
}

// TestDecideAgainstCrossMultiplication computes every comparison again with
// integers alone.
func TestDecideAgainstCrossMultiplication(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := someCounts.Draw(t, "counts")
		left, ln, ld := side(t, c)
		right, rn, rd := side(t, c)
		if rapid.Bool().Draw(t, "equal sides") {
			right, rn, rd = left, ln, ld
		}
		op := rapid.SampledFrom([]string{">", ">="}).Draw(t, "op")
		r := compare(left, op, right)
		if err := r.Validate(options, nil); err != nil {
			t.Fatal(err)
		}
		d, err := r.Decide(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		cmp := new(big.Int).Mul(ln, rd).Cmp(new(big.Int).Mul(rn, ld))
		if want := cmp > 0 || cmp == 0 && op == ">="; d.Passes != want {
			t.Fatalf("%s: want %v", lines(d), want)
		}
	})
}

// TestConditionsAreAndOr: a rule passes when every condition has a comparison
// that holds.
func TestConditionsAreAndOr(t *testing.T) {
	truth := func(b bool) rules.Comparison {
		n := map[bool]string{true: "1", false: "-1"}[b]
		return rules.Comparison{Left: expr(n, "constant"), Op: ">", Right: expr("0", "constant")}
	}
	rapid.Check(t, func(t *rapid.T) {
		table := rapid.SliceOfN(rapid.SliceOfN(rapid.Bool(), 1, 4), 1, 4).Draw(t, "truths")
		var r rules.Rule
		all := true
		for _, row := range table {
			var c rules.Condition
			some := false
			for _, b := range row {
				c.AnyOf, some = append(c.AnyOf, truth(b)), some || b
			}
			r.Conditions, all = append(r.Conditions, c), all && some
		}
		d, err := r.Decide(rules.Counts{}, nil)
		if err != nil || d.Passes != all {
			t.Fatalf("%v: passes %v, %v", table, d.Passes, err)
		}
		for i, f := range d.Conditions {
			if len(f.AnyOf) != len(table[i]) {
				t.Fatalf("condition %d publishes %d comparisons of %d", i+1, len(f.AnyOf), len(table[i]))
			}
		}
	})
}

// TestOneMoreVoteNeverHurts: in every preset, a vote that goes from against to
// for never turns a pass into a fall.
func TestOneMoreVoteNeverHurts(t *testing.T) {
	presets := []rules.Rule{
		rules.Article29("agree", "disagree"), rules.ConstitutionalTaiwan("agree"), rules.SimpleMajority("agree", "disagree"),
		rules.DanishVeto("agree", "disagree"), rules.IrishVeto("agree", "disagree"), rules.Abrogative("agree", "disagree"),
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(0, 50)
		c := counts(n.Draw(t, "registered"), n.Draw(t, "agree"), n.Draw(t, "disagree")+1, n.Draw(t, "blank"))
		more := counts(c.Registered, c.Options[0].Count+1, c.Options[1].Count-1, c.Options[2].Count)
		for _, r := range presets {
			before, err := r.Decide(c, nil)
			after, err2 := r.Decide(more, nil)
			if err != nil || err2 != nil || before.Passes && !after.Passes {
				t.Fatalf("passes with %v, falls with %v: %v %v", c, more, err, err2)
			}
		}
	})
}

// TestCountsAdd: districts added up in any order give the nation.
func TestCountsAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := someCounts.Draw(t, "a"), someCounts.Draw(t, "b")
		x, y := a.Add(b), b.Add(a)
		if fmt.Sprint(x) != fmt.Sprint(y) || x.Issued() != a.Issued()+b.Issued() || x.Valid()+x.Blank() != x.Issued() {
			t.Fatalf("%v and %v", x, y)
		}
	})
}
