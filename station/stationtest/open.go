package stationtest

import (
	"fmt"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
)

// secretKey is the secret half of the joint key of every test election. In a
// real one nobody has it.
func secretKey() group.Scalar { return group.HashToScalar("stationtest", []byte("joint key")) }

// Decrypt returns the selections in a ballot of the test election, so that a
// test can compare the box with the paper.
func (w *World) Decrypt(ballot []byte) ([]int, error) {
	b, err := proof.ParseBallot(w.Election.Manifest.Shape(), ballot)
	if err != nil {
		return nil, fmt.Errorf("decrypting a test ballot: %w", err)
	}
	selections := make([]int, len(b.Questions))
	for q, question := range b.Questions {
		for i, c := range question.Selections {
			if !bit(c).IsIdentity() {
				selections[q] = i + 1
			}
		}
	}
	return selections, nil
}

// bit returns [m]B.
func bit(c elgamal.Ciphertext) group.Element { return c.Beta.Sub(c.Alpha.Mul(secretKey())) }
