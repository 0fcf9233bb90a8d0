package machine

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/ballotbox"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationlog"
	"github.com/openreferendum/referendum/station/stationtest"
)

// said reads the station's log and returns its events, each with its details.
func (h *house) said(t testing.TB) []string {
	t.Helper()
	_, entries, err := stationlog.Read(stationlog.Start(h.world.Election.ID, stationtest.Station), h.lines)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for line := range strings.Lines(string(h.lines)) {
		words := []string{entries[len(said)].Event.String()}
		for _, value := range strings.Split(line, `"value":"`)[1:] {
			word, _, _ := strings.Cut(value, `"`)
			words = append(words, word)
		}
		said = append(said, strings.Join(words, " "))
	}
	return said
}

// logs compares what the log says since the machine was last started, beside
// that the election is the right one.
func (h *house) logs(t testing.TB, when string, want ...string) {
	t.Helper()
	want = append([]string{"election-loaded", "kind-loaded live"}, want...)
	said := h.said(t)
	for i, line := range slices.Backward(said) {
		if line == "machine-started" {
			said = said[i+1:]
			break
		}
	}
	if len(said) > 0 && said[0] == "software-verified" {
		said = said[1:] // from the first opening on; TestLogOfRefusedStarts
	}
	if !slices.Equal(said, want) {
		t.Errorf("%s: the log says %q, want %q", when, said, want)
	}
}

// breaks makes movements of paper fail, by the beginning of their names.
func breaks(movement string, err error) func(string) error {
	return func(moment string) error {
		if strings.HasPrefix(moment, movement) {
			return err
		}
		return nil
	}
}

// TestLogOfADay: what the machine does is in the log, and voters are not: the
// same lines for a day with one voter and for a day with five and all they can do.
func TestLogOfADay(t *testing.T) {
	quiet, busy := opened(t, 5), opened(t, 5)
	quiet.vote(t, 0, 1, 1)
	busy.vote(t, 0, 1, 1)
	busy.choose(t, 1, 2, 2)
	busy.Handle(station.ChallengeChosen{})
	busy.again(t, 1, 0)
	busy.Handle(station.CastChosen{})
	busy.Remove()
	busy.choose(t, 2, 3, 3)
	busy.Remove()
	busy.Insert(busy.world.Cards[0]) // has voted
	busy.Remove()
	busy.choose(t, 2, 3, 3)
	if err := busy.VoidSession(); err != nil {
		t.Fatal(err)
	}
	busy.Remove()
	for _, h := range []*house{quiet, busy} {
		if err := errors.Join(h.Suspend(stationlog.TamperFault), h.Suspend(stationlog.WorkerDecided), h.Resume(3)); err != nil {
			t.Fatal(err)
		}
		if err := h.ClosePolls(h.officials(2, 3)); err != nil {
			t.Fatal(err)
		}
		if err := h.PrintClosingTape(); err != nil {
			t.Fatal(err)
		}
		h.logs(t, "a day", "zero-tape-printed", "polls-opened 1", "polls-suspended tamper-fault", "polls-resumed 3",
			"closing-signed", "polls-closed 2", "closing-tape-printed", "tape-reprinted")
	}
	if string(quiet.lines) != string(busy.lines) {
		t.Error("the log tells a day with one voter from a day with five")
	}
}

