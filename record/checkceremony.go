package record

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/threshold"
)

// CheckEnrolment checks the self-signature, and that the manifest names these
// keys for trustee i.
func CheckEnrolment(m *Manifest, i int, e *Signed[Enrolment]) error {
	if i < 1 || i > len(m.Trustees) {
		return fmt.Errorf("enrolment: the manifest has no trustee %d", i)
	}
	t := m.Trustees[i-1]
	if e.Body.Name != t.Name || e.Body.SigningKey != t.SigningKey || e.Body.EncryptionKey != t.EncryptionKey {
		return fmt.Errorf("enrolment of trustee %d: not the name and keys in the manifest", i)
	}
	return wrap(e.CheckOnly(Required{SignerEnrolment, t.SigningKey}), "enrolment of trustee %d", i)
}

// CheckCommitment checks who signed a commitment and for which manifest.
func CheckCommitment(m *Manifest, manifest Hash, i int, c *Signed[Commitment]) error {
	return checkTrusteeDocument(m, manifest, i, c.Body.Manifest, c.Body.Trustee, c)
}

// CheckReveal checks who signed a reveal, that it opens the commitment, that it
// has t coefficients and n shares, and every proof of knowledge.
func CheckReveal(m *Manifest, manifest Hash, i int, c *Signed[Commitment], r *Signed[Reveal]) error {
	if err := checkTrusteeDocument(m, manifest, i, r.Body.Manifest, r.Body.Trustee, r); err != nil {
		return err
	}
	if len(r.Body.Commitments) != m.Threshold || len(r.Body.Shares) != len(m.Trustees) {
		return fmt.Errorf("reveal of trustee %d: %d coefficients and %d shares instead of %d and %d",
			i, len(r.Body.Commitments), len(r.Body.Shares), m.Threshold, len(m.Trustees))
	}
	if CommitmentDigest(manifest, i, r.Body.Commitments) != c.Body.Digest {
		return fmt.Errorf("reveal of trustee %d: not what was committed to", i)
	}
	for k, p := range r.Body.Proofs {
		if !proof.VerifyKnowledge(KnowledgeContext(manifest, i, k), r.Body.Commitments[k], p) {
			return fmt.Errorf("reveal of trustee %d: proof of knowledge of coefficient %d does not hold", i, k)
		}
	}
	return nil
}

// JointKeyOf computes the joint key record from the reveals of all trustees.
func (c *Ceremony) JointKeyOf(manifest Hash) (*JointKey, error) {
	var all [][]group.Element
	for _, r := range c.Reveals {
		all = append(all, r.Body.Commitments)
	}
	if len(all) == 0 {
		return nil, errors.New("joint key: no reveals")
	}
	transcript, err := c.TranscriptHash(manifest)
	if err != nil {
		return nil, err
	}
	j := &JointKey{Version: Version, Manifest: manifest, Transcript: transcript, Key: threshold.JointKey(all)}
	for i := range all {
		j.PublicShares = append(j.PublicShares, threshold.PublicShare(all, i+1))
	}
	return j, j.Validate()
}

// CheckConfirmation checks who signed a confirmation, and that it agrees to
// this joint key.
func CheckConfirmation(m *Manifest, j *JointKey, i int, c *Signed[Confirmation]) error {
	if err := checkTrusteeDocument(m, j.Manifest, i, c.Body.Manifest, c.Body.Trustee, c); err != nil {
		return err
	}
	if c.Body.Transcript != j.Transcript || !c.Body.Key.Equal(j.Key) {
		return fmt.Errorf("confirmation of trustee %d: of another transcript or key", i)
	}
	return nil
}

func checkTrusteeDocument[T body](m *Manifest, want Hash, i int, manifest Hash, trustee int, s *Signed[T]) error {
	what := s.Body.kind()
	if i < 1 || i > len(m.Trustees) {
		return fmt.Errorf("%s: the manifest has no trustee %d", what, i)
	}
	if manifest != want {
		return fmt.Errorf("%s of trustee %d: belongs to another manifest", what, i)
	}
	if trustee != i {
		return fmt.Errorf("%s of trustee %d: is trustee %d's", what, i, trustee)
	}
	return wrap(s.CheckOnly(Required{SignerTrustee(i), m.Trustees[i-1].SigningKey}), "%s of trustee %d", what, i)
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
