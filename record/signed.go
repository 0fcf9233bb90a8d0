package record

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"

	"github.com/openreferendum/referendum/crypto/transcript"
)

// A Key is an Ed25519 public key (RFC 8032).
type Key = Hash

// A Signature is one Ed25519 signature and who made it.
type Signature struct {
	Signer    string        `json:"signer"`
	Signature signatureText `json:"signature"`
}

type signatureText [ed25519.SignatureSize]byte

// MarshalText returns 128 hexadecimal digits.
func (s signatureText) MarshalText() ([]byte, error) { return Bytes(s[:]).MarshalText() }

// UnmarshalText decodes what MarshalText made.
func (s *signatureText) UnmarshalText(text []byte) error { return decodeHex(s[:], text) }

// Signers of a record's documents, as they stand in Signature.Signer.
const (
	SignerAuthority = "authority"
	SignerEnrolment = "trustee" // before it has a number
)

// SignerTrustee names trustee i, from 1.
func SignerTrustee(i int) string { return fmt.Sprintf("trustee-%d", i) }

// SignerStation names a station.
func SignerStation(id string) string { return "station:" + id }

// SignerOfficial names the i-th official of a station, from 1.
func SignerOfficial(i int) string { return fmt.Sprintf("official-%d", i) }

// A body is what is signed: it says what kind of document it is, so that a
// signature for one kind never serves for another.
type body interface {
	document
	kind() string
}

// Signed is a document with the signatures over it, in the order of
// docs/spec/record.md, Section 3.
type Signed[T body] struct {
	Body       T           `json:"body"`
	Signatures []Signature `json:"signatures"`
}

// maxSignatures bounds the signatures of one document.
const maxSignatures = 64

// Validate refuses a malformed body, no signatures, or two by one signer. It
// does not check the signatures: see Signed.Check.
func (s Signed[T]) Validate() error {
	if err := s.Body.Validate(); err != nil {
		return err
	}
	if len(s.Signatures) == 0 || len(s.Signatures) > maxSignatures {
		return fmt.Errorf("%d signatures", len(s.Signatures))
	}
	seen := map[string]bool{}
	for _, g := range s.Signatures {
		if seen[g.Signer] {
			return fmt.Errorf("two signatures by %q", g.Signer)
		}
		seen[g.Signer] = true
	}
	return nil
}

// message returns the bytes that are signed: kind and canonical encoding of the
// body.
func message(b body) ([]byte, error) {
	encoded, err := Marshal(b)
	if err != nil {
		return nil, err
	}
	return transcript.New("referendum-v1-signature").Text(b.kind()).Bytes(encoded).Message(), nil
}

// Sign appends signer's signature. The key is Ed25519, in memory or in a
// device; rand may be nil, Ed25519 needs none.
func (s *Signed[T]) Sign(signer string, key crypto.Signer) error {
	m, err := message(s.Body)
	if err != nil {
		return fmt.Errorf("signing %s: %w", s.Body.kind(), err)
	}
	sig, err := key.Sign(noRandomness{}, m, crypto.Hash(0))
	if err != nil {
		return fmt.Errorf("signing %s: %w", s.Body.kind(), err)
	}
	if len(sig) != ed25519.SignatureSize {
		return fmt.Errorf("signing %s: not an Ed25519 key", s.Body.kind())
	}
	s.Signatures = append(s.Signatures, Signature{signer, signatureText(sig)})
	return nil
}

// noRandomness stands where crypto.Signer wants a source that Ed25519 ignores.
type noRandomness struct{}

func (noRandomness) Read([]byte) (int, error) {
	return 0, errors.New("record: Ed25519 needs no randomness")
}

var _ io.Reader = noRandomness{}

// Message returns what every signer signs, for one whose key is elsewhere.
func (s *Signed[T]) Message() ([]byte, error) { return message(s.Body) }

// Check reports whether signer signed this document with key.
func (s *Signed[T]) Check(signer string, key Key) error {
	for _, g := range s.Signatures {
		if g.Signer != signer {
			continue
		}
		m, err := message(s.Body)
		if err != nil {
			return err
		}
		if !ed25519.Verify(key[:], m, g.Signature[:]) {
			return fmt.Errorf("signature of %s does not verify", signer)
		}
		return nil
	}
	return fmt.Errorf("no signature of %s", signer)
}

// Required is one signature that a document must carry.
type Required struct {
	Signer string
	Key    Key
}

// CheckOnly reports whether the document carries exactly the required
// signatures, in that order, and all of them verify.
func (s *Signed[T]) CheckOnly(required ...Required) error {
	if len(s.Signatures) != len(required) {
		return fmt.Errorf("%d signatures instead of %d", len(s.Signatures), len(required))
	}
	for i, r := range required {
		if s.Signatures[i].Signer != r.Signer {
			return fmt.Errorf("signature %d is of %q instead of %q", i+1, s.Signatures[i].Signer, r.Signer)
		}
		if err := s.Check(r.Signer, r.Key); err != nil {
			return err
		}
	}
	return nil
}

// ParseSigned decodes a signed document; the type says of which kind. It does
// not check the signatures.
func ParseSigned[T body](b []byte) (*Signed[T], error) {
	var zero T
	s, err := parseDocument[Signed[T]](zero.kind(), limitOf(zero.kind()), b)
	if err != nil {
		return nil, err
	}
	return &s, nil
}
