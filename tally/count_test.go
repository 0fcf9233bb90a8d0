package tally_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
	"github.com/openreferendum/referendum/tally/tallytest"
)

// request makes the record of the small world up to its request.
func request(t *testing.T, w *smallWorld) (fstest.MapFS, *record.Aggregates) {
	t.Helper()
	cast, sums, err := tally.Collect(w.Election, []string{"a-1", "a-2", "b-1"}, w.store, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := tally.Aggregate(w.Election, cast, sums, w.Authority.Signer())
	if err != nil {
		t.Fatal(err)
	}
	files := maps.Clone(w.Ceremony)
	for id, b := range w.bundles {
		for name, f := range b {
			files[record.StationFile(id, name)] = f
		}
	}
	files[record.AggregatesFile] = &fstest.MapFile{Data: must(record.Marshal(a))}
	return files, &a.Body
}

func TestAggregateRefuses(t *testing.T) {
	w := small()
	stranger := tallytest.New(tallytest.Config{Seed: "stranger"}).Authority.Signer()
	cast, sums, err := tally.Collect(w.Election, []string{"a-1"}, w.store, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := tally.Aggregate(w.Election, cast, sums, stranger); !errors.Is(err, tally.ErrKey) || a != nil {
		t.Errorf("a stranger's key: %v, %v", a, err)
	}
	if _, err := tally.Aggregate(w.Election, nil, nil, w.Authority.Signer()); err == nil || err.Error() != "aggregates: 0 aggregates" {
		t.Errorf("no station: %v", err)
	}
	few := map[string]uint32{"a-1": 1}
	if _, err := tally.Aggregate(w.Election, few, sums, w.Authority.Signer()); !errors.Is(err, tally.ErrTooSmall) ||
		err.Error() != `aggregate "a-1": without the missing stations, too few ballots are left to be decrypted together: 1, needed are 2` {
		t.Errorf("one ballot, and stations are missing: %v", err)
	}
	whole := map[string]uint32{"a-1": 1, "a-2": 0, "b-1": 0}
	none := w.Election.Manifest.NewSum()
	if _, err := tally.Aggregate(w.Election, whole, map[string]*record.Sum{"a-1": none, "a-2": none, "b-1": none}, w.Authority.Signer()); err != nil {
		t.Errorf("one ballot in the whole nation: %v", err)
	}
	a, err := tally.Aggregate(w.Election, cast, sums, w.Authority.Signer())
	if err != nil || strings.Join(a.Body.Missing, " ") != "a-2 b-1" {
		t.Errorf("two stations are missing: %v, %v", a, err)
	}
}

func TestDecide(t *testing.T) {
	w := small()
	files, a := request(t, w)
	var answers []*record.Decryption
	for i := 1; i <= tallytest.Trustees; i++ {
		b, err := w.Answer(files, i, "")
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, &must(record.ParseSigned[record.Decryption](b)).Body)
	}
	swapped := *answers[1]
	swapped.Trustee = 3
	stranger := tallytest.New(tallytest.Config{Seed: "stranger"}).Authority.Signer()
	key := w.Authority.Signer()
	for _, c := range []struct {
		name    string
		answers []*record.Decryption
		want    string
	}{
		{"no answer", nil, "deciding: too few trustees have answered: right answers of 0 trustees, needed are 2"},
		{"one answer", answers[:1], "deciding: too few trustees have answered: right answers of 1 trustees, needed are 2"},
		{"one answer twice", []*record.Decryption{answers[0], answers[0]}, "deciding: two answers of trustee 1"},
		{"swapped trustees", []*record.Decryption{answers[0], &swapped}, `deciding: aggregate "a-1", question 1, option 1: decrypts to no possible count`},
	} {
		if r, err := tally.Decide(w.Election, a, c.answers, key); err == nil || err.Error() != c.want || r != nil {
			t.Errorf("%s: %v, error %v, want %q", c.name, r, err, c.want)
		}
	}
	if _, err := tally.Decide(w.Election, a, answers, stranger); !errors.Is(err, tally.ErrKey) {
		t.Errorf("a stranger's key: %v", err)
	}
	// Votes(n) lets voter v choose (v+q) mod 4: 2, 3 and 4 voters.
	r, err := tally.Decide(w.Election, a, answers[1:], key)
	if err != nil {
		t.Fatal(err)
	}
	first := r.Body.Questions[0]
	if got := []uint64{first.Options[0].Count, first.Options[1].Count, first.Options[2].Count}; got[0] != 3 || got[1] != 2 || got[2] != 1 {
		t.Errorf("question 1 counts %v, want [3 2 1]", got)
	}
	if first.Registered != 30 || first.Cast != 9 || first.Decision.Passes {
		t.Errorf("question 1: %+v", first)
	}
	if got := first.Decision.Conditions[1].AnyOf[0].String(); got != "4·agree >= registered: 12 >= 30 does not hold" {
		t.Errorf("second comparison: %s", got)
	}
}

func TestCheckCeremony(t *testing.T) {
	w := small()
	if err := tally.CheckCeremony(w.Election, w.Ceremony); err != nil {
		t.Fatal(err)
	}
	other := tallytest.New(tallytest.Config{Seed: "other"})
	for name, want := range map[string]string{
		record.EnrolmentFile(2):    "enrolment",
		record.CommitmentFile(1):   "commitment",
		record.RevealFile(3):       "reveal",
		record.ConfirmationFile(2): "confirmation",
		record.ManifestFile:        "",
	} {
		c := maps.Clone(w.Ceremony)
		c[name] = other.Ceremony[name]
		if err := tally.CheckCeremony(w.Election, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("another ceremony's %s: %v", name, err)
		}
		delete(c, name)
		if err := tally.CheckCeremony(w.Election, c); err == nil || !strings.Contains(err.Error(), "no such file") {
			t.Errorf("without %s: %v", name, err)
		}
	}
	// A joint key that the trustees have not made, in a joint-key.json that fits
	// the manifest.
	j := must(record.ParseJointKey(w.Ceremony[record.JointKeyFile].Data))
	j.PublicShares[0], j.PublicShares[1] = j.PublicShares[1], j.PublicShares[0]
	e := must(record.NewElection(w.Ceremony[record.ManifestFile].Data, must(record.Marshal(j))))
	if err := tally.CheckCeremony(e, w.Ceremony); err == nil || err.Error() != "joint key: not what the trustees' reveals give" {
		t.Errorf("swapped shares: %v", err)
	}
}
