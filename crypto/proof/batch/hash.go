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
// Algorithms 4.1 and 4.2). They are computed here without copying the ballot,
// and with what all weights of a ballot have in common hashed once.
const (
	weightTag    = "referendum-v1-weight"
	challengeTag = "referendum-v1-challenge"
)

type hasher struct {
	hash.Hash
	padding [sha512.BlockSize]byte
	state   []byte // after what the weights have in common
	small   []byte
	sum     [sha512.Size]byte
}

func newHasher() *hasher { return &hasher{Hash: sha512.New()} }

// begin starts HashToScalar (Section 1.3) of a transcript that begins with
// label, election, station and all ciphertexts of a ballot.
func (h *hasher) begin(label string, election *[32]byte, station string, l *layout, ballot []byte) {
	h.Reset()
	h.Write(h.padding[:])
	h.text(label)
	h.length(len(election))
	h.Write(election[:])
	h.text(station)
	h.length(len(l.ciphertexts) * elgamal.CiphertextSize / 2)
	for i := range l.questions {
		q := &l.questions[i]
		h.Write(ballot[q.ciphertexts:q.commitments])
	}
}

func (h *hasher) length(n int) {
	h.small = binary.BigEndian.AppendUint32(h.small[:0], uint32(n))
	h.Write(h.small)
}

func (h *hasher) text(s string) {
	h.length(len(s))
	h.small = append(h.small[:0], s...)
	h.Write(h.small)
}

func (h *hasher) number(n int) {
	h.length(8)
	h.small = binary.BigEndian.AppendUint64(h.small[:0], uint64(n))
	h.Write(h.small)
}

// end finishes HashToScalar.
func (h *hasher) end(tag string) multiscalar.Scalar {
	h.small = append(h.small[:0], 0, sha512.Size, 0)
	h.small = append(append(h.small, tag...), byte(len(tag)))
	h.Write(h.small)
	b0 := h.Sum(h.sum[:0])
	h.Reset()
	h.Write(b0)
	h.small[2] = 1
	h.Write(h.small[2:])
	h.Sum(h.sum[:0])
	return multiscalar.ReduceWide(&h.sum)
}

// challenge is that of a ballot.
func (h *hasher) challenge(election *[32]byte, station string, l *layout, ballot []byte) multiscalar.Scalar {
	h.begin("challenge", election, station, l, ballot)
	h.length(l.commitments * elgamal.CiphertextSize / 2)
	for i := range l.questions {
		q := &l.questions[i]
		h.Write(ballot[q.commitments:q.challenges])
	}
	return h.end(challengeTag)
}

// beginWeights prepares for the weights of a ballot.
func (h *hasher) beginWeights(election *[32]byte, station string, l *layout, ballot []byte) {
	h.begin("weight", election, station, l, ballot)
	state, err := h.Hash.(encoding.BinaryAppender).AppendBinary(h.state[:0])
	if err != nil {
		panic("batch: internal error: " + err.Error())
	}
	h.state = state
}

// weight is w_i of question q, both from 1; w_1 is 1.
func (h *hasher) weight(q, i int) multiscalar.Scalar {
	if i == 1 {
		return multiscalar.Scalar{1}
	}
	if err := h.Hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(h.state); err != nil {
		panic("batch: internal error: " + err.Error())
	}
	h.number(q)
	h.number(i)
	return h.end(weightTag)
}
