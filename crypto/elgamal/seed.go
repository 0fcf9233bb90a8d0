package elgamal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// SeedSize is the length in bytes of a ballot seed ξ.
const SeedSize = 32

// A SecretSeed is ξ, from which all nonces of one ballot follow. It opens the
// ballot: it is kept only until the voter casts, and published only when the
// voter challenges. The zero value holds nothing: using it panics.
type SecretSeed struct{ open func() [SeedSize]byte }

// GenerateSeed reads a fresh seed from rand.
func GenerateSeed(rand io.Reader) (SecretSeed, error) {
	var b [SeedSize]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return SecretSeed{}, fmt.Errorf("reading randomness: %w", err)
	}
	return SeedFromBytes(b), nil
}

// SeedFromBytes wraps a seed that a challenge has published, or a test's.
func SeedFromBytes(b [SeedSize]byte) SecretSeed {
	return SecretSeed{func() [SeedSize]byte { return b }}
}

// Export returns ξ itself, to be published in a challenge.
func (s SecretSeed) Export() [SeedSize]byte { return s.open() }

// Nonce implements Algorithm 3.2 of docs/spec/crypto.md:
// r(q,i) = HashToScalar(H_E ‖ ξ ‖ q ‖ i), with q and i counted from 1.
func (s SecretSeed) Nonce(election [32]byte, question, option int) group.Secret {
	xi := s.open()
	t := transcript.New("nonce").Bytes(election[:]).Bytes(xi[:]).Uint(uint64(question)).Uint(uint64(option))
	return group.NewSecret(group.HashToScalar("referendum-v1-nonce", t.Message()))
}

// Format prints a placeholder for every verb.
func (SecretSeed) Format(f fmt.State, _ rune) { fmt.Fprint(f, "elgamal.SecretSeed(redacted)") }

// LogValue returns a placeholder.
func (SecretSeed) LogValue() slog.Value { return slog.StringValue("redacted") }

// MarshalJSON always fails.
func (SecretSeed) MarshalJSON() ([]byte, error) { return nil, errors.New("elgamal: seed in JSON") }

// MarshalText always fails.
func (SecretSeed) MarshalText() ([]byte, error) { return nil, errors.New("elgamal: seed in a text") }

// ParseSeed decodes the hexadecimal form printed by a challenge.
func ParseSeed(text string) (SecretSeed, error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != SeedSize || hex.EncodeToString(b) != text {
		return SecretSeed{}, errors.New("ballot seed: not 64 lower-case hexadecimal digits")
	}
	return SeedFromBytes([SeedSize]byte(b)), nil
}
