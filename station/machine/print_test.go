package machine

import (
	"errors"
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

// The three ways in which a page fails: nothing of it is on paper, some of it is,
// or nobody can tell.
var (
	errClean   = &PrintError{State: stationlog.PaperOut, Err: errors.New("no paper")}
	errHalf    = &PrintError{State: stationlog.PaperOut, Began: true, Err: errors.New("paper ran out")}
	errUnknown = errors.New("no answer")
)

// last returns the last page that came out, and whether it is marked as one of
// which there may be another copy.
func (h *house) last(t *testing.T, kind string) (marked bool) {
	t.Helper()
	if len(h.paper.Pages) == 0 {
		t.Fatal("no page")
	}
	page := h.paper.Pages[len(h.paper.Pages)-1]
	if page.Kind != kind {
		t.Fatalf("the last page is a %s, not a %s", page.Kind, kind)
	}
	return strings.Count(page.Plain(), "*** 重印 / REPRINT ***") == 2
}

// TestZeroTapeAgain: polls open with a whole tape only, which is marked if part
// of another one may be about.
func TestZeroTapeAgain(t *testing.T) {
	for _, test := range []struct {
		name   string
		fails  []error
		marked bool
	}{
		{"never", nil, false},
		{"surely not begun", []error{errClean, errClean}, false},
		{"begun", []error{errHalf}, true},
		{"not known", []error{errUnknown}, true},
		{"begun, then surely not", []error{errHalf, errClean}, true},
	} {
		h := newHouse(t, 1)
		for _, err := range test.fails {
			h.paper.Hook = breaks("before print", err)
			if got := h.OpenPolls(1); !errors.Is(got, err) {
				t.Errorf("%s: error %v", test.name, got)
			}
			h.at(t, station.Unopened)
		}
		h.paper.Hook = nil
		if err := h.OpenPolls(1); err != nil {
			t.Fatal(err)
		}
		if marked := h.last(t, slip.KindZeroTape); marked != test.marked {
			t.Errorf("%s: marked is %t", test.name, marked)
		}
	}
}

// TestClosingTapeAgain: of all closing tapes one at most is without a mark.
func TestClosingTapeAgain(t *testing.T) {
	for _, test := range []struct {
		name   string
		fails  error
		start  bool // starts again before the tape is printed again
		marked bool
	}{
		{"a second copy", nil, false, true},
		{"surely not begun", errClean, false, false},
		{"begun", errHalf, false, true},
		{"not known", errUnknown, false, true},
		{"surely not begun, but who remembers", errClean, true, true},
	} {
		h := opened(t, 1)
		if test.fails != nil {
			h.paper.Hook = breaks("before print", test.fails)
		}
		if err := h.ClosePolls(h.officials(1, 2)); !errors.Is(err, test.fails) {
			t.Errorf("%s: error %v", test.name, err)
		}
		h.at(t, station.Closed)
		h.paper.Hook = nil
		if test.start {
			h.restart(t)
		}
		if err := h.PrintClosingTape(); err != nil {
			t.Fatal(err)
		}
		if marked := h.last(t, slip.KindClosing); marked != test.marked {
			t.Errorf("%s: marked is %t", test.name, marked)
		}
		if err := h.PrintClosingTape(); err != nil || !h.last(t, slip.KindClosing) {
			t.Errorf("%s: one more tape without a mark, %v", test.name, err)
		}
	}
}

// TestOpenedBallotIsOwed: an opened ballot that did not come out does so before
// anybody else votes, and shows what was stored.
func TestOpenedBallotIsOwed(t *testing.T) {
	for _, test := range []struct {
		name   string
		fails  []error
		marked bool
	}{
		{"surely not begun", []error{errClean, errClean}, false},
		{"begun", []error{errHalf}, true},
		{"not known", []error{errUnknown}, true},
		{"surely not begun, then begun", []error{errClean, errHalf}, true},
	} {
		h := opened(t, 2)
		h.choose(t, 0, 3, 1)
		for i, err := range test.fails {
			h.paper.Hook = breaks("before print "+slip.KindChallenge, err)
			if i == 0 {
				h.Handle(station.ChallengeChosen{})
			} else if got := h.Resume(1); !errors.Is(got, err) {
				t.Errorf("%s: resumed with %v", test.name, got)
			}
			h.at(t, station.Suspended)
			if !h.Owes() {
				t.Errorf("%s: nobody waits for a page", test.name)
			}
			if s := h.Insert(h.world.Cards[1]); s.At != station.Suspended {
				t.Errorf("%s: a session began: %+v", test.name, s)
			}
		}
		h.Remove()
		h.paper.Hook = nil
		if err := h.Resume(1); err != nil {
			t.Fatal(err)
		}
		if h.Owes() {
			t.Errorf("%s: still owed", test.name)
		}
		if marked := h.last(t, slip.KindChallenge); marked != test.marked {
			t.Errorf("%s: marked is %t", test.name, marked)
		}
		if page := h.paper.Pages[len(h.paper.Pages)-1].Plain(); !strings.Contains(page, h.storedSeed(t)) {
			t.Errorf("%s: the page is not of the ballot that was stored:\n%s", test.name, page)
		}
		want := record.Counts{Registered: 2, Sessions: 1, Challenged: 1, Abandoned: 1, SlipsPrinted: 1, SlipsVoided: 1}
		if got := h.reconciled(t); got != want {
			t.Errorf("%s: %+v", test.name, got)
		}
		pages := len(h.paper.Pages)
		h.Suspend(stationlog.WorkerDecided)
		if err := h.Resume(1); err != nil || len(h.paper.Pages) != pages {
			t.Errorf("%s: the ballot came out twice, %v", test.name, err)
		}
		h.vote(t, 0, 1, 1)
	}
}

// storedSeed returns the seed of the one challenged ballot, as it is printed.
func (h *house) storedSeed(t *testing.T) string {
	t.Helper()
	var file []byte
	err := h.db.View(func(tx *database.Tx) error {
		return ballotbox.Challenged.Sorted(tx, func(_ record.Hash, c []byte) error { file = append(file, c...); return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := record.SplitChallenged(h.world.Election, stationtest.Station, file)
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	page, err := slip.Challenge(h.world.Election, h.place, all[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range page.Blocks {
		if b.Kind == slip.QR {
			return b.Text
		}
	}
	t.Fatal("no code on the page")
	return ""
}

// TestNothingIsOwed: after a restart and after the close nothing is printed any
// more for a voter who has left.
func TestNothingIsOwed(t *testing.T) {
	owing := func() *house {
		h := opened(t, 1)
		h.choose(t, 0, 3, 1)
		h.paper.Hook = breaks("before print", errHalf)
		h.Handle(station.ChallengeChosen{})
		h.at(t, station.Suspended)
		h.paper.Hook = nil
		return h
	}
	h := owing()
	h.restart(t)
	if err := h.Resume(1); err != nil {
		t.Fatal(err)
	}
	h.closed(t)
	if h.paper.Printed[slip.KindChallenge] != 0 {
		t.Error("printed after a restart")
	}
	h = owing()
	bundle, _ := h.closed(t)
	if h.Owes() || bundle == "" {
		t.Error("an opened ballot is left in memory after the close")
	}
}

// TestPapersFail: whatever fails of slip and receipt, and however, no slip is
// left, nothing is owed, and the voter begins again.
func TestPapersFail(t *testing.T) {
	for _, kind := range []string{slip.KindSlip, slip.KindReceipt} {
		for _, moment := range []string{"before print ", "after print "} {
			for _, fails := range []error{errClean, errHalf, errUnknown} {
				h := opened(t, 1)
				h.Insert(h.world.Cards[0])
				h.paper.Hook = breaks(moment+kind, fails)
				if s, err := h.Choose([]int{1, 1}); err != nil || s != (station.State{At: station.Suspended, Fault: station.PrinterFault}) {
					t.Fatalf("%s%s: %+v, %v", moment, kind, s, err)
				}
				if got := h.Problem().Error(); got != "printing the "+kind+": "+fails.Error() {
					t.Errorf("%s%s: problem %q", moment, kind, got)
				}
				h.reconciled(t)
				h.paper.Hook = nil
				h.Remove()
				if err := h.Resume(1); err != nil {
					t.Fatal(err)
				}
				h.vote(t, 0, 1, 1)
				event := map[string]string{slip.KindSlip: "printer-failed ", slip.KindReceipt: "front-printer-failed "}[kind]
				if !strings.Contains(strings.Join(h.said(t), "\n"), "\n"+event) {
					t.Errorf("%s%s: the log says %q", moment, kind, h.said(t))
				}
			}
		}
	}
}

// TestVoidSession: a poll worker ends a session that waits for its voter, and
// only such a one.
func TestVoidSession(t *testing.T) {
	h := opened(t, 2)
	h.Insert(h.world.Cards[0])
	if err := h.VoidSession(); err != nil {
		t.Fatal(err)
	}
	h.at(t, station.Idle)
	h.Remove()
	h.choose(t, 0, 1, 1)
	if err := h.VoidSession(); err != nil {
		t.Fatal(err)
	}
	if err := h.VoidSession(); !errors.Is(err, ErrNotNow) {
		t.Errorf("a second time: %v", err)
	}
	want := record.Counts{Registered: 2, Sessions: 2, Abandoned: 2, SlipsPrinted: 1, SlipsVoided: 1}
	if got := h.reconciled(t); got != want || h.hasVoted(t, 0) {
		t.Errorf("%+v", got)
	}
	h.Remove()
	h.vote(t, 0, 1, 1)
	h.choose(t, 1, 2, 2)
	h.paper.Hook = breaks("before void", errors.New("stuck"))
	if err := h.VoidSession(); err == nil || !strings.Contains(err.Error(), "stuck") {
		t.Errorf("with a slip that does not move: %v", err)
	}
	h.at(t, station.Halted)
}
