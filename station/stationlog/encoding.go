package stationlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/openreferendum/referendum/record"
)

// A line is the encoding of an entry.
type line struct {
	Number   uint32       `json:"number"`
	Hour     string       `json:"hour"`
	Event    string       `json:"event"`
	Details  []lineDetail `json:"details,omitempty"`
	Previous record.Hash  `json:"previous"`
}

type lineDetail struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func encode(e Entry, previous Head) ([]byte, error) {
	l := line{Number: e.Number, Hour: e.Hour.String(), Event: e.Event.String(), Previous: previous}
	for _, d := range e.Details {
		l.Details = append(l.Details, lineDetail{d.key, d.value})
	}
	return record.Marshal(l)
}

// decode refuses every line that encode does not write.
func decode(b []byte) (Entry, Head, error) {
	var l line
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return Entry{}, Head{}, err
	}
	again, err := record.Marshal(l)
	if err != nil {
		return Entry{}, Head{}, err
	}
	if !bytes.Equal(again, b) {
		return Entry{}, Head{}, errors.New("json: not the canonical encoding")
	}
	e, err := l.entry()
	return e, l.Previous, err
}

func (l line) entry() (Entry, error) {
	t, err := time.Parse(hourFormat, l.Hour)
	if err != nil {
		return Entry{}, fmt.Errorf("%q is not an hour such as 2021-12-18T08Z", l.Hour)
	}
	e := Entry{Number: l.Number, Hour: HourOf(t)}
	if e.Hour.String() != l.Hour {
		return Entry{}, fmt.Errorf("%q is not an hour such as 2021-12-18T08Z", l.Hour)
	}
	var ok bool
	if e.Event, ok = eventNamed(l.Event); !ok {
		return Entry{}, fmt.Errorf("no event %q", l.Event)
	}
	for _, d := range l.Details {
		e.Details = append(e.Details, Detail{d.Key, d.Value})
	}
	return e, e.check()
}

// String returns a detail for people, such as "cause: printer-fault".
func (d Detail) String() string { return d.key + ": " + d.value }
