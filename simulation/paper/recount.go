package paper

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/openreferendum/referendum/station/slip"
)

// A Total is how often one question was answered in which words, counted from
// the slips alone, as officials recount a box by eye.
type Total struct {
	Number  int    // of the question
	Label   string // the question
	Answers []Answer
}

// An Answer is what stands on slips, and on how many.
type Answer struct {
	Words string
	Count int
}

// Recount counts the choices on the slips of an opened box. Answers stand with
// the most frequent first.
func Recount(slips []Slip) []Total {
	labels, answers := map[int]string{}, map[int]map[string]int{}
	for _, s := range slips {
		for _, b := range s.Page.Blocks {
			if b.Kind != slip.Choice {
				continue
			}
			if answers[b.Number] == nil {
				labels[b.Number], answers[b.Number] = b.Label, map[string]int{}
			}
			answers[b.Number][b.Text] += s.Count
		}
	}
	var totals []Total
	for _, number := range slices.Sorted(maps.Keys(labels)) {
		t := Total{Number: number, Label: labels[number]}
		for words, n := range answers[number] {
			t.Answers = append(t.Answers, Answer{words, n})
		}
		slices.SortFunc(t.Answers, func(a, b Answer) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Words, b.Words))
		})
		totals = append(totals, t)
	}
	return totals
}

// page describes a total as a paper, to be drawn beside the slips. It has the
// form of a tape, and no station prints it.
func (t Total) page() slip.Page {
	p := slip.Page{Kind: slip.KindClosing, Blocks: []slip.Block{{Kind: slip.Text, Text: strconv.Itoa(t.Number) + ". " + t.Label}, {Kind: slip.Rule}}}
	sum := 0
	for _, a := range t.Answers {
		p.Blocks = append(p.Blocks, slip.Block{Kind: slip.Row, Label: a.Words, Text: strconv.Itoa(a.Count)})
		sum += a.Count
	}
	p.Blocks = append(p.Blocks, slip.Block{Kind: slip.Rule}, slip.Block{Kind: slip.Row, Label: "Σ", Text: strconv.Itoa(sum)}, slip.Block{Kind: slip.Cut})
	return p
}
