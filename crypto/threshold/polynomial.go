// Package threshold implements what n trustees compute so that any t of them,
// and no fewer, can decrypt: Feldman's verifiable secret sharing of each
// trustee's part of the key, public share keys, partial decryptions and their
// combination, as specified in docs/spec/crypto.md, Sections 5 and 6.
//
// How the messages travel, and who signed what, is package ceremonies/keygen's.
package threshold

import (
	"fmt"

	"github.com/openreferendum/referendum/crypto/group"
)

// MaxTrustees is the largest n.
const MaxTrustees = 32

// CheckQuorum refuses impossible t of n: 1 ≤ t ≤ n ≤ MaxTrustees.
func CheckQuorum(t, n int) error {
	if t < 1 || n < t || n > MaxTrustees {
		return fmt.Errorf("quorum: %d of %d trustees", t, n)
	}
	return nil
}

// A SecretPolynomial is P(x) = Σ p_k x^k of degree t−1 over the scalars. Its
// coefficients are Secrets, which cannot be printed.
type SecretPolynomial struct{ coefficients []group.Secret }

// Coefficients returns p_0 … p_t−1, whose knowledge is proved.
func (p SecretPolynomial) Coefficients() []group.Secret { return p.coefficients }

// PolynomialFromCoefficients is the inverse of Coefficients.
func PolynomialFromCoefficients(cs []group.Secret) SecretPolynomial {
	return SecretPolynomial{cs}
}

// Commitments returns K_0 … K_t−1 = [p_0]B … [p_t−1]B.
func (p SecretPolynomial) Commitments() []group.Element {
	ks := make([]group.Element, len(p.coefficients))
	for k, c := range p.coefficients {
		ks[k] = group.MulBase(c.Reveal())
	}
	return ks
}

// Share returns P(j), trustee j's share of this polynomial, j from 1. P(0) is
// the secret itself, so any other j panics.
func (p SecretPolynomial) Share(j int) group.Secret {
	if j < 1 || j > MaxTrustees {
		panic("threshold: internal error: share of nobody")
	}
	x, y := group.NewScalar(uint64(j)), group.NewScalar(0)
	for k := len(p.coefficients) - 1; k >= 0; k-- {
		y = y.Mul(x).Add(p.coefficients[k].Reveal())
	}
	return group.NewSecret(y)
}

// CheckShare reports whether share = P(j) for the polynomial behind the
// commitments: [share]B = Σ [j^k] K_k. Nothing is a share of nobody, or of no
// polynomial.
func CheckShare(commitments []group.Element, j int, share group.Secret) bool {
	if j < 1 || j > MaxTrustees || len(commitments) == 0 {
		return false
	}
	return group.MulBase(share.Reveal()).Equal(evaluate(commitments, j))
}

// evaluate returns Σ [j^k] K_k = [P(j)]B.
func evaluate(commitments []group.Element, j int) group.Element {
	x, y := group.NewScalar(uint64(j)), group.Identity()
	for k := len(commitments) - 1; k >= 0; k-- {
		y = y.Mul(x).Add(commitments[k])
	}
	return y
}

// JointKey returns K = Σ K_i0 over all trustees' commitments.
func JointKey(commitments [][]group.Element) group.Element {
	k := group.Identity()
	for _, c := range commitments {
		k = k.Add(c[0])
	}
	return k
}

// PublicShare returns Z_j = [z_j]B, which anyone computes from the transcript:
// Σ over all trustees i of [P_i(j)]B.
func PublicShare(commitments [][]group.Element, j int) group.Element {
	z := group.Identity()
	for _, c := range commitments {
		z = z.Add(evaluate(c, j))
	}
	return z
}

// AddShares returns z_j = Σ P_i(j), trustee j's share of the joint key.
func AddShares(shares []group.Secret) group.Secret {
	z := group.NewScalar(0)
	for _, s := range shares {
		z = z.Add(s.Reveal())
	}
	return group.NewSecret(z)
}
