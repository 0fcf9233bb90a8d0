package machine

import (
	"bytes"
	"crypto/elliptic"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/ballotbox"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/rollbook"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationtest"
)

var software = record.FileHash([]byte("the program"))

// A house is a polling station of a test election, with its disk and its paper.
type house struct {
	*Machine
	world *stationtest.World
	paper *stationtest.Paper
	disk  durable.Config
	db    *durable.DB
	calls []station.Fault
	seed  string
}

// provisioned makes the database of a station that has never been started.
func provisioned(t testing.TB, w *stationtest.World) durable.Config {
	t.Helper()
	dir := t.TempDir()
	disk := durable.Config{Main: filepath.Join(dir, "main.db"), Mirror: filepath.Join(dir, "mirror.db")}
	db, err := durable.Create(disk)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Provision(db, w.Election, stationtest.Station, w.Roll), db.Close()); err != nil {
		t.Fatal(err)
	}
	return disk
}

func newHouse(t testing.TB, voters int) *house {
	t.Helper()
	w := stationtest.NewWorld(record.Live, voters)
	h := &house{world: w, paper: stationtest.NewPaper(), disk: provisioned(t, w), seed: "seed"}
	h.start(t)
	return h
}

// opened is newHouse with open polls.
func opened(t testing.TB, voters int) *house {
	t.Helper()
	h := newHouse(t, voters)
	if err := h.OpenPolls(); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) config() Config {
	return Config{
		Election: h.world.Election, Station: stationtest.Station, DB: h.db, Key: h.world.Key,
		Cards: station.CardCheck{
			Election: h.world.Election.ID, Station: stationtest.Station,
			Authorities: []*x509.Certificate{h.world.Authority.Certificate},
		},
		Printer: h.paper, Window: h.paper, Random: stationtest.Random(h.seed),
		Clock: func() time.Time { return stationtest.Day }, Software: software,
		Call: func(f station.Fault) { h.calls = append(h.calls, f) },
	}
}

func (h *house) start(t testing.TB) {
	t.Helper()
	db, err := durable.Open(h.disk)
	if err != nil {
		t.Fatal(err)
	}
	h.db = db
	t.Cleanup(func() { db.Close() })
	if h.Machine, err = New(h.config()); err != nil {
		t.Fatal(err)
	}
}

// restart is a power cut and the next start. What was in memory is gone; the
// slip behind the window is still there.
func (h *house) restart(t testing.TB) {
	t.Helper()
	if err := h.db.Close(); err != nil {
		t.Fatal(err)
	}
	h.seed += "+"
	h.start(t)
}

func (h *house) at(t testing.TB, want station.Place) {
	t.Helper()
	if h.State().At != want {
		t.Fatalf("station is %+v, want %v; problem: %v", h.State(), want, h.Problem())
	}
}

// choose leads voter i to the question cast or challenge.
func (h *house) choose(t testing.TB, i int, selections ...int) {
	t.Helper()
	h.Insert(h.world.Cards[i])
	h.at(t, station.Choosing)
	h.again(t, selections...)
}

func (h *house) again(t testing.TB, selections ...int) {
	t.Helper()
	if _, err := h.Choose(selections); err != nil {
		t.Fatal(err)
	}
	h.at(t, station.Deciding)
}

// vote lets voter i cast.
func (h *house) vote(t testing.TB, i int, selections ...int) {
	t.Helper()
	h.choose(t, i, selections...)
	h.Handle(station.CastChosen{})
	h.at(t, station.Leaving)
	h.Remove()
	h.at(t, station.Idle)
}

func (h *house) officials(numbers ...int) []Official {
	var os []Official
	for _, n := range numbers {
		os = append(os, Official{n, h.world.Officials[n-1]})
	}
	return os
}

