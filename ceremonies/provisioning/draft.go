package provisioning

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
)

// A Draft is what people write of a manifest: everything but the keys. Its
// fields are those of record.Manifest (docs/spec/record.md, Section 4), and it
// may be laid out with spaces and lines.
type Draft struct {
	Kind             string            `json:"kind"`
	Title            record.Text       `json:"title"`
	Languages        []string          `json:"languages"`
	Opens            string            `json:"opens"`
	Closes           string            `json:"closes"`
	PrivacyThreshold uint32            `json:"privacyThreshold"`
	Threshold        int               `json:"threshold"`
	CardAuthorities  []record.Hash     `json:"cardAuthorities"`
	Questions        []record.Question `json:"questions"`
	TieBreaks        []rules.TieBreak  `json:"tieBreaks"`
	Districts        []record.District `json:"districts"`
	Stations         []DraftStation    `json:"stations"`
}

// A DraftStation is a station without its keys.
type DraftStation struct {
	ID         string      `json:"id"`
	Name       record.Text `json:"name"`
	District   string      `json:"district"`
	Registered uint32      `json:"registered"`
}

// ParseDraft decodes a draft. Whether it makes a manifest is seen by Assemble.
func ParseDraft(b []byte) (*Draft, error) {
	if len(b) > record.MaxDocument {
		return nil, fmt.Errorf("draft: %d bytes, allowed are %d", len(b), record.MaxDocument)
	}
	d := new(Draft)
	if err := decode(b, d); err != nil {
		return nil, fmt.Errorf("draft: %w", err)
	}
	return d, nil
}

// Assemble makes the manifest from the draft, the trustees' enrolments (they
// are numbered in this order), and the requests for all other keys. Stations
// are put in order of their ids, a station's officials in order of their names.
func (d *Draft) Assemble(enrolments []record.Signed[record.Enrolment], requests []*KeyRequest) (*record.Manifest, error) {
	keys, err := sortRequests(requests)
	if err != nil {
		return nil, fmt.Errorf("assembling the manifest: %w", err)
	}
	m := &record.Manifest{
		Version: record.Version, Kind: d.Kind, Title: d.Title, Languages: d.Languages, Opens: d.Opens, Closes: d.Closes,
		PrivacyThreshold: d.PrivacyThreshold, Threshold: d.Threshold, CardAuthorities: d.CardAuthorities,
		Questions: d.Questions, TieBreaks: d.TieBreaks, Districts: d.Districts, Authority: keys.authority,
	}
	for _, e := range enrolments {
		m.Trustees = append(m.Trustees, record.Trustee{Name: e.Body.Name, SigningKey: e.Body.SigningKey, EncryptionKey: e.Body.EncryptionKey})
	}
	for _, s := range d.Stations {
		station, err := keys.station(s)
		if err != nil {
			return nil, fmt.Errorf("assembling the manifest: %w", err)
		}
		m.Stations = append(m.Stations, station)
	}
	slices.SortFunc(m.Stations, func(a, b record.Station) int { return cmp.Compare(a.ID, b.ID) })
	if len(keys.stations) > 0 || len(keys.officials) > 0 {
		return nil, fmt.Errorf("assembling the manifest: key requests of stations that the draft does not have: %q", keys.left())
	}
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("assembling the manifest: %w", err)
	}
	for i := range enrolments {
		if err := record.CheckEnrolment(m, i+1, &enrolments[i]); err != nil {
			return nil, fmt.Errorf("assembling the manifest: %w", err)
		}
	}
	return m, nil
}

// requested holds the keys that were asked for.
type requested struct {
	authority record.Key
	stations  map[string]record.Key
	officials map[string][]*KeyRequest
}

func sortRequests(requests []*KeyRequest) (*requested, error) {
	r := &requested{stations: map[string]record.Key{}, officials: map[string][]*KeyRequest{}}
	authorities := 0
	for _, k := range requests {
		switch k.Role {
		case RoleAuthority:
			r.authority = k.Key
			authorities++
		case RoleStation:
			if _, ok := r.stations[k.Station]; ok {
				return nil, fmt.Errorf("two key requests of station %q", k.Station)
			}
			r.stations[k.Station] = k.Key
		case RoleOfficial:
			r.officials[k.Station] = append(r.officials[k.Station], k)
		}
	}
	if authorities != 1 {
		return nil, fmt.Errorf("%d key requests of an authority instead of one", authorities)
	}
	return r, nil
}

// station takes the keys of a station out of the requests.
func (r *requested) station(d DraftStation) (record.Station, error) {
	s := record.Station{ID: d.ID, Name: d.Name, District: d.District, Registered: d.Registered}
	key, ok := r.stations[d.ID]
	if !ok {
		return s, fmt.Errorf("no key request of station %q", d.ID)
	}
	s.Key = key
	officials := r.officials[d.ID]
	slices.SortFunc(officials, func(a, b *KeyRequest) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(string(a.Key[:]), string(b.Key[:])))
	})
	for _, o := range officials {
		s.Officials = append(s.Officials, o.Key)
	}
	delete(r.stations, d.ID)
	delete(r.officials, d.ID)
	return s, nil
}

func (r *requested) left() []string {
	var ids []string
	for id := range r.stations {
		ids = append(ids, id)
	}
	for id := range r.officials {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Rehearsal returns the manifest of a rehearsal of the same referendum: the same
// people, questions and stations, but another kind, so another identifier.
// Nothing made for one is worth anything in the other.
func Rehearsal(m *record.Manifest) *record.Manifest {
	r := *m
	r.Kind = record.Rehearsal
	return &r
}
