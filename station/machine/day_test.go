package machine

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/ballotbox"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/rollbook"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationlog"
	"github.com/openreferendum/referendum/station/stationtest"
)

// TestOpenRefuses tampers with a provisioned database before the polls open.
func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		tamper func(tx *database.Tx, h *house) error
		text   string
	}{
		{"a ballot in the box", func(tx *database.Tx, h *house) error {
			return ballotbox.Cast.Put(tx, h.c.Random, record.Hash{1}, make([]byte, h.world.Election.BallotSize()))
		}, "1 cast ballots in the box, 0 counted"},
		{"a challenged ballot", func(tx *database.Tx, h *house) error {
			return ballotbox.Challenged.Put(tx, h.c.Random, record.Hash{1}, make([]byte, record.ChallengedSize(h.world.Election.Manifest.Shape())))
		}, "1 challenged ballots in the box, 0 counted"},
		{"a voter marked", func(tx *database.Tx, h *house) error {
			return rollbook.Mark(tx, h.world.Roll.Body.Voters[0], rollbook.Attendance{Signature: []byte{1}})
		}, "not as it was provisioned"},
		{"a ballot and a voter", func(tx *database.Tx, h *house) error {
			return errors.Join(
				ballotbox.Cast.Put(tx, h.c.Random, record.Hash{1}, make([]byte, h.world.Election.BallotSize())),
				rollbook.Mark(tx, h.world.Roll.Body.Voters[0], rollbook.Attendance{Signature: []byte{1}}),
				changeDay(tx, func(d *daybook.Day) { d.Cast, d.Sessions, d.SlipsPrinted = 1, 1, 1 }))
		}, "not as it was provisioned"},
		{"counted before", func(tx *database.Tx, h *house) error {
			return changeDay(tx, func(d *daybook.Day) { d.Sessions, d.Abandoned = 1, 1 })
		}, "not as it was provisioned"},
		{"somebody else on the roll", func(tx *database.Tx, h *house) error {
			return tx.Exec(1, `UPDATE {m}.roll SET voter = zeroblob(32) WHERE entry = 1`)
		}, "roll: signature of authority does not verify"},
		{"one more on the roll", func(tx *database.Tx, h *house) error {
			return tx.Exec(1, `INSERT INTO {m}.roll SELECT 99, zeroblob(32), 0, attendance FROM {m}.roll WHERE entry = 1`)
		}, "not as it was provisioned"},
		{"one exchanged for one not signed", func(tx *database.Tx, h *house) error {
			return tx.Exec(1, `UPDATE {m}.roll SET voter = ? WHERE entry = 2`, bytes.Repeat([]byte{0xff}, 32))
		}, "roll: signature of authority does not verify"},
		{"order changed", func(tx *database.Tx, h *house) error {
			return tx.Exec(1, `UPDATE {m}.roll SET entry = 99 WHERE entry = 1`)
		}, "roll: signature of authority does not verify"},
	} {
		h := newHouse(t, 2)
		if err := h.db.Update(func(tx *database.Tx) error { return test.tamper(tx, h) }); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if err := h.OpenPolls(1); err == nil || !strings.Contains(err.Error(), test.text) {
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
	suspend := func() error { return h.Suspend(stationlog.WorkerDecided) }
	open := func() error { return h.OpenPolls(1) }
	acts := map[string]func() error{
		"resume": func() error { return h.Resume(1) }, "suspend": suspend, "close": closing, "export": export, "tape": h.PrintClosingTape,
		"void": h.VoidSession,
	}
	notNow("not opened", acts)
	if err := h.OpenPolls(1); err != nil {
		t.Fatal(err)
	}
	delete(acts, "suspend")
	delete(acts, "close")
	acts["open"] = open
	notNow("idle", acts)
	h.choose(t, 0, 1, 1)
	acts["close"] = closing
	delete(acts, "void")
	notNow("in a session", acts)
	acts["void"] = h.VoidSession
	h.Remove()
	h.closed(t)
	delete(acts, "export")
	delete(acts, "tape")
	acts["suspend"] = suspend
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
		if err := h.db.Update(func(tx *database.Tx) error { return tx.Exec(1, test.statement) }); err != nil {
			t.Fatal(err)
		}
		if err := h.ClosePolls(h.officials(1, 2)); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
		if err := h.db.Close(); err != nil {
			t.Fatal(err)
		}
		db, err := database.Open(h.disk)
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
