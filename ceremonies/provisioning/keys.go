// Package provisioning makes what stands around a key ceremony: signing keys of
// authority, stations and officials, the manifest, signed rolls, and the folder
// that is carried to a station (docs/spec/ceremony.md, Section 7).
package provisioning

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/openreferendum/referendum/record"
)

// A SecretKey is an Ed25519 signing key of the authority, a station or an
// official. It cannot be printed but by Export.
type SecretKey struct{ open func() ed25519.PrivateKey }

// GenerateKey draws a key.
func GenerateKey(random io.Reader) (SecretKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return SecretKey{}, fmt.Errorf("reading randomness: %w", err)
	}
	return fromSeed(seed), nil
}

func fromSeed(seed []byte) SecretKey {
	k := ed25519.NewKeyFromSeed(seed)
	return SecretKey{func() ed25519.PrivateKey { return k }}
}

const keyPrefix = "SECRET-REFERENDUM-SIGNING-"

// Export returns the key's text form, to be encrypted and written.
func (k SecretKey) Export() string {
	return keyPrefix + strings.ToUpper(hex.EncodeToString(k.open().Seed()))
}

// ParseKey reads what Export wrote.
func ParseKey(text string) (SecretKey, error) {
	digits, ok := strings.CutPrefix(text, keyPrefix)
	seed, err := hex.DecodeString(digits)
	if !ok || err != nil || len(seed) != ed25519.SeedSize || fromSeed(seed).Export() != text {
		return SecretKey{}, errors.New("not a signing key")
	}
	return fromSeed(seed), nil
}

// Signer returns the key for signing.
func (k SecretKey) Signer() ed25519.PrivateKey { return k.open() }

// Public returns the public half.
func (k SecretKey) Public() record.Key { return record.Key(k.open().Public().(ed25519.PublicKey)) }

// Format prints a placeholder for every verb.
func (SecretKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, "provisioning.SecretKey(redacted)") }

// LogValue returns a placeholder.
func (SecretKey) LogValue() slog.Value { return slog.StringValue("redacted") }

// MarshalJSON always fails.
func (SecretKey) MarshalJSON() ([]byte, error) { return nil, errors.New("provisioning: key in JSON") }

// MarshalText always fails.
func (SecretKey) MarshalText() ([]byte, error) { return nil, errors.New("provisioning: key in a text") }

// Roll signs a station's roll from the holders' identifiers, in any order. Two
// equal identifiers are an error.
func Roll(e *record.Election, station string, holders []string, authority SecretKey) (*record.Signed[record.Roll], error) {
	r := &record.Signed[record.Roll]{Body: record.Roll{Election: e.ID, Station: station, Voters: []record.Voter{}}}
	for _, h := range holders {
		r.Body.Voters = append(r.Body.Voters, record.VoterOf(e.ID, h))
	}
	slices.SortFunc(r.Body.Voters, func(a, b record.Voter) int { return strings.Compare(string(a[:]), string(b[:])) })
	if err := r.Body.Validate(); err != nil {
		return nil, fmt.Errorf("roll of station %q: %w", station, err)
	}
	if err := r.Sign(record.SignerAuthority, authority.Signer()); err != nil {
		return nil, err
	}
	if err := record.CheckRoll(e, station, r); err != nil {
		return nil, err
	}
	return r, nil
}

// maxHolder bounds a card holder's identifier, in bytes, as the station does.
const maxHolder = 128

// ParseHolders reads a list of card holders' identifiers: UTF-8 text, one a
// line, without empty lines or white space around, none twice. Its errors name
// lines and nobody.
func ParseHolders(b []byte) ([]string, error) {
	text, whole := strings.CutSuffix(string(b), "\n")
	if text == "" && !whole {
		return nil, nil
	}
	if !whole || !utf8.ValidString(text) {
		return nil, errors.New("list of voters: not lines of UTF-8 text")
	}
	holders := strings.Split(text, "\n")
	if len(holders) > record.MaxRegistered {
		return nil, fmt.Errorf("list of voters: %d lines, allowed are %d", len(holders), record.MaxRegistered)
	}
	lines := map[string]int{}
	for i, h := range holders {
		if h == "" || len(h) > maxHolder || strings.TrimSpace(h) != h || strings.ContainsFunc(h, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return nil, fmt.Errorf("list of voters: line %d is no identifier: empty, longer than %d bytes, or with white space or unprintable characters", i+1, maxHolder)
		}
		if lines[h] > 0 {
			return nil, fmt.Errorf("list of voters: line %d is line %d again", i+1, lines[h])
		}
		lines[h] = i + 1
	}
	return holders, nil
}
