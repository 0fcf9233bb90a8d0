// Package keygen is one trustee's side of the key ceremony, as specified in
// docs/spec/ceremony.md: enrol, commit, reveal, confirm, and what follows when
// somebody cheats.
//
// A trustee has one secret, from which its signing key, its encryption key and
// its polynomial for each manifest follow. So a step that was interrupted and is
// done again publishes the same bytes, and a second polynomial for the same
// manifest does not exist.
package keygen

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/cloudflare/circl/hpke"
	"github.com/cloudflare/circl/kem"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/crypto/transcript"
	"github.com/openreferendum/referendum/record"
)

// A SecretTrustee is a trustee's secret: 32 random bytes. It is kept under a
// passphrase, or on a token, and nowhere else.
type SecretTrustee struct{ open func() [32]byte }

// Generate draws a secret.
func Generate(rand io.Reader) (SecretTrustee, error) {
	var b [32]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return SecretTrustee{}, fmt.Errorf("reading randomness: %w", err)
	}
	return fromBytes(b), nil
}

func fromBytes(b [32]byte) SecretTrustee { return SecretTrustee{func() [32]byte { return b }} }

const secretPrefix = "SECRET-REFERENDUM-TRUSTEE-"

// Export returns the secret's text form, to be encrypted and written.
func (s SecretTrustee) Export() string {
	b := s.open()
	return secretPrefix + strings.ToUpper(hex.EncodeToString(b[:]))
}

// ParseSecret reads what Export wrote.
func ParseSecret(text string) (SecretTrustee, error) {
	digits, ok := strings.CutPrefix(text, secretPrefix)
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || len(b) != 32 || fromBytes([32]byte(b)).Export() != text {
		return SecretTrustee{}, errors.New("not the secret of a trustee")
	}
	return fromBytes([32]byte(b)), nil
}

// Format prints a placeholder for every verb.
func (SecretTrustee) Format(f fmt.State, _ rune) { fmt.Fprint(f, "keygen.SecretTrustee(redacted)") }

// LogValue returns a placeholder.
func (SecretTrustee) LogValue() slog.Value { return slog.StringValue("redacted") }

// MarshalJSON always fails.
func (SecretTrustee) MarshalJSON() ([]byte, error) { return nil, errors.New("keygen: secret in JSON") }

// MarshalText always fails.
func (SecretTrustee) MarshalText() ([]byte, error) {
	return nil, errors.New("keygen: secret in a text")
}

// derive implements Algorithm 1.1 of docs/spec/ceremony.md: the first 32 bytes
// of SHA-512 over the secret and what the bytes are for.
func (s SecretTrustee) derive(purpose string, manifest record.Hash, number int) [32]byte {
	secret := s.open()
	t := transcript.New("referendum-v1-derive").Bytes(secret[:]).Text(purpose).Bytes(manifest[:]).Uint(uint64(number))
	sum := sha512.Sum512(t.Message())
	return [32]byte(sum[:32])
}

// SigningKey returns the trustee's Ed25519 key.
func (s SecretTrustee) SigningKey() ed25519.PrivateKey {
	seed := s.derive("signing key", record.Hash{}, 0)
	return ed25519.NewKeyFromSeed(seed[:])
}

// suite is the one HPKE suite (RFC 9180) of the protocol.
var suite = hpke.NewSuite(hpke.KEM_X25519_HKDF_SHA256, hpke.KDF_HKDF_SHA256, hpke.AEAD_ChaCha20Poly1305)

func (s SecretTrustee) encryptionKey() (kem.PublicKey, kem.PrivateKey) {
	seed := s.derive("encryption key", record.Hash{}, 0)
	return hpke.KEM_X25519_HKDF_SHA256.Scheme().DeriveKeyPair(seed[:])
}

// polynomial returns the trustee's polynomial for one manifest.
func (s SecretTrustee) polynomial(manifest record.Hash, t int) threshold.SecretPolynomial {
	var cs []group.Secret
	for k := range t {
		b := s.derive("coefficient", manifest, k)
		cs = append(cs, group.NewSecret(group.HashToScalar("referendum-v1-coefficient", b[:])))
	}
	return threshold.PolynomialFromCoefficients(cs)
}

// sealInfo binds a sealed share to manifest, dealer and receiver.
func sealInfo(manifest record.Hash, from, to int) []byte {
	return transcript.New("referendum-v1-share").Bytes(manifest[:]).Uint(uint64(from)).Uint(uint64(to)).Message()
}

// seal encrypts a share to a trustee's public key: Algorithm 4.1 of
// docs/spec/ceremony.md. The same randomness gives the same bytes, so that a
// defence can be judged.
func seal(to record.Hash, info []byte, share group.Scalar, randomness [32]byte) (record.Bytes, error) {
	pk, err := hpke.KEM_X25519_HKDF_SHA256.Scheme().UnmarshalBinaryPublicKey(to[:])
	if err != nil {
		return nil, fmt.Errorf("sealing a share: %w", err)
	}
	sender, err := suite.NewSender(pk, info)
	if err != nil {
		return nil, fmt.Errorf("sealing a share: %w", err)
	}
	enc, sealer, err := sender.Setup(bytes.NewReader(randomness[:])) // takes all 32 bytes, as ikmE
	if err != nil {
		return nil, fmt.Errorf("sealing a share: %w", err)
	}
	ct, err := sealer.Seal(share.Bytes(), nil)
	if err != nil {
		return nil, fmt.Errorf("sealing a share: %w", err)
	}
	return append(enc, ct...), nil
}

func (s SecretTrustee) unseal(info []byte, sealed record.Bytes) (group.Secret, error) {
	if len(sealed) != record.SealedShareSize {
		return group.Secret{}, fmt.Errorf("%d bytes instead of %d", len(sealed), record.SealedShareSize)
	}
	_, sk := s.encryptionKey()
	receiver, err := suite.NewReceiver(sk, info)
	if err != nil {
		return group.Secret{}, err
	}
	opener, err := receiver.Setup(sealed[:32])
	if err != nil {
		return group.Secret{}, errors.New("does not open")
	}
	b, err := opener.Open(sealed[32:], nil)
	if err != nil {
		return group.Secret{}, errors.New("does not open")
	}
	share, err := group.ParseScalar(b)
	if err != nil {
		return group.Secret{}, err
	}
	return group.NewSecret(share), nil
}
