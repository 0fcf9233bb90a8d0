package record_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
)

func TestComputeResult(t *testing.T) {
	r, _, _ := theWorld().result()
	q1, q2 := r.Body.Questions[0], r.Body.Questions[1]
	if got := fmt.Sprint(q1.Registered, q1.Cast, q1.Issued, q1.Valid, q1.Blank, q1.Options[0].Count, q1.Options[1].Count, q1.Options[2].Count); got != "20 8 7 6 1 4 2 1" {
		t.Errorf("question 1: %s", got)
	}
	if got := fmt.Sprint(q2.Registered, q2.Cast, q2.Issued, q2.Valid, q2.Blank, q2.Options[0].Count, q2.Options[1].Count); got != "20 8 5 5 0 3 2" {
		t.Errorf("question 2: %s", got)
	}
	if q1.Decision.Passes || !q2.Decision.Passes {
		t.Errorf("decisions %v, %v", q1.Decision, q2.Decision)
	}
	if got := q1.Decision.Conditions[1].AnyOf[0].String(); got != "4·agree >= registered: 16 >= 20 does not hold" {
		t.Error(got)
	}
	if fmt.Sprint(r.Body.Trustees) != "[1 3]" {
		t.Errorf("trustees %v", r.Body.Trustees)
	}
	if got := fmt.Sprint(r.Body.Aggregates); got != "[{a-1 [a-1 a-2] 4 [[2 1 1] [2 1]]} {b-1 [b-1 b-2] 4 [[2 1 0] [1 1]]}]" {
		t.Error(got)
	}
}

func TestComputeResultRefuses(t *testing.T) {
	w := theWorld()
	_, a, ds := w.result()
	if _, err := record.ComputeResult(w.election, &a.Body, []*record.Decryption{ds[1]}); err == nil || err.Error() != `answers of 1 trustees, needed are 2` {
		t.Errorf("error %v", err)
	}
	huge := copied(a.Body)
	huge.Aggregates[0].Cast = 1 << 63
	if _, err := record.ComputeResult(w.election, &huge, []*record.Decryption{ds[1], ds[3]}); err == nil || !strings.Contains(err.Error(), "discrete logarithm: bound 9223372036854775808") {
		t.Errorf("error %v", err)
	}
}

func TestCheckResultNamesTheDifference(t *testing.T) {
	w := theWorld()
	good, a, ds := w.result()
	if c, d := record.CheckResult(w.election, &a.Body, ds, good); c != nil || d != nil {
		t.Fatal(c, d)
	}
	type R = record.Result
	not := ": not what the decryptions give]"
	for _, tt := range []struct {
		name              string
		change            func(*R)
		counts, decisions string
	}{
		{"election", func(r *R) { r.Election[0] ^= 1 }, "[result: election" + not, "[]"},
		{"no checked answer", func(r *R) { r.Trustees = []int{1, 2} }, "[result: no checked answer of trustee 2]", "[]"},
		{"too few trustees", func(r *R) { r.Trustees = []int{1} }, `[result: answers of 1 trustees, needed are 2]`, "[]"},
		{"one trustee twice", func(r *R) { r.Trustees = []int{1, 1} }, "[result: combining answers: trustee 1 given twice or not a trustee]", "[]"},
		{"trustees descending", func(r *R) { r.Trustees = []int{3, 1} }, "[result: trustees" + not, "[]"},
		{"a missing station", func(r *R) { r.Missing = []string{"b-2"} }, "[result: missing stations" + not, "[]"},
		{"one vote more", func(r *R) { r.Aggregates[1].Counts[0][1]++ }, "[result: counts of the aggregates" + not, "[]"},
		{"an aggregate left out", func(r *R) { r.Aggregates = r.Aggregates[:1] }, "[result: counts of the aggregates" + not, "[]"},
		{"a sum", func(r *R) { r.Questions[0].Issued++ }, "[]", "[result: questions" + not},
		{"an option's sum", func(r *R) { r.Questions[0].Options[0].Count++ }, "[]", "[result: questions" + not},
		{"the decision", func(r *R) { r.Questions[0].Decision.Passes = true }, "[]", "[result: questions" + not},
		{"a comparison", func(r *R) { r.Questions[0].Decision.Conditions[1].AnyOf[0].Holds = true }, "[]", "[result: questions" + not},
		{"a question left out", func(r *R) { r.Questions = r.Questions[:1] }, "[]", "[result: questions" + not},
		{"a tie-break", func(r *R) { r.TieBreaks = []rules.TieBreakDecision{{}} }, "[]", "[result: tie-breaks" + not},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := copied(good.Body)
			tt.change(&r)
			c, d := record.CheckResult(w.election, &a.Body, ds, signResult(r))
			if sprint(c) != tt.counts || sprint(d) != tt.decisions {
				t.Errorf("counts %v, decisions %v; want %s, %s", c, d, tt.counts, tt.decisions)
			}
		})
	}
	forged := *good
	forged.Signatures = sign(good.Body, as(record.SignerAuthority, signingKey("somebody"))).Signatures
	if c, d := record.CheckResult(w.election, &a.Body, ds, &forged); sprint(c) != "[result: signature of authority does not verify]" || d != nil {
		t.Errorf("counts %v, decisions %v", c, d)
	}
	for name, r := range map[string]R{
		"aggregates": {Questions: good.Body.Questions, Trustees: []int{1}}, "questions": {Aggregates: good.Body.Aggregates, Trustees: []int{1}},
		"trustees": {Aggregates: good.Body.Aggregates, Questions: good.Body.Questions},
	} {
		if err := r.Validate(); err == nil || err.Error() != "no aggregates, questions or trustees" {
			t.Errorf("without %s: error %v", name, err)
		}
	}
}