// TestLogOfFaults: what stopped the station is the last thing in the log.
func TestLogOfFaults(t *testing.T) {
	paperOut := &PrintError{State: stationlog.PaperOut, Err: errors.New("no paper")}
	for _, test := range []struct {
		name string
		act  func(h *house)
		want []string
		at   station.Place
	}{
		{"printer says what is wrong", func(h *house) {
			h.paper.Hook = breaks("before print", paperOut)
			h.Choose([]int{1, 1})
		}, []string{"printer-failed paper-out", "polls-suspended printer-fault", "worker-called"}, station.Suspended},
		{"printer says nothing", func(h *house) {
			h.paper.Hook = breaks("after print "+slip.KindSlip, errors.New("?"))
			h.Choose([]int{1, 1})
		}, []string{"printer-failed error", "polls-suspended printer-fault", "worker-called"}, station.Suspended},
		{"slip is stuck", func(h *house) {
			h.Choose([]int{1, 1})
			h.paper.Hook = breaks("before drop", errors.New("stuck"))
			h.Handle(station.CastChosen{})
		}, []string{"slip-box-failed", "machine-halted slip-fault", "worker-called"}, station.Halted},
		{"slip is stuck when the worker suspends", func(h *house) {
			h.Choose([]int{1, 1})
			h.paper.Hook = breaks("before void", errors.New("stuck"))
			h.Suspend(stationlog.WorkerDecided)
		}, []string{"slip-box-failed", "machine-halted slip-fault", "worker-called"}, station.Halted},
		{"printer fails, and its slip cannot be voided", func(h *house) {
			h.paper.Hook = func(moment string) error {
				return errors.Join(breaks("before print", paperOut)(moment), breaks("before void", errors.New("stuck"))(moment))
			}
			h.Choose([]int{1, 1})
		}, []string{"printer-failed paper-out", "slip-box-failed", "machine-halted slip-fault", "worker-called"}, station.Halted},
		{"a wrong ballot", func(h *house) { h.c.Random = short{}; h.Choose([]int{1, 1}) },
			[]string{"ballot-not-verified", "machine-halted ballot-fault", "worker-called"}, station.Halted},
		{"disk gone", func(h *house) { h.db.Close(); h.Choose([]int{1, 1}) },
			[]string{"storage-failed", "machine-halted storage-fault", "worker-called"}, station.Halted},
		{"impossible", func(h *house) { h.handle(station.SlipDropped{}) },
			[]string{"machine-halted impossible-event", "worker-called"}, station.Halted},
	} {
		h := opened(t, 1)
		h.Insert(h.world.Cards[0])
		test.act(h)
		h.at(t, test.at)
		h.logs(t, test.name, append([]string{"zero-tape-printed", "polls-opened 1"}, test.want...)...)
	}
}

// TestLogOfStarts: a start after a cut says so, and one after an orderly end
// does not.
func TestLogOfStarts(t *testing.T) {
	h := newHouse(t, 2)
	h.restart(t)
	h.logs(t, "before the day")
	if err := h.OpenPolls(1); err != nil {
		t.Fatal(err)
	}
	h.restart(t)
	h.logs(t, "polls open", "power-cut-recovered")
	if err := h.Suspend(stationlog.WorkerDecided); err != nil { // already; the daybook has it from now on
		t.Fatal(err)
	}
	h.restart(t)
	h.logs(t, "suspended")
	if err := h.Resume(1); err != nil {
		t.Fatal(err)
	}
	h.choose(t, 0, 1, 1)
	h.restart(t)
	h.logs(t, "a session", "power-cut-recovered")
	h.closed(t)
	h.restart(t)
	h.logs(t, "closed")
}

// TestLogOfRefusedStarts: a machine that does not start says why.
func TestLogOfRefusedStarts(t *testing.T) {
	rehearsal := stationtest.NewWorld(record.Rehearsal, 1).Election
	for _, test := range []struct {
		name string
		with func(t *testing.T, h *house, c *Config)
		want []string
	}{
		{"another election", func(_ *testing.T, _ *house, c *Config) { c.Election, c.Cards.Election = rehearsal, rehearsal.ID },
			[]string{"books-refused of-another"}},
		{"another program", func(_ *testing.T, _ *house, c *Config) { c.Software = record.Hash{1} },
			[]string{"software-mismatch"}},
		{"a ballot too many", func(t *testing.T, h *house, _ *Config) {
			err := h.db.Update(func(tx *database.Tx) error {
				return ballotbox.Cast.Put(tx, h.c.Random, record.Hash{1}, make([]byte, h.world.Election.BallotSize()))
			})
			if err != nil {
				t.Fatal(err)
			}
		}, []string{"software-verified", "election-loaded", "kind-loaded live", "books-refused do-not-fit"}},
		{"a slip that does not move", func(t *testing.T, h *house, _ *Config) {
			h.choose(t, 0, 1, 1)
			h.paper.Hook = breaks("before void", errors.New("stuck"))
		}, []string{"software-verified", "election-loaded", "kind-loaded live", "slip-box-failed"}},
	} {
		h := opened(t, 1)
		c := h.config()
		test.with(t, h, &c)
		before := len(h.said(t))
		if _, err := New(c); err == nil {
			t.Errorf("%s: started", test.name)
		}
		if said, want := h.said(t)[before:], append([]string{"machine-started"}, test.want...); !slices.Equal(said, want) {
			t.Errorf("%s: the log says %q, want %q", test.name, said, want)
		}
	}
}

