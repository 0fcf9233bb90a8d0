package rules_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record/rules"
)

// counts are those of a question with the options agree, disagree and blank.
func counts(registered, agree, disagree, blank uint64) rules.Counts {
	return rules.Counts{Registered: registered, Cast: agree + disagree + blank, Options: []rules.Option{
		{ID: "agree", Count: agree}, {ID: "disagree", Count: disagree}, {ID: "blank", Blank: true, Count: blank},
	}}
}

var options = []string{"agree", "disagree", "blank"}

func decide(t *testing.T, r rules.Rule, c rules.Counts) rules.Decision {
	t.Helper()
	if err := r.Validate(options, nil); err != nil {
		t.Fatal(err)
	}
	d, err := r.Decide(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// lines lists every comparison with its numbers and truth.
func lines(d rules.Decision) string {
	var s string
	for _, f := range d.Conditions {
		for _, c := range f.AnyOf {
			s += c.String() + "\n"
		}
	}
	return s
}

// TestTaiwan2021 decides the four national referendums of 18 December 2021
// (cases 17 to 20) from the published counts.
func TestTaiwan2021(t *testing.T) {
	const registered = 19_825_468
	for _, tt := range []struct {
		name string
		c    rules.Counts
		want string
	}{
		{"17", counts(registered, 3_804_689, 4_262_517, 78_494),
			"agree > disagree: 3804689 > 4262517 does not hold\n4·agree >= registered: 15218756 >= 19825468 does not hold\n"},
		{"18", counts(registered, 3_936_386, 4_131_371, 78_108),
			"agree > disagree: 3936386 > 4131371 does not hold\n4·agree >= registered: 15745544 >= 19825468 does not hold\n"},
		{"19", counts(registered, 3_951_677, 4_120_243, 73_273),
			"agree > disagree: 3951677 > 4120243 does not hold\n4·agree >= registered: 15806708 >= 19825468 does not hold\n"},
		{"20", counts(registered, 3_901_171, 4_163_464, 80_819),
			"agree > disagree: 3901171 > 4163464 does not hold\n4·agree >= registered: 15604684 >= 19825468 does not hold\n"},
	} {
		d := decide(t, rules.Article29("agree", "disagree"), tt.c)
		if d.Passes || lines(d) != tt.want {
			t.Errorf("case %s: passes %v\n%s", tt.name, d.Passes, lines(d))
		}
	}
}

// TestExampleOfTheSpecification: the JSON that docs/spec/rules.md shows is the
// preset.
func TestExampleOfTheSpecification(t *testing.T) {
	page, err := os.ReadFile("../../docs/spec/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	if err := e.Encode(rules.Article29("agree", "disagree")); err != nil {
		t.Fatal(err)
	}
	if dense := strings.Join(strings.Fields(string(page)), ""); !strings.Contains(dense, strings.TrimSpace(want.String())) {
		t.Errorf("docs/spec/rules.md does not show %s", want.String())
	}
}

// TestPresetsAtTheirBounds takes every rule to the count where it turns, and
// one vote to either side.
func TestPresetsAtTheirBounds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rule   rules.Rule
		c      rules.Counts
		passes bool
	}{
		{"Art. 29: a quarter exactly", rules.Article29("agree", "disagree"), counts(100, 25, 24, 0), true},
		{"Art. 29: one short of a quarter", rules.Article29("agree", "disagree"), counts(100, 24, 23, 0), false},
		{"Art. 29: a quarter of a number that four does not divide", rules.Article29("agree", "disagree"), counts(101, 25, 0, 0), false},
		{"Art. 29: the next", rules.Article29("agree", "disagree"), counts(101, 26, 0, 0), true},
		{"Art. 29: a tie", rules.Article29("agree", "disagree"), counts(100, 40, 40, 20), false},
		{"Art. 29: nobody", rules.Article29("agree", "disagree"), counts(0, 0, 0, 0), false},
		{"constitution of Taiwan: half exactly", rules.ConstitutionalTaiwan("agree"), counts(100, 50, 0, 0), false},
		{"constitution of Taiwan: one above", rules.ConstitutionalTaiwan("agree"), counts(100, 51, 49, 0), true},
		{"constitution of Taiwan: half of an odd number", rules.ConstitutionalTaiwan("agree"), counts(19_239_393, 9_619_697, 0, 0), true},
		{"Ireland, Art. 47.1: one vote more", rules.SimpleMajority("agree", "disagree"), counts(3_000_000, 100_001, 100_000, 5), true},
		{"Ireland, Art. 47.1: a tie", rules.SimpleMajority("agree", "disagree"), counts(3_000_000, 100_000, 100_000, 5), false},
		{"Ireland, Art. 47.2: a third exactly is a veto", rules.IrishVeto("agree", "disagree"), counts(300, 99, 100, 0), false},
		{"Ireland, Art. 47.2: one short of a third is none", rules.IrishVeto("agree", "disagree"), counts(300, 98, 99, 0), true},
		{"Ireland, Art. 47.2: a third, but no majority", rules.IrishVeto("agree", "disagree"), counts(300, 100, 100, 0), true},
		{"Ireland, Art. 47.2: a third of a number that three does not divide", rules.IrishVeto("agree", "disagree"), counts(301, 0, 100, 0), true},
		{"Denmark: 30 per cent exactly is a veto", rules.DanishVeto("agree", "disagree"), counts(1000, 299, 300, 0), false},
		{"Denmark: one short of 30 per cent is none", rules.DanishVeto("agree", "disagree"), counts(1000, 298, 299, 0), true},
		{"Denmark: 30 per cent, but a tie", rules.DanishVeto("agree", "disagree"), counts(1000, 300, 300, 0), true},
		{"Denmark: 30 per cent, but no majority", rules.DanishVeto("agree", "disagree"), counts(1000, 301, 300, 0), true},
		{"Denmark: nobody", rules.DanishVeto("agree", "disagree"), counts(1000, 0, 0, 0), true},
		{"Italy: half exactly is no quorum", rules.Abrogative("agree", "disagree"), counts(1000, 400, 90, 10), false},
		{"Italy: one above, blank papers included", rules.Abrogative("agree", "disagree"), counts(1000, 400, 90, 11), true},
		{"Italy: a quorum, but a tie", rules.Abrogative("agree", "disagree"), counts(1000, 300, 300, 1), false},
	} {
		if d := decide(t, tt.rule, tt.c); d.Passes != tt.passes {
			t.Errorf("%s: passes %v\n%s", tt.name, d.Passes, lines(d))
		}
	}
}

