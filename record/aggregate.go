package record

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/openreferendum/referendum/crypto/elgamal"
)

// A Group is a set of stations that are decrypted together.
type Group struct {
	ID       string   // the first of its stations
	Stations []string // ascending
	Cast     uint64
}

// Plan says which stations are decrypted together: Algorithm 7.1 of
// docs/spec/record.md. cast holds the number of ballots of every station whose
// bundle is there; the others are left out. The outcome is a function of public
// numbers alone, so observers compute it again.
//
// From the leaves of the tree of districts to its root: groups with fewer than
// the manifest's privacy threshold of ballots are merged within the district;
// what then is still too few joins the district's smallest large group, or, if
// it has none, goes up to the parent. What is too few even in the nation is one
// group: the sum that the law publishes anyway.
func (m *Manifest) Plan(cast map[string]uint32) []Group {
	p := planner{threshold: uint64(m.PrivacyThreshold), small: map[string][]Group{}, large: map[string][]Group{}}
	for _, s := range m.Stations {
		if n, ok := cast[s.ID]; ok {
			p.add(s.District, Group{s.ID, []string{s.ID}, uint64(n)})
		}
	}
	for i := len(m.Districts) - 1; i >= 0; i-- { // children after their parents
		p.settle(m.Districts[i])
	}
	plan := p.large[""]
	sort.Slice(plan, func(i, j int) bool { return plan[i].ID < plan[j].ID })
	return plan
}

type planner struct {
	threshold    uint64
	small, large map[string][]Group // by district
}

func (p *planner) add(district string, g Group) {
	if g.Cast < p.threshold {
		p.small[district] = append(p.small[district], g)
		return
	}
	p.large[district] = append(p.large[district], g)
}

// settle merges the small groups of a district and hands everything up.
func (p *planner) settle(d District) {
	small, large := p.small[d.ID], p.large[d.ID]
	if len(small) > 0 {
		merged := merge(small...)
		switch {
		case merged.Cast >= p.threshold || (d.Parent == "" && len(large) == 0):
			large = append(large, merged)
		case len(large) > 0:
			i := smallest(large)
			large[i] = merge(large[i], merged)
		default:
			p.small[d.Parent] = append(p.small[d.Parent], merged)
		}
	}
	p.large[d.Parent] = append(p.large[d.Parent], large...)
}

// smallest returns the index of the group with the fewest ballots; of equals,
// the one with the first id.
func smallest(groups []Group) int {
	best := 0
	for i, g := range groups {
		b := groups[best]
		if g.Cast < b.Cast || (g.Cast == b.Cast && g.ID < b.ID) {
			best = i
		}
	}
	return best
}

func merge(groups ...Group) Group {
	var m Group
	for _, g := range groups {
		m.Stations = append(m.Stations, g.Stations...)
		m.Cast += g.Cast
	}
	sort.Strings(m.Stations)
	m.ID = m.Stations[0]
	return m
}

// Aggregates is what is to be decrypted: the sums of each group's ciphertexts,
// signed by the authority.
type Aggregates struct {
	Election   Hash        `json:"election"`
	Missing    []string    `json:"missing,omitempty"` // stations without a bundle, ascending
	Aggregates []Aggregate `json:"aggregates"`
}

// An Aggregate is the sum over one group.
type Aggregate struct {
	ID       string                 `json:"id"`
	Stations []string               `json:"stations"`
	Cast     uint64                 `json:"cast"`
	Sums     [][]elgamal.Ciphertext `json:"sums"` // by question and option
}

func (Aggregates) kind() string { return "aggregates" }

// Validate refuses empty lists and malformed ids.
func (a Aggregates) Validate() error {
	if len(a.Aggregates) == 0 || len(a.Aggregates) > maxStations {
		return fmt.Errorf("%d aggregates", len(a.Aggregates))
	}
	for i, id := range a.Missing {
		if err := checkIdentifier("missing", id); err != nil {
			return err
		}
		if i > 0 && a.Missing[i-1] >= id {
			return errors.New("missing: not in ascending order")
		}
	}
	for i, g := range a.Aggregates {
		if len(g.Stations) == 0 || g.Stations[0] != g.ID {
			return fmt.Errorf("aggregate %q: not named after its first station", g.ID)
		}
		if i > 0 && a.Aggregates[i-1].ID >= g.ID {
			return errors.New("aggregates: not in ascending order")
		}
		for j, s := range g.Stations {
			if err := checkIdentifier("aggregate", s); err != nil {
				return err
			}
			if j > 0 && g.Stations[j-1] >= s {
				return fmt.Errorf("aggregate %q: stations not in ascending order", g.ID)
			}
		}
		if len(g.Sums) == 0 {
			return fmt.Errorf("aggregate %q: no sums", g.ID)
		}
		for q, row := range g.Sums {
			if len(row) == 0 {
				return fmt.Errorf("aggregate %q: question %d: no sums", g.ID, q+1)
			}
		}
	}
	return nil
}

// A Sum adds up ballots, question by question and option by option. The zero
// value is not usable: see NewSum.
type Sum struct{ sums [][]elgamal.Ciphertext }

// NewSum returns the sum of no ballots: all ciphertexts (0, 0).
func (m *Manifest) NewSum() *Sum {
	s := new(Sum)
	for _, n := range m.Shape() {
		row := make([]elgamal.Ciphertext, n)
		for i := range row {
			row[i] = elgamal.Zero()
		}
		s.sums = append(s.sums, row)
	}
	return s
}

