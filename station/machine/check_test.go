package machine

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"io"
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

// withoutDevices is what a self test has.
func (h *house) withoutDevices() Config {
	c := h.config()
	c.Printer, c.Window, c.Clock, c.Log = nil, nil, nil, nil
	return c
}

// files returns both files of the database.
func (h *house) files(t *testing.T) [2]string {
	t.Helper()
	var all [2]string
	for i, path := range []string{h.disk.Main, h.disk.Mirror} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = string(b)
	}
	return all
}

// TestCheckIsSilent: a station that is as it should be has nothing to say, in
// every part of the day, also in the middle of what a power cut ended, and a check leaves every
// byte as it was.
func TestCheckIsSilent(t *testing.T) {
	h := newHouse(t, 3)
	silent := func(when string) {
		t.Helper()
		before, pages := h.files(t), len(h.paper.Pages)
		if wrong := Check(h.withoutDevices()); len(wrong) > 0 {
			t.Errorf("%s: %v", when, wrong)
		}
		if h.files(t) != before || len(h.paper.Pages) != pages {
			t.Errorf("%s: the check changed something", when)
		}
	}
	silent("provisioned")
	if err := h.OpenPolls(1); err != nil {
		t.Fatal(err)
	}
	silent("open")
	h.vote(t, 0, 1, 1)
	silent("voted")
	h.choose(t, 1, 2, 2)
	silent("a slip behind the window")
	h.Handle(station.ChallengeChosen{})
	silent("after a challenge")
	h.Remove()
	if err := h.Suspend(stationlog.WorkerDecided); err != nil {
		t.Fatal(err)
	}
	silent("suspended")
	h.closed(t)
	silent("closed")
}

