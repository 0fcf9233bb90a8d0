package batch

import (
	"crypto/cipher"
	"encoding/binary"

	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/multibuffer"
)

// allEquations computes the scalars of the first n ballots. A few ballots are
// hashed side by side, also those that are none: they are few.
func (v *Verifier) allEquations(n int, station string, ballots []byte, stream cipher.Stream) {
	for from := 0; from < n; from += multibuffer.Lanes {
		to := min(from+multibuffer.Lanes, n)
		var group [multibuffer.Lanes][]byte
		for i := from; i < to; i++ {
			group[i-from] = v.ballot(ballots, i)
		}
		v.hashAll(station, group[:to-from])
		for i := from; i < to; i++ {
			v.equations(i, i-from, group[i-from], stream)
		}
	}
}

// hashAll computes the challenges of ballots and the weights of all their options.
func (v *Verifier) hashAll(station string, ballots [][]byte) {
	v.challenges = v.hash.challenges(&v.ctx.Election, station, &v.layout, ballots)
	v.hash.beginWeights(&v.ctx.Election, station, &v.layout, ballots)
	v.weights = v.weights[:0]
	for q, options := range v.ctx.Shape {
		for i := range options {
			v.weights = append(v.weights, v.hash.weight(q+1, i+1, len(ballots)))
		}
	}
}

// equations computes the scalars of ballot i, whose hashes are in a lane: with
// multipliers ρ and σ for every branch, its equations are
//
//	Σ ρ_qj a_qj + σ_qj b_qj − Σ [w_qi Σ_j ρ_qj c_qj]α_qi − Σ [w_qi Σ_j σ_qj c_qj]β_qi
//	  − [Σ ρ_qj v_qj − σ_qj c_qj w_qj]B − [Σ σ_qj v_qj]K = 0.
//
// A ballot that is none has no equations.
func (v *Verifier) equations(i, lane int, ballot []byte, stream cipher.Stream) {
	scalars := v.scalars[i*v.layout.elements:][:v.layout.elements]
	if v.encoding[i] != nil {
		clear(scalars)
		v.terms[i] = fixedTerms{}
		return
	}
	clear(v.bytes)
	stream.XORKeyStream(v.bytes, v.bytes)
	random := v.bytes
	next := func() multiscalar.Weight {
		w := multiscalar.Weight{binary.LittleEndian.Uint64(random), binary.LittleEndian.Uint64(random[8:])}
		random = random[16:]
		return w
	}
	weights := v.weights // from the question's first
	var base, key, shift multiscalar.Accumulator
	for number := range v.layout.questions {
		q := &v.layout.questions[number]
		elements := scalars[q.first:]
		commitments := elements[2*q.options:]
		var alpha, beta multiscalar.Accumulator
		last := v.challenges[lane]
		for j := range q.options + 1 {
			c := last
			if j < q.options {
				c = scalar(ballot, q.challenges, j)
				last = last.Sub(c)
			}
			rho, sigma := next(), next()
			response := scalar(ballot, q.responses, j)
			base.MulAdd(rho, response)
			key.MulAdd(sigma, response)
			alpha.MulAdd(rho, c)
			beta.MulAdd(sigma, c)
			weighted := c
			if j > 1 {
				weighted = c.Mul(weights[j-1][lane])
			}
			if j > 0 {
				shift.MulAdd(sigma, weighted)
			}
			commitments[2*j], commitments[2*j+1] = multiscalar.Scalar{rho[0], rho[1]}, multiscalar.Scalar{sigma[0], sigma[1]}
		}
		a, b := alpha.Reduce().Neg(), beta.Reduce().Neg()
		elements[0], elements[1] = a, b
		for k := 1; k < q.options; k++ {
			elements[2*k], elements[2*k+1] = a.Mul(weights[k][lane]), b.Mul(weights[k][lane])
		}
		weights = weights[q.options:]
	}
	v.terms[i] = fixedTerms{base: shift.Reduce().Sub(base.Reduce()), key: key.Reduce().Neg()}
}

// sum adds the left sides of the equations of ballots from … to−1: 0 if all hold.
func (v *Verifier) sum(from, to int) multiscalar.Point {
	var fixed [fixedEntries]multiscalar.Scalar
	for _, t := range v.terms[from:to] {
		fixed[baseEntry] = fixed[baseEntry].Add(t.base)
		fixed[keyEntry] = fixed[keyEntry].Add(t.key)
	}
	e := v.layout.elements
	return v.table.SumOfProducts(fixed[:], fixedEntries+from*e, v.scalars[from*e:to*e])
}
