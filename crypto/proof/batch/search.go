package batch

import (
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/proof"
)

// few is how many ballots are judged one by one rather than split again.
const few = 2

// A search looks for the ballots whose proofs do not hold.
//
// The sum over a range of ballots is that over its first half and that over its
// second, so only the first half's is computed. A search of n ballots takes sums
// over n/2 of them for each time that n can be halved, at most, however many are
// bad: for a thousand 4.5 times the work of the first sum.
type search struct {
	*Verifier
	ctx     proof.Context
	ballots []byte
	named   []Bad
	left    int  // how many may still be named
	more    bool // there are some that were not named
	covered int  // ballots in the sums that were computed
}

// split names the bad ones of ballots from … to−1, in ascending order, given the
// sum of their equations.
func (s *search) split(from, to int, sum multiscalar.Point) {
	switch {
	case s.more || from == to || sum.IsIdentity():
		return
	case s.left == 0:
		s.more = true
		return
	case to-from <= few:
		s.judge(from, to)
		return
	}
	middle := (from + to) / 2
	first := s.sum(from, middle)
	s.covered += middle - from
	s.split(from, middle, first)
	s.split(middle, to, sum.Sub(first))
}

// judge lets package proof judge each ballot, until there is one too many.
func (s *search) judge(from, to int) {
	for i := from; i < to && !s.more; i++ {
		if s.encoding[i] != nil {
			continue
		}
		b, err := proof.ParseBallot(s.ctx.Shape, s.ballot(s.ballots, i))
		if err == nil {
			err = proof.Verify(s.ctx, b)
		}
		switch {
		case err == nil:
		case s.left == 0:
			s.more = true
		default:
			s.left--
			s.named = append(s.named, Bad{Index: i, Err: err})
		}
	}
}
