package proof

import (
	"crypto/sha512"
	"encoding/binary"
	"io"
	"testing"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// stream is deterministic randomness: SHA-512(seed ‖ counter), block by block.
type stream struct {
	seed    string
	counter uint64
	rest    []byte
}

func (s *stream) Read(b []byte) (int, error) {
	for len(s.rest) < len(b) {
		block := sha512.Sum512(binary.BigEndian.AppendUint64([]byte(s.seed), s.counter))
		s.counter, s.rest = s.counter+1, append(s.rest, block[:]...)
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func testContext(shape ...int) Context {
	key, err := elgamal.NewPublicKey(group.MulBase(group.HashToScalar("referendum-v1-test", []byte("joint key"))))
	if err != nil {
		panic(err)
	}
	return Context{Election: [32]byte{0xe1}, Station: "station-1", Key: key, Shape: shape}
}

func testSeed(b byte) elgamal.SecretSeed { return elgamal.SeedFromBytes([elgamal.SeedSize]byte{b}) }

func choose(tb testing.TB, ctx Context, chosen ...int) SecretSelections {
	tb.Helper()
	s, err := NewSelections(ctx.Shape, chosen)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func makeBallot(tb testing.TB, ctx Context, chosen ...int) *Ballot {
	tb.Helper()
	b, err := Make(&stream{seed: "make"}, ctx, choose(tb, ctx, chosen...), testSeed(1))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// A cheat makes ballots as Make does, but with any plaintexts, and with weights
// and a challenge of its own choosing. It claims the branches of chosen.
type cheat struct {
	ctx        Context
	plaintexts [][]group.Scalar
	chosen     SecretSelections
	weights    func(ciphertexts []byte, q, n int) []group.Scalar
	challenge  func(ciphertexts, commitments []byte) group.Scalar
	tamper     func(q *Question) // with the commitments, before they are hashed
	rand       io.Reader
}

// newCheat encrypts small integers, of which negative ones are allowed.
func newCheat(tb testing.TB, ctx Context, plaintexts [][]int, claimed ...int) *cheat {
	tb.Helper()
	c := &cheat{ctx: ctx, chosen: choose(tb, ctx, claimed...), weights: ctx.weights, challenge: ctx.challenge, tamper: func(*Question) {}, rand: &stream{seed: "cheat"}}
	for _, row := range plaintexts {
		var ms []group.Scalar
		for _, m := range row {
			if m < 0 {
				ms = append(ms, group.NewScalar(uint64(-m)).Neg())
				continue
			}
			ms = append(ms, group.NewScalar(uint64(m)))
		}
		c.plaintexts = append(c.plaintexts, ms)
	}
	return c
}

func (c *cheat) make(tb testing.TB) *Ballot {
	tb.Helper()
	b := &Ballot{Questions: make([]Question, len(c.ctx.Shape))}
	nonces := make([][]group.Scalar, len(c.ctx.Shape))
	var ciphertexts, commitments []byte
	for q := range c.ctx.Shape {
		for i, m := range c.plaintexts[q] {
			r := testSeed(1).Nonce(c.ctx.Election, q+1, i+1).Reveal()
			ct := elgamal.Ciphertext{Alpha: group.MulBase(r), Beta: group.MulBase(m).Add(c.ctx.Key.Element().Mul(r))}
			b.Questions[q].Selections = append(b.Questions[q].Selections, ct)
			nonces[q] = append(nonces[q], r)
			ciphertexts = ct.AppendBytes(ciphertexts)
		}
	}
	provers := make([]prover, len(c.ctx.Shape))
	for q, n := range c.ctx.Shape {
		p, products, err := c.ctx.commit(c.rand, c.chosen, q, c.weights(ciphertexts, q+1, n), nonces[q])
		if err != nil {
			tb.Fatal(err)
		}
		provers[q] = p
		for _, pair := range evaluatePairs(products) {
			b.Questions[q].A, b.Questions[q].B = append(b.Questions[q].A, pair[0]), append(b.Questions[q].B, pair[1])
		}
		c.tamper(&b.Questions[q])
		commitments = b.Questions[q].appendCommitments(commitments)
	}
	for q := range provers {
		provers[q].respond(&b.Questions[q], c.chosen, q, c.challenge(ciphertexts, commitments))
	}
	return b
}

// Challenges that leave out one part of their input.
func partialChallenges(ctx Context) map[string]func(ciphertexts, commitments []byte) group.Scalar {
	hash := func(dst string, t *transcript.Transcript) group.Scalar { return group.HashToScalar(dst, t.Message()) }
	const dst = "referendum-v1-challenge"
	return map[string]func(ct, cm []byte) group.Scalar{
		"without election": func(ct, cm []byte) group.Scalar {
			return hash(dst, transcript.New("challenge").Text(ctx.Station).Bytes(ct).Bytes(cm))
		},
		"without station": func(ct, cm []byte) group.Scalar {
			return hash(dst, transcript.New("challenge").Bytes(ctx.Election[:]).Bytes(ct).Bytes(cm))
		},
		"without ciphertexts": func(ct, cm []byte) group.Scalar {
			return hash(dst, transcript.New("challenge").Bytes(ctx.Election[:]).Text(ctx.Station).Bytes(cm))
		},
		"without commitments": func(ct, cm []byte) group.Scalar {
			return hash(dst, transcript.New("challenge").Bytes(ctx.Election[:]).Text(ctx.Station).Bytes(ct))
		},
		"without the last commitment": func(ct, cm []byte) group.Scalar { return ctx.challenge(ct, cm[:len(cm)-32]) },
		"without the last ciphertext": func(ct, cm []byte) group.Scalar { return ctx.challenge(ct[:len(ct)-64], cm) },
		"with another tag": func(ct, cm []byte) group.Scalar {
			return hash("referendum-v1-weight", ctx.statement("challenge", ct).Bytes(cm))
		},
		"with another label": func(ct, cm []byte) group.Scalar { return hash(dst, ctx.statement("weight", ct).Bytes(cm)) },
		"chosen at will":     func(ct, cm []byte) group.Scalar { return group.NewScalar(1) },
	}
}
