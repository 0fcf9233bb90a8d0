package verifier

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestReportDoesNotDependOnTime: more failures than are listed, in any order,
// give the same list and the same numbers.
func TestReportDoesNotDependOnTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3*MaxFailures).Draw(t, "failures")
		shuffle := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var reports []*Report
		for range 2 {
			all := newTally()
			for _, i := range shuffle.Perm(n) {
				all.fail("V18", fmt.Sprintf("station a-1, ballot %d", i+1), "wrong")
			}
			reports = append(reports, all.report(new(Report)))
		}
		if !slices.Equal(reports[0].Failures, reports[1].Failures) {
			t.Fatalf("two lists:\n%v\n%v", reports[0].Failures, reports[1].Failures)
		}
		got := reports[0].Failures
		if len(got) != min(n, MaxFailures) || got[len(got)-1].Where != fmt.Sprintf("station a-1, ballot %d", len(got)) {
			t.Fatalf("%d failures of %d, the last at %s", len(got), n, got[len(got)-1].Where)
		}
		if c := reports[0].Checks[17]; c.ID != "V18" || c.Failed != int64(n) || c.Status != Failed {
			t.Fatalf("%+v", c)
		}
	})
}

func TestWhatDidNotRunIsNoPass(t *testing.T) {
	ranAll := func(but string) *tally {
		all := newTally()
		for _, c := range Checks {
			if c.ID != but {
				all.count(c.ID, 1)
			}
		}
		return all
	}
	if r := ranAll("").report(new(Report)); !r.OK() {
		t.Errorf("all checks ran: %+v", r.Checks)
	}
	for _, c := range Checks {
		if r := ranAll(c.ID).report(new(Report)); r.OK() {
			t.Errorf("%s did not run, and the record verifies", c.ID)
		}
		part := ranAll("")
		part.skip(c.ID)
		if r := part.report(new(Report)); r.OK() || r.Checks[slices.Index(Checks, c)].Status != NotRun {
			t.Errorf("%s ran in part, and is %+v", c.ID, r.Checks[slices.Index(Checks, c)])
		}
		nothing := ranAll(c.ID)
		nothing.count(c.ID, 0)
		if r := nothing.report(new(Report)); !r.OK() {
			t.Errorf("%s had nothing to look at, and fails", c.ID)
		}
		wrong := ranAll("")
		wrong.fail(c.ID, "here", "wrong")
		if r := wrong.report(new(Report)); r.OK() {
			t.Errorf("%s failed, and the record verifies", c.ID)
		}
	}
}

func TestNaturalOrder(t *testing.T) {
	want := []string{"", "ballot 2", "ballot 10", "ballot 10, a", "station a-1, ballot 9", "station a-2, ballot 1", "station a-10", "trustee 3", "trustee 20"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, natural)
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-c0-2]{0,6}`)
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		if natural(a, b) != -natural(b, a) || (natural(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q", a, b)
		}
		if natural(a, b) <= 0 && natural(b, c) <= 0 && natural(a, c) > 0 {
			t.Fatalf("%q, %q, %q", a, b, c)
		}
	})
}