func (h *house) counts(t testing.TB) record.Counts {
	t.Helper()
	c, err := h.Counts()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reconciled checks counts, boxes, roll and paper against each other, between
// two sessions.
func (h *house) reconciled(t testing.TB) record.Counts {
	t.Helper()
	if err := h.db.View(checkBooks); err != nil {
		t.Fatalf("books: %v", err)
	}
	c := h.counts(t)
	if got := h.paper.Dropped(); got != int(c.Cast) {
		t.Fatalf("%d slips in the box, %d ballots cast", got, c.Cast)
	}
	if h.paper.Waiting() {
		t.Fatal("a slip is behind the window between two sessions")
	}
	return c
}

// hasVoted asks the roll for voter i.
func (h *house) hasVoted(t testing.TB, i int) bool {
	t.Helper()
	err := h.db.View(func(tx *durable.Tx) error {
		return rollbook.Find(tx, record.VoterOf(h.world.Election.ID, stationtest.HolderOf(i)))
	})
	if err != nil && !errors.Is(err, rollbook.ErrHasVoted) {
		t.Fatal(err)
	}
	return err != nil
}

// closed closes the polls, exports to two media and reads the bundle as the
// tally does.
func (h *house) closed(t testing.TB) (bundle string, scan *record.Scan) {
	t.Helper()
	if err := h.ClosePolls(h.officials(1, 3)); err != nil {
		t.Fatal(err)
	}
	one, two := t.TempDir(), t.TempDir()
	if err := h.Export(one, two); err != nil {
		t.Fatal(err)
	}
	bundle = filepath.Join(one, stationtest.Station)
	dir := os.DirFS(bundle)
	r, problems := record.ReadStation(h.world.Election, dir, stationtest.Station)
	if len(problems) > 0 {
		t.Fatalf("bundle: %v", problems)
	}
	scan = record.ScanBallots(h.world.Election, dir, stationtest.Station, nil)
	if problems := r.CheckScan(scan); len(problems) > 0 {
		t.Fatalf("ballots: %v", problems)
	}
	return bundle, scan
}

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
	if err := h.Resume(); err != nil {
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
		"suspended": func() { h.Suspend(); h.Resume() },
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
	err := h.db.Update(func(tx *durable.Tx) error {
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
	err := h.db.View(func(tx *durable.Tx) error {
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

// TestStartRefuses starts a station with something that is not the manifest's.
func TestStartRefuses(t *testing.T) {
	h := newHouse(t, 2)
	rehearsal := stationtest.NewWorld(record.Rehearsal, 2)
	tests := []struct {
		name   string
		change func(*Config)
		text   string
	}{
		{"no election", func(c *Config) { c.Election = nil }, "a field of the configuration is missing"},
		{"no printer", func(c *Config) { c.Printer = nil }, "a field of the configuration is missing"},
		{"unknown station", func(c *Config) { c.Station = "elsewhere" }, "the manifest has no such station"},
		{"key of an official", func(c *Config) { c.Key = h.world.Officials[0] }, "signing key is not the manifest's"},
		{"key of another kind", func(c *Config) { c.Key = stationtest.Key(elliptic.P256(), "k") }, "signing key is not the manifest's"},
		{"rehearsal on a live database", func(c *Config) {
			c.Election, c.Cards.Election = rehearsal.Election, rehearsal.Election.ID
		}, "of another station or election"},
		{"cards of a rehearsal", func(c *Config) { c.Cards.Election = rehearsal.Election.ID }, "cards would be checked for another"},
		{"cards of another station", func(c *Config) { c.Cards.Station = "elsewhere" }, "cards would be checked for another"},
		{"no card authority", func(c *Config) { c.Cards.Authorities = nil }, "1 of the manifest's are not there"},
		{"another card authority", func(c *Config) {
			c.Cards.Authorities = []*x509.Certificate{stationtest.NewAuthority("Other").Certificate}
		}, "not one of the manifest's"},
	}
	for _, test := range tests {
		c := h.config()
		test.change(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
}

func TestSoftware(t *testing.T) {
	h := newHouse(t, 1)
	other := h.config()
	other.Software = record.FileHash([]byte("another program"))
	if _, err := New(other); err != nil {
		t.Errorf("before the opening, nothing expected: %v", err)
	}
	if err := h.OpenPolls(); err != nil {
		t.Fatal(err)
	}
	if _, err := New(other); err == nil || !strings.Contains(err.Error(), "software is not what the station expects") {
		t.Errorf("changed after the opening: %v", err)
	}

	h = newHouse(t, 1)
	if err := ExpectSoftware(h.db, software); err != nil {
		t.Fatal(err)
	}
	other.DB = h.db
	if _, err := New(other); err == nil || !strings.Contains(err.Error(), "software is not what the station expects") {
		t.Errorf("not what provisioning said: %v", err)
	}
	if err := ExpectSoftware(h.db, other.Software); err == nil {
		t.Error("the expected software was replaced")
	}
	if err := h.OpenPolls(); err != nil {
		t.Errorf("the right software: %v", err)
	}
}

// TestProvisionRefuses tries rolls that the authority did not sign so.
func TestProvisionRefuses(t *testing.T) {
	w := stationtest.NewWorld(record.Live, 2)
	body := w.Roll.Body
	forged := *w.Roll
	forged.Body.Voters = append([]record.Voter{{1}}, body.Voters[1:]...)
	shorter, elsewhere, other := body, body, body
	shorter.Voters = body.Voters[:1]
	elsewhere.Station = "elsewhere"
	other.Election = record.Hash{1}
	for _, test := range []struct {
		name string
		roll *record.Signed[record.Roll]
		text string
	}{
		{"not signed", &record.Signed[record.Roll]{Body: body}, "0 signatures instead of 1"},
		{"changed after signing", &forged, "does not verify"},
		{"too short", w.SignRoll(shorter), "1 voters, the manifest says 2"},
		{"of another station", w.SignRoll(elsewhere), `of station "elsewhere"`},
		{"of another election", w.SignRoll(other), "of another election"},
	} {
		dir := t.TempDir()
		db, err := durable.Create(durable.Config{Main: filepath.Join(dir, "a"), Mirror: filepath.Join(dir, "b")})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := Provision(db, w.Election, stationtest.Station, test.roll); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
}

// TestOpenRefuses tampers with a provisioned database before the polls open.
func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		tamper func(tx *durable.Tx, h *house) error
		text   string
	}{
		{"a ballot in the box", func(tx *durable.Tx, h *house) error {
			return ballotbox.Cast.Put(tx, h.c.Random, record.Hash{1}, make([]byte, h.world.Election.BallotSize()))
		}, "1 cast ballots in the box, 0 counted"},
		{"a challenged ballot", func(tx *durable.Tx, h *house) error {
			return ballotbox.Challenged.Put(tx, h.c.Random, record.Hash{1}, make([]byte, record.ChallengedSize(h.world.Election.Manifest.Shape())))
		}, "1 challenged ballots in the box, 0 counted"},
		{"a voter marked", func(tx *durable.Tx, h *house) error {
			return rollbook.Mark(tx, h.world.Roll.Body.Voters[0], rollbook.Attendance{Signature: []byte{1}})
		}, "not as it was provisioned"},
		{"a ballot and a voter", func(tx *durable.Tx, h *house) error {
			return errors.Join(
				ballotbox.Cast.Put(tx, h.c.Random, record.Hash{1}, make([]byte, h.world.Election.BallotSize())),
				rollbook.Mark(tx, h.world.Roll.Body.Voters[0], rollbook.Attendance{Signature: []byte{1}}),
				changeDay(tx, func(d *daybook.Day) { d.Cast, d.Sessions, d.SlipsPrinted = 1, 1, 1 }))
		}, "not as it was provisioned"},
		{"counted before", func(tx *durable.Tx, h *house) error {
			return changeDay(tx, func(d *daybook.Day) { d.Sessions, d.Abandoned = 1, 1 })
		}, "not as it was provisioned"},
		{"somebody else on the roll", func(tx *durable.Tx, h *house) error {
			return tx.Exec(1, `UPDATE {m}.roll SET voter = zeroblob(32) WHERE entry = 1`)
		}, "roll: signature of authority does not verify"},
		{"one more on the roll", func(tx *durable.Tx, h *house) error {
			return tx.Exec(1, `INSERT INTO {m}.roll SELECT 99, zeroblob(32), 0, attendance FROM {m}.roll WHERE entry = 1`)
		}, "not as it was provisioned"},
		{"one exchanged for one not signed", func(tx *durable.Tx, h *house) error {
			return tx.Exec(1, `UPDATE {m}.roll SET voter = ? WHERE entry = 2`, bytes.Repeat([]byte{0xff}, 32))
		}, "roll: signature of authority does not verify"},
		{"order changed", func(tx *durable.Tx, h *house) error {
			return tx.Exec(1, `UPDATE {m}.roll SET entry = 99 WHERE entry = 1`)
		}, "roll: signature of authority does not verify"},
	} {
		h := newHouse(t, 2)
		if err := h.db.Update(func(tx *durable.Tx) error { return test.tamper(tx, h) }); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if err := h.OpenPolls(); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
		h.at(t, station.Unopened)
		if len(h.paper.Pages) != 0 {
			t.Errorf("%s: a zero tape was printed", test.name)
		}
	}
}

// TestNotNow asks for what cannot be done, in every phase of the day.
func TestNotNow(t *testing.T) {
	h := newHouse(t, 1)
	notNow := func(when string, acts map[string]func() error) {
		t.Helper()
		before := h.State()
		for name, act := range acts {
			if err := act(); !errors.Is(err, ErrNotNow) {
				t.Errorf("%s, %s: error %v", when, name, err)
			}
			if h.State() != before {
				t.Errorf("%s, %s: station is %+v", when, name, h.State())
			}
		}
	}
	closing := func() error { return h.ClosePolls(h.officials(1, 2)) }
	export := func() error { return h.Export(t.TempDir(), t.TempDir()) }
	acts := map[string]func() error{"resume": h.Resume, "suspend": h.Suspend, "close": closing, "export": export, "tape": h.PrintClosingTape}
	notNow("not opened", acts)
	if err := h.OpenPolls(); err != nil {
		t.Fatal(err)
	}
	delete(acts, "suspend")
	delete(acts, "close")
	acts["open"] = h.OpenPolls
	notNow("idle", acts)
	h.choose(t, 0, 1, 1)
	acts["close"] = closing
	notNow("in a session", acts)
	h.Remove()
	h.closed(t)
	delete(acts, "export")
	delete(acts, "tape")
	acts["suspend"] = h.Suspend
	notNow("closed", acts)
}

// TestCloseRefuses wants two officials of this station, and books that are in
// order.
func TestCloseRefuses(t *testing.T) {
	h := opened(t, 3)
	h.vote(t, 0, 1, 1)
	official := h.officials(1)[0]
	for _, test := range []struct {
		name      string
		officials []Official
		text      string
	}{
		{"nobody", nil, "signed by 0 officials, needed are 2"},
		{"one", h.officials(2), "signed by 1 officials, needed are 2"},
		{"one twice", h.officials(2, 2), ""},
		{"out of order", h.officials(3, 1), `signature 2 is of "official-3" instead of "official-1"`},
		{"with another's key", []Official{official, {2, h.world.Key}}, "signature of official-2 does not verify"},
		{"one who is not there", []Official{official, {9, h.world.Key}}, "signed by 1 officials"},
	} {
		if err := h.ClosePolls(test.officials); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
		h.at(t, station.Idle)
	}
	for _, test := range []struct {
		name, statement, text string
	}{
		{"ballot lost", `UPDATE {m}.cast_ballots SET used = 0 WHERE used = 1`, "0 cast ballots in the box, 1 counted"},
		{"ballot added", `UPDATE {m}.cast_ballots SET used = 1 WHERE slot = (SELECT slot FROM {m}.cast_ballots WHERE used = 0)`, "2 cast ballots in the box, 1 counted"},
		{"ballot changed", `UPDATE {m}.cast_ballots SET content = zeroblob(length(content)) WHERE used = 1`, "a ballot in the box was changed"},
		{"challenged seed changed", `UPDATE {m}.challenged_ballots SET content = CAST(substr(content, 1, length(content) - 34) || zeroblob(34) AS BLOB) WHERE used = 1`, "a challenged ballot was changed"},
		{"challenged ballot changed", `UPDATE {m}.challenged_ballots SET content = zeroblob(length(content)) WHERE used = 1`, "challenged ballot"},
		{"voter marked", `UPDATE {m}.roll SET marked = 1 WHERE entry = (SELECT entry FROM {m}.roll WHERE marked = 0)`, "2 attendances, but 1 ballots cast"},
		{"voter unmarked", `UPDATE {m}.roll SET marked = 0 WHERE marked = 1`, "0 attendances, but 1 ballots cast"},
	} {
		h := opened(t, 3)
		h.vote(t, 0, 1, 1)
		h.choose(t, 1, 2, 1)
		h.Handle(station.ChallengeChosen{})
		h.Remove()
		if err := h.db.Update(func(tx *durable.Tx) error { return tx.Exec(1, test.statement) }); err != nil {
			t.Fatal(err)
		}
		if err := h.ClosePolls(h.officials(1, 2)); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
		if err := h.db.Close(); err != nil {
			t.Fatal(err)
		}
		db, err := durable.Open(h.disk)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		h.db = db
		if _, err := New(h.config()); (err == nil) != strings.HasSuffix(test.name, "changed") {
			t.Errorf("%s: starting again: %v", test.name, err)
		}
	}
}

// TestTapes reads the checkpoints on both tapes.
func TestTapes(t *testing.T) {
	h := opened(t, 2)
	h.vote(t, 1, 2, 1)
	bundle, _ := h.closed(t)
	note, err := os.ReadFile(filepath.Join(bundle, record.CheckpointFile))
	if err != nil {
		t.Fatal(err)
	}
	place, _ := h.world.Election.Station(stationtest.Station)
	c, err := ballotlog.Open(note, place.Key[:], h.world.Election.ID, stationtest.Station)
	if err != nil || c.Size != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	tape := h.paper.Pages[len(h.paper.Pages)-1]
	if tape.Kind != slip.KindClosing || !strings.Contains(tape.Plain(), h.world.Election.ID.String()[:8]) {
		t.Errorf("the last page is\n%s", tape.Plain())
	}
}

// TestExport writes bundles beside what is there already.
func TestExport(t *testing.T) {
	h := opened(t, 2)
	h.vote(t, 0, 1, 1)
	bundle, _ := h.closed(t)
	medium := filepath.Dir(bundle)
	if err := h.Export(medium, t.TempDir()); err != nil {
		t.Errorf("the same bundle again: %v", err)
	}
	for _, test := range []struct {
		name  string
		media []string
		text  string
	}{
		{"nowhere", nil, "no medium"},
		{"one medium twice", []string{medium, medium + "/."}, "given twice"},
		{"not there", []string{filepath.Join(medium, "x")}, "no such file"},
	} {
		if err := h.Export(test.media...); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
	for _, test := range []struct {
		name  string
		spoil func(bundle string) error
		text  string
	}{
		{"a file too many", func(b string) error { return os.WriteFile(filepath.Join(b, "notes.txt"), nil, 0o644) }, "5 files instead of 4"},
		{"a file too few", func(b string) error { return os.Remove(filepath.Join(b, record.BallotsFile)) }, "3 files instead of 4"},
		{"a ballot changed", func(b string) error {
			f := filepath.Join(b, record.BallotsFile)
			c, err := os.ReadFile(f)
			c[0] ^= 1
			return errors.Join(err, os.WriteFile(f, c, 0o644), os.Chtimes(f, durable.Epoch, durable.Epoch))
		}, "ballots: not what was written"},
		{"a time", func(b string) error {
			f := filepath.Join(b, record.BallotsFile)
			return os.Chtimes(f, stationtest.Day, stationtest.Day)
		}, "its time says when it was written"},
	} {
		m := t.TempDir()
		if err := h.Export(m); err != nil {
			t.Fatal(err)
		}
		if err := test.spoil(filepath.Join(m, stationtest.Station)); err != nil {
			t.Fatal(err)
		}
		if err := h.Export(m); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
}
