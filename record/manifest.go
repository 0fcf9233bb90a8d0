package record

import (
	"errors"
	"fmt"
	"time"

	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/record/rules"
)

// Version is the one version of protocol and formats.
const Version = "referendum-v1"

// Kinds of election. Only a live one decides anything; the kind is part of H_E,
// so the ballots of one kind are worth nothing in another.
const (
	Live      = "live"
	Rehearsal = "rehearsal"
	TestDeck  = "test-deck"
)

// Kinds of option.
const (
	ValidOption = "valid" // counts as a valid paper
	BlankOption = "blank" // a paper that was taken and says nothing
)

// A Manifest describes one referendum completely: docs/spec/record.md, Section
// 4. Everything that is decided later is decided by it.
type Manifest struct {
	Version          string           `json:"version"`
	Kind             string           `json:"kind"`
	Title            Text             `json:"title"`
	Languages        []string         `json:"languages"` // the first is authoritative
	Opens            string           `json:"opens"`     // RFC 3339, UTC, whole minutes
	Closes           string           `json:"closes"`
	PrivacyThreshold uint32           `json:"privacyThreshold"` // fewest ballots decrypted together
	Threshold        int              `json:"threshold"`        // t
	Trustees         []Trustee        `json:"trustees"`         // n, numbered from 1
	Authority        Key              `json:"authority"`        // signs aggregates, result and inventory
	CardAuthorities  []Hash           `json:"cardAuthorities"`  // SHA-256 of root certificates (DER)
	Questions        []Question       `json:"questions"`
	TieBreaks        []rules.TieBreak `json:"tieBreaks,omitempty"`
	Districts        []District       `json:"districts"`
	Stations         []Station        `json:"stations"`
}

// A Trustee holds a share of the joint key.
type Trustee struct {
	Name          string `json:"name"`
	SigningKey    Key    `json:"signingKey"`
	EncryptionKey Hash   `json:"encryptionKey"` // X25519 (RFC 7748)
}

// A Question is one paper.
type Question struct {
	ID       string     `json:"id"`
	Title    Text       `json:"title"`
	Text     Text       `json:"text"`
	Proposer Text       `json:"proposer"`
	Options  []Option   `json:"options"`
	Rule     rules.Rule `json:"rule"`
}

// An Option is something that can happen to a paper that was taken.
type Option struct {
	ID    string `json:"id"`
	Label Text   `json:"label"`
	Kind  string `json:"kind"`
}

// A District is a node of the tree of areas; Parent is "" for the nation, which
// is the first district.
type District struct {
	ID     string `json:"id"`
	Name   Text   `json:"name"`
	Parent string `json:"parent,omitempty"`
}

// A Station is one polling station.
type Station struct {
	ID         string `json:"id"`
	Name       Text   `json:"name"`
	District   string `json:"district"`
	Registered uint32 `json:"registered"`
	Key        Key    `json:"key"`
	Officials  []Key  `json:"officials"` // poll workers who sign the closing, at least two
}

// Bounds of a manifest.
const (
	maxDistricts = 1 << 16
	maxStations  = 1 << 17
	maxDepth     = 16 // of the tree of districts, the nation included
	maxOfficials = 16
	minPrivacy   = 2 // of a live vote

	// MaxRegistered bounds the voters of one station.
	MaxRegistered = 100_000
)

