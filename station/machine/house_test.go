package machine

import (
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/rollbook"
	"github.com/openreferendum/referendum/station/stationlog"
	"github.com/openreferendum/referendum/station/stationtest"
)

var software = record.FileHash([]byte("the program"))

// A house is a polling station of a test election, with its disk and its paper.
type house struct {
	*Machine
	world *stationtest.World
	paper *stationtest.Paper
	disk  database.Config
	db    *database.DB
	calls []station.Fault
	seed  string

	journal *stationlog.Log
	lines   []byte // of the journal, whole
}

// log keeps a real log, as a program would in a file: it outlives a restart.
func (h *house) log(e stationlog.Event, d ...stationlog.Detail) error {
	if h.journal == nil {
		h.journal = stationlog.New(stationlog.Start(h.world.Election.ID, stationtest.Station))
	}
	line, err := h.journal.Append(stationlog.HourOf(stationtest.Day), e, d...)
	h.lines = append(h.lines, line...)
	return err
}

// provisioned makes the database of a station that has never been started.
func provisioned(t testing.TB, w *stationtest.World) database.Config {
	t.Helper()
	dir := t.TempDir()
	disk := database.Config{Main: filepath.Join(dir, "main.db"), Mirror: filepath.Join(dir, "mirror.db")}
	db, err := database.Create(disk)
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
	return houseOf(t, stationtest.NewWorld(record.Live, voters))
}

func houseOf(t testing.TB, w *stationtest.World) *house {
	t.Helper()
	h := &house{world: w, paper: stationtest.NewPaper(), disk: provisioned(t, w), seed: "seed"}
	h.start(t)
	return h
}

// opened is newHouse with open polls.
func opened(t testing.TB, voters int) *house {
	t.Helper()
	h := newHouse(t, voters)
	if err := h.OpenPolls(1); err != nil {
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
		Call: func(f station.Fault) { h.calls = append(h.calls, f) }, Log: h.log,
	}
}

func (h *house) start(t testing.TB) {
	t.Helper()
	db, err := database.Open(h.disk)
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
	err := h.db.View(func(tx *database.Tx) error {
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
