package batch

import "github.com/openreferendum/referendum/crypto/proof"

// A search looks for the ballots whose proofs do not hold.
type search struct {
	ctx     proof.Context
	ballots []byte
	left    int // how many may still be named
	result  *Result
}

// few is how many ballots are checked one by one rather than split again.
const few = 2

// search names the ballots from … to−1 whose proofs do not hold, in ascending
// order. Ranges that hold cost one sum; in one that does not, both halves are
// looked at. For k bad ballots among n that is at most 2k·log2(n) sums, of
// n, n/2, n/4, … ballots: less than the first sum took, twice, for each k that
// stands alone.
func (v *Verifier) search(s *search, from, to int) (named []Bad) {
	switch {
	case from == to || v.hold(from, to):
		return nil
	case s.left == 0:
		s.result.Unsearched = true
		return nil
	case to-from <= few:
		return v.oneByOne(s, from, to)
	}
	middle := (from + to) / 2
	return append(v.search(s, from, middle), v.search(s, middle, to)...)
}

// oneByOne lets package proof judge.
func (v *Verifier) oneByOne(s *search, from, to int) (named []Bad) {
	for i := from; i < to; i++ {
		if v.encoding[i] != nil {
			continue
		}
		b, err := proof.ParseBallot(v.ctx.Shape, v.ballot(s.ballots, i))
		if err == nil {
			err = proof.Verify(s.ctx, b)
		}
		switch {
		case err == nil:
		case s.left == 0:
			s.result.Unsearched = true
			return named
		default:
			s.left--
			named = append(named, Bad{Index: i, Err: err})
		}
	}
	return named
}
