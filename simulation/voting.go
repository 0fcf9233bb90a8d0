package simulation

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/machine"
)

// softwareHash is the SHA-256 of the running program, as a station prints it.
var softwareHash = sync.OnceValue(func() record.Hash {
	path, err := os.Executable()
	if err != nil {
		return record.Hash{}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return record.Hash{}
	}
	return sha256.Sum256(b)
})

// day plays one station from provisioning to the bundle.
func (r *Referendum) day(s StationPlan, paper *Paper, tick func()) (err error) {
	db, err := r.provision(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	m, err := r.start(s, db, paper)
	if err != nil {
		return err
	}
	if err := m.OpenPolls(); err != nil {
		return err
	}
	// Who comes is a random part of the roll, in random order.
	chance := rand.New(rand.NewPCG(r.Plan.Seed, seedOf(s.ID)))
	comers := chance.Perm(int(s.Registered))[:len(s.Votes)]
	testers, leavers := share(len(s.Votes), r.Plan.ChallengeShare), share(len(s.Votes), r.Plan.AbandonShare)
	for k, i := range comers {
		v := voter{m: m, chance: chance, selections: s.Votes[k], tests: k < testers, leaves: k >= testers && k < testers+leavers}
		if v.card, err = r.cards.Issue(holder(s.ID, i), r.now); err != nil {
			return err
		}
		if err := v.vote(); err != nil {
			return fmt.Errorf("voter %d: %w", k+1, err)
		}
		tick()
	}
	if err := m.ClosePolls(r.officialsOf(s.ID)); err != nil {
		return err
	}
	media := r.Media()
	return m.Export(media[0], media[1])
}

func seedOf(id string) uint64 {
	h := sha256.Sum256([]byte(id))
	var n uint64
	for _, b := range h[:8] {
		n = n<<8 | uint64(b)
	}
	return n
}

func (r *Referendum) officialsOf(id string) []machine.Official {
	var all []machine.Official
	for i, k := range r.officials[id] {
		all = append(all, machine.Official{Number: i + 1, Key: k.Signer()})
	}
	return all
}

// A voter at a station: what a person does with card and screen.
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
		return fmt.Errorf("%w: at %d instead of %d (%v)", errUnexpected, s.At, want, v.m.Problem())
	}
	return nil
}
