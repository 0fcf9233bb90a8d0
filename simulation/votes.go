package simulation

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// Voters returns how many voters come to the station: as many as took papers of
// the question with most papers.
func (s *StationPlan) Voters() int {
	most := uint64(0)
	for _, r := range s.Results {
		most = max(most, r.Votes)
	}
	return int(most)
}

// chance returns the stream that everything at this station follows from.
func (s *StationPlan) chance(seed uint64) *rand.Rand {
	h := sha256.Sum256([]byte(s.ID))
	return rand.New(rand.NewPCG(seed, binary.BigEndian.Uint64(h[:])))
}

// votes deals out the papers of every question on its own, as nobody knows who
// took which: by voter and question, 0 (not taken) or an option. They add up to
// the station's results.
func (s *StationPlan) votes(chance *rand.Rand) [][]int {
	votes := make([][]int, s.Voters())
	for i := range votes {
		votes[i] = make([]int, len(s.Results))
	}
	for q, r := range s.Results {
		papers := make([]int, len(votes)) // not taken
		fill := papers
		for option, n := range []uint64{Agree: r.Agree, Disagree: r.Disagree, Blank: r.Invalid} {
			for i := range n {
				fill[i] = option
			}
			fill = fill[n:]
		}
		chance.Shuffle(len(papers), func(i, j int) { papers[i], papers[j] = papers[j], papers[i] })
		for i := range votes {
			votes[i][q] = papers[i]
		}
	}
	return votes
}

// share returns how many of n voters a share is, at least one where there is
// anybody.
func share(n int, of float64) int {
	if n == 0 || of <= 0 {
		return 0
	}
	return min(n, max(1, int(math.Round(float64(n)*of))))
}
