package simulation

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/simulation/cec"
	"github.com/openreferendum/referendum/verifier"
)

// invention makes the data of a small invented referendum.
func invention(t testing.TB, v Invention) *cec.Data {
	t.Helper()
	dir := t.TempDir()
	if err := Invent(dir, v); err != nil {
		t.Fatal(err)
	}
	return data(t, os.DirFS(dir))
}

func data(t testing.TB, fsys fs.FS) *cec.Data {
	t.Helper()
	d, err := cec.Read(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func lienchiang(t testing.TB) (fs.FS, *cec.Data) {
	t.Helper()
	fsys, err := fs.Sub(cec.Lienchiang, "data")
	if err != nil {
		t.Fatal(err)
	}
	return fsys, data(t, fsys)
}

func plan(t testing.TB, d *cec.Data, area string) *Plan {
	t.Helper()
	p, leftOut, err := FromData(d, area, 1)
	if err != nil || len(leftOut) > 0 {
		t.Fatalf("plan of %q: %v, left out %v", area, err, leftOut)
	}
	return p
}

// played plays a whole referendum.
func played(t testing.TB, p *Plan) (*Referendum, *record.Result) { return playedAs(t, p, false) }

// playedAs plays it as a quick rehearsal, or not.
func playedAs(t testing.TB, p *Plan, quick bool) (*Referendum, *record.Result) {
	t.Helper()
	r, err := New(p, filepath.Join(t.TempDir(), "referendum"), 2)
	if err != nil {
		t.Fatal(err)
	}
	r.DiscardDatabases, r.Quick = true, quick
	for _, step := range []func() error{
		r.Ceremony, func() error { return r.Provision(nil) }, func() error { return r.Vote(nil) }, func() error { return r.Count(nil) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	for i := 1; i <= p.Threshold; i++ {
		if err := r.Decrypt(i, nil); err != nil {
			t.Fatal(err)
		}
	}
	result, err := r.Publish()
	if err != nil {
		t.Fatal(err)
	}
	return r, result
}

func verifies(t testing.TB, r *Referendum) {
	t.Helper()
	report := verifier.Verify(os.DirFS(r.RecordDir()), verifier.Options{Workers: 2, Election: &r.Election.ID, Random: r.Random})
	if !report.OK() {
		t.Fatalf("the record does not verify: %v", report.Failures)
	}
}

// TestInvented plays stations so small that they are decrypted together, with
// papers that were not taken.
func TestInvented(t *testing.T) {
	p := plan(t, invention(t, Invention{Stations: 5, Voters: 12, Questions: 3, Seed: 4}), "tw")
	p.PrivacyThreshold, p.ChallengeShare, p.AbandonShare = 15, 0.2, 0.2
	r, result := played(t, p)
	verifies(t, r)
	each, total, err := r.Compare(result)
	if err != nil || !total.Agrees() || total.Cast != uint64(p.Voters()) {
		t.Errorf("%v: %+v", err, total)
	}
	if len(each) >= len(p.Stations) {
		t.Errorf("%d sums of %d stations: nothing was merged", len(each), len(p.Stations))
	}
	merged, err := r.WriteResults(filepath.Join(r.Dir, "results"), result)
	if err != nil || len(merged) < 2 {
		t.Fatalf("%v: merged are %q", err, merged)
	}
	b, err := os.ReadFile(filepath.Join(r.Dir, "results", "rfprof-1.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Stations {
		row := bytes.Contains(b, []byte(`"`+s.Code.Village+`","`+s.Code.Station+`"`))
		if row == slices.Contains(merged, s.ID) {
			t.Errorf("station %s: row %v, decrypted with others %v", s.ID, row, !row)
		}
	}
	if entries, err := os.ReadDir(r.stationPath(&p.Stations[0])); err != nil || len(entries) != 1 {
		t.Errorf("databases were to be removed: %v, %v", entries, err)
	}
	takesHome(t, r)
}

// takesHome checks what voters took home against the record.
func takesHome(t *testing.T, r *Referendum) {
	t.Helper()
	receipt, file, err := r.TakeHome(filepath.Join(r.Dir, "taken-home"))
	if err != nil || receipt == "" {
		t.Fatalf("receipt %q, %v", receipt, err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := record.ParseChallenge(b)
	if err != nil {
		t.Fatal(err)
	}
	challenged := &record.ChallengedBallot{Code: c.Code, Ballot: c.Ballot, Seed: c.Seed, Selections: c.Selections}
	if err := record.CheckChallenged(r.Election, c.Station, challenged); err != nil {
		t.Error(err)
	}
}

// TestOfficialFiles plays a township and gets the Commission's rows, byte for
// byte.
func TestOfficialFiles(t *testing.T) {
	fsys, d := lienchiang(t)
	p := plan(t, d, "連江縣 莒光鄉")
	r, result := played(t, p)
	verifies(t, r)
	if each, total, err := r.Compare(result); err != nil || !total.Agrees() || len(each) != 2 {
		t.Fatalf("%v: %+v", err, total)
	}
	if _, err := r.WriteResults(filepath.Join(r.Dir, "results"), result); err != nil {
		t.Fatal(err)
	}
	officialRows(t, r, fsys, `"09","007","00","030"`)
	if err := r.WritePapers(filepath.Join(r.Dir, "papers"), nil); err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Stations {
		for _, name := range []string{"slips.pdf", "tapes.pdf", "receipts.pdf"} {
			b, err := os.ReadFile(filepath.Join(r.Dir, "papers", s.ID, name))
			if err != nil || !bytes.HasPrefix(b, []byte("%PDF")) {
				t.Errorf("%s of %s: %v", name, s.ID, err)
			}
		}
	}
	paperCounts(t, r, result)
}

// officialRows compares the rows that were written with the Commission's that begin
// with a prefix.
func officialRows(t *testing.T, r *Referendum, fsys fs.FS, prefix string) {
	t.Helper()
	for _, name := range []string{"rfprof-17.csv", "rfprof-18.csv", "rfprof-19.csv", "rfprof-20.csv"} {
		published, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		var want strings.Builder
		for i, line := range strings.SplitAfter(string(published), "\n") {
			if i == 0 || strings.HasPrefix(line, prefix) {
				want.WriteString(line)
			}
		}
		got, err := os.ReadFile(filepath.Join(r.Dir, "results", name))
		if err != nil || string(got) != want.String() {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want.String())
		}
	}
}

// paperCounts changes the paper, and then the result, behind everybody's back.
func paperCounts(t *testing.T, r *Referendum, result *record.Result) {
	t.Helper()
	result.Aggregates[0].Counts[2][Agree-1]++
	if _, total, err := r.Compare(result); err != nil || total.Agrees() || !total.Questions[0].Agrees() || total.Questions[2].Agrees() {
		t.Errorf("one vote more in the result: %v, %+v", err, total)
	}
	result.Aggregates[0].Counts[2][Agree-1]--
	id := r.Plan.Stations[0].ID
	slips, err := r.Papers[id].Box.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Papers[id].Box.Drop(slips[0].Page); err != nil {
		t.Fatal(err)
	}
	if _, total, err := r.Compare(result); err != nil || total.Agrees() {
		t.Errorf("one slip more in the box: %v, %+v", err, total)
	}
}

// TestRehearsal plays the same plan as a rehearsal: another election.
func TestRehearsal(t *testing.T) {
	p := plan(t, invention(t, Invention{Stations: 1, Voters: 4, Questions: 1, Seed: 2}), "tw")
	p.Kind = record.Rehearsal
	r, _ := played(t, p)
	verifies(t, r)
	if r.Election.Manifest.Kind != record.Rehearsal {
		t.Errorf("kind %q", r.Election.Manifest.Kind)
	}
}

func TestNewRefuses(t *testing.T) {
	_, d := lienchiang(t)
	p := plan(t, d, "連江縣")
	if _, err := New(p, t.TempDir(), 1); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("an existing folder: %v", err)
	}
	p.Threshold = 6
	if _, err := New(p, filepath.Join(t.TempDir(), "x"), 1); err == nil || !strings.Contains(err.Error(), "6 of 5 trustees") {
		t.Errorf("6 of 5: %v", err)
	}
	p.Threshold = 2 // two quorums without a common trustee
	r, err := New(p, filepath.Join(t.TempDir(), "x"), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Ceremony(); err == nil || !strings.Contains(err.Error(), "2 of 5 trustees is not more than half") {
		t.Errorf("2 of 5: %v", err)
	}
}
