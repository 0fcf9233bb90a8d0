// Package cdf writes a station's log in the Election Event Logging Common Data
// Format of NIST SP 1500-101, Version 1.0, as JSON: for those who read the logs
// of many makes of machines with one program.
//
// It adds nothing to the log. A TimeStamp is the beginning of the hour in which
// the event happened; Sequence alone gives the order. A UserId is the number of
// a poll worker's key in the manifest, and there is none of a voter. The log
// itself, with its signed head, stays what counts: nothing in this format is
// signed, and package cdf does not read it.
package cdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationlog"
)

// Config says what the log alone does not.
type Config struct {
	Election  record.Hash // ElectionId, in hexadecimal
	Station   string      // Device.Id
	Generated time.Time   // when this file is made; written in UTC, to the second

	// Manufacturer, Model and Version are the machine's. Log needs none of
	// them, Documentation the first two.
	Manufacturer, Model, Version string
}

// maxText bounds each text of a Config, in bytes.
const maxText = 256

func (c Config) check() error {
	for name, s := range map[string]string{"station": c.Station, "manufacturer": c.Manufacturer, "model": c.Model, "version": c.Version} {
		if len(s) > maxText || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			return fmt.Errorf("%s: not a line of text of at most %d bytes", name, maxText)
		}
	}
	if y := c.Generated.UTC().Year(); y < 2000 || y > 9999 {
		return errors.New("the time is not set")
	}
	return nil
}

// Log returns a log as an ElectionEventLog. The log is that of the config's
// election and station, and its chain is checked; whether it is whole, its
// signed head says (stationlog.VerifyLog).
func Log(c Config, log []byte) ([]byte, error) {
	b, err := exportLog(c, log)
	if err != nil {
		return nil, fmt.Errorf("exporting the station's log: %w", err)
	}
	return b, nil
}

func exportLog(c Config, log []byte) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Station == "" {
		return nil, errors.New("no station is named")
	}
	_, entries, err := stationlog.Read(stationlog.Start(c.Election, c.Station), log)
	if err != nil {
		return nil, err
	}
	d := device{
		Type: "EventLogging.Device", Details: "Times are cut to the hour; Sequence gives the order. Hash is of the log's own line, which holds the hash of the line before it.",
		Events: []event{}, HashType: "sha-256", ID: c.Station, Manufacturer: c.Manufacturer, Model: c.Model, Usage: "electronic-cast-paper", Version: c.Version,
	}
	for i, line := range bytes.SplitAfter(log, []byte("\n"))[:len(entries)] {
		d.Events = append(d.Events, eventOf(entries[i], line))
	}
	return encode(electionEventLog{
		Type: "EventLogging.ElectionEventLog", Devices: []device{d}, ElectionID: c.Election.String(), GeneratedTime: c.Generated.UTC().Format(time.RFC3339),
	})
}

func eventOf(e stationlog.Entry, line []byte) event {
	d, _ := e.Event.Describe() // Read has made the entry
	hash := sha256.Sum256(line)
	v := event{
		Type: "EventLogging.Event", Description: d.English.Meaning, Disposition: dispositions[d.Outcome], Hash: hex.EncodeToString(hash[:]),
		ID: d.Name, Sequence: fmt.Sprint(e.Number), Severity: d.Severity.String(), TimeStamp: e.Hour.Time().Format(time.RFC3339), Kind: d.Category(),
	}
	var details []string
	for _, detail := range e.Details {
		if n, ok := detail.Official(); ok {
			v.UserID = fmt.Sprint(int(n))
			continue
		}
		details = append(details, detail.String())
	}
	v.Details = strings.Join(details, ", ")
	return v
}

var dispositions = map[stationlog.Outcome]string{stationlog.Success: "success", stationlog.Failure: "failure", stationlog.NoOutcome: "na"}

// Documentation returns the catalogue of events as an
// ElectionEventLogDocumentation, the format's companion. It is the same for
// every station and election.
func Documentation(c Config) ([]byte, error) {
	b, err := exportDocumentation(c)
	if err != nil {
		return nil, fmt.Errorf("exporting the catalogue of the station's log: %w", err)
	}
	return b, nil
}

func exportDocumentation(c Config) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Manufacturer == "" || c.Model == "" {
		return nil, errors.New("manufacturer and model are required")
	}
	d := documentation{
		Type: "EventLogging.ElectionEventLogDocumentation", Manufacturer: c.Manufacturer, Model: c.Model, Version: c.Version,
		GeneratedDate: c.Generated.UTC().Format(time.DateOnly),
	}
	for _, e := range stationlog.Catalogue() {
		d.IDs = append(d.IDs, idDescription{"EventLogging.EventIdDescription", e.English.Meaning + " What to do: " + e.English.Do, e.Name})
	}
	for _, s := range subjects {
		d.Types = append(d.Types, typeDescription{"EventLogging.EventTypeDescription", s.meaning, s.name})
	}
	return encode(d)
}

// subjects are what Type can be: the subjects of VVSG 2.0, Table 15-1, of which
// the log has events.
var subjects = []struct{ name, meaning string }{
	{"access", "Authentication and access control."},
	{"cryptography", "Cryptographic keys."},
	{"general", "General functions of the machine and its parts."},
	{"software", "The program and the station's database."},
	{"voting", "The polls, and what is exported of them. There is no event for a ballot or a voter."},
}

// encode writes JSON with a field a line, for people too.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
