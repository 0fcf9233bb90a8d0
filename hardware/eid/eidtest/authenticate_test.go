package eidtest_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

var message = []byte("a challenge that binds election, station and purpose")

// object is a data object with a length of one, two or three bytes.
func object(tag byte, value []byte) []byte {
	n := len(value)
	switch {
	case n < 0x80:
		return slices.Concat([]byte{tag, byte(n)}, value)
	case n < 0x100:
		return slices.Concat([]byte{tag, 0x81, byte(n)}, value)
	}
	return slices.Concat([]byte{tag, 0x82, byte(n >> 8), byte(n)}, value)
}

// request is the template that asks for an answer to a challenge (0x81) or a point (0x85).
func request(tag byte, value []byte) []byte {
	return object(0x7C, slices.Concat([]byte{0x82, 0}, object(tag, value)))
}

// authenticate sends the template, in short chained pieces or in one extended command, and puts the
// pieces of the answer together.
func authenticate(t testing.TB, card *eidtest.Card, algorithm, slot byte, template []byte, extended bool) ([]byte, uint16) {
	t.Helper()
	header := []byte{0x00, 0x87, algorithm, slot}
	if extended {
		return transmit(t, card, slices.Concat(header, []byte{0, byte(len(template) >> 8), byte(len(template))}, template, []byte{0, 0}))
	}
	for len(template) > 255 {
		chained := slices.Concat([]byte{0x10}, header[1:], []byte{255}, template[:255])
		if data, status := transmit(t, card, chained); status != 0x9000 || len(data) > 0 {
			return data, status
		}
		template = template[255:]
	}
	answer, status := transmit(t, card, slices.Concat(header, []byte{byte(len(template))}, template, []byte{0}))
	for status>>8 == 0x61 {
		var piece []byte
		piece, status = transmit(t, card, []byte{0, 0xC0, 0, 0, byte(status)})
		answer = append(answer, piece...)
	}
	return answer, status
}

// response takes the answer out of its template.
func response(t testing.TB, answer []byte) []byte {
	t.Helper()
	for _, tag := range []byte{0x7C, 0x82} {
		var value []byte
		switch {
		case len(answer) > 1 && answer[1] < 0x80:
			value = answer[2:]
		case len(answer) > 2 && answer[1] == 0x81:
			value = answer[3:]
		case len(answer) > 3 && answer[1] == 0x82:
			value = answer[4:]
		}
		if value == nil || !bytes.Equal(object(tag, value), answer) {
			t.Fatalf("no data object %02X: %x", tag, answer)
		}
		answer = value
	}
	return answer
}

// padded is a SHA-256 hash as RSASSA-PKCS1-v1_5 signs it (RFC 8017, Section 9.2).
func padded(hash []byte, size int) []byte {
	info := []byte{0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}
	block := bytes.Repeat([]byte{0xFF}, size)
	block[0], block[1], block[size-len(info)-len(hash)-1] = 0, 1, 0
	copy(block[size-len(hash)-len(info):], slices.Concat(info, hash))
	return block
}

// kinds of keys, with what is sent to be signed and how Go checks the signature.
var kinds = []struct {
	name      string
	algorithm byte
	challenge func(crypto.PublicKey) []byte
	verify    func(crypto.PublicKey, []byte) bool
}{
	{"ecdsa-p256", 0x11, hash256, func(k crypto.PublicKey, s []byte) bool {
		return ecdsa.VerifyASN1(k.(*ecdsa.PublicKey), hash256(nil), s)
	}},
	{"ecdsa-p384", 0x14, hash384, func(k crypto.PublicKey, s []byte) bool {
		return ecdsa.VerifyASN1(k.(*ecdsa.PublicKey), hash384(nil), s)
	}},
	{"rsa-2048", 0x07, hashPadded, verifyRSA},
	{"rsa-3072", 0x05, hashPadded, verifyRSA},
	{"ed25519", 0xE0, func(crypto.PublicKey) []byte { return message }, func(k crypto.PublicKey, s []byte) bool {
		return ed25519.Verify(k.(ed25519.PublicKey), message, s)
	}},
}

