package proof

import (
	"fmt"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
)

// Verify reports whether every question's selection proof holds, implementing
// Algorithm 4.4 of docs/spec/crypto.md. The error names the first question and
// branch that do not.
func Verify(ctx Context, b *Ballot) error {
	if err := b.fits(ctx.Shape); err != nil {
		return err
	}
	var ciphertexts, commitments []byte
	for i := range b.Questions {
		for _, c := range b.Questions[i].Selections {
			ciphertexts = c.AppendBytes(ciphertexts)
		}
		commitments = b.Questions[i].appendCommitments(commitments)
	}
	c := ctx.challenge(ciphertexts, commitments)
	for i := range b.Questions {
		q := &b.Questions[i]
		w := ctx.weights(ciphertexts, i+1, len(q.Selections))
		if j, ok := q.verify(ctx.Key.Element(), w, c); !ok {
			return fmt.Errorf("ballot: question %d: selection proof does not hold in branch %d", i+1, j)
		}
	}
	return nil
}

// verify checks, for every branch j, a_j = [v_j]B + [c_j]A and
// b_j = [v_j]K + [c_j](D − [w_j]B). It returns the first branch that fails.
func (q *Question) verify(k group.Element, w []group.Scalar, c group.Scalar) (branch int, ok bool) {
	sum := combine(w, q.Selections) // (A, D)
	last := c
	for _, cj := range q.Challenges {
		last = last.Sub(cj)
	}
	for j := range q.A {
		cj, target := last, sum.Beta // w_0 = 0
		if j < len(q.Challenges) {
			cj = q.Challenges[j]
		}
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

// fits refuses a ballot that was put together by hand with another shape; a
// parsed one always fits the shape it was parsed with.
func (b *Ballot) fits(shape Shape) error {
	if len(b.Questions) != len(shape) {
		return fmt.Errorf("ballot: %d questions instead of %d", len(b.Questions), len(shape))
	}
	for i, q := range b.Questions {
		n := shape[i]
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
	if err := b.fits(ctx.Shape); err != nil {
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
