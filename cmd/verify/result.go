package main

import (
	"fmt"
	"strings"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
	"github.com/openreferendum/referendum/verifier"
)

// printResult prints every count, and every comparison that decided, with its
// numbers and its truth.
func printResult(v terminal.Voice, r *verifier.Report) {
	v.Say("")
	v.Say("RESULT")
	v.Say("  decrypted by %s, in %s", trustees(r.Manifest, r.Result.Trustees), count(len(r.Result.Aggregates), "sum"))
	for i, q := range r.Result.Questions {
		v.Say("")
		printQuestion(v, r.Manifest, r.Manifest.Questions[i], q)
	}
	for _, t := range r.Result.TieBreaks {
		v.Say("")
		printTieBreak(v, r.Manifest, t)
	}
}

func trustees(m *record.Manifest, numbers []int) string {
	var names []string
	for _, i := range numbers {
		names = append(names, line(m.Trustees[i-1].Name))
	}
	return strings.Join(names, ", ")
}

func printQuestion(v terminal.Voice, m *record.Manifest, q record.Question, r record.QuestionResult) {
	v.Say("  %s  %s", q.ID, show(m, q.Title))
	v.Say("    %s registered voters, %s ballots, %s papers taken: %s valid, %s blank",
		digits(r.Registered), digits(r.Cast), digits(r.Issued), digits(r.Valid), digits(r.Blank))
	for i, o := range r.Options {
		v.Say("    %11s  %s", digits(o.Count), show(m, q.Options[i].Label))
	}
	for i, f := range r.Decision.Conditions {
		for j, c := range f.AnyOf {
			or := ""
			if j > 0 {
				or = "or "
			}
			v.Say("    %s%s", or, comparison(c))
			op := q.Rule.Conditions[i].AnyOf[j].Op // V28: the decision is of this rule
			for _, d := range c.Districts {
				v.Say("        %-3s %s: %s %s %s, weight %s", yes(d.Holds), d.District, number(d.Left), op, number(d.Right), d.Weight)
			}
		}
	}
	v.Say("    %s", outcome(r.Decision.Passes))
}

func outcome(passes bool) string {
	if passes {
		return "PASSES"
	}
	return "DOES NOT PASS"
}

// comparison writes a comparison, its numbers and its truth.
func comparison(c rules.Compared) string {
	truth := "does not hold"
	if c.Holds {
		truth = "holds"
	}
	return fmt.Sprintf("%s: %s %s %s %s", line(c.Text), number(c.Left), c.Op, number(c.Right), truth)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// number writes an integer with its thousands apart, and a fraction as it is.
func number(r rules.Rational) string {
	var n uint64
	if _, err := fmt.Sscan(string(r), &n); err != nil || fmt.Sprint(n) != string(r) {
		return string(r)
	}
	return digits(n)
}

func printTieBreak(v terminal.Voice, m *record.Manifest, t rules.TieBreakDecision) {
	v.Say("  between %s and %s", t.Between[0], t.Between[1])
	for _, c := range t.Numbers {
		v.Say("    %s", comparison(c))
	}
	switch {
	case !t.Needed:
		v.Say("    NOT NEEDED: not both passed")
	case t.Stands == "":
		v.Say("    NEITHER STANDS")
	default:
		v.Say("    %s STANDS", t.Stands)
	}
}
