package machine

import (
	"crypto/elliptic"
	"crypto/x509"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationtest"
)

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
	if err := h.OpenPolls(1); err != nil {
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
	if err := h.OpenPolls(1); err != nil {
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
		db, err := database.Create(database.Config{Main: filepath.Join(dir, "a"), Mirror: filepath.Join(dir, "b")})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := Provision(db, w.Election, stationtest.Station, test.roll); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
}

// TestProvisionRefusesUnprintable: a character that the font of the papers lacks
// is found when the station is provisioned, not on the day.
func TestProvisionRefusesUnprintable(t *testing.T) {
	w := stationtest.NewWorld(record.Live, 1)
	dir := t.TempDir()
	db, err := database.Create(database.Config{Main: filepath.Join(dir, "a"), Mirror: filepath.Join(dir, "b")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	options := w.Election.Manifest.Questions[1].Options
	kept := options[0].Label["en"]
	options[0].Label["en"] = "한국"
	err = Provision(db, w.Election, stationtest.Station, w.Roll)
	if want := `the font of the papers has no glyph for "한국" in "한국"`; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error %v", err)
	}
	options[0].Label["en"] = kept
	if err := Provision(db, w.Election, stationtest.Station, w.Roll); err != nil {
		t.Errorf("with a label that can be printed: %v", err)
	}
}
