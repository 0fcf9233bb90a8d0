package station

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"github.com/openreferendum/referendum/record"
)

// ErrNotOfficial is returned for a key that is none of the station's poll
// workers. The program logs it, and tells whoever is there.
var ErrNotOfficial = errors.New("not the key of an official of this station")

// OfficialOf returns which poll worker of a station, numbered from 1, has signed
// a message: that of record.OfficialMessage for a fresh nonce, or of a closing statement.
// The key is what the signer says that it signed with.
func OfficialOf(place record.Station, key crypto.PublicKey, message, signature []byte) (int, error) {
	public, ok := key.(ed25519.PublicKey)
	if !ok || len(public) != ed25519.PublicKeySize {
		return 0, ErrNotOfficial
	}
	i := slices.Index(place.Officials, record.Key(public))
	if i < 0 {
		return 0, ErrNotOfficial
	}
	if !ed25519.Verify(public, message, signature) {
		return 0, fmt.Errorf("official %d: the signature does not verify", i+1)
	}
	return i + 1, nil
}
