package proof

import (
	"io"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
)

// Make encrypts the selections under the nonces of the seed and proves them,
// implementing Algorithm 4.3 of docs/spec/crypto.md. Proof randomness is drawn
// from rand and never follows from the seed.
//
// Its instructions and memory accesses do not depend on the selections: all
// branches of the proof are computed alike, and the true one is chosen by
// constant-time selection of scalars.
func Make(rand io.Reader, ctx Context, chosen SecretSelections, seed elgamal.SecretSeed) (*Ballot, error) {
	if err := ctx.Check(); err != nil {
		return nil, err
	}
	if err := chosen.fit(ctx.Shape); err != nil {
		return nil, err
	}
	b := &Ballot{Questions: make([]Question, len(ctx.Shape))}
	nonces := make([][]group.Scalar, len(ctx.Shape))
	var products []group.Product
	for q, n := range ctx.Shape {
		for i := 1; i <= n; i++ {
			r := seed.Nonce(ctx.Election, q+1, i)
			alpha, beta := elgamal.Products(ctx.Key, chosen.bit(q, i), r)
			products = append(products, alpha, beta)
			nonces[q] = append(nonces[q], r.Reveal())
		}
	}
	pairs := evaluatePairs(products)
	var ciphertexts []byte
	for q, n := range ctx.Shape {
		for range n {
			c := elgamal.Ciphertext{Alpha: pairs[0][0], Beta: pairs[0][1]}
			pairs = pairs[1:]
			b.Questions[q].Selections = append(b.Questions[q].Selections, c)
			ciphertexts = c.AppendBytes(ciphertexts)
		}
	}
	provers := make([]prover, len(ctx.Shape))
	products = products[:0]
	for q, n := range ctx.Shape {
		p, commitments, err := ctx.commit(rand, chosen, q, ctx.weights(ciphertexts, q+1, n), nonces[q])
		if err != nil {
			return nil, err
		}
		provers[q], products = p, append(products, commitments...)
	}
	pairs = evaluatePairs(products)
	var commitments []byte
	for q, n := range ctx.Shape {
		for range n + 1 {
			b.Questions[q].A, b.Questions[q].B = append(b.Questions[q].A, pairs[0][0]), append(b.Questions[q].B, pairs[0][1])
			pairs = pairs[1:]
		}
		commitments = b.Questions[q].appendCommitments(commitments)
	}
	c := ctx.challenge(ciphertexts, commitments)
	for q := range provers {
		provers[q].respond(&b.Questions[q], chosen, q, c)
	}
	return b, nil
}

// evaluatePairs computes products, two for each pair. All those of a ballot at
// once share what is dearest in their encoding.
func evaluatePairs(products []group.Product) [][2]group.Element {
	elements := group.Evaluate(products...)
	pairs := make([][2]group.Element, 0, len(elements)/2)
	for ; len(elements) > 0; elements = elements[2:] {
		pairs = append(pairs, [2]group.Element(elements))
	}
	return pairs
}

// A prover holds the secrets of one question between commitment and response.
type prover struct {
	nonce      group.Scalar   // R = Σ w_i r_i, so that A = [R]B
	blinds     []group.Scalar // t_j: a_j = [t_j]B
	challenges []group.Scalar // c'_j: what c_j is unless j is the true branch
}

// commit draws t_j and c'_j for every branch and returns the products
// a_j = [t_j]B and b_j = [t_j]K + [c'_j (w_m − w_j)]B, where m is the true
// branch. For j = m the last term vanishes and (a_m, b_m) is an honest
// commitment, good for any challenge; for the others it is what the equations
// of the verifier give when the response is v_j = t_j − c'_j R.
func (c Context) commit(rand io.Reader, chosen SecretSelections, index int, w, nonces []group.Scalar) (p prover, commitments []group.Product, err error) {
	p = prover{nonce: group.NewScalar(0)}
	for i := range w {
		p.nonce = p.nonce.Add(w[i].Mul(nonces[i]))
	}
	selected := chosen.pick(index, w) // w_m, or w_0 = 0
	base, key := group.BaseTable(), c.Key.Table()
	branches := append([]group.Scalar{group.NewScalar(0)}, w...)
	for _, wj := range branches {
		t, err := group.RandomScalar(rand)
		if err != nil {
			return prover{}, nil, err
		}
		challenge, err := group.RandomScalar(rand)
		if err != nil {
			return prover{}, nil, err
		}
		offset := challenge.Mul(selected.Sub(wj))
		commitments = append(commitments, base.Mul(t), key.Mul(t).Plus(base.Mul(offset)))
		p.blinds, p.challenges = append(p.blinds, t), append(p.challenges, challenge)
	}
	return p, commitments, nil
}

// respond sets c_m so that all challenges of the question add up to c, and
// v_j = t_j − c_j R.
func (p prover) respond(q *Question, chosen SecretSelections, index int, c group.Scalar) {
	missing, zero := c, group.NewScalar(0)
	for _, cj := range p.challenges {
		missing = missing.Sub(cj)
	}
	last := len(p.challenges) - 1
	for j, cj := range p.challenges {
		cj = cj.Add(group.Select(chosen.bit(index, j), missing, zero))
		if j != last {
			q.Challenges = append(q.Challenges, cj)
		}
		q.Responses = append(q.Responses, p.blinds[j].Sub(cj.Mul(p.nonce)))
	}
}

func (q *Question) appendCommitments(b []byte) []byte {
	for j := range q.A {
		b = append(append(b, q.A[j].Bytes()...), q.B[j].Bytes()...)
	}
	return b
}
