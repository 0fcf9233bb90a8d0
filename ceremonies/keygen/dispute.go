package keygen

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/record"
)

// Complain says that the share of the given dealer is wrong. It refuses when
// the share is right.
func (s *Seat) Complain(c *record.Ceremony, dealer int) (*record.Signed[record.Complaint], error) {
	_, err := s.Share(c)
	var cheat *Cheat
	if !errors.As(err, &cheat) || cheat.Dealer != dealer {
		return nil, fmt.Errorf("complaining: the share of trustee %d is not what is wrong: %v", dealer, err)
	}
	x := &record.Signed[record.Complaint]{Body: record.Complaint{Manifest: s.hash, Trustee: s.number, Against: dealer}}
	return x, x.Sign(record.SignerTrustee(s.number), s.Key())
}

// Defend answers a complaint: the share in clear with its randomness. From then
// on the ceremony is void, and a new one needs a new manifest.
func (s *Seat) Defend(x *record.Signed[record.Complaint]) (*record.Signed[record.Defence], error) {
	if err := s.checkComplaint(x); err != nil {
		return nil, fmt.Errorf("defending: %w", err)
	}
	if x.Body.Against != s.number {
		return nil, fmt.Errorf("defending: the complaint is against trustee %d", x.Body.Against)
	}
	j := x.Body.Trustee
	share := s.polynomial().Share(j)
	d := &record.Signed[record.Defence]{Body: record.Defence{
		Manifest: s.hash, Trustee: s.number, For: j, Share: share.Reveal(), Randomness: s.secret.derive("seal", s.hash, j),
	}}
	return d, d.Sign(record.SignerTrustee(s.number), s.Key())
}

func (s *Seat) checkComplaint(x *record.Signed[record.Complaint]) error {
	return checkComplaint(s.manifest, s.hash, x)
}

func checkComplaint(m *record.Manifest, hash record.Hash, x *record.Signed[record.Complaint]) error {
	b := x.Body
	if b.Manifest != hash {
		return errors.New("the complaint belongs to another manifest")
	}
	if b.Trustee > len(m.Trustees) || b.Against > len(m.Trustees) {
		return errors.New("the complaint is by or against nobody")
	}
	return x.CheckOnly(record.Required{Signer: record.SignerTrustee(b.Trustee), Key: m.Trustees[b.Trustee-1].SigningKey})
}

// Judge says who cheated, from public documents alone: Algorithm 5.2 of
// docs/spec/ceremony.md. defence is nil when the accused does not answer; then
// the accused cheated.
func Judge(manifest []byte, r *record.Signed[record.Reveal], x *record.Signed[record.Complaint], defence *record.Signed[record.Defence]) (cheater int, why string, err error) {
	m, err := record.ParseManifest(manifest)
	if err != nil {
		return 0, "", err
	}
	hash := record.ManifestHash(manifest)
	if err := checkComplaint(m, hash, x); err != nil {
		return 0, "", fmt.Errorf("judging: %w", err)
	}
	accuser, accused := x.Body.Trustee, x.Body.Against
	if r.Body.Manifest != hash || r.Body.Trustee != accused || len(r.Body.Shares) != len(m.Trustees) {
		return 0, "", fmt.Errorf("judging: the reveal is not trustee %d's of this ceremony", accused)
	}
	key := record.Required{Signer: record.SignerTrustee(accused), Key: m.Trustees[accused-1].SigningKey}
	if err := r.CheckOnly(key); err != nil {
		return 0, "", fmt.Errorf("judging: the reveal: %w", err)
	}
	if len(r.Body.Commitments) != m.Threshold {
		return accused, fmt.Sprintf("revealed %d coefficients instead of %d", len(r.Body.Commitments), m.Threshold), nil
	}
	if defence == nil {
		return accused, "did not answer the complaint", nil
	}
	d := defence.Body
	if d.Manifest != hash || d.Trustee != accused || d.For != accuser {
		return 0, "", errors.New("judging: the defence answers another complaint")
	}
	if err := defence.CheckOnly(key); err != nil {
		return 0, "", fmt.Errorf("judging: the defence: %w", err)
	}
	sealed, err := seal(m.Trustees[accuser-1].EncryptionKey, sealInfo(hash, accused, accuser), d.Share, d.Randomness)
	if err != nil {
		return accuser, "nothing can be sealed to the key it enrolled with", nil
	}
	if !bytes.Equal(sealed, r.Body.Shares[accuser-1]) {
		return accused, "what it published in its defence is not what it had sealed", nil
	}
	if !threshold.CheckShare(r.Body.Commitments, accuser, group.NewSecret(d.Share)) {
		return accused, "the share it sealed does not fit its commitments", nil
	}
	return accuser, "the share it complained about is right", nil
}
