package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/openreferendum/referendum/record/rules"
)

// tieBreak is that of an initiative and its counter-proposal.
func tieBreak(method string) rules.TieBreak {
	b := rules.TieBreak{Between: [2]string{"initiative", "counter"}, By: "which", First: "i", Second: "c", Method: method}
	if method == rules.ByPercentSum {
		b.Weights = []rules.Weight{{District: "a", Weight: "1"}, {District: "b", Weight: "1"}, {District: "h", Weight: "1/2"}}
	}
	return b
}

func which(i, c uint64) rules.Counts {
	return rules.Counts{Options: []rules.Option{{ID: "i", Count: i}, {ID: "c", Count: c}}}
}

var both = map[string]bool{"initiative": true, "counter": true}

func TestTieBreakByVotes(t *testing.T) {
	for _, tt := range []struct {
		i, c      uint64
		otherwise string
		want      string
	}{
		{51, 49, "", "initiative"}, {49, 51, "", "counter"}, {50, 50, "", ""}, {50, 50, "counter", "counter"}, {0, 0, "initiative", "initiative"}, {1, 0, "counter", "initiative"},
	} {
		b := tieBreak(rules.ByVotes)
		b.Otherwise = tt.otherwise
		d, err := b.Decide(both, which(tt.i, tt.c), nil)
		if err != nil || !d.Needed || d.Stands != tt.want || len(d.Numbers) != 1 {
			t.Errorf("%d to %d: %+v, %v", tt.i, tt.c, d, err)
		}
	}
}

func TestTieBreakIsNeededOnlyIfBothPass(t *testing.T) {
	for _, passes := range []map[string]bool{nil, {"initiative": true}, {"counter": true}, {"initiative": true, "counter": false}} {
		d, err := tieBreak(rules.ByVotes).Decide(passes, which(9, 1), nil)
		if err != nil || d.Needed || d.Stands != "" || d.Numbers != nil {
			t.Errorf("%v: %+v, %v", passes, d, err)
		}
	}
}

// TestPercentSum follows Article 139b of the Swiss constitution.
func TestPercentSum(t *testing.T) {
	for _, tt := range []struct {
		name    string
		a, b, h rules.Counts
		want    string
		sums    string
	}{
		{"both lead the same way", which(90, 10), which(60, 40), which(1, 9), "initiative", "319/210 > 101/210"},
		{"people one way, cantons the other: people by more", which(90, 10), which(49, 51), which(4, 6), "initiative", "227/210 > 193/210"},
		{"people one way, cantons the other: cantons by more", which(60, 40), which(49, 51), which(4, 6), "counter", "197/210 > 223/210"},
		{"a canton that is tied counts for neither", which(50, 50), which(60, 40), which(0, 0), "initiative", "31/20 > 9/20"},
		{"a tie of all", which(50, 50), which(50, 50), which(5, 5), "", "1/2 > 1/2"},
		{"nobody", which(0, 0), which(0, 0), which(0, 0), "", "0 > 0"},
		{"an exact tie of different shares", which(6, 0), which(0, 2), which(0, 2), "", "1 > 1"},
	} {
		nation := tt.a.Add(tt.b).Add(tt.h)
		d, err := tieBreak(rules.ByPercentSum).Decide(both, nation, map[string]rules.Counts{"a": tt.a, "b": tt.b, "h": tt.h})
		if err != nil || len(d.Numbers) != 2 || len(d.Numbers[1].Districts) != 3 {
			t.Fatalf("%s: %+v, %v", tt.name, d, err)
		}
		n := d.Numbers[1]
		sums := fmt.Sprintf("%s > %s", n.Left, n.Right)
		if d.Stands != tt.want || sums != tt.sums {
			t.Errorf("%s: stands %q, %s", tt.name, d.Stands, sums)
		}
	}
	if _, err := tieBreak(rules.ByPercentSum).Decide(both, which(1, 0), map[string]rules.Counts{"a": which(1, 0)}); err == nil || err.Error() != `deciding: no counts of district "b" alone` {
		t.Errorf("error %v", err)
	}
	if _, err := tieBreak(rules.ByVotes).Decide(both, which(1<<63, 0), nil); err == nil || err.Error() != "deciding: 9223372036854775808 is no possible count" {
		t.Errorf("error %v", err)
	}
}

