package simulation

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/simulation/cec"
)

// onePlan is one station with so many voters and questions.
func onePlan(t testing.TB, voters uint64, questions int) *Plan {
	t.Helper()
	p := plan(t, invention(t, Invention{Stations: 1, Voters: 10, Questions: questions, Seed: 4}), "tw")
	p.Kind, p.ChallengeShare, p.AbandonShare = record.TestDeck, 0.05, 0.05
	s := &p.Stations[0]
	s.Registered = uint32(voters + voters/10 + 1)
	for q := range s.Results {
		issued := voters - uint64(q)*voters/10
		agree, blank := issued*uint64(q+3)/10, issued/20
		s.Results[q] = cec.Counts{Votes: issued, Agree: agree, Disagree: issued - agree - blank, Invalid: blank, Valid: issued - blank, Votable: uint64(s.Registered)}
	}
	return p
}

// dayOnDevices plays a whole referendum of one station, whose day goes through
// the drivers, and holds box, books, paper and result against each other.
func dayOnDevices(t *testing.T, voters uint64, questions, faultEvery int) *Devices {
	t.Helper()
	p := onePlan(t, voters, questions)
	booth, err := NewBooth()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := booth.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &Devices{Booth: booth, FaultEvery: faultEvery, Tell: func(fault, outcome string) { t.Logf("%s: %s", fault, outcome) }}
	r, err := New(p, filepath.Join(t.TempDir(), "referendum"), 2)
	if err != nil {
		t.Fatal(err)
	}
	r.Devices = d
	playOn(t, r)
	verifies(t, r)
	return d
}

// playOn plays from the ceremony to the comparison.
func playOn(t *testing.T, r *Referendum) {
	t.Helper()
	for _, step := range []func() error{
		r.Ceremony, func() error { return r.Provision(nil) }, func() error { return r.Vote(nil) }, func() error { return r.Count(nil) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	for i := 1; i <= r.Plan.Threshold; i++ {
		if err := r.Decrypt(i, nil); err != nil {
			t.Fatal(err)
		}
	}
	result, err := r.Publish()
	if err != nil {
		t.Fatal(err)
	}
	_, total, err := r.Compare(result)
	if err != nil || !total.Agrees() {
		t.Fatalf("result, paper and votes differ: %v: %+v", err, total)
	}
	closing, err := r.Closing(r.Plan.Stations[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	c, slips := closing.Counts, r.Papers[r.Plan.Stations[0].ID].Box.Len()
	if int(c.Cast) != r.Plan.Voters() || c.Attendances != c.Cast || slips != int(c.Cast) {
		t.Errorf("%d voters, %d marked, %d ballots, %d slips in the box", r.Plan.Voters(), c.Attendances, c.Cast, slips)
	}
	t.Logf("counts: %+v", c)
}

// TestDayOnDevices lets every kind of fault happen at least once.
func TestDayOnDevices(t *testing.T) {
	d := dayOnDevices(t, uint64(len(faults)), 2, 1)
	for _, f := range faults {
		if d.Faults[f.name] == 0 {
			t.Errorf("%s: did not happen", f.name)
		}
	}
}

// TestSoakDayOnDevices is a day of 1,600 voters in which every kind of fault
// happens at least twenty times.
func TestSoakDayOnDevices(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("a sweep of make soak")
	}
	const voters, times = 1600, 20
	d := dayOnDevices(t, voters, 4, voters/(times*len(faults)))
	for _, name := range slices.Sorted(maps.Keys(d.Faults)) {
		t.Logf("%4d times: %s", d.Faults[name], name)
	}
	for _, f := range faults {
		if d.Faults[f.name] < times {
			t.Errorf("%s: %d times", f.name, d.Faults[f.name])
		}
	}
}
