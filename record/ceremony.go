package record

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// An Enrolment publishes a trustee's two public keys, signed with the first:
// round 0 of the key ceremony (docs/spec/ceremony.md, Section 2).
type Enrolment struct {
	Name          string `json:"name"`
	SigningKey    Key    `json:"signingKey"`
	EncryptionKey Hash   `json:"encryptionKey"`
}

func (Enrolment) kind() string { return "enrolment" }

// Validate refuses a name that cannot be shown, and keys that are none.
func (e Enrolment) Validate() error {
	if err := CheckName(e.Name); err != nil {
		return fmt.Errorf("name: %w", err)
	}
	if err := CheckSigningKey(e.SigningKey); err != nil {
		return err
	}
	return CheckEncryptionKey(e.EncryptionKey)
}

// A Commitment binds trustee i to its coefficient commitments before it has
// seen the others': round 1.
type Commitment struct {
	Manifest Hash `json:"manifest"`
	Trustee  int  `json:"trustee"`
	Digest   Hash `json:"digest"` // CommitmentDigest of what round 2 reveals
}

func (Commitment) kind() string { return "commitment" }

// Validate refuses an impossible trustee.
func (c Commitment) Validate() error { return checkTrustee(c.Trustee) }

// CommitmentDigest is Algorithm 3.1 of docs/spec/ceremony.md.
func CommitmentDigest(manifest Hash, trustee int, commitments []group.Element) Hash {
	t := transcript.New("referendum-v1-commitment").Bytes(manifest[:]).Uint(uint64(trustee))
	for _, k := range commitments {
		t.Bytes(k.Bytes())
	}
	return t.Sum()
}

// A Reveal opens the commitment, proves knowledge of every coefficient, and
// carries one sealed share for each trustee: round 2.
type Reveal struct {
	Manifest    Hash              `json:"manifest"`
	Trustee     int               `json:"trustee"`
	Commitments []group.Element   `json:"commitments"` // t: K_i0 … K_i,t−1
	Proofs      []proof.Knowledge `json:"proofs"`      // t
	Shares      []Bytes           `json:"shares"`      // n: HPKE-sealed P_i(1) … P_i(n), 80 bytes each
}

// SealedShareSize is the length in bytes of a sealed share: the HPKE
// encapsulated key, the 32-byte share and the authentication tag.
const SealedShareSize = 32 + 32 + 16

func (Reveal) kind() string { return "reveal" }

// Validate refuses the identity among the commitments and lists of impossible
// length.
func (r Reveal) Validate() error {
	if err := checkTrustee(r.Trustee); err != nil {
		return err
	}
	if err := threshold.CheckQuorum(len(r.Commitments), len(r.Shares)); err != nil {
		return err
	}
	if len(r.Proofs) != len(r.Commitments) {
		return fmt.Errorf("%d proofs for %d commitments", len(r.Proofs), len(r.Commitments))
	}
	for k, c := range r.Commitments {
		if c.IsZero() || c.IsIdentity() {
			return fmt.Errorf("commitment %d: the identity is not allowed", k)
		}
	}
	for j, s := range r.Shares {
		if len(s) != SealedShareSize {
			return fmt.Errorf("share %d: %d bytes instead of %d", j+1, len(s), SealedShareSize)
		}
	}
	return nil
}

// KnowledgeContext is what the Schnorr proof of trustee i's coefficient k is
// bound to: docs/spec/ceremony.md, Section 4.
func KnowledgeContext(manifest Hash, trustee, k int) []byte {
	return transcript.New("referendum-v1-coefficient").Bytes(manifest[:]).Uint(uint64(trustee)).Uint(uint64(k)).Message()
}

// A Confirmation says that trustee i has checked every share and agrees to the
// joint key that the transcript gives: round 3.
type Confirmation struct {
	Manifest   Hash          `json:"manifest"`
	Trustee    int           `json:"trustee"`
	Transcript Hash          `json:"transcript"` // TranscriptHash
	Key        group.Element `json:"key"`
}

func (Confirmation) kind() string { return "confirmation" }

