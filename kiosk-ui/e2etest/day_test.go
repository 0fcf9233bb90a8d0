package e2etest

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/front"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
)

// A day is a polling station's: the machine with its devices, the program that
// runs on it, and whoever stands before it.
type day struct {
	*person
	m       *kiosktest.Machine
	e       *election
	program string
	votes   [][]int       // those that were cast
	counts  flow.Counts   // what the station has counted
	notices []flow.Notice // what the station says of itself in every situation
}

// opens is when the polls of a test's election open: a while ago.
func opens() time.Time { return time.Now().Add(-2 * time.Hour) }

// newDay provisions a machine and starts its program on a display.
func newDay(t testing.TB, voters int, configure func(*kiosk.Config)) *day {
	t.Helper()
	path, err := kioskProgram()
	must(t, err)
	e := newElection(t, record.Rehearsal, voters, opens())
	d := &day{e: e, m: kiosktest.NewFor(t, e.world), program: path, counts: flow.Counts{Registered: voters}}
	if configure != nil {
		configure(d.m.Config)
		b, err := json.Marshal(d.m.Config)
		must(t, err)
		must(t, os.WriteFile(d.m.Path("kiosk.json"), b, 0o600))
	}
	d.provision(t)
	const width, height = 1024, 768
	d.person = &person{d: newDisplay(t, width, height)}
	d.start(t)
	return d
}

// provision lets the program take in the station's package, as a technician
// does.
func (d *day) provision(t testing.TB) {
	t.Helper()
	display := &display{name: ":none"}
	p := start(t, display, d.program, "provision", "--config", d.m.Path("kiosk.json"), "--key", d.m.Path("station.age"), "--passphrase-file", d.m.Path("passphrase"))
	if <-p.ended; p.process.ProcessState.ExitCode() != 0 {
		t.Fatalf("provisioning: %v:\n%s", p.process.ProcessState, p.said)
	}
}

// start starts the program. What a person knew of the one before is forgotten.
func (d *day) start(t testing.TB) {
	t.Helper()
	d.p = start(t, d.d, d.program, "run", "--config", d.m.Path("kiosk.json"), "--passphrase-file", d.m.Path("passphrase"))
	d.mirror = newMirror(t, front.Setup(d.e.world.Election, d.e.world.Election.Manifest.Stations[0], d.m.Config.Reader.Document), d.d.width, d.d.height)
}

// say is what the station says in a place, with what else is given.
func (d *day) say(at station.Place, with ...func(*flow.Situation)) flow.Situation {
	s := flow.Situation{Phase: flow.Running, State: station.State{At: at}, Notices: d.notices}
	c := d.counts
	switch at {
	case station.Unopened, station.Suspended, station.Closed:
		s.Counts = &c
	case station.Idle:
		c.Sessions, c.Challenged, c.Abandoned, c.SlipsPrinted, c.SlipsVoided = -1, -1, -1, -1, -1
		s.Counts = &c
	}
	for _, change := range with {
		change(&s)
	}
	return s
}

// What may be said beside the place.
func cardIn(s *flow.Situation) { s.CardIn = true }

func asks(a flow.Ask) func(*flow.Situation) {
	return func(s *flow.Situation) { s.Ask, s.Tries, s.CardIn = a, 3, a != flow.OfficialCard }
}

func act(a flow.Act, need int, have ...int) func(*flow.Situation) {
	return func(s *flow.Situation) { s.Act, s.Need, s.Have = a, need, have }
}

func done(a flow.Act) func(*flow.Situation) { return func(s *flow.Situation) { s.Done = a } }

func refused(r station.Reason) func(*flow.Situation) {
	return func(s *flow.Situation) { s.State.Refusal, s.CardIn = r, true }
}

func tries(n int) func(*flow.Situation) {
	return func(s *flow.Situation) { s.WrongPIN, s.Tries, s.Blocked = true, n, n == 0 }
}

func challenges(n int) func(*flow.Situation) {
	return func(s *flow.Situation) { s.State.Challenges = n }
}

// pin types a card's PIN on the screen.
func (d *day) pin(digits string) {
	d.t.Helper()
	for _, digit := range digits {
		d.touch(screen.KeyPrefix + string(digit))
	}
	d.sees()
	d.touch("enter")
}

// insert puts a card in.
func (d *day) insert(card *eidtest.Card) {
	d.t.Helper()
	must(d.t, d.m.Booth.Cards.Insert(card))
}

// remove takes the card out.
func (d *day) remove() {
	d.t.Helper()
	must(d.t, d.m.Booth.Cards.Remove())
}

