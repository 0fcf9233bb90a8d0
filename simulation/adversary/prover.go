package adversary

import (
	"io"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/transcript"
	"github.com/openreferendum/referendum/station/stationtest"
)

// A Forgery is a ballot that a kiosk with software of its own makes: the prover
// of docs/spec/crypto.md, Section 4, written again, with what the attacker does
// otherwise.
type Forgery struct {
	Vector [][]int // by question and option: what is encrypted
	Claim  []int   // by question: the selection that the proof pretends

	// Challenge and Weight say what is hashed; if nil, what the specification
	// says.
	Challenge func(s statement) *transcript.Transcript
	Weight    func(s statement) *transcript.Transcript

	// OneNonce encrypts all options with the nonce of the first.
	OneNonce bool

	// Simulated makes all branches up from the challenge, which then must not
	// depend on the commitments: the forgery that a hash without them allows.
	Simulated bool
}

// A statement is what the hashes of a ballot are computed from.
type statement struct {
	election    [32]byte
	station     string
	ciphertexts []byte
	commitments []byte
}

func (s statement) begin(label string) *transcript.Transcript {
	return transcript.New(label).Bytes(s.election[:]).Text(s.station).Bytes(s.ciphertexts)
}

// Forge makes the ballot.
func (w *World) Forge(station, who string, f Forgery) []byte {
	p := &forger{Forgery: f, ctx: w.Election.Context(station), rand: stationtest.Random("corpus forgery " + station + " " + who)}
	p.s = statement{election: p.ctx.Election, station: station}
	return p.ballot(w.Seed(station + " " + who)).Bytes()
}

type forger struct {
	Forgery
	ctx    proof.Context
	rand   io.Reader
	s      statement
	nonces [][]group.Scalar
}

func (p *forger) ballot(seed elgamal.SecretSeed) *proof.Ballot {
	b := &proof.Ballot{Questions: make([]proof.Question, len(p.ctx.Shape))}
	for q, n := range p.ctx.Shape {
		p.nonces = append(p.nonces, nil)
		for i := range n {
			r := seed.Nonce(p.ctx.Election, q+1, i+1).Reveal()
			if p.OneNonce && q+i > 0 {
				r = p.nonces[0][0]
			}
			c := encrypt(p.ctx.Key, p.Vector[q][i], r)
			b.Questions[q].Selections = append(b.Questions[q].Selections, c)
			p.nonces[q] = append(p.nonces[q], r)
			p.s.ciphertexts = c.AppendBytes(p.s.ciphertexts)
		}
	}
	branches := make([][]branch, len(p.ctx.Shape))
	for q := range branches {
		branches[q] = p.commit(&b.Questions[q], q)
	}
	c := p.challenge()
	for q := range branches {
		respond(&b.Questions[q], branches[q], c)
	}
	return b
}

// encrypt encrypts any small number, also a negative one.
func encrypt(pk elgamal.PublicKey, m int, r group.Scalar) elgamal.Ciphertext {
	c := elgamal.Encrypt(pk, 0, group.NewSecret(r))
	for range max(m, 0) {
		c.Beta = c.Beta.Add(group.Generator())
	}
	for range max(-m, 0) {
		c.Beta = c.Beta.Sub(group.Generator())
	}
	return c
}

// A branch is one of the possible selections of a question. For the true one, c
// is what is left of the challenge, and v answers it with blind and nonce.
type branch struct {
	c, v        group.Scalar
	real        bool
	blind, nonc group.Scalar
}

// commit makes up all branches but the claimed one, which it commits to.
func (p *forger) commit(q *proof.Question, index int) []branch {
	w := p.weights(index)
	sum, nonce := q.Selections[0], group.NewScalar(0)
	for i, c := range q.Selections {
		nonce = nonce.Add(w[i].Mul(p.nonces[index][i]))
		if i > 0 {
			sum = sum.Add(elgamal.Ciphertext{Alpha: c.Alpha.Mul(w[i]), Beta: c.Beta.Mul(w[i])})
		}
	}
	all := make([]branch, len(w)+1)
	left := group.NewScalar(0)
	for j := range all {
		all[j] = branch{c: must(group.RandomScalar(p.rand)), v: must(group.RandomScalar(p.rand)), nonc: nonce}
		if p.Simulated && j == len(w) {
			all[j].c = p.challenge().Sub(left)
		}
		left = left.Add(all[j].c)
		target := sum.Beta
		if j > 0 {
			target = target.Sub(group.MulBase(w[j-1]))
		}
		a := group.MulBase(all[j].v).Add(sum.Alpha.Mul(all[j].c))
		b := p.ctx.Key.Element().Mul(all[j].v).Add(target.Mul(all[j].c))
		if !p.Simulated && j == p.Claim[index] {
			all[j].real, all[j].blind = true, all[j].v
			a, b = group.MulBase(all[j].blind), p.ctx.Key.Element().Mul(all[j].blind)
		}
		q.A, q.B = append(q.A, a), append(q.B, b)
		p.s.commitments = append(append(p.s.commitments, a.Bytes()...), b.Bytes()...)
	}
	return all
}

func respond(q *proof.Question, all []branch, c group.Scalar) {
	for _, b := range all {
		if !b.real {
			c = c.Sub(b.c)
		}
	}
	for j, b := range all {
		if b.real {
			b.c = c
			b.v = b.blind.Sub(c.Mul(b.nonc))
		}
		if j < len(all)-1 {
			q.Challenges = append(q.Challenges, b.c)
		}
		q.Responses = append(q.Responses, b.v)
	}
}

func (p *forger) challenge() group.Scalar {
	hash := p.Challenge
	if hash == nil {
		hash = func(s statement) *transcript.Transcript { return s.begin("challenge").Bytes(s.commitments) }
	}
	return group.HashToScalar("referendum-v1-challenge", hash(p.s).Message())
}

func (p *forger) weights(index int) []group.Scalar {
	hash := p.Weight
	if hash == nil {
		hash = func(s statement) *transcript.Transcript { return s.begin("weight") }
	}
	w := []group.Scalar{group.NewScalar(1)}
	for i := 2; i <= p.ctx.Shape[index]; i++ {
		t := hash(p.s).Uint(uint64(index + 1)).Uint(uint64(i))
		w = append(w, group.HashToScalar("referendum-v1-weight", t.Message()))
	}
	return w
}
