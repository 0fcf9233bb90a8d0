// Package proof makes and verifies the ballots of docs/spec/crypto.md, Section
// 4: for every question the encrypted selections and one selection proof, which
// shows that the paper was either not taken or carries exactly one option.
//
// It says nothing about who may vote, and nothing about how ballots are kept.
package proof

import (
	"errors"
	"fmt"
	"slices"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
)

// Bounds on the shape of a ballot.
const (
	MinOptions   = 2  // of a question
	MaxOptions   = 16 // of a question
	MaxQuestions = 64 // of a ballot
)

// A Shape is the number of options of each question, in the manifest's order.
// It fixes the size of every ballot.
type Shape []int

// Validate refuses shapes outside the bounds.
func (s Shape) Validate() error {
	if len(s) < 1 || len(s) > MaxQuestions {
		return fmt.Errorf("ballot shape: %d questions, allowed are 1 to %d", len(s), MaxQuestions)
	}
	for q, n := range s {
		if n < MinOptions || n > MaxOptions {
			return fmt.Errorf("ballot shape: question %d has %d options, allowed are %d to %d", q+1, n, MinOptions, MaxOptions)
		}
	}
	return nil
}

// questionSize is the length in bytes of a question with n options: n
// ciphertexts, n+1 pairs of commitments, n challenges, n+1 responses.
func questionSize(n int) int {
	return n*elgamal.CiphertextSize + 2*(n+1)*group.Size + n*group.Size + (n+1)*group.Size
}

// Size returns the length in bytes of an encoded ballot of this shape:
// Σ (192n + 96) over its questions.
func (s Shape) Size() int {
	size := 0
	for _, n := range s {
		size += questionSize(n)
	}
	return size
}

// A Context is where a ballot belongs. Every hash of a ballot includes H_E and
// the station; H_E covers the joint key and the shape already.
type Context struct {
	Election [32]byte
	Station  string
	Key      elgamal.PublicKey
	Shape    Shape
}

// Check refuses a context that was not filled in.
func (c Context) Check() error {
	if c.Key.Element().IsZero() {
		return errors.New("ballot: no public key to make or verify it with")
	}
	return c.Shape.Validate()
}

func sameShape(a, b Shape) bool { return slices.Equal(a, b) }

// A Ballot is the public part of one vote: nothing in it, without the trustees
// or the ballot seed, tells a choice.
type Ballot struct{ Questions []Question }

// A Question holds the ciphertexts of one question with n options, and its
// selection proof.
type Question struct {
	Selections []elgamal.Ciphertext // n: option 1 … n
	A, B       []group.Element      // n+1: commitments of branch 0 … n
	Challenges []group.Scalar       // n: of branch 0 … n−1; the last follows
	Responses  []group.Scalar       // n+1: of branch 0 … n
}

// Bytes returns the encoding of docs/spec/crypto.md, Section 4.5: question by
// question, the ciphertexts (α ‖ β each), the commitments (a ‖ b each), the
// challenges and the responses.
func (b *Ballot) Bytes() []byte {
	var out []byte
	for _, q := range b.Questions {
		for _, c := range q.Selections {
			out = c.AppendBytes(out)
		}
		for j := range q.A {
			out = append(append(out, q.A[j].Bytes()...), q.B[j].Bytes()...)
		}
		for _, c := range q.Challenges {
			out = append(out, c.Bytes()...)
		}
		for _, v := range q.Responses {
			out = append(out, v.Bytes()...)
		}
	}
	return out
}

// ParseBallot decodes a ballot of the given shape. The length must be exact,
// every element and scalar canonical, and no element the identity. It does not
// verify the proofs: see Verify.
func ParseBallot(shape Shape, b []byte) (*Ballot, error) {
	if err := shape.Validate(); err != nil {
		return nil, err
	}
	if len(b) != shape.Size() {
		return nil, fmt.Errorf("ballot: %d bytes instead of %d", len(b), shape.Size())
	}
	ballot := &Ballot{Questions: make([]Question, len(shape))}
	r := reader{rest: b}
	for i, n := range shape {
		q := &ballot.Questions[i]
		for range n {
			q.Selections = append(q.Selections, elgamal.Ciphertext{Alpha: r.element(), Beta: r.element()})
		}
		for range n + 1 {
			q.A, q.B = append(q.A, r.element()), append(q.B, r.element())
		}
		for range n {
			q.Challenges = append(q.Challenges, r.scalar())
		}
		for range n + 1 {
			q.Responses = append(q.Responses, r.scalar())
		}
		if r.err != nil {
			return nil, fmt.Errorf("ballot: question %d: %w", i+1, r.err)
		}
	}
	return ballot, nil
}

// reader takes fixed-size values off a string of bytes and keeps the first
// error.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) next() []byte {
	b := r.rest[:group.Size]
	r.rest = r.rest[group.Size:]
	return b
}

func (r *reader) element() group.Element {
	e, err := group.ParseNonIdentity(r.next())
	r.keep(err)
	return e
}

func (r *reader) scalar() group.Scalar {
	s, err := group.ParseScalar(r.next())
	r.keep(err)
	return s
}

func (r *reader) keep(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Ciphertexts returns the selections by question and option.
func (b *Ballot) Ciphertexts() [][]elgamal.Ciphertext {
	cs := make([][]elgamal.Ciphertext, len(b.Questions))
	for i := range b.Questions {
		cs[i] = b.Questions[i].Selections
	}
	return cs
}