// Add adds one ballot's ciphertexts.
func (s *Sum) Add(questions [][]elgamal.Ciphertext) {
	for q := range s.sums {
		for i := range s.sums[q] {
			s.sums[q][i] = s.sums[q][i].Add(questions[q][i])
		}
	}
}

// AddSum adds another sum.
func (s *Sum) AddSum(t *Sum) { s.Add(t.sums) }

// Ciphertexts returns the sums by question and option.
func (s *Sum) Ciphertexts() [][]elgamal.Ciphertext { return s.sums }

// MarshalText returns the sums' ciphertexts, 128 hexadecimal digits each, by
// question and option.
func (s *Sum) MarshalText() ([]byte, error) {
	var all []byte
	for _, row := range s.sums {
		for _, c := range row {
			text, err := c.MarshalText()
			if err != nil {
				return nil, err
			}
			all = append(all, text...)
		}
	}
	return all, nil
}

// ParseSum decodes what MarshalText made for this manifest's questions.
func (m *Manifest) ParseSum(text []byte) (*Sum, error) {
	s := m.NewSum()
	for _, row := range s.sums {
		for i := range row {
			size := min(2*elgamal.CiphertextSize, len(text))
			if err := row[i].UnmarshalText(text[:size]); err != nil {
				return nil, fmt.Errorf("sum: %w", err)
			}
			text = text[size:]
		}
	}
	if len(text) > 0 {
		return nil, errors.New("sum: more than the questions have options")
	}
	return s, nil
}

// CheckAggregates is CheckPlan and, if that finds nothing, CheckSums.
func CheckAggregates(e *Election, a *Signed[Aggregates], cast map[string]uint32, sums map[string]*Sum) []error {
	if problems := CheckPlan(e, a, cast); len(problems) > 0 {
		return problems
	}
	return CheckSums(e, &a.Body, sums)
}

// CheckPlan checks the authority's signature, that the groups are those of the
// plan for the given numbers of ballots, and that exactly the stations without
// a number are named as missing.
func CheckPlan(e *Election, a *Signed[Aggregates], cast map[string]uint32) []error {
	var problems []error
	fail := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if a.Body.Election != e.ID {
		fail("aggregates: of another election")
	}
	if err := a.CheckOnly(Required{SignerAuthority, e.Manifest.Authority}); err != nil {
		fail("aggregates: %w", err)
	}
	if want := e.Manifest.missing(cast); !slices.Equal(want, a.Body.Missing) {
		fail("aggregates: stations named as missing are %q, without a bundle are %q", a.Body.Missing, want)
	}
	plan := e.Manifest.Plan(cast)
	if why := e.Manifest.tooFew(plan, cast); why != nil {
		fail("aggregates: %w", why)
	}
	if len(plan) != len(a.Body.Aggregates) {
		fail("aggregates: %d groups, the plan has %d", len(a.Body.Aggregates), len(plan))
		return problems
	}
	for i, g := range plan {
		got := a.Body.Aggregates[i]
		if got.ID != g.ID || got.Cast != g.Cast || !slices.Equal(got.Stations, g.Stations) {
			fail("aggregate %q: stations %q with %d ballots, the plan has %q with %d", got.ID, got.Stations, got.Cast, g.Stations, g.Cast)
		}
	}
	return problems
}

// tooFew refuses to decrypt fewer ballots than the privacy threshold while
// stations are missing: the law publishes the sum over the nation, however
// small, and not that over a part of it.
func (m *Manifest) tooFew(plan []Group, cast map[string]uint32) error {
	missing := m.missing(cast)
	for _, g := range plan {
		if g.Cast < uint64(m.PrivacyThreshold) && len(missing) > 0 {
			return fmt.Errorf("%d ballots are too few to be decrypted without the missing stations (privacy threshold %d)", g.Cast, m.PrivacyThreshold)
		}
	}
	return nil
}

// CheckSums checks that every sum is the sum of its stations' ballots.
func CheckSums(e *Election, a *Aggregates, sums map[string]*Sum) []error {
	var problems []error
	for _, g := range a.Aggregates {
		want := e.Manifest.NewSum()
		for _, s := range g.Stations {
			if sums[s] != nil {
				want.AddSum(sums[s])
			}
		}
		if !equalSums(want.sums, g.Sums) {
			problems = append(problems, fmt.Errorf("aggregate %q: not the sum of its stations' ballots", g.ID))
		}
	}
	return problems
}

func (m *Manifest) missing(cast map[string]uint32) []string {
	var missing []string
	for _, s := range m.Stations {
		if _, ok := cast[s.ID]; !ok {
			missing = append(missing, s.ID)
		}
	}
	return missing
}

// NewAggregates puts together what CheckAggregates expects, to be signed.
func NewAggregates(e *Election, cast map[string]uint32, sums map[string]*Sum) Aggregates {
	a := Aggregates{Election: e.ID, Missing: e.Manifest.missing(cast)}
	for _, g := range e.Manifest.Plan(cast) {
		s := e.Manifest.NewSum()
		for _, id := range g.Stations {
			s.AddSum(sums[id])
		}
		a.Aggregates = append(a.Aggregates, Aggregate{g.ID, g.Stations, g.Cast, s.sums})
	}
	return a
}

func equalSums(a, b [][]elgamal.Ciphertext) bool {
	if len(a) != len(b) {
		return false
	}
	for q := range a {
		if len(a[q]) != len(b[q]) {
			return false
		}
		for i := range a[q] {
			if !a[q][i].Equal(b[q][i]) {
				return false
			}
		}
	}
	return true
}
