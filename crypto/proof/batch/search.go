package batch

import "github.com/openreferendum/referendum/crypto/proof"

const (
	// few is how many ballots are judged one by one rather than split again.
	few = 2

	// patience is how many times the ballots of a batch may be covered by the sums
	// of a search. One bad ballot among n needs less than n ballots' sums, ten of
	// them about 4n. Of a batch with more, what is left is judged one by one.
	patience = 8
)

// A search looks for the ballots whose proofs do not hold: step 5 of
// docs/spec/crypto.md, Algorithm 4.11.
type search struct {
	*Verifier
	ctx     proof.Context
	ballots []byte
	named   []Bad
	left    int  // how many may still be named
	more    bool // there are some that were not named
	covered int  // by sums after the first
	most    int  // that may be covered
}

// search names the bad ones among n ballots, at most limit of them, in ascending
// order. It reports whether there are more.
func (v *Verifier) search(ctx proof.Context, ballots []byte, n, limit int) (named []Bad, more bool) {
	if v.hold(0, n) {
		return nil, false
	}
	s := &search{Verifier: v, ctx: ctx, ballots: ballots, left: limit, most: patience * n}
	s.split(0, n)
	return s.named, s.more
}

// split names the bad ones of ballots from … to−1, whose sum is not 0, or was
// not looked at because enough were.
func (s *search) split(from, to int) {
	switch {
	case s.more:
		return
	case to-from <= few || s.covered >= s.most:
		s.judge(from, to)
		return
	case s.left == 0:
		s.more = true
		return
	}
	middle := (from + to) / 2
	if s.holds(from, middle) {
		s.split(middle, to)
		return
	}
	s.split(from, middle)
	if !s.holds(middle, to) {
		s.split(middle, to)
	}
}

// holds is hold, counted. When enough were counted, nothing holds unseen.
func (s *search) holds(from, to int) bool {
	if s.covered >= s.most {
		return false
	}
	s.covered += to - from
	return s.hold(from, to)
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
