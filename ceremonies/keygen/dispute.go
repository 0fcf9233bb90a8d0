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
	if b.Trustee == b.Against {
		return errors.New("the complaint is against its own signer")
	}
	return x.CheckOnly(record.Required{Signer: record.SignerTrustee(b.Trustee), Key: m.Trustees[b.Trustee-1].SigningKey})
}

// A Case is what Judge decides: public documents, of which the last two may be
// missing (nil).
type Case struct {
	Reveal       *record.Signed[record.Reveal]       // of the accused
	Complaint    *record.Signed[record.Complaint]    //
	Defence      *record.Signed[record.Defence]      // of the accused
	Confirmation *record.Signed[record.Confirmation] // of the accuser
}

// Judge says who cheated, from public documents alone: Algorithm 5.2 of
// docs/spec/ceremony.md. Who is accused and does not answer has cheated.
func Judge(manifest []byte, c Case) (cheater int, why string, err error) {
	m, err := record.ParseManifest(manifest)
	if err != nil {
		return 0, "", err
	}
	hash := record.ManifestHash(manifest)
	if err := checkComplaint(m, hash, c.Complaint); err != nil {
		return 0, "", fmt.Errorf("judging: %w", err)
	}
	accuser, accused := c.Complaint.Body.Trustee, c.Complaint.Body.Against
	r := c.Reveal.Body
	if err := checkSigner(m, hash, accused, r.Manifest, r.Trustee, c.Reveal); err != nil {
		return 0, "", fmt.Errorf("judging: the reveal: %w", err)
	}
	if x := c.Confirmation; x != nil {
		if err := checkSigner(m, hash, accuser, x.Body.Manifest, x.Body.Trustee, x); err != nil {
			return 0, "", fmt.Errorf("judging: the confirmation: %w", err)
		}
		return accuser, "has confirmed the ceremony and complained about it", nil
	}
	if len(r.Commitments) != m.Threshold || len(r.Shares) != len(m.Trustees) {
		return accused, fmt.Sprintf("revealed %d coefficients and %d shares instead of %d and %d", len(r.Commitments), len(r.Shares), m.Threshold, len(m.Trustees)), nil
	}
	if c.Defence == nil {
		return accused, "did not answer the complaint", nil
	}
	d := c.Defence.Body
	if d.For != accuser {
		return 0, "", errors.New("judging: the defence answers another complaint")
	}
	if err := checkSigner(m, hash, accused, d.Manifest, d.Trustee, c.Defence); err != nil {
		return 0, "", fmt.Errorf("judging: the defence: %w", err)
	}
	cheater, why = compare(m, hash, accuser, accused, r, d)
	return cheater, why, nil
}

// compare seals the share of the defence again.
func compare(m *record.Manifest, hash record.Hash, accuser, accused int, r record.Reveal, d record.Defence) (cheater int, why string) {
	sealed, err := seal(m.Trustees[accuser-1].EncryptionKey, sealInfo(hash, accused, accuser), d.Share, d.Randomness)
	if err != nil {
		return accuser, "nothing can be sealed to the key it enrolled with"
	}
	if !bytes.Equal(sealed, r.Shares[accuser-1]) {
		return accused, "what it published in its defence is not what it had sealed"
	}
	if !threshold.CheckShare(r.Commitments, accuser, group.NewSecret(d.Share)) {
		return accused, "the share it sealed does not fit its commitments"
	}
	return accuser, "the share it complained about is right"
}
