package rules

import (
	"fmt"
	"math/big"
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

// MaxCount is the largest count that Decide takes. Sums of all counts of a
// question are exact in 64 bits below it, and no nation comes near.
const MaxCount = 1 << 48

// check refuses counts above MaxCount.
func (c Counts) check() error {
	for _, n := range append([]uint64{c.Registered, c.Cast}, c.optionCounts()...) {
		if n > MaxCount {
			return fmt.Errorf("deciding: %d is no possible count", n)
		}
	}
	return nil
}

func (c Counts) optionCounts() []uint64 {
	var ns []uint64
	for _, o := range c.Options {
		ns = append(ns, o.Count)
	}
	return ns
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
// fails when a district that the rule names has no counts, and when a count is
// above MaxCount.
func (r Rule) Decide(nation Counts, districts map[string]Counts) (Decision, error) {
	if err := nation.check(); err != nil {
		return Decision{}, err
	}
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

// only returns the counts of one district.
func only(districts map[string]Counts, id string) (Counts, error) {
	c, ok := districts[id]
	if !ok {
		return Counts{}, fmt.Errorf("deciding: no counts of district %q alone", id)
	}
	return c, c.check()
}

func (c Comparison) compare(nation Counts, districts map[string]Counts) (Compared, error) {
	if c.Districts == nil {
		left, right := c.Left.value(nation), c.Right.value(nation)
		return compared(c.Text(), left, c.Op, right), nil
	}
	sum := new(big.Rat)
	var each []DistrictCompared
	for _, w := range c.Districts.Weights {
		counts, err := only(districts, w.District)
		if err != nil {
			return Compared{}, err
		}
		x := compared("", c.Left.value(counts), c.Op, c.Right.value(counts))
		if x.Holds {
			sum.Add(sum, w.Weight.must())
		}
		each = append(each, districtCompared(w, x))
	}
	x := compared(c.Text(), sum, c.Districts.Op, c.Districts.Needed.must())
	x.Districts = each
	return x, nil
}

func districtCompared(w Weight, x Compared) DistrictCompared {
	return DistrictCompared{w.District, w.Weight, x.Left, x.Right, x.Holds}
}

func compared(text string, left *big.Rat, op string, right *big.Rat) Compared {
	cmp := left.Cmp(right)
	return Compared{
		Text: text, Left: Rational(left.RatString()), Op: op, Right: Rational(right.RatString()),
		Holds: cmp > 0 || (cmp == 0 && op == ">="),
	}
}

// String returns the line that is published: text, numbers and truth.
func (x Compared) String() string {
	truth := "does not hold"
	if x.Holds {
		truth = "holds"
	}
	return fmt.Sprintf("%s: %s %s %s %s", x.Text, x.Left, x.Op, x.Right, truth)
}
