package simulation

import (
	"io"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// A press makes ballots of a station that are right in every field and keep no
// secret: their nonces follow from each other, so that an element costs an
// addition instead of a multiplication. It is the prover of docs/spec/crypto.md,
// Section 4.3, written again, for records that are large and whose choices
// everybody knows.
type press struct {
	ctx       proof.Context
	questions []pressedQuestion
}

// A pressedQuestion is the walks of one question.
type pressedQuestion struct {
	options  []pressedPair // n: nonces r_i
	branches []pressedPair // n + 1: blinds t_j
	offsets  []pressedPair // n + 1: o_j, of B alone
}

// A pressedPair is a scalar s that grows, with [s]B and [s]K.
type pressedPair struct {
	s, step   group.Scalar
	base, key *group.Walk
}

func newPress(rand io.Reader, ctx proof.Context) (*press, error) {
	p := &press{ctx: ctx}
	for _, n := range ctx.Shape {
		var q pressedQuestion
		for _, list := range []struct {
			pairs *[]pressedPair
			n     int
		}{{&q.options, n}, {&q.branches, n + 1}, {&q.offsets, n + 1}} {
			for range list.n {
				pair, err := newPressedPair(rand, ctx.Key.Element())
				if err != nil {
					return nil, err
				}
				*list.pairs = append(*list.pairs, pair)
			}
		}
		p.questions = append(p.questions, q)
	}
	return p, nil
}

func newPressedPair(rand io.Reader, key group.Element) (pressedPair, error) {
	s, err := group.RandomScalar(rand)
	if err != nil {
		return pressedPair{}, err
	}
	step, err := group.RandomScalar(rand)
	if err != nil {
		return pressedPair{}, err
	}
	return pressedPair{s, step, group.NewWalk(group.MulBase(s), group.MulBase(step)), group.NewWalk(key.Mul(s), key.Mul(step))}, nil
}

// next takes a step.
func (p *pressedPair) next() (s group.Scalar, base, key group.Product) {
	p.s = p.s.Add(p.step)
	return p.s, p.base.Next(), p.key.Next()
}

// ballot makes the next ballot.
func (p *press) ballot(chosen []int) *proof.Ballot {
	b := &proof.Ballot{Questions: make([]proof.Question, len(chosen))}
	nonces := make([][]group.Scalar, len(chosen))
	var products []group.Product
	for q := range p.questions {
		for i := range p.questions[q].options {
			r, alpha, beta := p.questions[q].options[i].next()
			if chosen[q] == i+1 {
				beta = beta.Plus(group.BaseTable().Times(1))
			}
			nonces[q], products = append(nonces[q], r), append(products, alpha, beta)
		}
	}
	var ciphertexts []byte
	elements := group.Evaluate(products...)
	for q := range b.Questions {
		for range nonces[q] {
			c := elgamal.Ciphertext{Alpha: elements[0], Beta: elements[1]}
			elements = elements[2:]
			b.Questions[q].Selections = append(b.Questions[q].Selections, c)
			ciphertexts = c.AppendBytes(ciphertexts)
		}
	}
	provers := p.commit(b, chosen, nonces, ciphertexts)
	var commitments []byte
	for _, q := range b.Questions {
		for j := range q.A {
			commitments = append(append(commitments, q.A[j].Bytes()...), q.B[j].Bytes()...)
		}
	}
	t := p.statement("challenge", ciphertexts).Bytes(commitments)
	c := group.HashToScalar("referendum-v1-challenge", t.Message())
	for q := range provers {
		provers[q].respond(&b.Questions[q], chosen[q], c)
	}
	return b
}

func (p *press) statement(label string, ciphertexts []byte) *transcript.Transcript {
	return transcript.New(label).Bytes(p.ctx.Election[:]).Text(p.ctx.Station).Bytes(ciphertexts)
}

// weights returns w_0 = 0, w_1 = 1 and the others.
func (p *press) weights(ciphertexts []byte, q, n int) []group.Scalar {
	w := []group.Scalar{group.NewScalar(0), group.NewScalar(1)}
	for i := 2; i <= n; i++ {
		t := p.statement("weight", ciphertexts).Uint(uint64(q)).Uint(uint64(i))
		w = append(w, group.HashToScalar("referendum-v1-weight", t.Message()))
	}
	return w
}

// A pressedProver holds what a question's responses need.
type pressedProver struct {
	nonce              group.Scalar // R
	blinds, challenges []group.Scalar
}

// commit makes all commitments: a_j = [t_j]B and b_j = [t_j]K + [o_j]B, where for
// the false branches the challenge is c_j = o_j/(w_m − w_j), so that o_j comes
// first and costs no multiplication.
func (p *press) commit(b *proof.Ballot, chosen []int, nonces [][]group.Scalar, ciphertexts []byte) []pressedProver {
	provers := make([]pressedProver, len(chosen))
	var products []group.Product
	var weights [][]group.Scalar
	var differences []group.Scalar
	for q := range p.questions {
		w := p.weights(ciphertexts, q+1, len(nonces[q]))
		weights = append(weights, w)
		for j := range w {
			if j != chosen[q] {
				differences = append(differences, w[chosen[q]].Sub(w[j]))
			}
		}
	}
	inverses := invertAll(differences)
	for q, w := range weights {
		pr := &provers[q]
		pr.nonce = group.NewScalar(0)
		for i, r := range nonces[q] {
			pr.nonce = pr.nonce.Add(w[i+1].Mul(r))
		}
		for j := range w {
			t, base, key := p.questions[q].branches[j].next()
			c := group.NewScalar(0)
			if j != chosen[q] {
				o, offset, _ := p.questions[q].offsets[j].next()
				c, key = o.Mul(inverses[0]), key.Plus(offset)
				inverses = inverses[1:]
			}
			products = append(products, base, key)
			pr.blinds, pr.challenges = append(pr.blinds, t), append(pr.challenges, c)
		}
	}
	elements := group.Evaluate(products...)
	for q := range provers {
		for range provers[q].blinds {
			b.Questions[q].A, b.Questions[q].B = append(b.Questions[q].A, elements[0]), append(b.Questions[q].B, elements[1])
			elements = elements[2:]
		}
	}
	return provers
}

// invertAll returns 1/s of all, none of them 0, with one inversion.
func invertAll(all []group.Scalar) []group.Scalar {
	before, product := make([]group.Scalar, len(all)), group.NewScalar(1)
	for i, s := range all {
		before[i], product = product, product.Mul(s)
	}
	rest := product.Inv()
	for i := len(all) - 1; i >= 0; i-- {
		before[i], rest = before[i].Mul(rest), rest.Mul(all[i])
	}
	return before
}

// respond gives the true branch what is missing to the challenge, and answers
// all.
func (p *pressedProver) respond(q *proof.Question, chosen int, c group.Scalar) {
	for _, cj := range p.challenges {
		c = c.Sub(cj)
	}
	p.challenges[chosen] = c
	for j, cj := range p.challenges {
		if j < len(p.challenges)-1 {
			q.Challenges = append(q.Challenges, cj)
		}
		q.Responses = append(q.Responses, p.blinds[j].Sub(cj.Mul(p.nonce)))
	}
}
