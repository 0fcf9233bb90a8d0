package proof

import (
	"fmt"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
)

// Verify reports whether every question's selection proof holds, implementing
// Algorithm 4.4 of docs/spec/crypto.md. The error names the first question and
// branch that do not.
//
// All equations of the ballot are first checked together, as one random linear
// combination (Algorithm 4.7). Only if that fails are they checked one by one,
// and that has the last word.
func Verify(ctx Context, b *Ballot) error {
	if err := b.fits(ctx); err != nil {
		return err
	}
	e := ctx.equations(b)
	if e.holdTogether(ctx) {
		return nil
	}
	return e.holdEach(ctx)
}

// equations is a ballot with the hashes that its equations need.
type equations struct {
	ballot      *Ballot
	ciphertexts []byte
	commitments []byte
	challenge   group.Scalar
	weights     [][]group.Scalar // by question
}

func (c Context) equations(b *Ballot) equations {
	e := equations{ballot: b}
	for i := range b.Questions {
		for _, ct := range b.Questions[i].Selections {
			e.ciphertexts = ct.AppendBytes(e.ciphertexts)
		}
		e.commitments = b.Questions[i].appendCommitments(e.commitments)
	}
	e.challenge = c.challenge(e.ciphertexts, e.commitments)
	for i := range b.Questions {
		e.weights = append(e.weights, c.weights(e.ciphertexts, i+1, len(b.Questions[i].Selections)))
	}
	return e
}

// holdEach checks every equation on its own.
func (e equations) holdEach(ctx Context) error {
	for i := range e.ballot.Questions {
		if j, ok := e.ballot.Questions[i].verify(ctx.Key.Element(), e.weights[i], e.challenge); !ok {
			return fmt.Errorf("ballot: question %d: selection proof does not hold in branch %d", i+1, j)
		}
	}
	return nil
}

// verify checks, for every branch j, a_j = [v_j]B + [c_j]A and
// b_j = [v_j]K + [c_j](D − [w_j]B). It returns the first branch that fails.
func (q *Question) verify(k group.Element, w []group.Scalar, c group.Scalar) (branch int, ok bool) {
	sum := combine(w, q.Selections) // (A, D)
	challenges := q.allChallenges(c)
	for j := range q.A {
		cj, target := challenges[j], sum.Beta // w_0 = 0
		if j > 0 {
			target = target.Sub(group.MulBase(w[j-1]))
		}
		v := q.Responses[j]
		if !q.A[j].Equal(group.MulBase(v).Add(sum.Alpha.Mul(cj))) ||
			!q.B[j].Equal(k.Mul(v).Add(target.Mul(cj))) {
			return j, false
		}
	}
	return 0, true
}

// allChallenges returns c_0 … c_n; the last is what is missing to c.
func (q *Question) allChallenges(c group.Scalar) []group.Scalar {
	last := c
	for _, cj := range q.Challenges {
		last = last.Sub(cj)
	}
	return append(append([]group.Scalar(nil), q.Challenges...), last)
}

// fits refuses a ballot that was put together by hand with another shape; a
// parsed one always fits the shape it was parsed with.
func (b *Ballot) fits(ctx Context) error {
	if err := ctx.Check(); err != nil {
		return err
	}
	if len(b.Questions) != len(ctx.Shape) {
		return fmt.Errorf("ballot: %d questions instead of %d", len(b.Questions), len(ctx.Shape))
	}
	for i, q := range b.Questions {
		n := ctx.Shape[i]
		if len(q.Selections) != n || len(q.A) != n+1 || len(q.B) != n+1 || len(q.Challenges) != n || len(q.Responses) != n+1 {
			return fmt.Errorf("ballot: question %d does not have %d options", i+1, n)
		}
	}
	return nil
}

// CheckOpening reports whether seed and selections open the ballot: encrypting
// the selections again gives the same ciphertexts. It implements Algorithm 4.6
// of docs/spec/crypto.md and serves challenged ballots only.
func CheckOpening(ctx Context, b *Ballot, seed elgamal.SecretSeed, opened SecretSelections) error {
	if err := b.fits(ctx); err != nil {
		return err
	}
	if err := opened.fit(ctx.Shape); err != nil {
		return err
	}
	for q, n := range ctx.Shape {
		for i := 1; i <= n; i++ {
			want := elgamal.Encrypt(ctx.Key, opened.bit(q, i), seed.Nonce(ctx.Election, q+1, i))
			if !want.Equal(b.Questions[q].Selections[i-1]) {
				return fmt.Errorf("challenged ballot: question %d, option %d is not what the seed encrypts", q+1, i)
			}
		}
	}
	return nil
}
