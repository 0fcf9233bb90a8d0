package flow

import (
	"fmt"
	"slices"
)

// unseen marks a question that has no answer yet; a paper that was not taken
// is 0, as everywhere.
const unseen = -1

// choices are what a voter has chosen so far, and where among the questions
// that is. They cannot be printed.
type choices struct{ held func() *answers }

type answers struct {
	options []int // how many each question has
	chosen  []int // unseen, 0, or an option from 1
	at      int   // the question that is up; len(chosen): the review
	taken   bool  // its paper is taken, and waits for an answer
	blank   int   // the option that the voter is asked about, from 1; 0: none
	asked   []bool
}

func newChoices(questions []Question) *choices {
	a := &answers{asked: make([]bool, len(questions))}
	for _, q := range questions {
		a.options = append(a.options, len(q.Options))
		a.chosen = append(a.chosen, unseen)
	}
	return &choices{func() *answers { return a }}
}

func (c *choices) wipe() {
	a := c.held()
	for i := range a.chosen {
		a.chosen[i], a.asked[i] = unseen, false
	}
	a.at, a.taken, a.blank = 0, false, 0
}

// review reports whether every question is answered and none is up.
func (a *answers) review() bool { return a.at >= len(a.chosen) }

// answer notes an answer to the question that is up, and goes to the next one
// without; after the last, to the review.
func (a *answers) answer(option int) {
	a.chosen[a.at] = option
	a.taken, a.blank = false, 0
	a.at = slices.Index(a.chosen, unseen)
	if a.at < 0 {
		a.at = len(a.chosen)
	}
}

// back goes to the question before, or from its answers to whether its paper
// is taken.
func (a *answers) back() {
	switch {
	case a.blank != 0:
		a.blank = 0
	case a.taken:
		a.taken = false
	case a.at > 0:
		a.at--
	}
}

func (a *answers) none() bool {
	return !slices.ContainsFunc(a.chosen, func(n int) bool { return n > 0 })
}

// command is the final choice. It is only asked for where every question was
// answered.
func (c *choices) command() Command {
	chosen := slices.Clone(c.held().chosen)
	return Choose{SecretSelections{func() []int { return chosen }}}
}

// Format prints nothing of them.
func (c *choices) Format(s fmt.State, _ rune) { fmt.Fprint(s, redacted) }
