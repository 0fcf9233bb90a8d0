package machine

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/ballotbox"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationlog"
	"github.com/openreferendum/referendum/station/stationtest"
)

// TestDay plays a whole day: cast, challenge and cast, abandon and come back, a
// second try to vote, somebody else's voter.
func TestDay(t *testing.T) {
	h := opened(t, 5)
	h.vote(t, 0, 1, 2)

	h.choose(t, 1, 3, 0)
	h.Handle(station.ChallengeChosen{})
	h.at(t, station.Choosing)
	h.again(t, 2, 2)
	h.Handle(station.CastChosen{})
	h.Remove()
	h.at(t, station.Idle)

	h.choose(t, 2, 1, 1)
	h.Handle(station.SessionTimedOut{})
	h.at(t, station.Idle)
	h.vote(t, 2, 0, 0)

	if s := h.Insert(h.world.Cards[0]); s.At != station.Refused || s.Refusal != station.HasVoted {
		t.Errorf("voting again: %+v", s)
	}
	h.Remove()
	stranger := h.world.Authority.Issue("Z999999999", nil)
	if s := h.Insert(stranger); s.At != station.Refused || s.Refusal != station.NotOnRoll {
		t.Errorf("a stranger: %+v", s)
	}
	h.Remove()

	want := record.Counts{Registered: 5, Attendances: 3, Sessions: 4, Cast: 3, Challenged: 1, Abandoned: 1, SlipsPrinted: 5, SlipsVoided: 2}
	if got := h.reconciled(t); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	_, scan := h.closed(t)
	if scan.Count != 3 {
		t.Errorf("%d ballots", scan.Count)
	}
	for kind, n := range map[string]int{slip.KindZeroTape: 1, slip.KindSlip: 5, slip.KindReceipt: 5, slip.KindChallenge: 1, slip.KindClosing: 1} {
		if h.paper.Printed[kind] != n {
			t.Errorf("%d pages %s, want %d", h.paper.Printed[kind], kind, n)
		}
	}
	if len(h.calls) != 0 {
		t.Errorf("a poll worker was called: %v", h.calls)
	}
	h.restart(t)
	h.at(t, station.Closed)
	if s := h.Insert(h.world.Cards[3]); s.At != station.Closed {
		t.Errorf("a card after the close: %+v", s)
	}
	if err := h.PrintClosingTape(); err != nil {
		t.Error(err)
	}
}

func TestChooseRefuses(t *testing.T) {
	h := opened(t, 1)
	h.Insert(h.world.Cards[0])
	for _, bad := range [][]int{nil, {1}, {1, 2, 3}, {4, 0}, {-1, 0}} {
		if s, err := h.Choose(bad); err == nil || s.At != station.Choosing {
			t.Errorf("%v: %+v, %v", bad, s, err)
		}
	}
	h.again(t, 1, 1)
	if _, err := h.Choose([]int{2, 2}); err != nil { // a finger that bounced
		t.Error(err)
	}
	h.at(t, station.Deciding)
	if got := h.booth.chosen.Export(); got[0] != 1 {
		t.Errorf("a late touch changed the choice to %v", got)
	}
}

// TestEmptyReader feeds a card event without a card.
func TestEmptyReader(t *testing.T) {
	h := opened(t, 1)
	if s := h.Insert(nil); s.At != station.Refused || s.Refusal != station.CardUnreachable {
		t.Errorf("%+v", s)
	}
}

// TestFaultyBallot breaks the ballot between making and checking it: nothing is
// printed.
func TestFaultyBallot(t *testing.T) {
	h := opened(t, 1)
	h.Insert(h.world.Cards[0])
	h.c.Random = short{}
	if s, err := h.Choose([]int{1, 1}); err != nil || s.At != station.Halted || s.Fault != station.MachineFault {
		t.Errorf("%+v, %v", s, err)
	}
	if h.paper.Printed[slip.KindSlip] != 0 {
		t.Error("a slip was printed for a ballot that was not made")
	}
	if len(h.calls) != 1 {
		t.Errorf("poll worker called %v", h.calls)
	}
	h.restart(t)
	h.at(t, station.Suspended)
	if got := h.reconciled(t); got.Abandoned != 1 || h.hasVoted(t, 0) {
		t.Errorf("%+v", got)
	}
}

// short has no randomness.
type short struct{}