func hash256(crypto.PublicKey) []byte { h := sha256.Sum256(message); return h[:] }
func hash384(crypto.PublicKey) []byte { h := sha512.Sum384(message); return h[:] }
func hashPadded(k crypto.PublicKey) []byte {
	return padded(hash256(nil), k.(*rsa.PublicKey).Size())
}
func verifyRSA(k crypto.PublicKey, s []byte) bool {
	return rsa.VerifyPKCS1v15(k.(*rsa.PublicKey), crypto.SHA256, hash256(nil), s) == nil
}

func TestSignatures(t *testing.T) {
	for _, kind := range kinds {
		for _, extended := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s extended=%v", kind.name, extended), func(t *testing.T) {
				key := newKey(t, kind.name)
				card := eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{0x9C: slot(t, key, eidtest.PINEach)}})
				expect(t, card, selectHex, 0x9000)
				template := request(0x81, kind.challenge(key.Public()))
				if _, status := authenticate(t, card, kind.algorithm, 0x9C, template, extended); status != 0x6982 {
					t.Errorf("without the PIN: %04X", status)
				}
				expect(t, card, verifyHex, 0x9000)
				answer, status := authenticate(t, card, kind.algorithm, 0x9C, template, extended)
				if status != 0x9000 {
					t.Fatalf("status %04X", status)
				}
				if !kind.verify(key.Public(), response(t, answer)) {
					t.Error("the signature is wrong")
				}
				for _, other := range []byte{0x00, 0x03, 0x05, 0x06, 0x07, 0x11, 0x14, 0xE0, 0xE1} {
					expect(t, card, verifyHex, 0x9000)
					if _, status := authenticate(t, card, other, 0x9C, template, extended); other != kind.algorithm && status != 0x6A86 {
						t.Errorf("as algorithm %02X: %04X", other, status)
					}
				}
			})
		}
	}
}

// TestBadChallenges: of the right algorithm, but of a length or value that the key cannot sign.
func TestBadChallenges(t *testing.T) {
	rsaKey := newKey(t, "rsa-2048").(*rsa.PrivateKey)
	card := eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{
		0x9A: slot(t, newKey(t, "ecdsa-p256"), eidtest.PINNone),
		0x9C: slot(t, rsaKey, eidtest.PINNone),
		0x9D: slot(t, newKey(t, "ecdsa-p384"), eidtest.PINNone),
		0x9E: slot(t, newKey(t, "ed25519"), eidtest.PINNone),
	}})
	expect(t, card, selectHex, 0x9000)
	peer, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point := peer.PublicKey().Bytes()
	off := bytes.Clone(point)
	off[64] ^= 1
	for name, c := range map[string]struct {
		algorithm, slot, tag byte
		value                []byte
	}{
		"P-256, nothing":         {0x11, 0x9A, 0x81, nil},
		"P-256, 33 bytes":        {0x11, 0x9A, 0x81, make([]byte, 33)},
		"P-384, 49 bytes":        {0x14, 0x9D, 0x81, make([]byte, 49)},
		"RSA, nothing":           {0x07, 0x9C, 0x81, nil},
		"RSA, 32 bytes":          {0x07, 0x9C, 0x81, make([]byte, 32)},
		"RSA, 257 bytes":         {0x07, 0x9C, 0x81, make([]byte, 257)},
		"RSA, the modulus":       {0x07, 0x9C, 0x81, rsaKey.N.Bytes()},
		"RSA, all ones":          {0x07, 0x9C, 0x81, bytes.Repeat([]byte{0xFF}, 256)},
		"RSA, a point":           {0x07, 0x9C, 0x85, point},
		"Ed25519, nothing":       {0xE0, 0x9E, 0x81, nil},
		"Ed25519, a point":       {0xE0, 0x9E, 0x85, point},
		"no point":               {0x11, 0x9A, 0x85, nil},
		"the point at infinity":  {0x11, 0x9A, 0x85, []byte{0}},
		"a point off the curve":  {0x11, 0x9A, 0x85, off},
		"a compressed point":     {0x11, 0x9A, 0x85, slices.Concat([]byte{2}, point[1:33])},
		"a point of the other":   {0x14, 0x9D, 0x85, point},
		"a point cut off":        {0x11, 0x9A, 0x85, point[:64]},
		"a point and a bit more": {0x11, 0x9A, 0x85, append(bytes.Clone(point), 0)},
	} {
		for _, extended := range []bool{false, true} {
			if _, status := authenticate(t, card, c.algorithm, c.slot, request(c.tag, c.value), extended); status != 0x6A80 {
				t.Errorf("%s (extended=%v): %04X", name, extended, status)
			}
		}
	}
}

