package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/ballotbox"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/stationlog"
	"github.com/openreferendum/referendum/station/stationtest"
)

// panics returns what f panics with.
func panics(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

// TestHandleTakesNoAnswers: a program cannot open the polls without a zero tape,
// or say that a ballot is cast, by feeding the event.
func TestHandleTakesNoAnswers(t *testing.T) {
	h := newHouse(t, 1)
	for _, e := range []station.Event{
		station.PollsOpened{}, station.PollsClosed{}, station.PollsResumed{}, station.CardInserted{}, station.VoterAccepted{}, station.VoterIdentified{},
		station.ChoicesMade{}, station.PapersPrinted{}, station.BallotCast{}, station.SlipDropped{}, nil,
	} {
		if got := panics(func() { h.Handle(e) }); !strings.Contains(got, "machine: internal error: ") {
			t.Errorf("%T: %s", e, got)
		}
		h.at(t, station.Unopened)
	}
}

// TestNoEventInsideAnother: a screen that answers by itself is a mistake of the
// program, and found at once.
func TestNoEventInsideAnother(t *testing.T) {
	h := opened(t, 1)
	h.c.Screen = func(s station.State) {
		if s.At == station.Choosing {
			h.Handle(station.SessionTimedOut{})
		}
	}
	if got := panics(func() { h.Insert(h.world.Cards[0]) }); !strings.Contains(got, "in the middle of another one's effects") {
		t.Errorf("panic %q", got)
	}
}

// TestHaltedStaysHalted: whatever anybody does, nothing more is written or
// printed.
func TestHaltedStaysHalted(t *testing.T) {
	h := opened(t, 2)
	h.choose(t, 0, 1, 1)
	h.c.Random = short{}
	h.Handle(station.CastChosen{})
	h.at(t, station.Halted)
	before, printed := h.counts(t), len(h.paper.Pages)
	for _, act := range []func(){
		func() { h.Handle(station.CastChosen{}) }, func() { h.Handle(station.ChallengeChosen{}) }, func() { h.Handle(station.SessionTimedOut{}) },
		func() { h.Remove() }, func() { h.Insert(h.world.Cards[1]) }, func() { h.Choose([]int{1, 1}) },
		func() { h.Suspend(stationlog.WorkerDecided) }, func() { h.Resume(1) }, func() { h.OpenPolls(1) }, func() { h.ClosePolls(h.officials(1, 2)) },
		func() { h.Export(t.TempDir()) }, func() { h.PrintClosingTape() },
		func() { h.VoidSession() }, func() { h.ToSign() }, func() { h.BundleSize() }, func() { h.Compare(t.TempDir()) },
	} {
		act()
		h.at(t, station.Halted)
	}
	if h.counts(t) != before || len(h.paper.Pages) != printed {
		t.Error("a halted station went on")
	}
}

// TestCardPulledWhileItSigns: the holder is refused, and nothing was counted.
func TestCardPulledWhileItSigns(t *testing.T) {
	h := opened(t, 1)
	card := pulled{h.world.Cards[0]}
	if s := h.Insert(card); s.Refusal != station.CardUnreachable {
		t.Errorf("%+v", s)
	}
	if s := h.Remove(); s.At != station.Idle {
		t.Errorf("%+v", s)
	}
	if c := h.reconciled(t); c.Sessions != 0 {
		t.Errorf("%+v", c)
	}
	h.vote(t, 0, 1, 1)
}

// A pulled card leaves the reader between its certificate and its signature.
type pulled struct{ *stationtest.Card }

func (pulled) Sign([]byte) ([]byte, error) { return nil, errors.New("no card in the reader") }

// TestSecondCardInASession: the reader missed how the first card left. The
// session ends, the second card is not read, and its holder votes by putting it
// in again.
func TestSecondCardInASession(t *testing.T) {
	h := opened(t, 2)
	h.choose(t, 0, 1, 1)
	if s := h.Insert(h.world.Cards[1]); s.At != station.Idle {
		t.Fatalf("%+v", s)
	}
	if s := h.Handle(station.CastChosen{}); s.At != station.Idle {
		t.Fatalf("cast into an empty booth: %+v", s)
	}
	if c := h.reconciled(t); c.Abandoned != 1 || c.Cast != 0 {
		t.Errorf("%+v", c)
	}
	h.Remove()
	h.vote(t, 1, 2, 2)
}

// TestSealed: nothing comes into a box after the close, and a start finds a box
// that is sealed before, or not sealed after.
func TestSealed(t *testing.T) {
	h := opened(t, 2)
	h.vote(t, 0, 1, 1)
	h.closed(t)
	err := h.db.Update(func(tx *database.Tx) error {
		return ballotbox.Cast.Put(tx, h.c.Random, record.Hash{1}, make([]byte, h.world.Election.BallotSize()))
	})
	if !errors.Is(err, ballotbox.ErrClosed) {
		t.Errorf("a ballot after the close: %v", err)
	}
	for _, test := range []struct {
		name   string
		tamper func(h *house, tx *database.Tx) error
		text   string
	}{
		{"cast unsealed", func(_ *house, tx *database.Tx) error {
			return tx.Exec(1, `UPDATE {m}.cast_ballots_seal SET sealed = 0`)
		},
			"box of the cast ballots: sealed is false, polls closed is true"},
		{"challenged unsealed", func(_ *house, tx *database.Tx) error {
			return tx.Exec(1, `UPDATE {m}.challenged_ballots_seal SET sealed = 0`)
		},
			"box of the challenged ballots: sealed is false, polls closed is true"},
	} {
		h := opened(t, 1)
		h.closed(t)
		if err := h.db.Update(func(tx *database.Tx) error { return test.tamper(h, tx) }); err != nil {
			t.Fatal(err)
		}
		if _, err := New(h.config()); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
	h = opened(t, 1)
	if err := h.db.Update(ballotbox.Cast.Seal); err != nil {
		t.Fatal(err)
	}
	if _, err := New(h.config()); err == nil || !strings.Contains(err.Error(), "sealed is true, polls closed is false") {
		t.Errorf("sealed while the polls are open: %v", err)
	}
}

// TestNoCloseInASession: the daybook says that a slip is behind the window, and
// the machine does not believe otherwise.
func TestNoCloseInASession(t *testing.T) {
	for name, change := range map[string]func(*daybook.Day){
		"a slip":     func(d *daybook.Day) { d.Slip = daybook.SlipPrinted },
		"in session": func(d *daybook.Day) { d.InUse = true },
	} {
		h := opened(t, 1)
		if err := h.change(change); err != nil {
			t.Fatal(err)
		}
		if err := h.ClosePolls(h.officials(1, 2)); err == nil || !strings.Contains(err.Error(), "a session is going on") {
			t.Errorf("%s: error %v", name, err)
		}
		h.at(t, station.Idle)
	}
}

// TestClosedWithoutTape: the printer fails at the end of the day. The polls are
// closed, the error says so, and the tape comes later.
func TestClosedWithoutTape(t *testing.T) {
	h := opened(t, 1)
	h.paper.Hook = func(string) error { return errors.New("paper out") }
	if err := h.ClosePolls(h.officials(1, 2)); err == nil || err.Error() != "the polls are closed, but printing the closing tape: paper out" {
		t.Errorf("error %v", err)
	}
	h.at(t, station.Closed)
	if err := h.ClosePolls(h.officials(1, 2)); !errors.Is(err, ErrNotNow) {
		t.Errorf("a second close: %v", err)
	}
	h.restart(t)
	h.paper.Hook = nil
	if err := h.PrintClosingTape(); err != nil {
		t.Error(err)
	}
}

// TestSecondMediumFails: the first medium holds the bundle, and the export is
// done again with another second one. What an interrupted export left on a
// medium does not matter.
func TestSecondMediumFails(t *testing.T) {
	h := opened(t, 1)
	h.vote(t, 0, 1, 1)
	if err := h.ClosePolls(h.officials(1, 2)); err != nil {
		t.Fatal(err)
	}
	one, two := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(two, stationtest.Station), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := h.Export(one, two); err == nil || !strings.Contains(err.Error(), two) {
		t.Errorf("error %v", err)
	}
	three := t.TempDir()
	if err := os.Mkdir(filepath.Join(three, ".writing-123"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := h.Export(one, three); err != nil {
		t.Error(err)
	}
}

// TestWrongClock: a clock that is wrong refuses every card, which is seen at
// once, and cannot keep the polls from closing.
func TestWrongClock(t *testing.T) {
	h := opened(t, 1)
	h.c.Clock = func() time.Time { return stationtest.Day.AddDate(30, 0, 0) }
	if s := h.Insert(h.world.Cards[0]); s.Refusal != station.ExpiredCard {
		t.Errorf("%+v", s)
	}
	h.Remove()
	if c := h.reconciled(t); c.Sessions != 0 {
		t.Errorf("%+v", c)
	}
	h.closed(t)
}
