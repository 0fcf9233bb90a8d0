// Package rules decides questions: it holds the rule of a question as data,
// evaluates it exactly, and publishes every comparison with its numbers. It is
// specified in docs/spec/rules.md.
//
// Integers and rationals only; nothing here is rounded. It does not know where
// counts come from.
package rules

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// A Rule passes a question when all its conditions hold.
type Rule struct {
	Conditions []Condition `json:"conditions"`
}

// A Condition holds when any of its comparisons does. One comparison is the
// usual case; several express a veto ("no more votes against than for, or too
// few against to count").
type Condition struct {
	AnyOf []Comparison `json:"anyOf"`
}

// A Comparison compares two linear expressions, for the nation, or for each of
// the districts in Districts.
type Comparison struct {
	Left      Expression `json:"left"`
	Op        string     `json:"op"` // ">" or ">="
	Right     Expression `json:"right"`
	Districts *Majority  `json:"districts,omitempty"`
}

// An Expression is the sum of its terms.
type Expression []Term

// A Term is Coefficient times the count named by Of.
type Term struct {
	Coefficient Rational `json:"coefficient"`
	Of          string   `json:"of"`
}

// Counts that a term can name; OptionPrefix and an option's id name that
// option's count.
const (
	Constant     = "constant" // 1
	Registered   = "registered"
	Cast         = "cast"
	Issued       = "issued" // papers taken: valid and blank
	Valid        = "valid"
	Blank        = "blank"
	OptionPrefix = "option:"
)

// A Majority of districts: the comparison is made in each district, and holds
// when the weights of the districts in which it is true add up to Needed.
type Majority struct {
	Weights []Weight `json:"weights"`
	Op      string   `json:"op"`
	Needed  Rational `json:"needed"`
}

// A Weight is what one district counts.
type Weight struct {
	District string   `json:"district"`
	Weight   Rational `json:"weight"`
}

// A Rational is written as an integer ("-3") or a fraction in lowest terms with
// a denominator above 1 ("23/2").
type Rational string

var rational = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})(/[1-9][0-9]{0,17})?$`)

func (r Rational) value() (*big.Rat, error) {
	if !rational.MatchString(string(r)) {
		return nil, fmt.Errorf("%q is neither an integer nor a fraction of at most 18 digits", string(r))
	}
	v, ok := new(big.Rat).SetString(string(r))
	if !ok || v.RatString() != string(r) {
		return nil, fmt.Errorf("%q is not in lowest terms", string(r))
	}
	return v, nil
}

// must is value for a rational that Validate has passed.
func (r Rational) must() *big.Rat {
	v, err := r.value()
	if err != nil {
		panic("rules: internal error: " + err.Error())
	}
	return v
}

// checkDenominators refuses fractions that have no small denominator in common:
// sums over many districts would grow without bound.
func checkDenominators(rs []Rational) error {
	common := big.NewInt(1)
	for _, r := range rs {
		d := r.must().Denom()
		common.Mul(common, new(big.Int).Quo(d, new(big.Int).GCD(nil, nil, common, d)))
		if !common.IsInt64() || common.Int64() > maxDenominator {
			return fmt.Errorf("the fractions up to %q have no common denominator up to %d", string(r), int64(maxDenominator))
		}
	}
	return nil
}

// Bounds of a rule.
const (
	maxConditions  = 32
	maxComparisons = 16
	maxTerms       = 64
	maxDistricts   = 4096
	maxDenominator = 999_999_999_999_999_999 // of all fractions of an expression, or of a list of weights
)

// Validate refuses a rule that could not be evaluated for a question with these
// options in these districts.
func (r Rule) Validate(options []string, districts map[string]bool) error {
	if len(r.Conditions) < 1 || len(r.Conditions) > maxConditions {
		return fmt.Errorf("rule: %d conditions, allowed are 1 to %d", len(r.Conditions), maxConditions)
	}
	for i, c := range r.Conditions {
		if len(c.AnyOf) < 1 || len(c.AnyOf) > maxComparisons {
			return fmt.Errorf("rule: condition %d: %d comparisons, allowed are 1 to %d", i+1, len(c.AnyOf), maxComparisons)
		}
		for j, p := range c.AnyOf {
			if err := p.validate(options, districts); err != nil {
				return fmt.Errorf("rule: condition %d: comparison %d: %w", i+1, j+1, err)
			}
		}
	}
	return nil
}

func (c Comparison) validate(options []string, districts map[string]bool) error {
	if err := checkOp(c.Op); err != nil {
		return err
	}
	for _, e := range []Expression{c.Left, c.Right} {
		if err := e.validate(options); err != nil {
			return err
		}
	}
	if c.Districts == nil {
		return nil
	}
	return c.Districts.validate(districts)
}

func checkOp(op string) error {
	if op != ">" && op != ">=" {
		return fmt.Errorf("%q is neither > nor >=", op)
	}
	return nil
}

func (e Expression) validate(options []string) error {
	if len(e) < 1 || len(e) > maxTerms {
		return fmt.Errorf("%d terms, allowed are 1 to %d", len(e), maxTerms)
	}
	var coefficients []Rational
	for _, t := range e {
		if _, err := t.Coefficient.value(); err != nil {
			return err
		}
		coefficients = append(coefficients, t.Coefficient)
		if !known(t.Of, options) {
			return fmt.Errorf("%q is no count of this question", t.Of)
		}
	}
	return checkDenominators(coefficients)
}

func known(of string, options []string) bool {
	switch of {
	case Constant, Registered, Cast, Issued, Valid, Blank:
		return true
	}
	id, ok := strings.CutPrefix(of, OptionPrefix)
	return ok && slices.Contains(options, id)
}

func (m *Majority) validate(districts map[string]bool) error {
	if err := checkOp(m.Op); err != nil {
		return err
	}
	if _, err := m.Needed.value(); err != nil {
		return err
	}
	if len(m.Weights) < 1 || len(m.Weights) > maxDistricts {
		return fmt.Errorf("%d districts, allowed are 1 to %d", len(m.Weights), maxDistricts)
	}
	seen, weights := map[string]bool{}, []Rational(nil)
	for _, w := range m.Weights {
		if !districts[w.District] || seen[w.District] {
			return fmt.Errorf("district %q is unknown or given twice", w.District)
		}
		seen[w.District] = true
		v, err := w.Weight.value()
		if err != nil {
			return err
		}
		if v.Sign() <= 0 {
			return fmt.Errorf("district %q: weight %s is not positive", w.District, w.Weight)
		}
		weights = append(weights, w.Weight)
	}
	return checkDenominators(weights)
}
