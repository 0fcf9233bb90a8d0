package batch

import (
	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/proof"
)

// A layout says where things stand in a ballot of one shape: docs/spec/crypto.md,
// Section 4.5.
type layout struct {
	questions   []question
	size        int   // of a ballot in bytes
	elements    int   // in a ballot
	commitments int   // of the elements
	ciphertexts []int // which of the elements are α or β
}

// A question says where its parts begin, in bytes, and which of the ballot's
// elements is its first.
type question struct {
	options                                         int
	ciphertexts, commitments, challenges, responses int
	first                                           int
}

func newLayout(shape proof.Shape) layout {
	var l layout
	for _, n := range shape {
		q := question{options: n, ciphertexts: l.size, first: l.elements}
		q.commitments = q.ciphertexts + n*elgamal.CiphertextSize
		q.challenges = q.commitments + (n+1)*elgamal.CiphertextSize
		q.responses = q.challenges + n*group.Size
		l.size = q.responses + (n+1)*group.Size
		l.questions = append(l.questions, q)
		for k := range 2 * n {
			l.ciphertexts = append(l.ciphertexts, l.elements+k)
		}
		l.elements += 2*n + 2*(n+1)
		l.commitments += 2 * (n + 1)
	}
	return l
}

// elementOffsets lists where the elements of a ballot stand in it.
func (l *layout) elementOffsets() []uint32 {
	var all []uint32
	for _, q := range l.questions {
		for at := q.ciphertexts; at < q.challenges; at += group.Size {
			all = append(all, uint32(at))
		}
	}
	return all
}

// scalarsCanonical reports whether all scalars of a ballot are.
func (l *layout) scalarsCanonical(b []byte) bool {
	for _, q := range l.questions {
		for at := q.challenges; at < q.responses+(q.options+1)*group.Size; at += group.Size {
			if _, ok := multiscalar.ParseScalar(b[at:][:group.Size]); !ok {
				return false
			}
		}
	}
	return true
}

// scalar reads scalar number i of those that begin at a place. It is canonical.
func scalar(b []byte, at, i int) multiscalar.Scalar {
	s, _ := multiscalar.ParseScalar(b[at+i*group.Size:][:group.Size])
	return s
}