// TestPercentSumLaws: the shares of both sides add up to 2 when somebody leads
// somewhere, whoever leads with people and districts stands, and exchanging
// the sides exchanges the outcome.
func TestPercentSumLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, mirrored := tieBreak(rules.ByPercentSum), tieBreak(rules.ByPercentSum)
		mirrored.Between[0], mirrored.Between[1], mirrored.First, mirrored.Second = "counter", "initiative", "c", "i"
		districts, nation := map[string]rules.Counts{}, which(0, 0)
		var weights [2]int // in halves
		for _, w := range b.Weights {
			c := which(rapid.Uint64Range(0, 9).Draw(t, "i"), rapid.Uint64Range(0, 9).Draw(t, "c"))
			districts[w.District], nation = c, nation.Add(c)
			halves := map[rules.Rational]int{"1": 2, "1/2": 1}[w.Weight]
			if c.Options[0].Count > c.Options[1].Count {
				weights[0] += halves
			}
			if c.Options[1].Count > c.Options[0].Count {
				weights[1] += halves
			}
		}
		d, err := b.Decide(both, nation, districts)
		m, err2 := mirrored.Decide(both, nation, districts)
		if err != nil || err2 != nil || d.Stands != m.Stands {
			t.Fatalf("%q, mirrored %q: %v %v", d.Stands, m.Stands, err, err2)
		}
		i, c := nation.Options[0].Count, nation.Options[1].Count
		if i >= c && weights[0] > weights[1] && d.Stands != "initiative" || c >= i && weights[1] > weights[0] && d.Stands != "counter" {
			t.Fatalf("votes %d to %d, weights %v: stands %q", i, c, weights, d.Stands)
		}
	})
}

func TestTieBreakRefuses(t *testing.T) {
	questions := map[string][]string{"initiative": {"yes", "no"}, "counter": {"yes", "no"}, "which": {"i", "c"}}
	for _, tt := range []struct {
		name   string
		change func(*rules.TieBreak)
		err    string
	}{
		{"unknown question", func(b *rules.TieBreak) { b.Between[1] = "other" }, `tie-break: no question "other"`},
		{"unknown third question", func(b *rules.TieBreak) { b.By = "" }, `tie-break: no question ""`},
		{"one question twice", func(b *rules.TieBreak) { b.Between[1] = "initiative" }, "tie-break: needs three different questions"},
		{"by the first", func(b *rules.TieBreak) { b.By = "initiative" }, "tie-break: needs three different questions"},
		{"by the second", func(b *rules.TieBreak) { b.By = "counter" }, "tie-break: needs three different questions"},
		{"one option twice", func(b *rules.TieBreak) { b.Second = "i" }, `tie-break: question "which" has no two options "i" and "i"`},
		{"unknown option", func(b *rules.TieBreak) { b.First = "yes" }, `tie-break: question "which" has no two options "yes" and "c"`},
		{"otherwise", func(b *rules.TieBreak) { b.Otherwise = "which" }, `tie-break: otherwise "which" is none of the two questions`},
		{"method", func(b *rules.TieBreak) { b.Method = "lot" }, `tie-break: no method "lot"`},
		{"weights for votes", func(b *rules.TieBreak) { b.Method = rules.ByVotes }, "tie-break: weights without districts to decide"},
		{"no weights", func(b *rules.TieBreak) { b.Weights = nil }, "tie-break: 0 districts, allowed are 1 to 4096"},
		{"unknown district", func(b *rules.TieBreak) { b.Weights[0].District = "z" }, `tie-break: district "z" is unknown or given twice`},
	} {
		b := tieBreak(rules.ByPercentSum)
		tt.change(&b)
		if err := b.Validate(questions, set("a", "b", "h")); err == nil || !strings.HasPrefix(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
	for _, method := range []string{rules.ByVotes, rules.ByPercentSum} {
		if err := tieBreak(method).Validate(questions, set("a", "b", "h")); err != nil {
			t.Error(err)
		}
	}
}
