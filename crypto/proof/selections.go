package proof

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"

	"github.com/openreferendum/referendum/crypto/group"
)

// SecretSelections is what one voter chose: for each question 0 (paper not
// taken) or the number of an option, from 1. It cannot be printed. The zero
// value holds nothing: Make and CheckOpening refuse it.
type SecretSelections struct {
	shape Shape // public: what the selections were checked against
	open  func() []int
}

// NewSelections checks chosen against the shape and wraps it.
func NewSelections(shape Shape, chosen []int) (SecretSelections, error) {
	if err := shape.Validate(); err != nil {
		return SecretSelections{}, err
	}
	if len(chosen) != len(shape) {
		return SecretSelections{}, fmt.Errorf("selections: for %d questions instead of %d", len(chosen), len(shape))
	}
	held := append([]int(nil), chosen...)
	for q, c := range held {
		if c < 0 || c > shape[q] {
			return SecretSelections{}, fmt.Errorf("selections: question %d has no such option", q+1)
		}
	}
	return SecretSelections{append(Shape(nil), shape...), func() []int { return held }}, nil
}

// fit refuses selections that were made for ballots of another shape.
func (s SecretSelections) fit(shape Shape) error {
	if s.open == nil || !sameShape(s.shape, shape) {
		return errors.New("selections: not made for this ballot's questions")
	}
	return nil
}

// Export returns the selections, to be printed on the slip or published in a
// challenge.
func (s SecretSelections) Export() []int { return append([]int(nil), s.open()...) }

// bit returns 1 if option i (from 1) of question q (from 0) is selected, and 0
// otherwise, in constant time.
func (s SecretSelections) bit(q, i int) int {
	return subtle.ConstantTimeEq(int32(s.open()[q]), int32(i))
}

// Format prints a placeholder for every verb.
func (SecretSelections) Format(f fmt.State, _ rune) {
	fmt.Fprint(f, "proof.SecretSelections(redacted)")
}

// LogValue returns a placeholder.
func (SecretSelections) LogValue() slog.Value { return slog.StringValue("redacted") }

// MarshalJSON always fails.
func (SecretSelections) MarshalJSON() ([]byte, error) {
	return nil, errors.New("proof: selections in JSON")
}

// MarshalText always fails.
func (SecretSelections) MarshalText() ([]byte, error) {
	return nil, errors.New("proof: selections in a text")
}

// pick returns Σ bit·value over the options, in constant time: the value of the
// selected option, or 0.
func (s SecretSelections) pick(q int, values []group.Scalar) group.Scalar {
	sum, zero := group.NewScalar(0), group.NewScalar(0)
	for i, v := range values {
		sum = sum.Add(group.Select(s.bit(q, i+1), v, zero))
	}
	return sum
}
