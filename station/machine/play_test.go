package machine

import (
	"slices"
	"sync"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationlog"
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
	scratch  string    // a folder that goes with the trial; "" if there is none
	moments  int       // of paper, since arm
	killAt   int       // the moment at which the program is killed; 0: none
	lifeless func() bool
	fails    string // the movement that fails when it comes next; "": none

	voter int // who is in the booth
}

// killed is the panic that ends a program in the middle.
type killed struct{}

// newTrial starts a station whose database lies at disk.
func newTrial(disk database.Config, media [2]string) *trial {
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
	if what == r.fails {
		r.fails = ""
		return errHalf
	}
	return nil
}

// arm kills the program at the n-th moment from now on.
func (r *trial) arm(n int) { r.moments, r.killAt = 0, n }

// boot opens the database and starts the machine, as after the power came back.
func (r *trial) boot() (err error) {
	r.seed += "+"
	if r.db, err = database.Open(r.disk); err != nil {
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
	r.killAt, r.fails = 0, ""
}

// A play is one thing that happens at a station, from a stage on. It asserts
// nothing, because it may end anywhere; survived does.
type play struct {
	name string
	from *stage
	act  func(*trial)
	want record.Counts // after it, if nothing comes between

	calls []station.Fault // for which a poll worker was called
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
	{"open", unopened, func(r *trial) { r.OpenPolls(1) }, record.Counts{Registered: electors}, nil},
	{"cast", voting, func(r *trial) { r.enter(0, 1, 2); r.cast() }, after(1, 1, 0, 0, 1, 0), nil},
	{"challenge then cast", voting, func(r *trial) {
		r.enter(0, 2, 1)
		r.Handle(station.ChallengeChosen{})
		r.again(1, 0)
		r.cast()
	}, after(1, 1, 1, 0, 2, 1), nil},
	{"three challenges then cast", voting, func(r *trial) {
		r.enter(0, 2, 1)
		for _, s := range []int{3, 0, 1} {
			r.Handle(station.ChallengeChosen{})
			r.again(s, 1)
		}
		r.Handle(station.ChallengeChosen{}) // one too many
		r.cast()
	}, after(1, 1, 3, 0, 4, 3), nil},
	{"challenge then leave", voting, func(r *trial) {
		r.enter(0, 2, 1)
		r.Handle(station.ChallengeChosen{})
		r.Remove()
	}, after(1, 0, 1, 1, 1, 1), nil},
	{"leave before the slip", voting, func(r *trial) { r.Insert(r.world.Cards[0]); r.Remove() }, after(1, 0, 0, 1, 0, 0), nil},
	{"leave with a slip", voting, func(r *trial) { r.enter(0, 1, 1); r.Remove() }, after(1, 0, 0, 1, 1, 1), nil},
	{"time-out, then come back", voting, func(r *trial) {
		r.enter(0, 1, 1)
		r.Handle(station.SessionTimedOut{})
		r.Remove()
		r.enter(0, 2, 2)
		r.cast()
	}, after(2, 1, 0, 1, 2, 1), nil},
	{"refused", voting, func(r *trial) {
		r.Insert(r.world.Cards[2])
		r.Remove()
		r.Insert(r.world.Authority.Issue("Z999999999", nil))
		r.Remove()
	}, after(0, 0, 0, 0, 0, 0), nil},
	{"suspend, resume, cast", voting, func(r *trial) {
		r.enter(0, 1, 1)
		r.Suspend(stationlog.WorkerDecided)
		r.Remove()
		r.Resume(1)
		r.enter(0, 3, 2)
		r.cast()
	}, after(2, 1, 0, 1, 2, 1), nil},
	{"close", voting, func(r *trial) { r.close() }, after(0, 0, 0, 0, 0, 0), nil},
	{"export", over, func(r *trial) { r.Export(r.media[0], r.media[1]) }, after(0, 0, 0, 0, 0, 0), nil},
	{"receipt fails, resume, cast", voting, func(r *trial) {
		r.fails = "before print " + slip.KindReceipt
		r.enter(0, 1, 1)
		r.Remove()
		r.Resume(1)
		r.enter(0, 2, 2)
		r.cast()
	}, after(2, 1, 0, 1, 2, 1), []station.Fault{station.PrinterFault}},
	{"opened ballot fails, resume, cast", voting, func(r *trial) {
		r.fails = "after print " + slip.KindChallenge
		r.enter(0, 1, 1)
		r.Handle(station.ChallengeChosen{})
		r.Remove()
		r.Resume(1)
		r.enter(0, 2, 2)
		r.cast()
	}, after(2, 1, 1, 1, 2, 1), []station.Fault{station.PrinterFault}},
}

// TestPlays: left alone, every play is what its name says.
func TestPlays(t *testing.T) {
	for _, p := range plays {
		r := onFiles(t, p.from)
		p.act(r)
		if got := r.reconciled(t); got != p.want {
			t.Errorf("%s: %+v, want %+v", p.name, got, p.want)
		}
		if !slices.Equal(r.calls, p.calls) {
			t.Errorf("%s: a poll worker was called: %v", p.name, r.calls)
		}
		r.drop()
	}
}