// ParseManifest decodes and validates a manifest.
func ParseManifest(b []byte) (*Manifest, error) {
	m, err := parseDocument[*Manifest]("manifest", MaxDocument, b)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Shape returns the number of options of each question.
func (m *Manifest) Shape() proof.Shape {
	s := make(proof.Shape, len(m.Questions))
	for i, q := range m.Questions {
		s[i] = len(q.Options)
	}
	return s
}

// Station returns the station with the given id.
func (m *Manifest) Station(id string) (Station, bool) {
	for _, s := range m.Stations {
		if s.ID == id {
			return s, true
		}
	}
	return Station{}, false
}

// Validate refuses a manifest that could not be carried out. Its errors name
// the field.
func (m *Manifest) Validate() error {
	if m == nil {
		return errors.New("missing")
	}
	if m.Version != Version {
		return fmt.Errorf("version: %q instead of %q", m.Version, Version)
	}
	if m.Kind != Live && m.Kind != Rehearsal && m.Kind != TestDeck {
		return fmt.Errorf("kind: %q is none of %s, %s, %s", m.Kind, Live, Rehearsal, TestDeck)
	}
	if m.Kind == Live && m.PrivacyThreshold < minPrivacy {
		return fmt.Errorf("privacyThreshold: %d, a live vote needs at least %d: one ballot alone tells how somebody voted", m.PrivacyThreshold, minPrivacy)
	}
	for _, check := range []func() error{m.checkLanguages, m.checkTimes, m.checkTrustees, m.checkQuestions, m.checkDistricts, m.checkStations, m.checkHolders} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (m *Manifest) checkLanguages() error {
	if len(m.Languages) == 0 || len(m.Languages) > 32 {
		return fmt.Errorf("languages: %d", len(m.Languages))
	}
	seen := map[string]bool{}
	for _, l := range m.Languages {
		if !language.MatchString(l) || seen[l] {
			return fmt.Errorf("languages: %q is no language tag, or given twice", l)
		}
		seen[l] = true
	}
	return m.Title.check("title", m.Languages)
}

const minuteFormat = "2006-01-02T15:04:00Z"

func (m *Manifest) checkTimes() error {
	opens, err := parseMinute("opens", m.Opens)
	if err != nil {
		return err
	}
	closes, err := parseMinute("closes", m.Closes)
	if err != nil {
		return err
	}
	if !opens.Before(closes) {
		return errors.New("closes: not after opens")
	}
	return nil
}

func parseMinute(what, s string) (time.Time, error) {
	t, err := time.Parse(minuteFormat, s)
	if err != nil || t.Format(minuteFormat) != s || t.Year() < 1 {
		return time.Time{}, fmt.Errorf("%s: %q is not a time such as 2021-12-18T00:00:00Z", what, s)
	}
	return t, nil
}

func (m *Manifest) checkTrustees() error {
	if err := threshold.CheckQuorum(m.Threshold, len(m.Trustees)); err != nil {
		return fmt.Errorf("trustees: %w", err)
	}
	// Any two quorums have a trustee in common: otherwise two different sums of
	// one election could be decrypted although no trustee answers twice.
	if 2*m.Threshold <= len(m.Trustees) {
		return fmt.Errorf("trustees: quorum: %d of %d trustees is not more than half", m.Threshold, len(m.Trustees))
	}
	names, keys := map[string]bool{}, map[Hash]bool{}
	for i, t := range m.Trustees {
		if err := CheckName(t.Name); err != nil {
			return fmt.Errorf("trustee %d: name: %w", i+1, err)
		}
		if err := errors.Join(CheckSigningKey(t.SigningKey), CheckEncryptionKey(t.EncryptionKey)); err != nil {
			return fmt.Errorf("trustee %d: %w", i+1, err)
		}
		if names[t.Name] || keys[t.SigningKey] || keys[t.EncryptionKey] || t.SigningKey == t.EncryptionKey {
			return fmt.Errorf("trustee %d: a name or key is given twice", i+1)
		}
		names[t.Name], keys[t.SigningKey], keys[t.EncryptionKey] = true, true, true
	}
	if m.CardAuthorities == nil {
		return errors.New("cardAuthorities: missing")
	}
	return wrap(CheckSigningKey(m.Authority), "authority")
}

func (m *Manifest) checkQuestions() error {
	if err := m.Shape().Validate(); err != nil {
		return fmt.Errorf("questions: %w", err)
	}
	seen := map[string]bool{}
	for i, q := range m.Questions {
		where := fmt.Sprintf("question %d", i+1)
		if err := checkIdentifier(where, q.ID); err != nil {
			return err
		}
		if seen[q.ID] {
			return fmt.Errorf("%s: id %q given twice", where, q.ID)
		}
		seen[q.ID] = true
		if err := m.checkQuestion(where, q); err != nil {
			return err
		}
	}
	return m.checkRules()
}

func (m *Manifest) checkQuestion(where string, q Question) error {
	for _, t := range []struct {
		name string
		text Text
	}{{"title", q.Title}, {"text", q.Text}, {"proposer", q.Proposer}} {
		if err := t.text.check(where+": "+t.name, m.Languages); err != nil {
			return err
		}
	}
	ids := map[string]bool{}
	for j, o := range q.Options {
		at := fmt.Sprintf("%s: option %d", where, j+1)
		if err := checkIdentifier(at, o.ID); err != nil {
			return err
		}
		if ids[o.ID] {
			return fmt.Errorf("%s: id %q given twice", at, o.ID)
		}
		ids[o.ID] = true
		if o.Kind != ValidOption && o.Kind != BlankOption {
			return fmt.Errorf("%s: kind %q is neither %s nor %s", at, o.Kind, ValidOption, BlankOption)
		}
		if err := o.Label.check(at, m.Languages); err != nil {
			return err
		}
	}
	return nil
}

func (m *Manifest) checkDistricts() error {
	if len(m.Districts) == 0 || len(m.Districts) > maxDistricts {
		return fmt.Errorf("districts: %d", len(m.Districts))
	}
	depth := map[string]int{} // the nation's is 1
	for i, d := range m.Districts {
		where := fmt.Sprintf("district %d", i+1)
		if err := checkIdentifier(where, d.ID); err != nil {
			return err
		}
		if depth[d.ID] > 0 {
			return fmt.Errorf("%s: id %q given twice", where, d.ID)
		}
		// Parents come before their children, so there is no cycle.
		if (i == 0) != (d.Parent == "") || (i > 0 && depth[d.Parent] == 0) {
			return fmt.Errorf("%s: parent %q does not come before it", where, d.Parent)
		}
		depth[d.ID] = depth[d.Parent] + 1
		if depth[d.ID] > maxDepth {
			return fmt.Errorf("%s: more than %d districts around one another", where, maxDepth)
		}
		if err := d.Name.check(where, m.Languages); err != nil {
			return err
		}
	}
	return nil
}

func (m *Manifest) checkStations() error {
	if len(m.Stations) == 0 || len(m.Stations) > maxStations {
		return fmt.Errorf("stations: %d", len(m.Stations))
	}
	districts := map[string]bool{}
	for _, d := range m.Districts {
		districts[d.ID] = true
	}
	last := ""
	for _, s := range m.Stations {
		where := fmt.Sprintf("station %q", s.ID)
		if err := checkIdentifier(where, s.ID); err != nil {
			return err
		}
		if s.ID <= last {
			return fmt.Errorf("%s: stations are not in ascending order of their ids", where)
		}
		last = s.ID
		if !districts[s.District] {
			return fmt.Errorf("%s: no district %q", where, s.District)
		}
		if s.Registered > MaxRegistered {
			return fmt.Errorf("%s: %d registered voters, allowed are %d", where, s.Registered, MaxRegistered)
		}
		if len(s.Officials) < 2 || len(s.Officials) > maxOfficials {
			return fmt.Errorf("%s: %d officials, allowed are 2 to %d", where, len(s.Officials), maxOfficials)
		}
		for _, k := range append([]Key{s.Key}, s.Officials...) {
			if err := CheckSigningKey(k); err != nil {
				return fmt.Errorf("%s: %w", where, err)
			}
		}
		if err := s.Name.check(where, m.Languages); err != nil {
			return err
		}
	}
	return nil
}

// StationsIn lists the stations of an area, in the manifest's order: a station
// itself, or all that lie in a district. Of an unknown area it lists none.
func (m *Manifest) StationsIn(area string) []string {
	within := map[string]bool{area: true}
	for _, d := range m.Districts { // parents come first
		if within[d.Parent] {
			within[d.ID] = true
		}
	}
	var ids []string
	for _, s := range m.Stations {
		if s.ID == area || within[s.District] {
			ids = append(ids, s.ID)
		}
	}
	return ids
}
