package front

import (
	"fmt"

	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/record"
)

func placeOf(m *record.Manifest, id string) (record.Station, error) {
	for _, s := range m.Stations {
		if s.ID == id {
			return s, nil
		}
	}
	return record.Station{}, fmt.Errorf("the manifest has no station %s", id)
}

// Setup is what screens show of the manifest; document is the shape of the
// number on an identity document (kiosk.Reader).
func Setup(e *record.Election, place record.Station, document string) flow.Setup {
	m := e.Manifest
	s := flow.Setup{
		Kind: kinds[m.Kind], Title: flow.Text(m.Title), Station: place.ID, Place: flow.Text(place.Name), Election: e.ID.String(), Languages: m.Languages, Holder: document,
	}
	for _, q := range m.Questions {
		question := flow.Question{Title: flow.Text(q.Title), Text: flow.Text(q.Text), Proposer: flow.Text(q.Proposer)}
		for _, o := range q.Options {
			question.Options = append(question.Options, flow.Option{Label: flow.Text(o.Label), Blank: o.Kind == record.BlankOption})
		}
		s.Questions = append(s.Questions, question)
	}
	return s
}

var kinds = map[string]flow.Kind{record.Live: flow.Live, record.Rehearsal: flow.Rehearsal, record.TestDeck: flow.TestDeck}
