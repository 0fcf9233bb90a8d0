package batch

import (
	"encoding/binary"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/multibuffer"
)

// The hashes of a ballot are those of package proof (docs/spec/crypto.md,
// Algorithms 4.1 and 4.2), of a few ballots of one station side by side: their
// messages have the same lengths. What many have in common is hashed once: the
// zeros with which HashToScalar begins, and all but the numbers in the weights.
const (
	weightTag    = "referendum-v1-weight"
	challengeTag = "referendum-v1-challenge"
)

type hasher struct {
	hash     *multibuffer.Hash
	zeros    multibuffer.State         // after a block of zeros
	weights  multibuffer.State         // after what the weights of a ballot have in common
	messages [multibuffer.Lanes][]byte // room
	parts    [multibuffer.Lanes][]byte // room for a list of them
	tail     []byte                    // room for what all messages end in
	sums     [multibuffer.Lanes][multibuffer.Size]byte
}

// perBallot is a scalar of each of a few ballots.
type perBallot [multibuffer.Lanes]multiscalar.Scalar

func newHasher() *hasher {
	h := &hasher{hash: multibuffer.New()}
	h.hash.Reset(multibuffer.Lanes)
	h.hash.WriteAll(make([]byte, multibuffer.BlockSize))
	h.hash.Save(&h.zeros)
	return h
}

// challenges are those of a few ballots of a station.
func (h *hasher) challenges(election *[32]byte, station string, l *layout, ballots [][]byte) perBallot {
	for b, ballot := range ballots {
		m := statement(h.messages[b], "challenge", election, station, l, ballot)
		m = appendLength(m, l.commitments*elgamal.CiphertextSize/2)
		for i := range l.questions {
			q := &l.questions[i]
			m = append(m, ballot[q.commitments:q.challenges]...)
		}
		h.messages[b] = m
	}
	h.hash.Restore(&h.zeros, len(ballots))
	h.hash.Write(h.messages[:len(ballots)])
	h.tail = h.tail[:0]
	return h.toScalars(len(ballots), challengeTag)
}

// beginWeights prepares for the weights of a few ballots of a station.
func (h *hasher) beginWeights(election *[32]byte, station string, l *layout, ballots [][]byte) {
	for b, ballot := range ballots {
		h.messages[b] = statement(h.messages[b], "weight", election, station, l, ballot)
	}
	h.hash.Restore(&h.zeros, len(ballots))
	h.hash.Write(h.messages[:len(ballots)])
	h.hash.Save(&h.weights)
}

// weight is w_i of question q of so many ballots, both from 1; w_1 is 1.
func (h *hasher) weight(q, i, ballots int) perBallot {
	if i == 1 {
		return perBallot{{1}, {1}, {1}, {1}}
	}
	h.hash.Restore(&h.weights, ballots)
	h.tail = appendNumber(appendNumber(h.tail[:0], q), i)
	return h.toScalars(ballots, weightTag)
}

// statement is T(label, election, station, all ciphertexts of a ballot), in the
// room of an old one.
func statement(room []byte, label string, election *[32]byte, station string, l *layout, ballot []byte) []byte {
	m := append(appendLength(room[:0], len(label)), label...)
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

// toScalars finishes HashToScalar (Section 1.3) of what was hashed and h.tail, of
// so many messages.
func (h *hasher) toScalars(n int, tag string) (scalars perBallot) {
	h.tail = append(append(h.tail, 0, multibuffer.Size, 0), tag...)
	h.hash.WriteAll(append(h.tail, byte(len(tag))))
	h.hash.Sum(&h.sums) // b_0
	for b := range n {
		h.parts[b] = h.sums[b][:]
	}
	h.hash.Reset(n)
	h.hash.Write(h.parts[:n])
	h.tail = append(append(h.tail[:0], 1), tag...)
	h.hash.WriteAll(append(h.tail, byte(len(tag))))
	h.hash.Sum(&h.sums)
	for b := range n {
		scalars[b] = multiscalar.ReduceWide(&h.sums[b])
	}
	return scalars
}
