package simulation

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
)

// TestQuickIsNoVote: a live vote is refused before a ballot is made.
func TestQuickIsNoVote(t *testing.T) {
	r, err := New(plan(t, invention(t, Invention{Stations: 1, Voters: 5, Questions: 1, Seed: 1}), "tw"), filepath.Join(t.TempDir(), "x"), 1)
	if err != nil {
		t.Fatal(err)
	}
	r.Quick = true
	if err := r.Vote(nil); err == nil || !strings.Contains(err.Error(), "a live vote needs stations") {
		t.Errorf("a quick live vote: %v", err)
	}
	if made, err := filepath.Glob(filepath.Join(r.Dir, "media-*", "*")); err != nil || len(made) > 0 {
		t.Errorf("bundles of a live vote: %v, %v", made, err)
	}
}

// TestQuick plays a township.
func TestQuick(t *testing.T) { quickArea(t, "連江縣 莒光鄉", `"09","007","00","030"`) }

// TestSoakQuick plays the county.
func TestSoakQuick(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("SOAK is not set: make soak")
	}
	quickArea(t, "連江縣", "")
}

// quickArea plays an area whose rows begin with a prefix: the Commission's rows come
// out, byte for byte, all ballots differ, and there is neither station nor second
// medium.
func quickArea(t *testing.T, area, rows string) {
	t.Helper()
	fsys, d := lienchiang(t)
	p := plan(t, d, area)
	p.Kind, p.Trustees, p.Threshold = record.Rehearsal, 2, 2
	r, result := playedAs(t, p, true)
	verifies(t, r)
	_, total, err := r.Compare(result)
	if err != nil || !total.Agrees() || total.Cast != uint64(p.Voters()) {
		t.Fatalf("%v: %+v", err, total)
	}
	if _, err := r.WriteResults(filepath.Join(r.Dir, "results"), result); err != nil {
		t.Fatal(err)
	}
	officialRows(t, r, fsys, rows)
	quickFolders(t, r)
	r.keepChoices(&p.Stations[0], [][]int{{Agree, Agree, Agree, Agree}})
	if _, total, err := r.Compare(result); err != nil || total.Agrees() {
		t.Errorf("other choices than were counted: %v, %+v", err, total)
	}
}

// quickFolders looks for what a quick rehearsal must not leave, and for ballots
// that stand twice.
func quickFolders(t *testing.T, r *Referendum) {
	t.Helper()
	for _, folder := range []string{"stations", "papers"} {
		if _, err := os.Stat(r.path(folder)); err == nil {
			t.Errorf("a quick rehearsal has the folder %s", folder)
		}
	}
	if second, err := os.ReadDir(r.Media()[1]); err != nil || len(second) > 0 {
		t.Errorf("on the second medium: %v, %v", second, err)
	}
	seen := map[string]bool{}
	for _, s := range r.Plan.Stations {
		b, err := os.ReadFile(filepath.Join(r.Media()[0], s.ID, record.BallotsFile))
		if err != nil {
			t.Fatal(err)
		}
		for ballot := range slices.Chunk(b, r.Election.BallotSize()) {
			if seen[string(ballot)] {
				t.Fatalf("station %s: a ballot stands twice", s.ID)
			}
			seen[string(ballot)] = true
		}
	}
	if len(seen) != r.Plan.Voters() {
		t.Errorf("%d ballots of %d voters", len(seen), r.Plan.Voters())
	}
}
