package simulation

import (
	"fmt"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/simulation/paper"
	"github.com/openreferendum/referendum/station/slip"
)

// Recount counts the slips in a station's box as people would: it reads the
// words on every one. The counts are by question and option. Of a quick day they
// are what the voters chose.
func (r *Referendum) Recount(station string) ([][]uint64, error) {
	if r.Quick {
		return r.chosen(station)
	}
	place, ok := r.Election.Station(station)
	if !ok {
		return nil, fmt.Errorf("recounting: no station %q", station)
	}
	words, err := readings(r.Election.Manifest, place)
	if err != nil {
		return nil, fmt.Errorf("recounting: %w", err)
	}
	slips, err := r.Papers[station].Box.Open()
	if err != nil {
		return nil, fmt.Errorf("recounting: %w", err)
	}
	counts := noCounts(r.Election.Manifest)
	for _, t := range paper.Recount(slips) {
		for _, a := range t.Answers {
			option, ok := words[reading{t.Number, a.Words}]
			if !ok {
				return nil, fmt.Errorf("recounting: station %s: a slip says %q to question %d", station, a.Words, t.Number)
			}
			if option > 0 {
				counts[t.Number-1][option-1] += uint64(a.Count)
			}
		}
	}
	return counts, nil
}

func noCounts(m *record.Manifest) [][]uint64 {
	counts := make([][]uint64, len(m.Questions))
	for q := range counts {
		counts[q] = make([]uint64, len(m.Questions[q].Options))
	}
	return counts
}

// A reading is what stands on a slip beside the number of a question.
type reading struct {
	number int
	text   string
}

// readings says which option the words beside a question mean, from 1; 0 is a
// paper that was not taken.
func readings(m *record.Manifest, place record.Station) (map[reading]int, error) {
	words := map[reading]int{}
	for option := 0; ; option++ {
		selections, some := make([]int, len(m.Questions)), option == 0
		for q := range selections {
			if option <= len(m.Questions[q].Options) {
				selections[q], some = option, true
			}
		}
		if !some {
			return words, nil
		}
		page, err := slip.Slip(m, place, selections)
		if err != nil {
			return nil, err
		}
		for _, b := range page.Blocks {
			if b.Kind == slip.Choice && selections[b.Number-1] == option {
				words[reading{b.Number, b.Text}] = option
			}
		}
	}
}