// Validate refuses an impossible trustee or key.
func (c Confirmation) Validate() error {
	if c.Key.IsZero() || c.Key.IsIdentity() {
		return errors.New("key: the identity is not allowed")
	}
	return checkTrustee(c.Trustee)
}

// A Complaint says that the share trustee Against sealed for trustee Trustee
// does not open, or does not fit the commitments: round 3, instead of a
// confirmation.
type Complaint struct {
	Manifest Hash `json:"manifest"`
	Trustee  int  `json:"trustee"` // who complains
	Against  int  `json:"against"`
}

func (Complaint) kind() string { return "complaint" }

// Validate refuses impossible trustees.
func (c Complaint) Validate() error {
	if err := checkTrustee(c.Trustee); err != nil {
		return err
	}
	return checkTrustee(c.Against)
}

// A Defence answers a complaint: the share in clear and the randomness it was
// sealed with, so that anybody seals again, compares, and sees who cheated. A
// share that was published is worth nothing any more: the ceremony begins anew.
type Defence struct {
	Manifest   Hash         `json:"manifest"`
	Trustee    int          `json:"trustee"` // who answers: Complaint.Against
	For        int          `json:"for"`     // Complaint.Trustee
	Share      group.Scalar `json:"share"`
	Randomness Hash         `json:"randomness"`
}

func (Defence) kind() string { return "defence" }

// Validate refuses impossible trustees.
func (d Defence) Validate() error {
	if err := checkTrustee(d.Trustee); err != nil {
		return err
	}
	return checkTrustee(d.For)
}

// A JointKey is the outcome of the ceremony, the same for every trustee; its
// bytes enter H_E.
type JointKey struct {
	Version      string          `json:"version"`
	Manifest     Hash            `json:"manifest"`
	Transcript   Hash            `json:"transcript"`
	Key          group.Element   `json:"key"`          // K
	PublicShares []group.Element `json:"publicShares"` // n: Z_1 … Z_n
}

// ParseJointKey decodes and validates a joint key record.
func ParseJointKey(b []byte) (*JointKey, error) {
	return parseDocument[*JointKey]("joint key", maxCeremony, b)
}

// Validate refuses the identity and impossible numbers of shares.
func (j *JointKey) Validate() error {
	if j == nil {
		return errors.New("missing")
	}
	if j.Version != Version {
		return fmt.Errorf("version: %q instead of %q", j.Version, Version)
	}
	if j.Key.IsZero() || j.Key.IsIdentity() {
		return errors.New("key: the identity is not allowed")
	}
	if len(j.PublicShares) < 1 || len(j.PublicShares) > threshold.MaxTrustees {
		return fmt.Errorf("%d public shares", len(j.PublicShares))
	}
	for i, z := range j.PublicShares {
		if z.IsZero() || z.IsIdentity() {
			return fmt.Errorf("public share %d: the identity is not allowed", i+1)
		}
	}
	return nil
}

func checkTrustee(i int) error {
	if i < 1 || i > threshold.MaxTrustees {
		return fmt.Errorf("trustee %d: numbers go from 1 to %d", i, threshold.MaxTrustees)
	}
	return nil
}

// A Ceremony is the public transcript, complete after round 3; index i−1 holds
// what trustee i published.
type Ceremony struct {
	Enrolments    []Signed[Enrolment]
	Commitments   []Signed[Commitment]
	Reveals       []Signed[Reveal]
	Confirmations []Signed[Confirmation]
}

// TranscriptHash is Algorithm 5.1 of docs/spec/ceremony.md: over the canonical
// bytes of all enrolments, commitments and reveals, in the trustees' order.
func (c *Ceremony) TranscriptHash(manifest Hash) (Hash, error) {
	t := transcript.New("referendum-v1-transcript").Bytes(manifest[:])
	add := func(v any) error {
		b, err := Marshal(v)
		t.Bytes(b)
		return err
	}
	for i := range c.Reveals {
		if err := errors.Join(add(c.Enrolments[i]), add(c.Commitments[i]), add(c.Reveals[i])); err != nil {
			return Hash{}, err
		}
	}
	return t.Sum(), nil
}