// TestCheckFinds: whatever would keep a station from voting is found beforehand,
// and one thing that is wrong hides no other.
func TestCheckFinds(t *testing.T) {
	rehearsal := stationtest.NewWorld(record.Rehearsal, 2).Election
	exec := func(statement string) func(*testing.T, *house, *Config) {
		return func(t *testing.T, h *house, _ *Config) {
			if err := h.db.Update(func(tx *database.Tx) error { return tx.Exec(1, statement) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		name   string
		spoil  func(t *testing.T, h *house, c *Config)
		finds  []string // each in one error, in this order
		opened bool
	}{
		{"no database", func(_ *testing.T, _ *house, c *Config) { c.DB = nil }, []string{"a field of the configuration is missing"}, false},
		{"no election", func(_ *testing.T, _ *house, c *Config) { c.Election = nil }, []string{"a field of the configuration is missing"}, false},
		{"closed database", func(_ *testing.T, h *house, _ *Config) { h.db.Close() }, []string{"database: "}, false},
		{"another key", func(_ *testing.T, h *house, c *Config) { c.Key = h.world.Officials[0] }, []string{"configuration: the signing key is not the manifest's"}, false},
		{"no such station", func(_ *testing.T, _ *house, c *Config) { c.Station = "elsewhere" },
			[]string{"configuration: the manifest has no such station", "database: the database is of another station or election"}, false},
		{"a rehearsal, and no card authority", func(_ *testing.T, _ *house, c *Config) {
			c.Election, c.Cards.Election, c.Cards.Authorities = rehearsal, rehearsal.ID, nil
		}, []string{"configuration: card authorities: 1 of the manifest's are not there", "database: the database is of another"}, false},
		{"another card authority", func(_ *testing.T, _ *house, c *Config) {
			c.Cards.Authorities = []*x509.Certificate{stationtest.NewAuthority("Other").Certificate}
		}, []string{"configuration: card authority: not one of the manifest's"}, false},
		{"a tolerance of years", func(_ *testing.T, _ *house, c *Config) { c.Cards.Tolerance = 9000 * time.Hour }, []string{"configuration: tolerance of the clock"}, false},
		{"no randomness", func(_ *testing.T, _ *house, c *Config) { c.Random = short{} }, []string{"ballot: making a ballot"}, false},
		{"another program", func(_ *testing.T, _ *house, c *Config) { c.Software = record.Hash{1} }, []string{"software: the software is not what the station expects"}, true},
		{"somebody else on the roll", exec(`UPDATE {m}.roll SET voter = zeroblob(32) WHERE entry = 1`), []string{"roll: roll: signature of authority does not verify"}, true},
		{"a voter marked before the day", exec(`UPDATE {m}.roll SET marked = 1 WHERE entry = 1`), []string{"books: the station is not as it was provisioned"}, false},
		{"a ballot too many", func(t *testing.T, h *house, _ *Config) {
			err := h.db.Update(func(tx *database.Tx) error {
				return ballotbox.Cast.Put(tx, h.c.Random, record.Hash{1}, make([]byte, h.world.Election.BallotSize()))
			})
			if err != nil {
				t.Fatal(err)
			}
		}, []string{"books: 1 cast ballots in the box, 0 counted"}, true},
		{"a ballot too many in the middle of a session", func(t *testing.T, h *house, _ *Config) {
			err := h.db.Update(func(tx *database.Tx) error {
				return errors.Join(
					ballotbox.Cast.Put(tx, h.c.Random, record.Hash{1}, make([]byte, h.world.Election.BallotSize())),
					changeDay(tx, func(d *daybook.Day) { d.InUse, d.Sessions = true, 1 }))
			})
			if err != nil {
				t.Fatal(err)
			}
		}, []string{"books: 1 cast ballots in the box, 0 counted"}, true},
		{"program and roll", func(t *testing.T, h *house, c *Config) {
			exec(`UPDATE {m}.roll SET voter = zeroblob(32) WHERE entry = 1`)(t, h, c)
			c.Software = record.Hash{1}
		}, []string{"software: ", "roll: "}, true},
	} {
		h := newHouse(t, 2)
		if test.opened {
			if err := h.OpenPolls(1); err != nil {
				t.Fatal(err)
			}
		}
		c := h.withoutDevices()
		test.spoil(t, h, &c)
		wrong := Check(c)
		if len(wrong) != len(test.finds) {
			t.Errorf("%s: %v", test.name, wrong)
			continue
		}
		for i, want := range test.finds {
			if !strings.HasPrefix(wrong[i].Error(), want) {
				t.Errorf("%s: found %v, want %s", test.name, wrong[i], want)
			}
		}
	}
}

// TestCheckPapers: what cannot be drawn is found, also where no character is
// missing.
func TestCheckPapers(t *testing.T) {
	h := newHouse(t, 1)
	for _, test := range []struct{ label, text string }{
		{"한국", "papers: the font of the papers has no glyph for"},
		{strings.Repeat("agree\n", 2000), "papers: drawing the slip"},
	} {
		c := h.withoutDevices()
		label := c.Election.Manifest.Questions[1].Options[1].Label
		kept := label["en"]
		label["en"] = test.label
		wrong := Check(c)
		label["en"] = kept
		if len(wrong) != 1 || !strings.HasPrefix(wrong[0].Error(), test.text) {
			t.Errorf("%v, want %s", wrong, test.text)
		}
	}
}

// handed is an official's key that has signed one message beforehand.
type handed struct {
	crypto.Signer
	message, signature []byte
}

func (h handed) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	if !bytes.Equal(message, h.message) {
		return nil, errors.New("another message")
	}
	return h.signature, nil
}

// TestToSign: officials sign before the close, one after another, and what they
// signed is closed and nothing else.
func TestToSign(t *testing.T) {
	h := newHouse(t, 3)
	if _, err := h.ToSign(); !errors.Is(err, ErrNotNow) {
		t.Errorf("before the opening: %v", err)
	}
	if err := h.OpenPolls(1); err != nil {
		t.Fatal(err)
	}
	signed := func() []Official {
		message, err := h.ToSign()
		if err != nil {
			t.Fatal(err)
		}
		var all []Official
		for _, o := range h.officials(1, 3) {
			signature, err := o.Key.Sign(nil, message, crypto.Hash(0))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, Official{o.Number, handed{o.Key, message, signature}})
		}
		return all
	}
	h.vote(t, 0, 1, 1)
	early := signed()
	h.choose(t, 1, 1, 1)
	if _, err := h.ToSign(); !errors.Is(err, ErrNotNow) {
		t.Errorf("in a session: %v", err)
	}
	h.Remove()
	if err := h.ClosePolls(early); err == nil || !strings.HasPrefix(err.Error(), "closing the polls: signing closing: another message") {
		t.Errorf("signed before the last session: %v", err)
	}
	h.at(t, station.Idle)
	if err := h.ClosePolls(signed()); err != nil {
		t.Fatal(err)
	}
	h.at(t, station.Closed)
	if _, err := h.ToSign(); !errors.Is(err, ErrNotNow) {
		t.Errorf("after the close: %v", err)
	}

	h = opened(t, 1)
	if err := h.db.Update(func(tx *database.Tx) error { return tx.Exec(1, `UPDATE {m}.roll SET marked = 1`) }); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ToSign(); err == nil || !strings.Contains(err.Error(), "1 attendances, but 0 ballots cast") {
		t.Errorf("books that do not fit: %v", err)
	}
	h.logs(t, "books that do not fit", "zero-tape-printed", "polls-opened 1", "closing-refused")
}

// TestOneMediumAtATime: two exports give what one gives to two media; each is
// compared with what the station holds.
func TestOneMediumAtATime(t *testing.T) {
	h := opened(t, 3)
	h.vote(t, 0, 1, 1)
	h.choose(t, 1, 2, 2)
	h.Handle(station.ChallengeChosen{})
	h.Remove()
	one, two, both, none := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	if _, err := h.BundleSize(); !errors.Is(err, ErrNotNow) {
		t.Errorf("size before the close: %v", err)
	}
	if err := h.Compare(one); !errors.Is(err, ErrNotNow) {
		t.Errorf("compared before the close: %v", err)
	}
	if err := h.ClosePolls(h.officials(1, 2)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(h.Export(one), h.Export(two), h.Export(both, t.TempDir())); err != nil {
		t.Fatal(err)
	}
	size, err := h.BundleSize()
	if err != nil {
		t.Fatal(err)
	}
	for _, medium := range []string{one, two, both} {
		if err := h.Compare(medium); err != nil {
			t.Error(err)
		}
		var n int64
		for _, name := range []string{record.ClosingFile, record.CheckpointFile, record.BallotsFile, record.ChallengedFile} {
			info, err := os.Stat(filepath.Join(medium, stationtest.Station, name))
			if err != nil {
				t.Fatal(err)
			}
			n += info.Size()
		}
		if n != size {
			t.Errorf("%d bytes on the medium, %d said", n, size)
		}
	}
	if err := h.Compare(none); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("compared with nothing: %v", err)
	}
	ballots := filepath.Join(two, stationtest.Station, record.BallotsFile)
	b, err := os.ReadFile(ballots)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(ballots, b, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := h.Compare(two); err == nil || !strings.HasSuffix(err.Error(), record.BallotsFile+": not what was written") {
		t.Errorf("one bit changed: %v", err)
	}
}
