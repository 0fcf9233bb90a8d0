package machine

import (
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationtest"
)

// electors is how many stand on the roll of a trial's station.
const electors = 3

var theWorld = sync.OnceValue(func() *stationtest.World { return stationtest.NewWorld(record.Live, electors) })

// A trial is a station that is killed, or whose disks fail, while something
// happens; and what people were told until then.
type trial struct {
	*house
	chose    map[int][]int // what each voter confirmed last
	told     map[int]bool  // whose slip began to drop: they saw that they have voted
	closed   bool          // the closing tape began to print
	deaths   int
	media    [2]string // for the bundle
	moments  int       // of paper, since arm
	killAt   int       // the moment at which the program is killed; 0: none
	lifeless func() bool

	voter int // who is in the booth
}

// killed is the panic that ends a program in the middle.
type killed struct{}

// newTrial starts a station whose database lies at disk.
func newTrial(disk durable.Config, media [2]string) *trial {
	r := &trial{
		house: &house{world: theWorld(), paper: stationtest.NewPaper(), disk: disk, seed: "trial"},
		chose: map[int][]int{}, told: map[int]bool{}, media: media, lifeless: func() bool { return false },
	}
	r.paper.Hook = r.moment
	return r
}

// moment is before and after every movement of paper. A program that is killed
// moves no more paper.
func (r *trial) moment(what string) error {
	if r.lifeless() {
		panic(killed{})
	}
	switch what {
	case "before drop":
		r.told[r.voter] = true
	case "before print " + slip.KindClosing:
		r.closed = true
	}
	r.moments++
	if r.moments == r.killAt {
		panic(killed{})
	}
	return nil
}

// arm kills the program at the n-th moment from now on.
func (r *trial) arm(n int) { r.moments, r.killAt = 0, n }

// boot opens the database and starts the machine, as after the power came back.
func (r *trial) boot() (err error) {
	r.seed += "+"
	if r.db, err = durable.Open(r.disk); err != nil {
		return err
	}
	r.Machine, err = New(r.config())
	return err
}

// lives runs f and reports whether the program came to the end of it. One that
// was killed leaves nothing but what is on disk and on paper.
func (r *trial) lives(t testing.TB, f func()) (alive bool) {
	t.Helper()
	defer func() {
		if alive && !r.lifeless() {
			return
		}
		if p := recover(); p != nil && p != (killed{}) {
			panic(p)
		}
		alive = false
		r.deaths++
		r.drop()
	}()
	f()
	return true
}

// drop lets go of the database without writing anything.
func (r *trial) drop() {
	if r.db != nil {
		r.db.Close() //nolint:errcheck // its disk may be dead
		r.db = nil
	}
	r.Machine = nil
	r.killAt = 0
}

// A play is one thing that happens at a station, from a stage on. It asserts
// nothing, because it may end anywhere; survived does.
type play struct {
	name string
	from *stage
	act  func(*trial)
	want record.Counts // after it, if nothing comes between
}

func (r *trial) enter(i int, selections ...int) {
	r.voter = i
	r.Insert(r.world.Cards[i])
	r.again(selections...)
}

func (r *trial) again(selections ...int) {
	r.chose[r.voter] = selections
	r.Choose(selections)
}

func (r *trial) cast() {
	r.Handle(station.CastChosen{})
	r.Remove()
}

func (r *trial) close() { r.ClosePolls(r.officials(1, 2)) }

// after is what is counted after one voter's ballot and what a play adds.
func after(sessions, cast, challenged, abandoned, printed, voided uint32) record.Counts {
	return record.Counts{
		Registered: electors, Attendances: 1 + cast, Sessions: 1 + sessions, Cast: 1 + cast, Challenged: challenged,
		Abandoned: abandoned, SlipsPrinted: 1 + printed, SlipsVoided: voided,
	}
}

// plays are all kinds of session, and the rest of the day.
var plays = []play{
	{"open", unopened, func(r *trial) { r.OpenPolls() }, record.Counts{Registered: electors}},
	{"cast", voting, func(r *trial) { r.enter(0, 1, 2); r.cast() }, after(1, 1, 0, 0, 1, 0)},
	{"challenge then cast", voting, func(r *trial) {
		r.enter(0, 2, 1)
		r.Handle(station.ChallengeChosen{})
		r.again(1, 0)
		r.cast()
	}, after(1, 1, 1, 0, 2, 1)},
	{"three challenges then cast", voting, func(r *trial) {
		r.enter(0, 2, 1)
		for _, s := range []int{3, 0, 1} {
			r.Handle(station.ChallengeChosen{})
			r.again(s, 1)
		}
		r.Handle(station.ChallengeChosen{}) // one too many
		r.cast()
	}, after(1, 1, 3, 0, 4, 3)},
	{"challenge then leave", voting, func(r *trial) {
		r.enter(0, 2, 1)
		r.Handle(station.ChallengeChosen{})
		r.Remove()
	}, after(1, 0, 1, 1, 1, 1)},
	{"leave before the slip", voting, func(r *trial) { r.Insert(r.world.Cards[0]); r.Remove() }, after(1, 0, 0, 1, 0, 0)},
	{"leave with a slip", voting, func(r *trial) { r.enter(0, 1, 1); r.Remove() }, after(1, 0, 0, 1, 1, 1)},
	{"time-out, then come back", voting, func(r *trial) {
		r.enter(0, 1, 1)
		r.Handle(station.SessionTimedOut{})
		r.Remove()
		r.enter(0, 2, 2)
		r.cast()
	}, after(2, 1, 0, 1, 2, 1)},
	{"refused", voting, func(r *trial) {
		r.Insert(r.world.Cards[2])
		r.Remove()
		r.Insert(r.world.Authority.Issue("Z999999999", nil))
		r.Remove()
	}, after(0, 0, 0, 0, 0, 0)},
	{"suspend, resume, cast", voting, func(r *trial) {
		r.enter(0, 1, 1)
		r.Suspend()
		r.Remove()
		r.Resume()
		r.enter(0, 3, 2)
		r.cast()
	}, after(2, 1, 0, 1, 2, 1)},
	{"close", voting, func(r *trial) { r.close() }, after(0, 0, 0, 0, 0, 0)},
	{"export", over, func(r *trial) { r.Export(r.media[0], r.media[1]) }, after(0, 0, 0, 0, 0, 0)},
}

// survived is what must hold after any death: it starts the station again, lets
// everybody vote who has not, closes, exports, and compares ballots, roll,
// counts and paper.
func (r *trial) survived(t testing.TB) {
	t.Helper()
	if err := r.boot(); err != nil {
		t.Fatalf("starting again: %v", err)
	}
	defer r.drop()
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
		err = r.OpenPolls()
	case station.Suspended:
		err = r.Resume()
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

// TestPlays: left alone, every play is what its name says.
func TestPlays(t *testing.T) {
	for _, p := range plays {
		r := onFiles(t, p.from)
		p.act(r)
		if got := r.reconciled(t); got != p.want {
			t.Errorf("%s: %+v, want %+v", p.name, got, p.want)
		}
		if len(r.calls) > 0 {
			t.Errorf("%s: a poll worker was called: %v", p.name, r.calls)
		}
		r.drop()
	}
}
