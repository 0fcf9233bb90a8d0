package machine

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationtest"
)

// survived is what must hold after any death: it starts the station again, lets
// everybody vote who has not, closes, exports, and compares ballots, roll,
// counts and paper.
func (r *trial) survived(t testing.TB) {
	t.Helper()
	if err := r.boot(); err != nil {
		t.Fatalf("starting again: %v", err)
	}
	defer func() {
		r.drop()
		os.RemoveAll(r.scratch) // thousands of trials would fill the memory
	}()
	r.honest(t)
	r.goOn(t)
	r.honest(t)
	r.settle(t)
}

// honest compares what people were told and hold in their hands with the books.
func (r *trial) honest(t testing.TB) {
	t.Helper()
	c := r.reconciled(t)
	marked := 0
	for i := range electors {
		if r.hasVoted(t, i) {
			marked++
		} else if r.told[i] {
			t.Fatalf("voter %d was told that the ballot is cast, and is not marked", i)
		}
	}
	if marked != int(c.Cast) {
		t.Fatalf("%d voters marked, %d ballots cast", marked, c.Cast)
	}
	// A slip is counted before it is printed, so after a death one may be counted
	// that never was. It is counted as voided.
	printed, voided := int(c.SlipsPrinted)-r.paper.Printed[slip.KindSlip], int(c.SlipsVoided)-r.paper.Voided
	if printed != voided || printed < 0 || printed > r.deaths {
		t.Fatalf("%d slips more counted than printed, %d more than voided, after %d deaths", printed, voided, r.deaths)
	}
	want := map[string]int{}
	place, _ := r.world.Election.Station(stationtest.Station)
	for i := range electors {
		if !r.hasVoted(t, i) {
			continue
		}
		page, err := slip.Slip(r.world.Election.Manifest, place, r.chose[i])
		if err != nil {
			t.Fatal(err)
		}
		content, err := page.Encode()
		if err != nil {
			t.Fatal(err)
		}
		want[string(content)]++
	}
	for content, n := range want {
		if r.paper.Box[content] != n {
			t.Fatalf("%d slips in the box instead of %d of %s", r.paper.Box[content], n, content)
		}
	}
}

// goOn brings the polls to where people can vote, lets everybody try who has
// voted, and the first who has not vote.
func (r *trial) goOn(t testing.TB) {
	t.Helper()
	day, err := r.day()
	if err != nil {
		t.Fatal(err)
	}
	if r.closed != (day.Phase == daybook.Closed) && r.closed {
		t.Fatal("a closing tape was printed, and the polls are open")
	}
	switch r.State().At {
	case station.Closed:
		return
	case station.Unopened:
		err = r.OpenPolls(1)
	case station.Suspended:
		err = r.Resume(1)
	}
	if err != nil {
		t.Fatalf("going on: %v", err)
	}
	for i := range electors {
		if r.hasVoted(t, i) {
			if s := r.Insert(r.world.Cards[i]); s.Refusal != station.HasVoted {
				t.Fatalf("voter %d comes again: %+v", i, s)
			}
			r.Remove()
			continue
		}
		r.enter(i, 2, 3)
		r.at(t, station.Deciding)
		r.cast()
		r.at(t, station.Idle)
		break
	}
	if err := r.ClosePolls(r.officials(1, 2)); err != nil {
		t.Fatal(err)
	}
}

// settle exports, reads the bundle as the tally does, and decrypts every ballot.
func (r *trial) settle(t testing.TB) {
	t.Helper()
	if err := r.PrintClosingTape(); err != nil {
		t.Fatal(err)
	}
	if err := r.Export(r.media[0], r.media[1]); err != nil {
		t.Fatal(err)
	}
	var want [][]int
	for i := range electors {
		if r.hasVoted(t, i) {
			want = append(want, r.chose[i])
		}
	}
	slices.SortFunc(want, slices.Compare)
	// Export has compared the two media.
	if got := r.bundle(t, r.media[0]); !slices.EqualFunc(got, want, slices.Equal) {
		t.Fatalf("the box holds %v, the voters chose %v", got, want)
	}
}

// bundle checks the station's bundle and returns what its ballots say, sorted.
func (r *trial) bundle(t testing.TB, medium string) [][]int {
	t.Helper()
	e := r.world.Election
	dir := durable.RegularFiles(filepath.Join(medium, stationtest.Station))
	s, problems := record.ReadStation(e, dir, stationtest.Station)
	if len(problems) > 0 {
		t.Fatalf("bundle: %v", problems)
	}
	if problems := s.CheckScan(record.ScanBallots(e, dir, stationtest.Station, nil)); len(problems) > 0 {
		t.Fatalf("ballots: %v", problems)
	}
	raw, err := fs.ReadFile(dir, record.BallotsFile)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]int
	for ballot := range slices.Chunk(raw, e.BallotSize()) {
		selections, err := r.world.Decrypt(ballot)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, selections)
	}
	slices.SortFunc(all, slices.Compare)
	return all
}
