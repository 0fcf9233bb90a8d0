package rules

import (
	"fmt"
	"math/big"
	"strings"
)

// Counts is what is known of one question in the nation or in a district.
type Counts struct {
	Registered uint64   `json:"registered"`
	Cast       uint64   `json:"cast"`
	Options    []Option `json:"options"` // in the manifest's order
}

// An Option is the count of one option.
type Option struct {
	ID    string `json:"id"`
	Blank bool   `json:"-"`
	Count uint64 `json:"count"`
}

// Issued returns the number of papers taken.
func (c Counts) Issued() uint64 { return c.Valid() + c.Blank() }

// Valid returns the papers with an option that is not blank.
func (c Counts) Valid() uint64 { return c.sum(false) }

// Blank returns the papers that were taken and say nothing.
func (c Counts) Blank() uint64 { return c.sum(true) }

func (c Counts) sum(blank bool) uint64 {
	var n uint64
	for _, o := range c.Options {
		if o.Blank == blank {
			n += o.Count
		}
	}
	return n
}

// Add returns the counts of two areas together.
func (c Counts) Add(d Counts) Counts {
	sum := Counts{Registered: c.Registered + d.Registered, Cast: c.Cast + d.Cast}
	for i, o := range c.Options {
		o.Count += d.Options[i].Count
		sum.Options = append(sum.Options, o)
	}
	return sum
}

// count returns the number that a term names. The rule was validated.
func (c Counts) count(of string) uint64 {
	switch of {
	case Constant:
		return 1
	case Registered:
		return c.Registered
	case Cast:
		return c.Cast
	case Issued:
		return c.Issued()
	case Valid:
		return c.Valid()
	case Blank:
		return c.Blank()
	}
	for _, o := range c.Options {
		if OptionPrefix+o.ID == of {
			return o.Count
		}
	}
	panic("rules: internal error: no count " + of)
}

func (e Expression) value(c Counts) *big.Rat {
	sum := new(big.Rat)
	for _, t := range e {
		n := new(big.Rat).SetInt(new(big.Int).SetUint64(c.count(t.Of)))
		sum.Add(sum, n.Mul(n, t.Coefficient.must()))
	}
	return sum
}

// A Decision is the outcome of one question, with every comparison that led to
// it, true or not.
type Decision struct {
	Passes     bool      `json:"passes"`
	Conditions []Finding `json:"conditions"`
}

// A Finding says whether a condition holds.
type Finding struct {
	Holds bool       `json:"holds"`
	AnyOf []Compared `json:"anyOf"`
}

// Compared is one comparison with its numbers. With districts, Left is the sum
// of the weights where it is true, and Right what is needed.
type Compared struct {
	Text      string             `json:"text"`
	Left      Rational           `json:"left"`
	Op        string             `json:"op"`
	Right     Rational           `json:"right"`
	Holds     bool               `json:"holds"`
	Districts []DistrictCompared `json:"districts,omitempty"`
}

// DistrictCompared is the comparison in one district.
type DistrictCompared struct {
	District string   `json:"district"`
	Weight   Rational `json:"weight"`
	Left     Rational `json:"left"`
	Right    Rational `json:"right"`
	Holds    bool     `json:"holds"`
}

// Decide evaluates a validated rule: Algorithm 3.1 of docs/spec/rules.md. It
// fails when a district that the rule names has no counts.
func (r Rule) Decide(nation Counts, districts map[string]Counts) (Decision, error) {
	d := Decision{Passes: true}
	for _, c := range r.Conditions {
		f := Finding{}
		for _, p := range c.AnyOf {
			x, err := p.compare(nation, districts)
			if err != nil {
				return Decision{}, err
			}
			f.AnyOf, f.Holds = append(f.AnyOf, x), f.Holds || x.Holds
		}
		d.Conditions, d.Passes = append(d.Conditions, f), d.Passes && f.Holds
	}
	return d, nil
}

func (c Comparison) compare(nation Counts, districts map[string]Counts) (Compared, error) {
	if c.Districts == nil {
		left, right := c.Left.value(nation), c.Right.value(nation)
		return compared(c.Text(), left, c.Op, right), nil
	}
	sum := new(big.Rat)
	var each []DistrictCompared
	for _, w := range c.Districts.Weights {
		counts, ok := districts[w.District]
		if !ok {
			return Compared{}, fmt.Errorf("deciding: no counts of district %q alone", w.District)
		}
		x := compared("", c.Left.value(counts), c.Op, c.Right.value(counts))
		if x.Holds {
			sum.Add(sum, w.Weight.must())
		}
		each = append(each, DistrictCompared{w.District, w.Weight, x.Left, x.Right, x.Holds})
	}
	x := compared(c.Text(), sum, c.Districts.Op, c.Districts.Needed.must())
	x.Districts = each
	return x, nil
}

func compared(text string, left *big.Rat, op string, right *big.Rat) Compared {
	cmp := left.Cmp(right)
	return Compared{
		Text: text, Left: Rational(left.RatString()), Op: op, Right: Rational(right.RatString()),
		Holds: cmp > 0 || (cmp == 0 && op == ">="),
	}
}

// Text returns the comparison in words, such as "4·agree >= registered".
func (c Comparison) Text() string {
	s := c.Left.Text() + " " + c.Op + " " + c.Right.Text()
	if c.Districts != nil {
		s = "weight of districts where " + s
	}
	return s
}

// Text returns the expression in words, such as "2·agree − disagree".
func (e Expression) Text() string {
	var s strings.Builder
	for i, t := range e {
		coefficient, sign := string(t.Coefficient), " + "
		if rest, ok := strings.CutPrefix(coefficient, "-"); ok {
			coefficient, sign = rest, " − "
		}
		if i > 0 || sign == " − " {
			s.WriteString(strings.TrimLeft(sign, map[bool]string{true: " ", false: ""}[i == 0]))
		}
		name := strings.TrimPrefix(t.Of, OptionPrefix)
		switch {
		case t.Of == Constant:
			name = coefficient
		case coefficient != "1":
			name = coefficient + "·" + name
		}
		s.WriteString(name)
	}
	return s.String()
}

// String returns the line that is published: text, numbers and truth.
func (x Compared) String() string {
	truth := "does not hold"
	if x.Holds {
		truth = "holds"
	}
	return fmt.Sprintf("%s: %s %s %s %s", x.Text, x.Left, x.Op, x.Right, truth)
}
