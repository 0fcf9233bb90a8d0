package threshold

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
)

// PartialDecrypt returns M = [z]α.
func PartialDecrypt(share group.Secret, c elgamal.Ciphertext) group.Element {
	return c.Alpha.Mul(share.Reveal())
}

// Lagrange returns λ_j = Π k/(k−j) over the other indices k, the coefficient
// with which trustee j's answer enters. Indices are distinct numbers of
// trustees, and j is one of them; otherwise it is an error.
func Lagrange(indices []int, j int) (group.Scalar, error) {
	num, den := group.NewScalar(1), group.NewScalar(1)
	seen := map[int]bool{}
	for _, k := range indices {
		if k < 1 || k > MaxTrustees || seen[k] {
			return group.Scalar{}, fmt.Errorf("combining answers: trustee %d given twice or not a trustee", k)
		}
		seen[k] = true
		if k == j {
			continue
		}
		num = num.Mul(group.NewScalar(uint64(k)))
		den = den.Mul(group.NewScalar(uint64(k)).Sub(group.NewScalar(uint64(j))))
	}
	if !seen[j] {
		return group.Scalar{}, fmt.Errorf("combining answers: trustee %d did not answer", j)
	}
	return num.Mul(den.Inv()), nil
}

// A Combiner combines the answers of the same trustees for many ciphertexts.
type Combiner struct {
	trustees []int
	minus    []group.Scalar // −λ_j of each
}

// NewCombiner computes the coefficients of the given trustees, of whom there is
// at least one. The caller has checked that there are at least t of them.
func NewCombiner(trustees []int) (*Combiner, error) {
	if len(trustees) == 0 {
		return nil, errors.New("combining answers: of no trustee")
	}
	c := &Combiner{trustees: append([]int(nil), trustees...)}
	for _, j := range trustees {
		l, err := Lagrange(trustees, j)
		if err != nil {
			return nil, err
		}
		c.minus = append(c.minus, l.Neg())
	}
	return c, nil
}

// Combine returns [T]B = β − Σ λ_j M_j from the answers of the trustees, in
// their order. The caller has checked that each proof holds. All of it is
// public, so its time may depend on it.
func (c *Combiner) Combine(ct elgamal.Ciphertext, answers []group.Element) (group.Element, error) {
	if len(answers) != len(c.trustees) {
		return group.Element{}, fmt.Errorf("combining answers: %d trustees and %d answers", len(c.trustees), len(answers))
	}
	for i, m := range answers {
		if m.IsZero() {
			return group.Element{}, fmt.Errorf("combining answers: trustee %d's is missing", c.trustees[i])
		}
	}
	return ct.Beta.Add(group.SumOfProducts(group.NewScalar(0), c.minus, answers)), nil
}

// A LogTable finds T from [T]B for 0 ≤ T ≤ Max, by baby steps and giant steps.
// It is safe for concurrent use.
type LogTable struct {
	max   uint64
	steps uint64
	baby  map[[group.Size]byte]uint64
	giant group.Element // −[steps]B
}

// MaxLog bounds the counts a LogTable finds; a nation's fits with room.
const MaxLog = 1 << 32

// NewLogTable makes a table of about √max entries.
func NewLogTable(max uint64) (*LogTable, error) {
	if max > MaxLog {
		return nil, fmt.Errorf("discrete logarithm: bound %d is above %d", max, uint64(MaxLog))
	}
	l := &LogTable{max: max, steps: 1, baby: map[[group.Size]byte]uint64{}}
	for l.steps*l.steps <= max {
		l.steps++
	}
	e := group.Identity()
	for i := range l.steps {
		l.baby[[group.Size]byte(e.Bytes())] = i
		e = e.Add(group.Generator())
	}
	l.giant = e.Neg()
	return l, nil
}

// Find returns T, or false when there is none up to the bound.
func (l *LogTable) Find(e group.Element) (uint64, bool) {
	for i := range l.steps {
		if small, ok := l.baby[[group.Size]byte(e.Bytes())]; ok {
			t := i*l.steps + small
			return t, t <= l.max
		}
		e = e.Add(l.giant)
	}
	return 0, false
}
