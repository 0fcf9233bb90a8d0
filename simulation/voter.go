package simulation

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/machine"
)

// voters lets everybody vote who comes: a random part of the roll, in random
// order. Random ones of them test the machine first, or walk away once.
func (r *Referendum) voters(s *StationPlan, m *machine.Machine, tick func()) error {
	chance := s.chance(r.Plan.Seed)
	votes := s.votes(chance)
	comers := chance.Perm(int(s.Registered))[:len(votes)]
	testers, leavers := share(len(votes), r.Plan.ChallengeShare), share(len(votes), r.Plan.AbandonShare)
	role := chance.Perm(len(votes))
	for k, i := range comers {
		v := voter{m: m, chance: chance, selections: votes[k], tests: role[k] < testers, leaves: role[k] >= testers && role[k] < testers+leavers}
		card, err := r.cards.issue(holder(s.ID, i))
		if err != nil {
			return err
		}
		v.card = card
		if err := v.vote(); err != nil {
			return fmt.Errorf("voter %d: %w", k+1, err)
		}
		tick()
	}
	return nil
}

// A voter does at a station what a person does with card and screen.
type voter struct {
	m          *machine.Machine
	card       station.Card
	chance     *rand.Rand
	selections []int
	tests      bool // challenges a ballot first
	leaves     bool // walks away once, and comes back
}

var errUnexpected = errors.New("the station is not where the voter expects it")

func (v *voter) vote() error {
	if v.leaves {
		if err := v.walkAway(); err != nil {
			return err
		}
	}
	if err := v.at(v.m.Insert(v.card), station.Choosing); err != nil {
		return err
	}
	if v.tests {
		if err := v.test(); err != nil {
			return err
		}
	}
	if err := v.choose(v.selections); err != nil {
		return err
	}
	if err := v.at(v.m.Handle(station.CastChosen{}), station.Leaving); err != nil {
		return err
	}
	return v.at(v.m.Remove(), station.Idle)
}

// test makes a ballot, with other choices or the voter's own, and challenges
// it.
func (v *voter) test() error {
	trial := append([]int(nil), v.selections...)
	v.chance.Shuffle(len(trial), func(i, j int) { trial[i], trial[j] = trial[j], trial[i] })
	if err := v.choose(trial); err != nil {
		return err
	}
	return v.at(v.m.Handle(station.ChallengeChosen{}), station.Choosing)
}

// walkAway leaves before choosing, or with the slip printed.
func (v *voter) walkAway() error {
	if err := v.at(v.m.Insert(v.card), station.Choosing); err != nil {
		return err
	}
	if v.chance.IntN(2) == 0 {
		if err := v.choose(v.selections); err != nil {
			return err
		}
	}
	return v.at(v.m.Remove(), station.Idle)
}

func (v *voter) choose(selections []int) error {
	s, err := v.m.Choose(selections)
	if err != nil {
		return err
	}
	return v.at(s, station.Deciding)
}

func (v *voter) at(s station.State, want station.Place) error {
	if s.At != want {
		return fmt.Errorf("%w: at place %d instead of %d (%v)", errUnexpected, s.At, want, v.m.Problem())
	}
	return nil
}
