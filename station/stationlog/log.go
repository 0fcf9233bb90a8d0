package stationlog

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/openreferendum/referendum/record"
)

// An Hour is a time cut to the hour, in UTC. It is made by HourOf only.
type Hour struct{ t time.Time }

// HourOf cuts a time to the hour: minutes and seconds get no further.
func HourOf(t time.Time) Hour { return Hour{t.UTC().Truncate(time.Hour)} }

const hourFormat = "2006-01-02T15Z"

// String returns a time such as 2021-12-18T08Z.
func (h Hour) String() string { return h.t.Format(hourFormat) }

// Time returns when the hour began, in UTC.
func (h Hour) Time() time.Time { return h.t }

// A Head is the hash of the last line of a log, or the start of an empty one.
// It fixes every line before it.
type Head = record.Hash

// Start is the head of an empty log. It binds the log to one station of one
// election.
func Start(election record.Hash, station string) Head {
	h := sha256.New()
	h.Write([]byte("referendum-v1-station-log\n"))
	h.Write(election[:])
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(station))))
	h.Write([]byte(station))
	return Head(h.Sum(nil))
}

// An Entry is one line of a log.
type Entry struct {
	Number  uint32
	Hour    Hour
	Event   Event
	Details []Detail
}

// A Log makes the lines of a log. It is made by New, or by Read to go on with a
// log after the machine was switched off.
type Log struct {
	number uint32
	head   Head
}

// New returns an empty log that begins from the start, which Start gives.
func New(start Head) *Log { return &Log{head: start} }

// Head returns the head of the log, to be signed at the close.
func (l *Log) Head() Head { return l.head }

// Len returns the number of entries.
func (l *Log) Len() int { return int(l.number) }

// Append returns the next line of the log, with its newline, to be written to
// the media. The details must be those that the catalogue names, in its order; if
// they are not, nothing is appended.
func (l *Log) Append(at Hour, e Event, details ...Detail) ([]byte, error) {
	if l.number == maxEntries {
		return nil, errors.New("appending to the station's log: it is full")
	}
	entry := Entry{l.number + 1, at, e, details}
	if err := entry.check(); err != nil {
		return nil, fmt.Errorf("appending to the station's log: %w", err)
	}
	line, err := encode(entry, l.head)
	if err != nil {
		return nil, fmt.Errorf("appending to the station's log: %w", err)
	}
	l.number++
	l.head = sha256.Sum256(line)
	return line, nil
}

func (e Entry) check() error {
	d, ok := e.Event.Describe()
	if !ok {
		return fmt.Errorf("no event %d", int(e.Event))
	}
	if y := e.Hour.t.Year(); y < 2000 || y > 9999 {
		return errors.New("the hour is not set")
	}
	if len(e.Details) != len(d.Details) {
		return fmt.Errorf("%s: %d details instead of %d", d.Name, len(e.Details), len(d.Details))
	}
	for i, key := range d.Details {
		if e.Details[i].key != key || !e.Details[i].known() {
			return fmt.Errorf("%s: detail %d is no %s", d.Name, i+1, key)
		}
	}
	return nil
}

// Bounds of a log, in lines and bytes.
const (
	maxEntries = 1 << 16
	MaxLine    = 512
	MaxLog     = maxEntries * MaxLine
)

// Read parses a whole log and checks its chain from the start, which Start
// gives. The Log that it returns goes on after the last line.
//
// A log cut short at the end of a line is a good log with another head: compare
// the head with the one that was signed.
func Read(start Head, b []byte) (*Log, []Entry, error) {
	l := New(start)
	var entries []Entry
	for len(b) > 0 {
		number := l.number + 1
		if number > maxEntries {
			return nil, nil, fmt.Errorf("station's log: more than %d entries", maxEntries)
		}
		end := bytes.IndexByte(b, '\n') + 1
		if end == 0 || end > MaxLine {
			return nil, nil, fmt.Errorf("station's log: line %d has no end", number)
		}
		line := b[:end]
		b = b[end:]
		entry, previous, err := decode(line)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("station's log: line %d: %w", number, err)
		case entry.Number != number:
			return nil, nil, fmt.Errorf("station's log: line %d: numbered %d", number, entry.Number)
		case previous != l.head:
			return nil, nil, fmt.Errorf("station's log: line %d: does not follow the line before it", number)
		}
		entries = append(entries, entry)
		l.number, l.head = number, sha256.Sum256(line)
	}
	return l, entries, nil
}

// Complete returns how many bytes of b are whole lines. A power cut while the
// last line was written leaves a part of it, which was never promised to
// anybody: the program cuts the file there before it reads it.
func Complete(b []byte) int { return bytes.LastIndexByte(b, '\n') + 1 }
