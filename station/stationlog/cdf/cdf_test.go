package cdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationlog"
)

var update = flag.Bool("update", false, "write testdata")

var good = Config{
	Election: record.Hash{1, 2, 3}, Station: "09007-010-0001-0001", Generated: time.Date(2021, 12, 18, 17, 30, 5, 9, time.FixedZone("", 8*3600)),
	Manufacturer: "Example <Works> & 子", Model: "M1", Version: "1.0",
}

// everything is a log with each event of the catalogue once, each detail with
// its last value.
func everything(t testing.TB) []byte {
	t.Helper()
	last := map[string]stationlog.Detail{
		"official": stationlog.By(16), "part": stationlog.Of(stationlog.SystemClock), "cause": stationlog.Because(stationlog.PanelFault),
		"printer": stationlog.With(stationlog.PrinterUnplugged), "medium": stationlog.On(stationlog.Second), "clock": stationlog.Clock(stationlog.WrongDay),
		"switch": stationlog.At(stationlog.Motion), "kind": stationlog.For(stationlog.Rehearsal), "seal": stationlog.Under(stationlog.TPM),
		"unsealing": stationlog.Sealed(stationlog.OtherMeasurement), "books": stationlog.Books(stationlog.BooksDiffer), "refusal": stationlog.Refused(stationlog.MediumFull),
	}
	l := stationlog.New(stationlog.Start(good.Election, good.Station))
	var b []byte
	for _, d := range stationlog.Catalogue() {
		var details []stationlog.Detail
		for _, key := range d.Details {
			details = append(details, last[key])
		}
		line, err := l.Append(stationlog.HourOf(time.Date(2021, 12, 18, 0, 59, 59, 0, time.UTC)), d.Event, details...)
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, line...)
	}
	return b
}

// TestFormat: what comes out is of the format, whatever is in the log.
func TestFormat(t *testing.T) {
	one := bytes.SplitAfterN(everything(t), []byte("\n"), 2)[0]
	bare := Config{Election: good.Election, Station: good.Station, Generated: good.Generated}
	for name, f := range map[string]func() ([]byte, error){
		"everything":    func() ([]byte, error) { return Log(good, everything(t)) },
		"one line":      func() ([]byte, error) { return Log(bare, one) },
		"empty":         func() ([]byte, error) { return Log(bare, nil) },
		"documentation": func() ([]byte, error) { return Documentation(good) },
	} {
		b, err := f()
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range conform(b) {
			t.Errorf("%s: %s", name, wrong)
		}
	}
}

// TestLog reads back what was written: every line, in order, with its hour,
// its hash, and nothing of a voter.
func TestLog(t *testing.T) {
	log := everything(t)
	b, err := Log(good, log)
	if err != nil {
		t.Fatal(err)
	}
	var got electionEventLog
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if got.GeneratedTime != "2021-12-18T09:30:05Z" || got.ElectionID != hex.EncodeToString(good.Election[:]) || got.Devices[0].ID != good.Station {
		t.Errorf("%s, %s, %s", got.GeneratedTime, got.ElectionID, got.Devices[0].ID)
	}
	events, lines := got.Devices[0].Events, bytes.SplitAfter(log, []byte("\n"))
	if len(events) != len(stationlog.Catalogue()) {
		t.Fatalf("%d events", len(events))
	}
	for i, d := range stationlog.Catalogue() {
		hash := sha256.Sum256(lines[i])
		e := events[i]
		if e.ID != d.Name || e.Sequence != fmt.Sprint(i+1) || e.TimeStamp != "2021-12-18T00:00:00Z" || e.Hash != hex.EncodeToString(hash[:]) || e.Severity != d.Severity.String() {
			t.Errorf("event %d came out as %+v", i+1, e)
		}
		if byOfficial := slices.Equal(d.Details, []string{"official"}); byOfficial != (e.UserID == "16") || byOfficial && e.Details != "" || !byOfficial && e.UserID != "" {
			t.Errorf("%s: user %q, details %q", e.ID, e.UserID, e.Details)
		}
		if !slices.ContainsFunc(subjects, func(s struct{ name, meaning string }) bool { return s.name == e.Kind }) {
			t.Errorf("%s: type %q is not in the documentation", e.ID, e.Kind)
		}
	}
	want := map[string]string{"printer-failed": "failure", "polls-opened": "success", "tamper-detected": "na"}
	for _, e := range events {
		if w := want[e.ID]; w != "" && e.Disposition != w {
			t.Errorf("%s: %s", e.ID, e.Disposition)
		}
	}
}

// TestGolden fixes both files: who reads them with a program of their own must
// see what changes.
func TestGolden(t *testing.T) {
	log, err := Log(good, everything(t))
	if err != nil {
		t.Fatal(err)
	}
	documentation, err := Documentation(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"testdata/log.json": log, "testdata/documentation.json": documentation} {
		if *update {
			if err := os.WriteFile(name, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, want) {
			t.Errorf("%s is not what is written now: go test ./station/stationlog/cdf -update", name)
		}
	}
}

func TestRefuses(t *testing.T) {
	log := everything(t)
	change := func(f func(c *Config)) Config {
		c := good
		f(&c)
		return c
	}
	for name, c := range map[string]struct {
		c    Config
		log  []byte
		want string
	}{
		"no station":      {change(func(c *Config) { c.Station = "" }), log, "no station is named"},
		"other station":   {change(func(c *Config) { c.Station = "x" }), log, "station's log: line 1: does not follow the line before it"},
		"other election":  {change(func(c *Config) { c.Election = record.Hash{} }), log, "station's log: line 1: does not follow the line before it"},
		"no time":         {change(func(c *Config) { c.Generated = time.Time{} }), log, "the time is not set"},
		"year too long":   {change(func(c *Config) { c.Generated = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }), log, "the time is not set"},
		"line break":      {change(func(c *Config) { c.Model = "a\nb" }), log, "model: not a line of text of at most 256 bytes"},
		"not UTF-8":       {change(func(c *Config) { c.Version = "\xff" }), log, "version: not a line of text of at most 256 bytes"},
		"long":            {change(func(c *Config) { c.Manufacturer = strings.Repeat("x", 257) }), log, "manufacturer: not a line of text of at most 256 bytes"},
		"half a line":     {good, log[:len(log)-1], "has no end"},
		"line changed":    {good, bytes.Replace(log, []byte("T00Z"), []byte("T01Z"), 1), "line 2: does not follow the line before it"},
		"strange content": {good, []byte("{}\n"), "line 1: "},
	} {
		b, err := Log(c.c, c.log)
		if err == nil || b != nil || !strings.HasPrefix(err.Error(), "exporting the station's log: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	for want, c := range map[string]Config{
		"manufacturer and model are required": {Model: "M", Generated: good.Generated},
		"the time is not set":                 {Model: "M", Manufacturer: "m"},
	} {
		if _, err := Documentation(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