// TestDistrictsDecide decides question 2 by counties: B is tied.
func TestDistrictsDecide(t *testing.T) {
	weights := []rules.Weight{{District: "a", Weight: "1"}, {District: "b", Weight: "1/2"}}
	m := newManifest()
	m.Questions[1].Rule = rules.DoubleMajority("yes", "no", weights, "3/4")
	r := must(newWorldOf(m).computed())
	x := r.Questions[1].Decision.Conditions[1].AnyOf[0]
	if got := x.String() + fmt.Sprint(x.Districts); got != "weight of districts where yes > no: 1 > 3/4 holds[{a 1 2 1 true} {b 1/2 1 1 false}]" {
		t.Error(got)
	}
	// A district into which an aggregate reaches from outside has no counts.
	m.PrivacyThreshold = 5
	if _, err := newWorldOf(m).computed(); err == nil || err.Error() != `question "q2": deciding: no counts of district "a" alone` {
		t.Errorf("error %v", err)
	}
}

func TestTieBreakFromTheRecord(t *testing.T) {
	m := newManifest()
	three := question("q3", rules.SimpleMajority("first", "second"), "first", "second")
	m.Questions = append(m.Questions, three)
	m.Questions[0].Rule = rules.SimpleMajority("agree", "disagree")
	m.TieBreaks = []rules.TieBreak{{
		Between: [2]string{"q1", "q2"}, By: "q3", First: "first", Second: "second", Method: rules.ByPercentSum,
		Weights: []rules.Weight{{District: "a", Weight: "1"}, {District: "b", Weight: "1"}},
	}}
	w := newWorldOf(m)
	r := must(w.computed())
	// Nobody took the third paper: an exact tie, and nothing is to stand otherwise.
	d := r.TieBreaks[0]
	if !d.Needed || d.Stands != "" || len(d.Numbers) != 2 || d.Numbers[1].Left != "0" || len(d.Numbers[1].Districts) != 2 {
		t.Errorf("tie-break %+v", d)
	}
}

func (w *world) computed() (record.Result, error) {
	a, file := w.aggregates()
	return record.ComputeResult(w.election, &a.Body, []*record.Decryption{&w.answer(1, &a.Body, file).Body, &w.answer(2, &a.Body, file).Body})
}
