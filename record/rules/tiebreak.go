package rules

import (
	"fmt"
	"math/big"
)

// Methods of a tie-break.
const (
	ByVotes      = "votes"       // the nation's votes
	ByPercentSum = "percent-sum" // Art. 139b of the Swiss constitution, see TieBreak
)

// A TieBreak decides between two questions that exclude each other when both
// pass: by a third question, whose option First prefers the first of Between
// and option Second the second.
//
// With ByPercentSum, whoever leads both with the people and with the districts
// wins; if they differ, the larger sum of the percentages of votes and of
// district weights does. An exact tie is decided by Otherwise.
type TieBreak struct {
	Between   [2]string `json:"between"`
	By        string    `json:"by"`
	First     string    `json:"first"`
	Second    string    `json:"second"`
	Method    string    `json:"method"`
	Weights   []Weight  `json:"weights,omitempty"`
	Otherwise string    `json:"otherwise"` // one of Between, or "" for neither
}

// Validate refuses a tie-break that could not be decided; options lists the
// option ids of every question.
func (t TieBreak) Validate(options map[string][]string, districts map[string]bool) error {
	for _, q := range []string{t.Between[0], t.Between[1], t.By} {
		if _, ok := options[q]; !ok {
			return fmt.Errorf("tie-break: no question %q", q)
		}
	}
	if t.Between[0] == t.Between[1] || t.By == t.Between[0] || t.By == t.Between[1] {
		return fmt.Errorf("tie-break: needs three different questions")
	}
	if t.First == t.Second || !known(OptionPrefix+t.First, options[t.By]) || !known(OptionPrefix+t.Second, options[t.By]) {
		return fmt.Errorf("tie-break: question %q has no two options %q and %q", t.By, t.First, t.Second)
	}
	if t.Otherwise != "" && t.Otherwise != t.Between[0] && t.Otherwise != t.Between[1] {
		return fmt.Errorf("tie-break: otherwise %q is none of the two questions", t.Otherwise)
	}
	switch t.Method {
	case ByVotes:
		if len(t.Weights) > 0 {
			return fmt.Errorf("tie-break: weights without districts to decide")
		}
		return nil
	case ByPercentSum:
		m := Majority{Weights: t.Weights, Op: ">", Needed: "0"}
		if err := m.validate(districts); err != nil {
			return fmt.Errorf("tie-break: %w", err)
		}
		return nil
	}
	return fmt.Errorf("tie-break: no method %q", t.Method)
}

// A TieBreakDecision says which of two questions stands.
type TieBreakDecision struct {
	Between [2]string  `json:"between"`
	Needed  bool       `json:"needed"`           // both had passed
	Stands  string     `json:"stands,omitempty"` // absent: neither, or not needed
	Numbers []Compared `json:"numbers,omitempty"`
}

// Decide evaluates a validated tie-break, Algorithm 5.1 of docs/spec/rules.md;
// passes says which questions passed, and the counts are those of question By.
func (t TieBreak) Decide(passes map[string]bool, nation Counts, districts map[string]Counts) (TieBreakDecision, error) {
	d := TieBreakDecision{Between: t.Between, Needed: passes[t.Between[0]] && passes[t.Between[1]]}
	if !d.Needed {
		return d, nil
	}
	if err := nation.check(); err != nil {
		return TieBreakDecision{}, err
	}
	first, second := t.votes(nation)
	people := compared(fmt.Sprintf("votes for %s > votes for %s", t.Between[0], t.Between[1]), first, ">", second)
	d.Numbers = []Compared{people}
	lead := first.Cmp(second)
	if t.Method == ByPercentSum {
		sums, cmp, err := t.percentSums(first, second, districts)
		if err != nil {
			return TieBreakDecision{}, err
		}
		d.Numbers, lead = append(d.Numbers, sums), cmp
	}
	switch {
	case lead > 0:
		d.Stands = t.Between[0]
	case lead < 0:
		d.Stands = t.Between[1]
	default:
		d.Stands = t.Otherwise
	}
	return d, nil
}

func (t TieBreak) votes(c Counts) (first, second *big.Rat) {
	n := func(option string) *big.Rat {
		return new(big.Rat).SetInt(new(big.Int).SetUint64(c.count(OptionPrefix + option)))
	}
	return n(t.First), n(t.Second)
}

// percentSums compares share of votes + share of district weights. Whoever
// leads in both also leads in the sum, so this one comparison decides all cases.
func (t TieBreak) percentSums(first, second *big.Rat, districts map[string]Counts) (Compared, int, error) {
	won := [2]*big.Rat{new(big.Rat), new(big.Rat)}
	var each []DistrictCompared
	for _, w := range t.Weights {
		c, err := only(districts, w.District)
		if err != nil {
			return Compared{}, 0, err
		}
		a, b := t.votes(c)
		each = append(each, districtCompared(w, compared("", a, ">", b)))
		switch a.Cmp(b) {
		case 1:
			won[0].Add(won[0], w.Weight.must())
		case -1:
			won[1].Add(won[1], w.Weight.must())
		}
	}
	a := new(big.Rat).Add(share(first, second), share(won[0], won[1]))
	b := new(big.Rat).Add(share(second, first), share(won[1], won[0]))
	text := fmt.Sprintf("share of votes and districts for %s > for %s", t.Between[0], t.Between[1])
	x := compared(text, a, ">", b)
	x.Districts = each
	return x, a.Cmp(b), nil
}

// share returns a/(a+b), or 0 when both are 0.
func share(a, b *big.Rat) *big.Rat {
	sum := new(big.Rat).Add(a, b)
	if sum.Sign() == 0 {
		return sum
	}
	return sum.Quo(a, sum)
}