// TestLogOfRefusals: polls that cannot be opened or closed are in the log.
func TestLogOfRefusals(t *testing.T) {
	h := newHouse(t, 1)
	h.paper.Hook = breaks("before print", &PrintError{State: stationlog.CutterStuck})
	if err := h.OpenPolls(1); err == nil {
		t.Error("opened without a tape")
	}
	h.at(t, station.Unopened)
	h.paper.Hook = nil
	if err := h.OpenPolls(2); err != nil {
		t.Fatal(err)
	}
	if err := h.ClosePolls(h.officials(1)); err == nil {
		t.Error("closed by one")
	}
	h.at(t, station.Idle)
	h.logs(t, "refusals", "front-printer-failed cutter-stuck", "opening-refused", "zero-tape-printed", "polls-opened 2", "closing-refused")
}

// TestLogFails: a line that is not written stops the station before anybody
// votes, and cannot undo a close.
func TestLogFails(t *testing.T) {
	failing := func(h *house, at stationlog.Event) func() {
		h.c.Log = func(e stationlog.Event, d ...stationlog.Detail) error {
			if e == at {
				return errors.New("disk full")
			}
			return h.log(e, d...)
		}
		return func() { h.c.Log = h.log }
	}
	for _, at := range []stationlog.Event{stationlog.ZeroTapePrinted, stationlog.PollsOpened} {
		h := newHouse(t, 1)
		failing(h, at)
		if err := h.OpenPolls(1); err == nil || !strings.Contains(err.Error(), "writing "+at.String()+" into the log: disk full") {
			t.Errorf("%v: error %v", at, err)
		}
		h.at(t, station.Halted)
		h.restart(t)
		h.at(t, station.Unopened) // the log first, then the deed
		if err := h.OpenPolls(1); err != nil {
			t.Error(err)
		}
	}

	h := opened(t, 2)
	failing(h, stationlog.PollsSuspended)
	if err := h.Suspend(stationlog.WorkerDecided); err == nil {
		t.Error("suspended without a line")
	}
	h.at(t, station.Halted)
	h.restart(t)
	failing(h, stationlog.PollsResumed)
	if err := h.Resume(1); err == nil {
		t.Error("resumed without a line")
	}
	h.at(t, station.Halted)
	h.restart(t)
	if err := h.Resume(1); err != nil {
		t.Fatal(err)
	}
	h.Insert(h.world.Cards[0])
	failing(h, stationlog.PrinterFailed)
	h.paper.Hook = breaks("before print", errors.New("no paper"))
	h.Choose([]int{1, 1})
	h.at(t, station.Halted) // the printer's failure alone would have suspended
	if h.State().Fault != station.StorageFault {
		t.Errorf("%+v", h.State())
	}
	h.logs(t, "a line not written", "polls-resumed 1", "polls-suspended printer-fault", "worker-called",
		"storage-failed", "machine-halted storage-fault", "worker-called")
	h.paper.Hook = nil
	h.restart(t)
	failing(h, stationlog.PollsClosed)
	if err := h.ClosePolls(h.officials(1, 2)); err == nil || err.Error() != "the polls are closed, but writing polls-closed into the log: disk full" {
		t.Errorf("error %v", err)
	}
	h.at(t, station.Closed)
	if h.paper.Printed[slip.KindClosing] != 1 {
		t.Error("no closing tape, because of the log")
	}

	h = newHouse(t, 1)
	for _, at := range []stationlog.Event{stationlog.MachineStarted, stationlog.ElectionLoaded} {
		c := h.config()
		c.Log = func(e stationlog.Event, _ ...stationlog.Detail) error {
			if e == at {
				return errors.New("disk full")
			}
			return nil
		}
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), "into the log: disk full") {
			t.Errorf("%v: started without a log: %v", at, err)
		}
	}
}

