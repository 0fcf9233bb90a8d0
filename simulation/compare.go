package simulation

import (
	"fmt"
	"slices"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/simulation/cec"
)

// A Comparison holds the counts of one aggregate, or of all, three times: what
// the trustees decrypted, what stands on the slips in the boxes, and what the
// Commission published.
type Comparison struct {
	Stations   []string
	Registered uint64
	Cast       uint64
	Questions  []QuestionComparison
}

// A QuestionComparison is a Comparison's line for one question.
type QuestionComparison struct{ Decrypted, Paper, Official Papers }

// Papers are the papers of one question.
type Papers struct{ Issued, Agree, Disagree, Blank uint64 }

// Agrees reports whether all three counts are the same.
func (q QuestionComparison) Agrees() bool {
	return q.Decrypted == q.Paper && q.Decrypted == q.Official
}

// Agrees reports whether the counts of all questions do.
func (c Comparison) Agrees() bool {
	return !slices.ContainsFunc(c.Questions, func(q QuestionComparison) bool { return !q.Agrees() })
}

func (p Papers) plus(q Papers) Papers {
	return Papers{p.Issued + q.Issued, p.Agree + q.Agree, p.Disagree + q.Disagree, p.Blank + q.Blank}
}

func papersOf(counts []uint64) Papers {
	a, d, b := counts[Agree-1], counts[Disagree-1], counts[Blank-1]
	return Papers{a + d + b, a, d, b}
}

func official(c cec.Counts) Papers { return Papers{c.Votes, c.Agree, c.Disagree, c.Invalid} }

// Compare holds the result against the slips and the Commission's counts, for
// every aggregate and in total.
func (r *Referendum) Compare(result *record.Result) (each []Comparison, total Comparison, err error) {
	plans := map[string]*StationPlan{}
	for i := range r.Plan.Stations {
		plans[r.Plan.Stations[i].ID] = &r.Plan.Stations[i]
	}
	total.Questions = make([]QuestionComparison, len(r.Plan.Questions))
	for _, a := range result.Aggregates {
		c := Comparison{Stations: a.Stations, Cast: a.Cast, Questions: make([]QuestionComparison, len(a.Counts))}
		for q := range c.Questions {
			c.Questions[q].Decrypted = papersOf(a.Counts[q])
		}
		for _, id := range a.Stations {
			p, ok := plans[id]
			if !ok {
				return nil, total, fmt.Errorf("comparing: no plan of station %q", id)
			}
			paper, err := r.Recount(id)
			if err != nil {
				return nil, total, err
			}
			c.Registered += uint64(p.Registered)
			for q := range c.Questions {
				c.Questions[q].Paper = c.Questions[q].Paper.plus(papersOf(paper[q]))
				c.Questions[q].Official = c.Questions[q].Official.plus(official(p.Results[q]))
			}
		}
		each = append(each, c)
		total.add(c)
	}
	return each, total, nil
}

func (c *Comparison) add(d Comparison) {
	c.Stations = append(c.Stations, d.Stations...)
	c.Registered += d.Registered
	c.Cast += d.Cast
	for q := range d.Questions {
		a, b := &c.Questions[q], d.Questions[q]
		*a = QuestionComparison{a.Decrypted.plus(b.Decrypted), a.Paper.plus(b.Paper), a.Official.plus(b.Official)}
	}
}