func (short) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestNoRandomness takes it away at the check-in and at the cast.
func TestNoRandomness(t *testing.T) {
	h := opened(t, 2)
	h.choose(t, 0, 1, 1)
	h.c.Random = short{}
	if s := h.Handle(station.CastChosen{}); s.At != station.Halted || s.Fault != station.StorageFault {
		t.Errorf("cast without randomness: %+v", s)
	}
	h.restart(t)
	if h.hasVoted(t, 0) || h.reconciled(t).Cast != 0 {
		t.Error("marked without a ballot")
	}
	if err := h.Resume(1); err != nil {
		t.Fatal(err)
	}
	h.c.Random = short{}
	if s := h.Insert(h.world.Cards[1]); s.At != station.Halted {
		t.Errorf("nonce without randomness: %+v", s)
	}
}

// TestForgets looks into the machine after a session.
func TestForgets(t *testing.T) {
	h := opened(t, 3)
	ways := map[string]func(){
		"cast":      func() { h.Handle(station.CastChosen{}) },
		"abandon":   func() { h.Remove() },
		"suspended": func() { h.Suspend(stationlog.WorkerDecided); h.Resume(1) },
	}
	i := 0
	for name, way := range ways {
		h.choose(t, i, 1, 2)
		i++
		way()
		if h.booth != (booth{}) || h.desk.mark != nil {
			t.Errorf("%s: something of the session is left", name)
		}
		h.Remove()
		if h.desk.card != nil {
			t.Errorf("%s: the card is left", name)
		}
		h.at(t, station.Idle)
	}
	h.Insert(h.world.Authority.Issue("Z999999999", nil))
	if h.desk.mark != nil {
		t.Error("a refused voter is left")
	}
}

// TestChallengedBallotsOpen opens what a voter challenged, with the verifier's
// code, and looks that the voter is still the same one.
func TestChallengedBallotsOpen(t *testing.T) {
	h := opened(t, 2)
	h.choose(t, 0, 3, 0)
	h.Handle(station.ChallengeChosen{})
	if h.booth != (booth{}) || h.desk.mark == nil {
		t.Error("after a challenge the ballot is forgotten, and the voter is not")
	}
	h.Remove()
	h.at(t, station.Idle)
	bundle, scan := h.closed(t)
	if scan.Count != 0 {
		t.Errorf("%d ballots cast", scan.Count)
	}
	file, err := os.ReadFile(filepath.Join(bundle, record.ChallengedFile))
	if err != nil {
		t.Fatal(err)
	}
	all, err := record.SplitChallenged(h.world.Election, stationtest.Station, file)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d challenged, %v", len(all), err)
	}
	if err := record.CheckChallenged(h.world.Election, stationtest.Station, all[0]); err != nil {
		t.Error(err)
	}
	if all[0].Selections[0] != 3 || all[0].Selections[1] != 0 {
		t.Errorf("opened to %v", all[0].Selections)
	}
}

// TestChallengeBoxFull has no room left: the voter is asked again, and casts.
func TestChallengeBoxFull(t *testing.T) {
	h := opened(t, 40)
	c := record.ChallengedSize(h.world.Election.Manifest.Shape())
	err := h.db.Update(func(tx *database.Tx) error {
		for i := range challengeSlots(40) {
			if err := ballotbox.Challenged.Put(tx, h.c.Random, record.Hash{byte(i), 1}, make([]byte, c)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.choose(t, 0, 1, 1)
	if s := h.Handle(station.ChallengeChosen{}); s.At != station.Deciding || s.Challenges != station.MaxChallenges {
		t.Errorf("%+v", s)
	}
	if h.paper.Printed[slip.KindChallenge] != 0 {
		t.Error("a seed was printed for a ballot that is not stored")
	}
	if s := h.Handle(station.CastChosen{}); s.At != station.Leaving {
		t.Errorf("%+v", s)
	}
}

// TestProveMadeBallots decodes each stored ballot once more: what the booth made is
// what the verifier accepts.
func TestProveMadeBallots(t *testing.T) {
	h := opened(t, 2)
	h.vote(t, 0, 1, 1)
	h.vote(t, 1, 0, 0)
	ctx := h.world.Election.Context(stationtest.Station)
	err := h.db.View(func(tx *database.Tx) error {
		return ballotbox.Cast.Sorted(tx, func(code record.Hash, raw []byte) error {
			b, err := proof.ParseBallot(ctx.Shape, raw)
			if err != nil {
				return err
			}
			return proof.Verify(ctx, b)
		})
	})
	if err != nil {
		t.Error(err)
	}
}