// come lets poll workers come for an act that has begun, until it is done; then
// the station is at a place.
func (d *day) come(a flow.Act, at, then station.Place, with ...func(*flow.Situation)) {
	d.t.Helper()
	need := map[flow.Act]int{flow.Reprint: 1, flow.Export: 1}[a]
	if need == 0 {
		need = 2
	}
	begun := func(have []int, more ...func(*flow.Situation)) flow.Situation {
		return d.say(at, append(append([]func(*flow.Situation){act(a, need, have...)}, with...), more...)...)
	}
	d.expects(begun(nil, asks(flow.OfficialCard)))
	var have []int
	for i := range need {
		d.insert(d.m.Officials[i])
		d.expects(begun(have, asks(flow.OfficialPIN)))
		d.pin(eidtest.DefaultPIN)
		have = append(have, i+1)
		if i+1 == need {
			break
		}
		d.expects(begun(have, asks(flow.OfficialCard), cardIn))
		d.remove()
		d.expects(begun(have, asks(flow.OfficialCard)))
	}
	if a == flow.Resume || a == flow.Clear { // it has looked at printers, or at doors
		d.notices = nil
	}
	if then != at {
		with = nil
	}
	d.expects(d.say(then, append(slices.Clone(with), done(a), cardIn)...))
	d.remove()
	d.expects(d.say(then, append(slices.Clone(with), done(a))...))
}

// open opens the polls.
func (d *day) open() {
	d.t.Helper()
	d.expects(d.say(station.Unopened))
	d.touch("workers")
	d.sees()
	d.touch("open")
	d.come(flow.Open, station.Unopened, station.Idle)
	d.touch("leave-workers")
	d.sees()
}

// begin takes a voter from the first screen to the questions.
func (d *day) begin(language string, card *eidtest.Card) {
	d.t.Helper()
	d.toPIN(language, card)
	d.pin(eidtest.DefaultPIN)
	d.toQuestions()
}

// toPIN takes a voter to the card's PIN.
func (d *day) toPIN(language string, card *eidtest.Card) {
	d.t.Helper()
	d.sees()
	d.touch("begin")
	d.sees()
	d.touch("lang:" + language)
	d.sees()
	d.insert(card)
	d.expects(d.say(station.Idle, asks(flow.VoterPIN)))
}

func (d *day) toQuestions() {
	d.t.Helper()
	d.update(d.say(station.Checking, cardIn))
	d.expects(d.say(station.Choosing, cardIn))
	d.counts.Sessions++
}

// answer answers all questions: 0 takes no paper, the last option is blank.
func (d *day) answer(selections []int) {
	d.t.Helper()
	for _, n := range selections {
		if n == 0 {
			d.touch("leave")
			d.sees()
			continue
		}
		d.touch("take")
		d.sees()
		d.touch(fmt.Sprintf("answer:%d", n))
		d.sees()
		if d.flow.Screen().Offers("blank-yes") {
			d.touch("blank-yes")
			d.sees()
		}
	}
}

// print takes a voter from the review to the slip.
func (d *day) print(selections []int) {
	d.t.Helper()
	d.touch("print")
	if d.flow.Screen().Offers("print") && len(d.asked) == 0 {
		d.sees() // no paper at all: asked about once
		d.touch("print")
	}
	if len(d.asked) != 1 {
		d.t.Fatalf("to print asked the station for %d things", len(d.asked))
	}
	chosen, is := d.asked[0].(flow.Choose)
	if !is || !slices.Equal(chosen.Selections.Export(), selections) {
		d.t.Fatalf("the screens have chosen otherwise than %v", selections)
	}
	d.update(d.say(station.Encrypting, cardIn))
	d.counts.SlipsPrinted++
}

// deposit takes a voter from the slip out of the door.
func (d *day) deposit(selections []int) {
	d.t.Helper()
	d.touch("cast")
	d.update(d.say(station.Casting, cardIn))
	d.expects(d.say(station.Leaving, cardIn))
	d.counted(selections)
	d.remove()
	d.expects(d.say(station.Idle))
}

// counted notes a ballot that is cast.
func (d *day) counted(selections []int) {
	d.counts.Cast++
	d.counts.Attended++
	d.votes = append(d.votes, selections)
}

// vote is a voter's whole way.
func (d *day) vote(language string, voter int, selections ...int) {
	d.t.Helper()
	d.begin(language, d.m.Voter(voter))
	d.answer(selections)
	d.print(selections)
	d.expects(d.say(station.Deciding, cardIn))
	d.deposit(selections)
}

// boxFits holds the slips in the box against the ballots.
func (d *day) boxFits() {
	d.t.Helper()
	if n := len(d.m.Booth.Box()); n != d.counts.Cast {
		d.t.Errorf("%d ballots are cast, %d slips in the box", d.counts.Cast, n)
	}
}
