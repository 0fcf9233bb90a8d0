package record

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/record/rules"
)

// A Result is the outcome: the counts of every aggregate, and what the rules
// decide from their sums. It is signed by the authority, and a function of
// manifest, aggregates and decryptions: anyone computes it again.
type Result struct {
	Election   Hash                     `json:"election"`
	Trustees   []int                    `json:"trustees"` // whose answers were combined, ascending
	Missing    []string                 `json:"missing,omitempty"`
	Aggregates []AggregateCount         `json:"aggregates"`
	Questions  []QuestionResult         `json:"questions"`
	TieBreaks  []rules.TieBreakDecision `json:"tieBreaks,omitempty"`
}

// AggregateCount holds the decrypted counts of one aggregate.
type AggregateCount struct {
	ID       string     `json:"id"`
	Stations []string   `json:"stations"`
	Cast     uint64     `json:"cast"`
	Counts   [][]uint64 `json:"counts"` // by question and option
}

// A QuestionResult is the nation's count of one question, and the decision.
type QuestionResult struct {
	ID         string         `json:"id"`
	Registered uint64         `json:"registered"`
	Cast       uint64         `json:"cast"`
	Issued     uint64         `json:"issued"`
	Valid      uint64         `json:"valid"`
	Blank      uint64         `json:"blank"`
	Options    []rules.Option `json:"options"`
	Decision   rules.Decision `json:"decision"`
}

func (Result) kind() string { return "result" }

// Validate refuses a result without aggregates or questions.
func (r Result) Validate() error {
	if len(r.Aggregates) == 0 || len(r.Questions) == 0 || len(r.Trustees) == 0 {
		return errors.New("no aggregates, questions or trustees")
	}
	return nil
}

// ComputeResult combines the answers of at least t trustees, which the caller
// has checked with CheckDecryption, and decides every question: docs/spec/
// record.md, Section 9.
func ComputeResult(e *Election, a *Aggregates, answers []*Decryption) (Result, error) {
	answers = slices.Clone(answers)
	slices.SortFunc(answers, func(x, y *Decryption) int { return x.Trustee - y.Trustee })
	r := Result{Election: e.ID, Missing: a.Missing}
	for _, d := range answers {
		r.Trustees = append(r.Trustees, d.Trustee)
	}
	if len(answers) < e.Manifest.Threshold {
		return Result{}, fmt.Errorf("answers of %d trustees, needed are %d", len(answers), e.Manifest.Threshold)
	}
	log, err := threshold.NewLogTable(largest(a))
	if err != nil {
		return Result{}, err
	}
	o, err := newOpener(answers, log)
	if err != nil {
		return Result{}, err
	}
	for k, g := range a.Aggregates {
		counts, err := o.open(g, k)
		if err != nil {
			return Result{}, err
		}
		r.Aggregates = append(r.Aggregates, AggregateCount{g.ID, g.Stations, g.Cast, counts})
	}
	return r, e.decide(&r)
}

func largest(a *Aggregates) uint64 {
	var most uint64
	for _, g := range a.Aggregates {
		most = max(most, g.Cast)
	}
	return most
}

// decide fills in the questions and tie-breaks from the aggregates.
func (e *Election) decide(r *Result) error {
	m := e.Manifest
	passes, nations, areas := map[string]bool{}, map[string]rules.Counts{}, map[string]map[string]rules.Counts{}
	in := m.areas()
	for q, question := range m.Questions {
		nation, districts := in.countsOf(r.Aggregates, q)
		d, err := question.Rule.Decide(nation, districts)
		if err != nil {
			return fmt.Errorf("question %q: %w", question.ID, err)
		}
		passes[question.ID], nations[question.ID], areas[question.ID] = d.Passes, nation, districts
		r.Questions = append(r.Questions, QuestionResult{
			ID: question.ID, Registered: nation.Registered, Cast: nation.Cast,
			Issued: nation.Issued(), Valid: nation.Valid(), Blank: nation.Blank(),
			Options: nation.Options, Decision: d,
		})
	}
	for _, t := range m.TieBreaks {
		d, err := t.Decide(passes, nations[t.By], areas[t.By])
		if err != nil {
			return err
		}
		r.TieBreaks = append(r.TieBreaks, d)
	}
	return nil
}

// CheckResult checks the authority's signature, and that the result is what
// ComputeResult gives for the answers it names. decryptions holds the checked
// answers by trustee. Problems with signature and counts are in the first list,
// with sums and decisions in the second.
func CheckResult(e *Election, a *Aggregates, decryptions map[int]*Decryption, r *Signed[Result]) (counts, decisions []error) {
	if err := r.CheckOnly(Required{SignerAuthority, e.Manifest.Authority}); err != nil {
		counts = append(counts, fmt.Errorf("result: %w", err))
	}
	var answers []*Decryption
	for _, i := range r.Body.Trustees {
		d, ok := decryptions[i]
		if !ok {
			return append(counts, fmt.Errorf("result: no checked answer of trustee %d", i)), nil
		}
		answers = append(answers, d)
	}
	want, err := ComputeResult(e, a, answers)
	if err != nil {
		return append(counts, fmt.Errorf("result: %w", err)), nil
	}
	got := r.Body
	counts = append(counts, differences(
		difference{"election", want.Election, got.Election}, difference{"trustees", want.Trustees, got.Trustees},
		difference{"missing stations", want.Missing, got.Missing}, difference{"counts of the aggregates", want.Aggregates, got.Aggregates},
	)...)
	return counts, differences(difference{"questions", want.Questions, got.Questions}, difference{"tie-breaks", want.TieBreaks, got.TieBreaks})
}

type difference struct {
	what      string
	want, got any
}

// differences compares by the canonical encoding.
func differences(pairs ...difference) []error {
	var problems []error
	for _, p := range pairs {
		x, errX := Marshal(p.want)
		y, errY := Marshal(p.got)
		if errX != nil || errY != nil || !bytes.Equal(x, y) {
			problems = append(problems, fmt.Errorf("result: %s: not what the decryptions give", p.what))
		}
	}
	return problems
}
