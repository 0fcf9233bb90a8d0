package keygen

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/record"
)

// Flaws is everything that is wrong with the public documents of a ceremony:
// more than one trustee can see, and reason for all to stop.
type Flaws []error

func (f Flaws) Error() string { return errors.Join(f...).Error() }

// Unwrap returns the flaws.
func (f Flaws) Unwrap() []error { return f }

func flaws(problems []error) error {
	if len(problems) == 0 {
		return nil
	}
	return Flaws(problems)
}

// CheckReveals checks rounds 0 to 2 of the transcript: Algorithm 5.3 of
// docs/spec/ceremony.md, without the shares. Its error is Flaws: all
// problems.
func CheckReveals(m *record.Manifest, hash record.Hash, c *record.Ceremony) error {
	return flaws(checkReveals(m, hash, c))
}

func checkReveals(m *record.Manifest, hash record.Hash, c *record.Ceremony) []error {
	n := len(m.Trustees)
	if len(c.Enrolments) != n || len(c.Commitments) != n || len(c.Reveals) != n {
		return []error{fmt.Errorf("key ceremony: %d enrolments, %d commitments and %d reveals of %d trustees", len(c.Enrolments), len(c.Commitments), len(c.Reveals), n)}
	}
	var problems []error
	for i := range n {
		for _, err := range []error{
			record.CheckEnrolment(m, i+1, &c.Enrolments[i]),
			record.CheckCommitment(m, hash, i+1, &c.Commitments[i]),
			record.CheckReveal(m, hash, i+1, &c.Commitments[i], &c.Reveals[i]),
		} {
			if err != nil {
				problems = append(problems, err)
			}
		}
	}
	return problems
}

// Check checks the whole transcript of a ceremony, and that all n trustees have
// confirmed it. It returns the joint key, or all problems.
func Check(manifest []byte, c *record.Ceremony) (*record.JointKey, []error) {
	m, err := record.ParseManifest(manifest)
	if err != nil {
		return nil, []error{err}
	}
	hash := record.ManifestHash(manifest)
	if problems := checkReveals(m, hash, c); len(problems) > 0 {
		return nil, problems
	}
	j, err := c.JointKeyOf(hash)
	if err != nil {
		return nil, []error{err}
	}
	if len(c.Confirmations) != len(m.Trustees) {
		return nil, []error{fmt.Errorf("key ceremony: %d of %d trustees have confirmed", len(c.Confirmations), len(m.Trustees))}
	}
	var problems []error
	for i := range c.Confirmations {
		if err := record.CheckConfirmation(m, j, i+1, &c.Confirmations[i]); err != nil {
			problems = append(problems, err)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return j, nil
}

// JointKey is the end of the ceremony: Check with one error, Flaws.
func JointKey(manifest []byte, c *record.Ceremony) (*record.JointKey, error) {
	j, problems := Check(manifest, c)
	return j, flaws(problems)
}
