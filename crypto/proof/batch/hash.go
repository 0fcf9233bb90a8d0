package batch

import (
	"crypto/sha512"
	"encoding"
	"encoding/binary"
	"hash"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
)

// The hashes of a ballot are those of package proof (docs/spec/crypto.md,
// Algorithms 4.1 and 4.2). What many have in common is hashed once: the zeros
// with which HashToScalar begins, and all but the numbers in a ballot's weights.
const (
	weightTag    = "referendum-v1-weight"
	challengeTag = "referendum-v1-challenge"
)

type hasher struct {
	hash    hash.Hash
	zeros   []byte // the state after a block of zeros
	weights []byte // the state after what the weights of a ballot have in common
	message []byte // room
	first   []byte // room for b_0 and what follows it
}

func newHasher() *hasher {
	h := &hasher{hash: sha512.New()}
	h.hash.Write(make([]byte, sha512.BlockSize))
	h.zeros = h.save(nil)
	return h
}

// save returns the state of the hash, in the room of an old one.
func (h *hasher) save(room []byte) []byte {
	state, err := h.hash.(encoding.BinaryAppender).AppendBinary(room[:0])
	if err != nil {
		panic("batch: internal error: " + err.Error())
	}
	return state
}

func (h *hasher) restore(state []byte) {
	if err := h.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		panic("batch: internal error: " + err.Error())
	}
}

// statement is T(label, election, station, all ciphertexts of a ballot).
func (h *hasher) statement(label string, election *[32]byte, station string, l *layout, ballot []byte) []byte {
	m := append(appendLength(h.message[:0], len(label)), label...)
	m = append(appendLength(m, len(election)), election[:]...)
	m = append(appendLength(m, len(station)), station...)
	m = appendLength(m, len(l.ciphertexts)*elgamal.CiphertextSize/2)
	for i := range l.questions {
		q := &l.questions[i]
		m = append(m, ballot[q.ciphertexts:q.commitments]...)
	}
	return m
}

func appendLength(m []byte, n int) []byte { return binary.BigEndian.AppendUint32(m, uint32(n)) }

func appendNumber(m []byte, n int) []byte {
	return binary.BigEndian.AppendUint64(appendLength(m, 8), uint64(n))
}

// toScalar finishes HashToScalar (Section 1.3) of what was hashed and m.
func (h *hasher) toScalar(m []byte, tag string) multiscalar.Scalar {
	m = append(append(m, 0, sha512.Size, 0), tag...)
	h.message = append(m, byte(len(tag)))
	h.hash.Write(h.message)
	b := append(append(h.hash.Sum(h.first[:0]), 1), tag...)
	h.first = append(b, byte(len(tag)))
	u := sha512.Sum512(h.first)
	return multiscalar.ReduceWide(&u)
}

// challenge is that of a ballot.
func (h *hasher) challenge(election *[32]byte, station string, l *layout, ballot []byte) multiscalar.Scalar {
	m := h.statement("challenge", election, station, l, ballot)
	m = appendLength(m, l.commitments*elgamal.CiphertextSize/2)
	for i := range l.questions {
		q := &l.questions[i]
		m = append(m, ballot[q.commitments:q.challenges]...)
	}
	h.restore(h.zeros)
	return h.toScalar(m, challengeTag)
}

// beginWeights prepares for the weights of a ballot.
func (h *hasher) beginWeights(election *[32]byte, station string, l *layout, ballot []byte) {
	h.message = h.statement("weight", election, station, l, ballot)
	h.restore(h.zeros)
	h.hash.Write(h.message)
	h.weights = h.save(h.weights)
}

// weight is w_i of question q, both from 1; w_1 is 1.
func (h *hasher) weight(q, i int) multiscalar.Scalar {
	if i == 1 {
		return multiscalar.Scalar{1}
	}
	h.restore(h.weights)
	return h.toScalar(appendNumber(appendNumber(h.message[:0], q), i), weightTag)
}
