package proof

import (
	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// statement begins every hash of a ballot: H_E, the station and every
// ciphertext of the ballot, in order.
func (c Context) statement(label string, ciphertexts []byte) *transcript.Transcript {
	return transcript.New(label).Bytes(c.Election[:]).Text(c.Station).Bytes(ciphertexts)
}

// weights implements Algorithm 4.1 of docs/spec/crypto.md for one question with
// n options, q from 1: w_1 = 1 and w_i = HashToScalar(statement ‖ q ‖ i).
func (c Context) weights(ciphertexts []byte, q, n int) []group.Scalar {
	w := []group.Scalar{group.NewScalar(1)}
	for i := 2; i <= n; i++ {
		t := c.statement("weight", ciphertexts).Uint(uint64(q)).Uint(uint64(i))
		w = append(w, group.HashToScalar("referendum-v1-weight", t.Message()))
	}
	return w
}

// challenge implements Algorithm 4.2: one challenge for the whole ballot.
func (c Context) challenge(ciphertexts, commitments []byte) group.Scalar {
	t := c.statement("challenge", ciphertexts).Bytes(commitments)
	return group.HashToScalar("referendum-v1-challenge", t.Message())
}

// combine returns Σ w_i c_i.
func combine(w []group.Scalar, cs []elgamal.Ciphertext) elgamal.Ciphertext {
	sum := cs[0] // w_1 = 1
	for i := 1; i < len(cs); i++ {
		sum = sum.Add(elgamal.Ciphertext{Alpha: cs[i].Alpha.Mul(w[i]), Beta: cs[i].Beta.Mul(w[i])})
	}
	return sum
}
