package record

import (
	"fmt"

	"github.com/openreferendum/referendum/record/rules"
)

// areas knows, for every station, which of the districts that rules and
// tie-breaks name it lies in. Their number is bounded by the depth of the tree of
// districts, so that one pass over the stations is all the work there is.
type areas struct {
	manifest *Manifest
	deciding map[string]bool
	around   map[string][]string // by station: deciding districts, inner first
}

func (m *Manifest) areas() areas {
	deciding := m.decidingDistricts()
	up := map[string][]string{}     // by district
	for _, d := range m.Districts { // parents come first
		if up[d.ID] = up[d.Parent]; deciding[d.ID] {
			up[d.ID] = append([]string{d.ID}, up[d.Parent]...)
		}
	}
	in := areas{m, deciding, map[string][]string{}}
	for _, s := range m.Stations {
		in.around[s.ID] = up[s.District]
	}
	return in
}

// countsOf sums one question over all aggregates, and over those that lie
// wholly in each district that a rule names. A district into which an aggregate
// reaches from outside has no counts of its own.
func (in areas) countsOf(aggregates []AggregateCount, q int) (rules.Counts, map[string]rules.Counts) {
	nation, districts := in.registered(q)
	for _, g := range aggregates {
		add := in.manifest.noCounts(q)
		add.Cast = g.Cast
		for i, n := range g.Counts[q] {
			add.Options[i].Count = n
		}
		nation = nation.Add(add)
		for d, stations := range in.shared(g) {
			switch c, ok := districts[d]; {
			case ok && stations == len(g.Stations):
				districts[d] = c.Add(add)
			case ok:
				delete(districts, d)
			}
		}
	}
	return nation, districts
}

// registered returns the counts before any ballot: the voters on the rolls.
func (in areas) registered(q int) (rules.Counts, map[string]rules.Counts) {
	nation, districts := in.manifest.noCounts(q), map[string]rules.Counts{}
	for d := range in.deciding {
		districts[d] = in.manifest.noCounts(q)
	}
	for _, s := range in.manifest.Stations {
		nation.Registered += uint64(s.Registered)
		for _, d := range in.around[s.ID] {
			c := districts[d]
			c.Registered += uint64(s.Registered)
			districts[d] = c
		}
	}
	return nation, districts
}

// shared returns how many of an aggregate's stations lie in each deciding
// district, where any does.
func (in areas) shared(g AggregateCount) map[string]int {
	n := map[string]int{}
	for _, s := range g.Stations {
		for _, d := range in.around[s] {
			n[d]++
		}
	}
	return n
}

func (m *Manifest) noCounts(q int) rules.Counts {
	var c rules.Counts
	for _, o := range m.Questions[q].Options {
		c.Options = append(c.Options, rules.Option{ID: o.ID, Blank: o.Kind == BlankOption})
	}
	return c
}

// decidingDistricts is the set of the districts that rules and tie-breaks name.
func (m *Manifest) decidingDistricts() map[string]bool {
	ids := map[string]bool{}
	add := func(ws []rules.Weight) {
		for _, w := range ws {
			ids[w.District] = true
		}
	}
	for _, q := range m.Questions {
		for _, c := range q.Rule.Conditions {
			for _, p := range c.AnyOf {
				if p.Districts != nil {
					add(p.Districts.Weights)
				}
			}
		}
	}
	for _, t := range m.TieBreaks {
		add(t.Weights)
	}
	return ids
}

// checkRules validates rules and tie-breaks against questions and districts.
func (m *Manifest) checkRules() error {
	districts, options := map[string]bool{}, map[string][]string{}
	for _, d := range m.Districts {
		districts[d.ID] = true
	}
	for _, q := range m.Questions {
		for _, o := range q.Options {
			options[q.ID] = append(options[q.ID], o.ID)
		}
	}
	for _, q := range m.Questions {
		if err := q.Rule.Validate(options[q.ID], districts); err != nil {
			return fmt.Errorf("question %q: %w", q.ID, err)
		}
	}
	for _, t := range m.TieBreaks {
		if err := t.Validate(options, districts); err != nil {
			return err
		}
	}
	return nil
}