func TestKeyAgreement(t *testing.T) {
	key := newKey(t, "ecdsa-p384").(*ecdsa.PrivateKey)
	card := eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{0x9D: slot(t, key, eidtest.PINOnce)}})
	peer, err := ecdh.P384().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own, err := key.PublicKey.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	want, err := peer.ECDH(own)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, card, selectHex, 0x9000, verifyHex, 0x9000)
	answer, status := authenticate(t, card, 0x14, 0x9D, request(0x85, peer.PublicKey().Bytes()), false)
	if status != 0x9000 || !bytes.Equal(response(t, answer), want) {
		t.Errorf("status %04X, secret %x, want %x", status, answer, want)
	}
}

// TestUnusableKeys: keys that no PIV card holds sign nothing.
func TestUnusableKeys(t *testing.T) {
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	large := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 4095), E: 65537}}
	for name, key := range map[string]crypto.Signer{"none": nil, "P-521": p521, "RSA-4096": large, "short Ed25519": ed25519.PrivateKey{1}} {
		card := eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{0x9A: {Key: key, PIN: eidtest.PINNone}}})
		expect(t, card, selectHex, 0x9000)
		for algorithm := range 256 {
			if _, status := authenticate(t, card, byte(algorithm), 0x9A, request(0x81, make([]byte, 32)), false); status != 0x6A86 {
				t.Errorf("%s as algorithm %02X: %04X", name, algorithm, status)
			}
		}
	}
}

func TestCommandChaining(t *testing.T) {
	key := newKey(t, "rsa-2048")
	card := eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{
		0x9A: slot(t, key, eidtest.PINNone), 0x9C: slot(t, key, eidtest.PINNone), 0x9E: slot(t, newKey(t, "ed25519"), eidtest.PINNone)}})
	expect(t, card, selectHex, 0x9000)
	template := request(0x81, hashPadded(key.Public()))
	first := slices.Concat([]byte{0x10, 0x87, 0x07, 0x9A, 200}, template[:200])
	last := slices.Concat([]byte{0x00, 0x87, 0x07, 0x9A, byte(len(template) - 200)}, template[200:], []byte{0})
	for name, c := range map[string]struct {
		between []byte
		want    uint16 // of the last piece
	}{
		"whole":                  {nil, 0x6108},
		"GET DATA inside":        {[]byte{0, 0xCB, 0x3F, 0xFF, 3, 0x5C, 1, 0x7E, 0}, 0x6A80},
		"another slot inside":    {[]byte{0x10, 0x87, 0x07, 0x9C, 1, 0}, 0x6A80},
		"VERIFY, chained inside": {[]byte{0x10, 0x20, 0x00, 0x80, 1, 0x31}, 0x6A80},
		"unreadable inside":      {[]byte{0x10}, 0x6A80},
		"the first piece twice":  {first, 0x6A80},
	} {
		transmit(t, card, first)
		if c.between != nil {
			transmit(t, card, c.between)
		}
		if _, status := transmit(t, card, last); status != c.want {
			t.Errorf("%s: the last piece gets %04X, want %04X", name, status, c.want)
		}
	}
	piece := slices.Concat([]byte{0x10, 0x87, 0xE0, 0x9E, 255}, make([]byte, 255))
	for i := range 40 {
		_, status := transmit(t, card, piece)
		if refused := (i+1)%17 == 0; refused != (status == 0x6700) || !refused && status != 0x9000 {
			t.Fatalf("piece %d of an endless chain: %04X", i+1, status)
		}
	}
	card.Reset()
	expect(t, card, selectHex, 0x9000)
	if _, status := authenticate(t, card, 0xE0, 0x9E, request(0x81, make([]byte, 4000)), false); status != 0x9000 {
		t.Errorf("a long message for Ed25519: %04X", status)
	}
}
