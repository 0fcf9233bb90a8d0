package proof

import (
	"crypto/sha512"
	"encoding/binary"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// holdTogether checks Σ ρ_k (left_k − right_k) = 0 over all equations k of the
// ballot, implementing Algorithm 4.7 of docs/spec/crypto.md: with A = Σ w_i α_i
// and D = Σ w_i β_i put in,
//
//	Σ_q Σ_j ρ_qj a_qj + σ_qj b_qj
//	  = [Σ ρ v − Σ σ c w_j]B + [Σ σ v]K + Σ_i [w_i Σ_j ρ c]α_i + [w_i Σ_j σ c]β_i
//
// The multipliers of the commitments are short, so these are moved to the right
// by their sign. A ballot of which an equation does not hold passes with a probability of
// 2^−128 for each try, because ρ and σ follow from the whole ballot by a hash.
func (e equations) holdTogether(ctx Context) bool {
	base, key := group.NewScalar(0), group.NewScalar(0)
	var scalars []group.Scalar
	var elements []group.Element
	add := func(s group.Scalar, p group.Element) { scalars, elements = append(scalars, s), append(elements, p) }
	random := e.multipliers()
	for i := range e.ballot.Questions {
		q, w := &e.ballot.Questions[i], e.weights[i]
		alpha, beta := group.NewScalar(0), group.NewScalar(0)
		for j, c := range q.allChallenges(e.challenge) {
			rho, sigma := random.next(), random.next()
			add(rho, q.A[j].Neg())
			add(sigma, q.B[j].Neg())
			base = base.Add(rho.Mul(q.Responses[j]))
			key = key.Add(sigma.Mul(q.Responses[j]))
			alpha = alpha.Add(rho.Mul(c))
			if j > 0 {
				base = base.Sub(sigma.Mul(c).Mul(w[j-1]))
			}
			beta = beta.Add(sigma.Mul(c))
		}
		for k, ct := range q.Selections {
			add(alpha.Mul(w[k]), ct.Alpha)
			add(beta.Mul(w[k]), ct.Beta)
		}
	}
	add(key, ctx.Key.Element())
	return group.SumOfProducts(base, scalars, elements).IsIdentity()
}

// multipliers is the stream of ρ and σ of one ballot.
type multipliers struct {
	seed    [sha512.Size]byte
	counter uint64
}

// multipliers hashes everything that a maker of ballots chooses: the challenge
// covers context, ciphertexts and commitments; challenges and responses follow.
func (e equations) multipliers() *multipliers {
	t := transcript.New("referendum-v1-multipliers").Bytes(e.challenge.Bytes())
	for _, q := range e.ballot.Questions {
		for _, c := range q.Challenges {
			t.Bytes(c.Bytes())
		}
		for _, v := range q.Responses {
			t.Bytes(v.Bytes())
		}
	}
	return &multipliers{seed: sha512.Sum512(t.Message())}
}

// next returns 128 random bits as a scalar.
func (m *multipliers) next() group.Scalar {
	m.counter++
	h := sha512.Sum512(binary.BigEndian.AppendUint64(m.seed[:], m.counter))
	var b [group.Size]byte
	copy(b[:16], h[:16])
	s, err := group.ParseScalar(b[:])
	if err != nil {
		panic("proof: internal error: " + err.Error())
	}
	return s
}
