package station

import (
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationtest"
)

// TestOfficialOf lets poll workers and everybody else sign.
func TestOfficialOf(t *testing.T) {
	w := stationtest.NewWorld(record.Live, 1)
	place, _ := w.Election.Station(stationtest.Station)
	rehearsal := stationtest.NewWorld(record.Rehearsal, 1).Election
	nonce := [32]byte{7}
	id := w.Election.ID
	message := record.OfficialMessage(id, stationtest.Station, record.PurposeResume, nonce)
	first := w.Officials[0]
	sign := func(m []byte) []byte { return ed25519.Sign(first, m) }
	stranger := ed25519.NewKeyFromSeed(make([]byte, 32))
	for i, key := range w.Officials {
		if n, err := OfficialOf(place, key.Public(), message, ed25519.Sign(key, message)); err != nil || n != i+1 {
			t.Errorf("official %d is %d, %v", i+1, n, err)
		}
	}
	for _, test := range []struct {
		name      string
		key       crypto.PublicKey
		signature []byte
		text      string // "": no official
	}{
		{"a stranger", stranger.Public(), ed25519.Sign(stranger, message), ""},
		{"the station itself", w.Key.Public(), ed25519.Sign(w.Key, message), ""},
		{"no key", nil, sign(message), ""},
		{"half a key", ed25519.PublicKey(place.Officials[0][:31]), sign(message), ""},
		{"a voter's card", stationtest.Key(elliptic.P256(), "k").Public(), sign(message), ""},
		{"another official's signature", w.Officials[1].Public(), sign(message), "official 2: the signature does not verify"},
		{"no signature", first.Public(), nil, "does not verify"},
		{"a signature of zeros", first.Public(), make([]byte, 64), "does not verify"},
		{"trailing byte", first.Public(), append(sign(message), 0), "does not verify"},
		{"hashed", first.Public(), sign(hashed(message)), "does not verify"},
		{"another purpose", first.Public(), sign(record.OfficialMessage(id, stationtest.Station, record.PurposeOpen, nonce)), "does not verify"},
		{"another time", first.Public(), sign(record.OfficialMessage(id, stationtest.Station, record.PurposeResume, [32]byte{8})), "does not verify"},
		{"another station", first.Public(), sign(record.OfficialMessage(id, "09007-010-0001-0002", record.PurposeResume, nonce)), "does not verify"},
		{"a rehearsal", first.Public(), sign(record.OfficialMessage(rehearsal.ID, stationtest.Station, record.PurposeResume, nonce)), "does not verify"},
		{"an attendance", first.Public(), sign(record.AttendanceMessage(id, stationtest.Station, nonce)), "does not verify"},
	} {
		n, err := OfficialOf(place, test.key, message, test.signature)
		if n != 0 || err == nil || test.text == "" != errors.Is(err, ErrNotOfficial) || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: official %d, error %v", test.name, n, err)
		}
	}
}

func hashed(m []byte) []byte {
	h := record.FileHash(m)
	return h[:]
}