// TestNoLog: without one a station works as with one.
func TestNoLog(t *testing.T) {
	h := newHouse(t, 1)
	h.c.Log = nil
	if err := h.OpenPolls(1); err != nil {
		t.Fatal(err)
	}
	h.vote(t, 0, 1, 1)
	h.closed(t)
}

// TestLogDoesNotTellAChallenge: a printer that fails at a receipt, which every
// voter gets, and one that fails at an opened ballot, also when that is printed again, leave
// the same log. Challenged ballots are published with their choices: a line that is there
// only after a challenge says in which hour, and so perhaps whose they are.
func TestLogDoesNotTellAChallenge(t *testing.T) {
	receipt, challenge := opened(t, 2), opened(t, 2)
	receipt.Insert(receipt.world.Cards[0])
	receipt.paper.Hook = breaks("before print "+slip.KindReceipt, errHalf)
	receipt.Choose([]int{1, 1})
	challenge.choose(t, 0, 1, 1)
	challenge.paper.Hook = breaks("before print "+slip.KindChallenge, errHalf)
	challenge.Handle(station.ChallengeChosen{})
	if err := challenge.Resume(1); !errors.Is(err, errHalf) {
		t.Fatalf("resumed with %v", err)
	}
	for _, h := range []*house{receipt, challenge} {
		h.at(t, station.Suspended)
		h.Remove()
		h.paper.Hook = nil
		if err := h.Resume(1); err != nil {
			t.Fatal(err)
		}
		h.vote(t, 0, 1, 1)
		h.closed(t)
	}
	if string(receipt.lines) != string(challenge.lines) {
		t.Errorf("the logs are\n%q\n%q", receipt.said(t), challenge.said(t))
	}
}

// TestUnknownActors: acts that name nobody, or no cause, are refused before
// anything is done.
func TestUnknownActors(t *testing.T) {
	h := newHouse(t, 1)
	for _, by := range []stationlog.Official{-1, 0, 4, 17} {
		if err := h.OpenPolls(by); err == nil || !strings.Contains(err.Error(), "the station has no official") {
			t.Errorf("opened by %d: %v", by, err)
		}
	}
	h.at(t, station.Unopened)
	if err := h.OpenPolls(3); err != nil {
		t.Fatal(err)
	}
	for _, cause := range []stationlog.Cause{-1, 0, 100} {
		if err := h.Suspend(cause); err == nil || !strings.Contains(err.Error(), "no cause") {
			t.Errorf("suspended because of %d: %v", cause, err)
		}
	}
	h.at(t, station.Idle)
	if err := h.Suspend(stationlog.PowerFault); err != nil {
		t.Fatal(err)
	}
	if err := h.Resume(0); err == nil {
		t.Error("resumed by nobody")
	}
	h.at(t, station.Suspended)
	if len(h.paper.Pages) != 1 {
		t.Errorf("%d pages printed", len(h.paper.Pages))
	}
}

// TestLogTellsNoVoter: of all kinds of session the log has nothing but what poll
// workers did.
func TestLogTellsNoVoter(t *testing.T) {
	for _, p := range plays {
		r := onFiles(t, p.from)
		before := len(r.said(t))
		p.act(r)
		said := r.said(t)[before:]
		for _, line := range said {
			event, _, _ := strings.Cut(line, " ")
			if !slices.Contains([]string{"zero-tape-printed", "polls-opened", "front-printer-failed", "worker-called", "polls-suspended", "polls-resumed", "closing-signed", "polls-closed", "closing-tape-printed"}, event) {
				t.Errorf("%s: the log says %s", p.name, line)
			}
		}
		r.drop()
	}
}
