package rules_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record/rules"
)

func compare(left rules.Expression, op string, right rules.Expression) rules.Rule {
	return rules.Rule{Conditions: []rules.Condition{{AnyOf: []rules.Comparison{{Left: left, Op: op, Right: right}}}}}
}

func expr(terms ...string) rules.Expression {
	var e rules.Expression
	for i := 0; i < len(terms); i += 2 {
		e = append(e, rules.Term{Coefficient: rules.Rational(terms[i]), Of: terms[i+1]})
	}
	return e
}

func TestOperators(t *testing.T) {
	for _, tt := range []struct {
		agree uint64
		op    string
		holds bool
	}{{99, ">", false}, {100, ">", false}, {101, ">", true}, {99, ">=", false}, {100, ">=", true}, {101, ">=", true}} {
		d := decide(t, compare(expr("1", "option:agree"), tt.op, expr("100", "constant")), counts(0, tt.agree, 0, 0))
		if d.Passes != tt.holds {
			t.Errorf("%d %s 100: %v", tt.agree, tt.op, d.Passes)
		}
	}
}

// TestEveryCount compares each count that a term can name with its number.
func TestEveryCount(t *testing.T) {
	c := counts(1000, 300, 200, 7)
	c.Cast = 600 // 93 did not take the paper
	for of, n := range map[string]string{
		"registered": "1000", "cast": "600", "issued": "507", "valid": "500", "blank": "7",
		"option:agree": "300", "option:disagree": "200", "option:blank": "7", "constant": "1",
	} {
		d := decide(t, compare(expr("1", of), ">=", expr(n, "constant")), c)
		if x := d.Conditions[0].AnyOf[0]; string(x.Left) != n || !x.Holds {
			t.Errorf("%s: %v", of, x)
		}
	}
}

