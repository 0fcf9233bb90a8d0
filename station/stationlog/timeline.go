package stationlog

import (
	"errors"
	"io"
	"time"
)

// A Language is one in which a timeline is written.
type Language int

// The languages.
const (
	English Language = iota
	Chinese          // Traditional, as written in Taiwan
	Both             // one below the other
)

// Timeline writes a log for people: hour by hour in the given time zone, each
// line with its severity and what it means, and, for all but notices, what to
// do. A nil zone is UTC.
func Timeline(w io.Writer, entries []Entry, l Language, zone *time.Location) error {
	return errors.New("not there yet")
}
