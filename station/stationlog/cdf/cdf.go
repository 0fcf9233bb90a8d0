// Package cdf writes a station's log in the Election Event Logging Common Data
// Format of NIST SP 1500-101, Version 1.0, as JSON: for those who read the logs
// of many makes of machines with one program.
//
// It adds nothing to the log. A time is the hour in which the event happened;
// Sequence alone gives the order. The log itself, with its signed head, stays
// what counts: nothing in this format is signed.
package cdf

import (
	"errors"
	"time"

	"github.com/openreferendum/referendum/record"
)

// Config says what the log alone does not. Election, Station and Generated are
// required.
type Config struct {
	Election  record.Hash
	Station   string    // Device.Id
	Generated time.Time // when this file is made; written in UTC, to the second

	Manufacturer, Model, Version string // of the machine
}

// Log returns the log as an ElectionEventLog. The log's chain is checked.
func Log(c Config, log []byte) ([]byte, error) { return nil, errors.New("cdf: not there yet") }

// Documentation returns the catalogue of events as an
// ElectionEventLogDocumentation, the format's companion. Manufacturer and Model
// are required as well; it is the same for every station.
func Documentation(c Config) ([]byte, error) { return nil, errors.New("cdf: not there yet") }