func TestExactness(t *testing.T) {
	for _, tt := range []struct {
		name string
		rule rules.Rule
		want string
	}{
		{"a third of ten is more than 3.333333333333333333", compare(expr("1/3", "option:agree"), ">", expr("333333333333333333/100000000000000000", "constant")),
			"1/3·agree > 333333333333333333/100000000000000000: 10/3 > 333333333333333333/100000000000000000 holds\n"},
		{"thirds add up", compare(expr("1/3", "option:agree", "1/3", "option:agree", "1/3", "option:agree"), ">=", expr("10", "constant")),
			"1/3·agree + 1/3·agree + 1/3·agree >= 10: 10 >= 10 holds\n"},
		{"tenths add up", compare(expr("1/10", "option:agree", "1/5", "option:agree"), ">=", expr("3", "constant")), "1/10·agree + 1/5·agree >= 3: 3 >= 3 holds\n"},
		{"a difference below zero", compare(expr("1", "option:agree", "-2", "option:disagree"), ">=", expr("-4", "constant")),
			"agree − 2·disagree >= − 4: -4 >= -4 holds\n"},
		{"a negative first term", compare(expr("-1/2", "option:agree", "-1", "constant"), ">", expr("-6", "constant")),
			"− 1/2·agree − 1 > − 6: -6 > -6 does not hold\n"},
		{"no weight", compare(expr("0", "option:agree"), ">=", expr("0", "constant")), "0·agree >= 0: 0 >= 0 holds\n"},
	} {
		if got := lines(decide(t, tt.rule, counts(0, 10, 7, 0))); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestCountsAtTheirBound(t *testing.T) {
	most := uint64(rules.MaxCount)
	c := counts(most, most, most, most)
	c.Cast = most
	d := decide(t, compare(expr("999999999999999999", "valid"), ">", expr("999999999999999998", "valid")), c)
	if want := "562949953421311999437050046578688"; string(d.Conditions[0].AnyOf[0].Left) != want || !d.Passes {
		t.Errorf("%s", lines(d))
	}
	for _, c := range []rules.Counts{counts(most+1, 0, 0, 0), counts(0, most+1, 0, 0), counts(0, 0, 0, math.MaxUint64)} {
		if _, err := rules.SimpleMajority("agree", "disagree").Decide(c, nil); err == nil || !strings.HasSuffix(err.Error(), "is no possible count") {
			t.Errorf("%v: error %v", c, err)
		}
		w := []rules.Weight{{District: "d", Weight: "1"}}
		if _, err := rules.DoubleMajority("agree", "disagree", w, "1/2").Decide(counts(9, 1, 0, 0), map[string]rules.Counts{"d": c}); err == nil || !strings.HasSuffix(err.Error(), "is no possible count") {
			t.Errorf("district of %v: error %v", c, err)
		}
	}
}

func TestTextIsUnambiguous(t *testing.T) {
	for id, want := range map[string]string{
		"agree": "2·agree", "registered": "2·option:registered", "valid": "2·option:valid", "7": "2·option:7", "constant": "2·option:constant", "a-b": "2·a-b",
	} {
		if got := expr("2", "option:"+id).Text(); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

func TestRuleRefuses(t *testing.T) {
	good := func() rules.Rule {
		return rules.DoubleMajority("agree", "disagree", []rules.Weight{{District: "a", Weight: "1"}, {District: "b", Weight: "1/2"}}, "3/4")
	}
	at := func(r *rules.Rule) *rules.Comparison { return &r.Conditions[1].AnyOf[0] }
	second := "rule: condition 2: comparison 1: "
	for _, tt := range []struct {
		name   string
		change func(*rules.Rule)
		err    string
	}{
		{"no conditions", func(r *rules.Rule) { r.Conditions = nil }, "rule: 0 conditions, allowed are 1 to 32"},
		{"too many conditions", func(r *rules.Rule) { r.Conditions = slices.Repeat(r.Conditions[:1], 33) }, "rule: 33 conditions, allowed are 1 to 32"},
		{"no comparisons", func(r *rules.Rule) { r.Conditions[1].AnyOf = nil }, "rule: condition 2: 0 comparisons, allowed are 1 to 16"},
		{"too many comparisons", func(r *rules.Rule) { r.Conditions[1].AnyOf = slices.Repeat(r.Conditions[1].AnyOf, 17) }, "rule: condition 2: 17 comparisons, allowed are 1 to 16"},
		{"operator", func(r *rules.Rule) { at(r).Op = "<" }, second + `"<" is neither > nor >=`},
		{"no operator", func(r *rules.Rule) { at(r).Op = "" }, second + `"" is neither > nor >=`},
		{"no terms", func(r *rules.Rule) { at(r).Left = nil }, second + "0 terms, allowed are 1 to 64"},
		{"too many terms", func(r *rules.Rule) { at(r).Right = slices.Repeat(at(r).Right, 65) }, second + "65 terms, allowed are 1 to 64"},
		{"unknown count", func(r *rules.Rule) { at(r).Left = expr("1", "turnout") }, second + `"turnout" is no count of this question`},
		{"unknown option", func(r *rules.Rule) { at(r).Left = expr("1", "option:maybe") }, second + `"option:maybe" is no count of this question`},
		{"option without prefix", func(r *rules.Rule) { at(r).Left = expr("1", "agree") }, second + `"agree" is no count of this question`},
		{"coefficient", func(r *rules.Rule) { at(r).Right = expr("0.5", "valid") }, second + `"0.5" is neither an integer nor a fraction of at most 18 digits`},
		{"fractions of many denominators", func(r *rules.Rule) {
			at(r).Left = expr("1/999999937", "valid", "1/999999929", "valid", "1/2", "valid")
		}, second + `the fractions up to "1/2" have no common denominator up to 999999999999999999`},
		{"weights of many denominators", func(r *rules.Rule) {
			at(r).Districts.Weights[0].Weight, at(r).Districts.Weights[1].Weight = "1/999999999999999999", "1/999999999999999998"
		}, second + `the fractions up to "1/999999999999999998" have no common denominator`},
		{"districts' operator", func(r *rules.Rule) { at(r).Districts.Op = "=" }, second + `"=" is neither > nor >=`},
		{"needed", func(r *rules.Rule) { at(r).Districts.Needed = "2/4" }, second + `"2/4" is not in lowest terms`},
		{"no districts", func(r *rules.Rule) { at(r).Districts.Weights = nil }, second + "0 districts, allowed are 1 to 4096"},
		{"too many districts", func(r *rules.Rule) { at(r).Districts.Weights = make([]rules.Weight, 4097) }, second + "4097 districts, allowed are 1 to 4096"},
		{"unknown district", func(r *rules.Rule) { at(r).Districts.Weights[1].District = "c" }, second + `district "c" is unknown or given twice`},
		{"district twice", func(r *rules.Rule) { at(r).Districts.Weights[1].District = "a" }, second + `district "a" is unknown or given twice`},
		{"weight", func(r *rules.Rule) { at(r).Districts.Weights[1].Weight = "x" }, second + `"x" is neither an integer nor`},
		{"weight zero", func(r *rules.Rule) { at(r).Districts.Weights[1].Weight = "0" }, second + `district "b": weight 0 is not positive`},
		{"negative weight", func(r *rules.Rule) { at(r).Districts.Weights[1].Weight = "-1" }, second + `district "b": weight -1 is not positive`},
	} {
		r := good()
		tt.change(&r)
		if err := r.Validate(options, set("a", "b")); err == nil || !strings.HasPrefix(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
	if err := good().Validate(options, set("a", "b")); err != nil {
		t.Error(err)
	}
}

func TestRationals(t *testing.T) {
	for s, good := range map[string]bool{
		"0": true, "1": true, "-3": true, "23/2": true, "-1/3": true, "999999999999999999": true, "1/999999999999999999": true, "-999999999999999998/999999999999999999": true,
		"": false, "-": false, "-0": false, "+1": false, "01": false, "1/1": false, "2/4": false, "0/2": false, "1/0": false, "1/-2": false, "1/02": false, "1/": false, "/2": false,
		"1.5": false, "1e3": false, "0x10": false, "1_000": false, " 1": false, "1 ": false, "1\n": false, "١": false, "−1": false, "1000000000000000000": false, "1/1000000000000000000": false, "1/2/3": false,
		"Inf": false, "NaN": false,
	} {
		err := compare(expr(s, "constant"), ">", expr("0", "constant")).Validate(nil, nil)
		if (err == nil) != good {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// FuzzRational: a rational has one spelling.
func FuzzRational(f *testing.F) {
	for _, s := range []string{"0", "-3", "23/2", "2/4", "-0", "1/1", "1e9", "01", "1/-2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := compare(expr(s, "constant"), ">=", expr(s, "constant"))
		if r.Validate(nil, nil) != nil {
			return
		}
		d, err := r.Decide(rules.Counts{}, nil)
		if x := d.Conditions[0].AnyOf[0]; err != nil || string(x.Left) != s || !d.Passes {
			t.Errorf("%q is published as %q, %v", s, x.Left, err)
		}
	})
}

// FuzzRule: whatever JSON holds, a rule that validates is decided without a
// panic, and encodes again to a rule that decides the same.
func FuzzRule(f *testing.F) {
	for _, r := range []rules.Rule{
		rules.Article29("agree", "disagree"), rules.DanishVeto("agree", "disagree"), rules.Abrogative("agree", "disagree"),
		rules.DoubleMajority("agree", "disagree", []rules.Weight{{District: "a", Weight: "1"}, {District: "b", Weight: "1/2"}}, "3/4"), {},
	} {
		b, err := json.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"conditions":[{"anyOf":[{"left":[{"coefficient":"1","of":"option:"}],"op":">","right":null}]}]}`))
	districts := map[string]rules.Counts{"a": counts(9, 3, 2, 1), "b": counts(9, 2, 3, 1)}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r, again rules.Rule
		if json.Unmarshal(b, &r) != nil || r.Validate(options, set("a", "b")) != nil {
			return
		}
		d, err := r.Decide(counts(18, 5, 5, 2), districts)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := json.Marshal(r)
		if err != nil || json.Unmarshal(encoded, &again) != nil || again.Validate(options, set("a", "b")) != nil {
			t.Fatalf("%s does not come back: %v", encoded, err)
		}
		if e, err := again.Decide(counts(18, 5, 5, 2), districts); err != nil || lines(e) != lines(d) || e.Passes != d.Passes {
			t.Errorf("%s decides something else: %s", encoded, lines(e))
		}
	})
}