func TestDanishVetoIsPublished(t *testing.T) {
	d := decide(t, rules.DanishVeto("agree", "disagree"), counts(1000, 299, 300, 0))
	want := "agree >= disagree: 299 >= 300 does not hold\n3·registered > 10·disagree: 3000 > 3000 does not hold\n"
	if lines(d) != want {
		t.Errorf("%s", lines(d))
	}
}

// cantons lists the 26 cantons; those that were half a canton count half, so
// that there are 23 votes.
func cantons() []rules.Weight {
	var ws []rules.Weight
	for _, id := range []string{"zh", "be", "lu", "ur", "sz", "ow", "nw", "gl", "zg", "fr", "so", "bs", "bl", "sh", "ar", "ai", "sg", "gr", "ag", "tg", "ti", "vd", "vs", "ne", "ge", "ju"} {
		w := rules.Weight{District: id, Weight: "1"}
		switch id {
		case "ow", "nw", "bs", "bl", "ar", "ai":
			w.Weight = "1/2"
		}
		ws = append(ws, w)
	}
	return ws
}

// swiss gives every canton ten votes, with a majority of agreement in those
// listed, a tie in those tied, and all others against.
func swiss(agree, tied map[string]bool) (rules.Counts, map[string]rules.Counts) {
	nation, districts := counts(0, 0, 0, 0), map[string]rules.Counts{}
	for _, w := range cantons() {
		c := counts(20, 4, 6, 0)
		if agree[w.District] {
			c = counts(20, 9, 1, 0)
		}
		if tied[w.District] {
			c = counts(20, 5, 5, 0)
		}
		districts[w.District], nation = c, nation.Add(c)
	}
	return nation, districts
}

func set(ids ...string) map[string]bool {
	m := map[string]bool{}
	for _, id := range ids {
		m[id] = true
	}
	return m
}

func TestSwissDoubleMajority(t *testing.T) {
	rule := rules.DoubleMajority("agree", "disagree", cantons(), "23/2")
	known := map[string]bool{}
	for _, w := range cantons() {
		known[w.District] = true
	}
	if err := rule.Validate(options, known); err != nil {
		t.Fatal(err)
	}
	eleven := []string{"zh", "be", "lu", "ur", "sz", "gl", "zg", "fr", "so", "sh", "sg"}
	for _, tt := range []struct {
		name        string
		agree, tied map[string]bool
		people      bool
		weights     rules.Rational
		passes      bool
	}{
		{"eleven and a half of 23: a tie of cantons", set(append(eleven, "ow")...), nil, true, "23/2", false},
		{"twelve", set(append(eleven, "ow", "nw")...), nil, true, "12", true},
		{"twelve, by a whole one", set(append(eleven, "ju")...), nil, true, "12", true},
		{"a canton that is tied counts against", set(append(eleven, "ow")...), set("nw"), true, "23/2", false},
		{"all half cantons", set("ow", "nw", "bs", "bl", "ar", "ai"), nil, true, "3", false},
		{"none", nil, nil, false, "0", false},
	} {
		nation, districts := swiss(tt.agree, tt.tied)
		d, err := rule.Decide(nation, districts)
		if err != nil {
			t.Fatal(err)
		}
		people, cantonal := d.Conditions[0], d.Conditions[1].AnyOf[0]
		if people.Holds != tt.people || cantonal.Left != tt.weights || d.Passes != tt.passes || len(cantonal.Districts) != 26 {
			t.Errorf("%s: %s", tt.name, lines(d))
		}
	}
	// People against, cantons for: thirteen small cantons agree, the largest do not.
	nation, districts := swiss(set(append(eleven, "ju", "ow")...), nil)
	districts["ge"] = counts(1000, 10, 500, 0)
	nation = nation.Add(counts(980, 6, 494, 0))
	d, err := rule.Decide(nation, districts)
	if err != nil || d.Passes || d.Conditions[0].Holds || !d.Conditions[1].Holds {
		t.Errorf("%v\n%s", err, lines(d))
	}
	delete(districts, "ai")
	if _, err := rule.Decide(nation, districts); err == nil || err.Error() != `deciding: no counts of district "ai" alone` {
		t.Errorf("error %v", err)
	}
}

func ExampleCompared_String() {
	d, _ := rules.Article29("agree", "disagree").Decide(counts(19_825_468, 4_956_367, 4_262_517, 0), nil)
	for _, f := range d.Conditions {
		fmt.Println(f.AnyOf[0])
	}
	// Output:
	// agree > disagree: 4956367 > 4262517 holds
	// 4·agree >= registered: 19825468 >= 19825468 holds
}
