package keygen

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/record"
)

// Enrol is round 0: the public keys, self-signed.
func (s SecretTrustee) Enrol(name string) (*record.Signed[record.Enrolment], error) {
	key, err := s.encryptionKeyHash()
	if err != nil {
		return nil, fmt.Errorf("enrolling: %w", err)
	}
	e := &record.Signed[record.Enrolment]{Body: record.Enrolment{
		Name: name, SigningKey: publicKey(s), EncryptionKey: key,
	}}
	if err := e.Body.Validate(); err != nil {
		return nil, fmt.Errorf("enrolling: %w", err)
	}
	return e, e.Sign(record.SignerEnrolment, s.SigningKey())
}

func publicKey(s SecretTrustee) record.Key {
	return record.Key(s.SigningKey().Public().(ed25519.PublicKey))
}

// A Seat is a trustee in one ceremony: its secret, the manifest, and its number
// there.
type Seat struct {
	secret   SecretTrustee
	manifest *record.Manifest
	hash     record.Hash
	number   int
}

// Sit finds the trustee in the manifest. It refuses a manifest that names the
// trustee with another's encryption key: that one would get the shares.
func (s SecretTrustee) Sit(manifest []byte) (*Seat, error) {
	m, err := record.ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	for i, t := range m.Trustees {
		if t.SigningKey != publicKey(s) {
			continue
		}
		if own, err := s.encryptionKeyHash(); err != nil || t.EncryptionKey != own {
			return nil, fmt.Errorf("the manifest gives trustee %d an encryption key that is not its own", i+1)
		}
		return &Seat{s, m, record.ManifestHash(manifest), i + 1}, nil
	}
	return nil, errors.New("this secret belongs to no trustee of the manifest")
}

func (s SecretTrustee) encryptionKeyHash() (record.Hash, error) {
	pk, _ := s.encryptionKey()
	b, err := pk.MarshalBinary()
	if err != nil {
		return record.Hash{}, err
	}
	return record.Hash(b), nil
}

// Number returns the trustee's number, from 1.
func (s *Seat) Number() int { return s.number }

// Key returns the trustee's signing key.
func (s *Seat) Key() ed25519.PrivateKey { return s.secret.SigningKey() }

func (s *Seat) polynomial() threshold.SecretPolynomial {
	return s.secret.polynomial(s.hash, s.manifest.Threshold)
}

// Commit is round 1: the digest of the coefficient commitments, so that nobody
// chooses a key after seeing the others'.
func (s *Seat) Commit() (*record.Signed[record.Commitment], error) {
	c := &record.Signed[record.Commitment]{Body: record.Commitment{
		Manifest: s.hash, Trustee: s.number,
		Digest: record.CommitmentDigest(s.hash, s.number, s.polynomial().Commitments()),
	}}
	return c, c.Sign(record.SignerTrustee(s.number), s.Key())
}

// Reveal is round 2: the coefficient commitments, proofs of knowledge, and one
// sealed share for each trustee. It asks for all n commitments of round 1, and checks them:
// nobody reveals before everybody is bound.
func (s *Seat) Reveal(commitments []record.Signed[record.Commitment]) (*record.Signed[record.Reveal], error) {
	if len(commitments) != len(s.manifest.Trustees) {
		return nil, fmt.Errorf("revealing: commitments of %d trustees instead of %d", len(commitments), len(s.manifest.Trustees))
	}
	for i := range commitments {
		if err := record.CheckCommitment(s.manifest, s.hash, i+1, &commitments[i]); err != nil {
			return nil, fmt.Errorf("revealing: %w", err)
		}
	}
	p := s.polynomial()
	if commitments[s.number-1].Body.Digest != record.CommitmentDigest(s.hash, s.number, p.Commitments()) {
		return nil, errors.New("revealing: the commitment under this trustee's number is not its own")
	}
	r := &record.Signed[record.Reveal]{Body: record.Reveal{Manifest: s.hash, Trustee: s.number, Commitments: p.Commitments()}}
	for k, c := range p.Coefficients() {
		// The proof's nonce follows from the secret and what it is for, so a
		// repeated step repeats the proof, and no nonce serves two statements.
		nonce := s.secret.derive("proof", s.hash, k)
		q, err := proof.ProveKnowledge(stretch(nonce), record.KnowledgeContext(s.hash, s.number, k), c)
		if err != nil {
			return nil, fmt.Errorf("revealing: %w", err)
		}
		r.Body.Proofs = append(r.Body.Proofs, q)
	}
	for j := range s.manifest.Trustees {
		sealed, err := s.sealFor(j + 1)
		if err != nil {
			return nil, fmt.Errorf("revealing: share of trustee %d: %w", j+1, err)
		}
		r.Body.Shares = append(r.Body.Shares, sealed)
	}
	return r, r.Sign(record.SignerTrustee(s.number), s.Key())
}

// stretch gives the 64 bytes that one random scalar takes.
func stretch(b [32]byte) *strings.Reader { return strings.NewReader(string(b[:]) + string(b[:])) }

func (s *Seat) sealFor(j int) (record.Bytes, error) {
	share := s.polynomial().Share(j)
	return seal(s.manifest.Trustees[j-1].EncryptionKey, sealInfo(s.hash, s.number, j), share.Reveal(), s.secret.derive("seal", s.hash, j))
}

// A Cheat says that a trustee's share is wrong: the error for which the trustee
// complains instead of confirming.
type Cheat struct {
	Dealer int
	err    error
}

func (c *Cheat) Error() string {
	return fmt.Sprintf("the share that trustee %d sealed is wrong: %v", c.Dealer, c.err)
}

// Unwrap returns the cause.
func (c *Cheat) Unwrap() error { return c.err }

// Share checks the public transcript and every share sealed for this trustee,
// and returns z, its share of the joint key. A wrong share is a *Cheat.
func (s *Seat) Share(c *record.Ceremony) (group.Secret, error) {
	if err := CheckReveals(s.manifest, s.hash, c); err != nil {
		return group.Secret{}, err
	}
	var shares []group.Secret
	for i := range c.Reveals {
		r := c.Reveals[i].Body
		share, err := s.secret.unseal(sealInfo(s.hash, i+1, s.number), r.Shares[s.number-1])
		if err != nil {
			return group.Secret{}, &Cheat{i + 1, err}
		}
		if !threshold.CheckShare(r.Commitments, s.number, share) {
			return group.Secret{}, &Cheat{i + 1, errors.New("it does not fit the commitments")}
		}
		shares = append(shares, share)
	}
	return threshold.AddShares(shares), nil
}

// Confirm is round 3: it checks everything, and agrees to the joint key.
func (s *Seat) Confirm(c *record.Ceremony) (*record.Signed[record.Confirmation], error) {
	if _, err := s.Share(c); err != nil {
		return nil, fmt.Errorf("confirming: %w", err)
	}
	j, err := c.JointKeyOf(s.hash)
	if err != nil {
		return nil, fmt.Errorf("confirming: %w", err)
	}
	x := &record.Signed[record.Confirmation]{Body: record.Confirmation{
		Manifest: s.hash, Trustee: s.number, Transcript: j.Transcript, Key: j.Key,
	}}
	return x, x.Sign(record.SignerTrustee(s.number), s.Key())
}
