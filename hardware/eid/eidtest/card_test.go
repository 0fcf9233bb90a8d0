package eidtest_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

// selectPIV is SELECT with the PIV application's whole identifier.
var selectPIV = []byte{0x00, 0xA4, 0x04, 0x00, 0x0B, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x00}

// newCard makes a card with a P-256 key in slot 9A.
func newCard(t testing.TB, rule string) *eidtest.Card {
	t.Helper()
	return eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{0x9A: slot(t, newKey(t, "ecdsa-p256"), rule)}})
}

// RSA keys take long to make, so all tests share one of each length.
var (
	rsa2048 = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	rsa3072 = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 3072) })
)

func newKey(t testing.TB, kind string) crypto.Signer {
	t.Helper()
	var key crypto.Signer
	var err error
	switch kind {
	case "ecdsa-p256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ecdsa-p384":
		key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "rsa-2048":
		key, err = rsa2048()
	case "rsa-3072":
		key, err = rsa3072()
	case "ed25519":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		t.Fatalf("no kind of key %q", kind)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// slot puts a certificate for signatures beside the key.
func slot(t testing.TB, key crypto.Signer, rule string) eidtest.Slot {
	t.Helper()
	return eidtest.Slot{Key: key, Certificate: certify(t, key, x509.KeyUsageDigitalSignature), PIN: rule}
}

// certify makes a certificate that the key has signed itself.
func certify(t testing.TB, key crypto.Signer, usage x509.KeyUsage) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "Card"},
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:     usage,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
