package provisioning

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"regexp"
	"unicode"

	"github.com/openreferendum/referendum/crypto/transcript"
	"github.com/openreferendum/referendum/record"
)

// Roles of the keys that a manifest names beside the trustees'.
const (
	RoleAuthority = "authority"
	RoleStation   = "station"
	RoleOfficial  = "official"
)

// A KeyRequest asks for a public key to stand in the manifest. It is signed
// with the key itself, so nobody asks for a key that he does not hold:
// docs/spec/ceremony.md, Section 7.1.
type KeyRequest struct {
	Role      string       `json:"role"`
	Station   string       `json:"station"` // "" for the authority
	Name      string       `json:"name"`    // who holds the key, for the people who assemble the manifest
	Key       record.Key   `json:"key"`
	Signature record.Bytes `json:"signature"`
}

// MaxRequest bounds an encoded key request, in bytes.
const MaxRequest = 4096

var identifier = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)

func (r *KeyRequest) message() []byte {
	return transcript.New("referendum-v1-key-request").Text(r.Role).Text(r.Station).Text(r.Name).Bytes(r.Key[:]).Message()
}

// NewKeyRequest makes and signs a request. The key is Ed25519, in memory or in
// a device.
func NewKeyRequest(role, station, name string, key crypto.Signer) (*KeyRequest, error) {
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("key request: not an Ed25519 key")
	}
	r := &KeyRequest{Role: role, Station: station, Name: name, Key: record.Key(public)}
	var err error
	if r.Signature, err = key.Sign(nil, r.message(), crypto.Hash(0)); err != nil {
		return nil, fmt.Errorf("key request: %w", err)
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return r, nil
}

// ParseKeyRequest decodes a request and checks its signature.
func ParseKeyRequest(b []byte) (*KeyRequest, error) {
	r := new(KeyRequest)
	if err := parseCanonical(b, MaxRequest, r); err != nil {
		return nil, fmt.Errorf("key request: %w", err)
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *KeyRequest) check() error {
	switch r.Role {
	case RoleAuthority:
		if r.Station != "" {
			return errors.New("key request: an authority has no station")
		}
	case RoleStation, RoleOfficial:
		if !identifier.MatchString(r.Station) {
			return fmt.Errorf("key request: station %q is not an identifier (a-z, 0-9, dot and dash, at most 64)", r.Station)
		}
	default:
		return fmt.Errorf("key request: role %q is none of %s, %s, %s", r.Role, RoleAuthority, RoleStation, RoleOfficial)
	}
	if r.Name == "" || len(r.Name) > 256 {
		return errors.New("key request: name missing or too long")
	}
	for _, c := range r.Name {
		if !unicode.IsPrint(c) {
			return fmt.Errorf("key request: name: character %U is not allowed", c)
		}
	}
	if len(r.Signature) != ed25519.SignatureSize || !ed25519.Verify(r.Key[:], r.message(), r.Signature) {
		return errors.New("key request: not signed with the key it asks for")
	}
	return nil
}
