package office

import (
	"fmt"

	"github.com/openreferendum/referendum/record"
)

// A Status is how far a count is. Its JSON is stable: docs/operators/tally.md.
type Status struct {
	Election  record.Hash     `json:"election"`
	Kind      string          `json:"kind"`
	Stations  []StationStatus `json:"stations"`  // those imported, in the manifest's order
	Missing   []string        `json:"missing"`   // those without a bundle
	Ballots   uint64          `json:"ballots"`   // of the stations imported
	Requested *record.Hash    `json:"requested"` // hash of aggregates.json, if it is signed
	Answers   []int           `json:"answers"`   // trustees whose answer was accepted
	Threshold int             `json:"threshold"` // answers needed
	Published bool            `json:"published"`
}

// A StationStatus is the counts of an imported bundle.
type StationStatus struct {
	Station string        `json:"station"`
	Counts  record.Counts `json:"counts"`
}

// Status reads how far the count is. It checks no bundle or answer again.
func (o *Office) Status() (*Status, error) {
	s, err := o.status()
	if err != nil {
		return nil, fmt.Errorf("reading the state of the count: %w", err)
	}
	return s, nil
}

func (o *Office) status() (*Status, error) {
	s := &Status{
		Election: o.e.ID, Kind: o.e.Manifest.Kind, Threshold: o.e.Manifest.Threshold,
		Stations: []StationStatus{}, Missing: []string{}, Answers: []int{}, Published: o.has(record.InventoryFile),
	}
	imported, missing, err := o.Stations()
	if err != nil {
		return nil, err
	}
	s.Missing = append(s.Missing, missing...)
	for _, id := range imported {
		c, err := record.ReadSigned[record.Closing](o.FS(), record.StationFile(id, record.ClosingFile))
		if err != nil {
			return nil, fmt.Errorf("station %q: %w", id, err)
		}
		s.Stations = append(s.Stations, StationStatus{id, c.Body.Counts})
		s.Ballots += uint64(c.Body.Counts.Cast)
	}
	if o.has(record.AggregatesFile) {
		_, hash, err := o.request()
		if err != nil {
			return nil, err
		}
		s.Requested = &hash
	}
	answers, err := o.answers()
	if err != nil {
		return nil, err
	}
	for _, d := range answers {
		s.Answers = append(s.Answers, d.Body.Trustee)
	}
	return s, nil
}

// Strays reports the files in the folder that do not belong in a record. What
// another program is just writing is not reported.
func (o *Office) Strays() error { return o.strays() }
