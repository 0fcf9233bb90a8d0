package eid_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

// issueOdd makes a certificate of which one thing is not as it should be.
func issueOdd(key crypto.PublicKey, by authority, change func(*x509.Certificate)) []byte {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(101), Subject: pkix.Name{SerialNumber: "A123456789"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Now().AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if change != nil {
		change(template)
	}
	return must(x509.CreateCertificate(rand.Reader, template, by.certificate, key, by.key))
}

// TestCertificatesAreHandedOn: what the station refuses for its dates, issuer or uses comes to it
// byte for byte, by both drivers. None of them, nor a module, may judge, or hide a card
// whose holder should hear the reason.
func TestCertificatesAreHandedOn(t *testing.T) {
	other := newAuthority("Test eID Authority")
	eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
		for _, test := range []struct {
			name string
			der  []byte
		}{
			{"expired", issueOdd(keyP256().Public(), testAuthority(), func(c *x509.Certificate) { c.NotAfter = time.Unix(1e9, 0) })},
			{"not valid yet", issueOdd(keyP256().Public(), testAuthority(), func(c *x509.Certificate) { c.NotBefore = time.Now().AddDate(5, 0, 0) })},
			{"ends before it begins", issueOdd(keyP256().Public(), testAuthority(), func(c *x509.Certificate) { c.NotBefore, c.NotAfter = c.NotAfter, c.NotBefore })},
			{"by another authority of that name", issueOdd(keyP256().Public(), other, nil)},
			{"not for client authentication", issueOdd(keyP256().Public(), testAuthority(), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })},
			{"for encryption", issueOdd(keyP256().Public(), testAuthority(), func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement })},
			{"for signing documents", issueOdd(keyP256().Public(), testAuthority(), func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageContentCommitment })},
			{"of no use", issueOdd(keyP256().Public(), testAuthority(), func(c *x509.Certificate) { c.KeyUsage = 0 })},
			{"of nobody", issueOdd(keyP256().Public(), testAuthority(), func(c *x509.Certificate) { c.Subject = pkix.Name{} })},
		} {
			card, err := r.insert(withCertificate(test.der)).Use(p)
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			} else {
				showsLeaf(t, card, test.der)
				if err := card.Close(); err != nil {
					t.Errorf("%s: closing: %v", test.name, err)
				}
			}
			r.remove()
		}
	})
}

// TestWeakKeys: a key that no profile may have is none, with both drivers.
func TestWeakKeys(t *testing.T) {
	weak := map[string]crypto.PublicKey{
		"RSA 1024": &must(rsa.GenerateKey(rand.Reader, 1024)).PublicKey,
		"RSA 2040": &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 2039, 1), E: 65537},
		"RSA 8192": &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 8191, 1), E: 65537},
		"P-224":    must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader)).Public(),
		"P-521":    must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)).Public(),
		"Ed25519":  keyEd25519().Public(),
	}
	eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
		for name, key := range weak {
			if card, err := r.insert(withCertificate(issueOdd(key, testAuthority(), nil))).Use(p); !errors.Is(err, eid.ErrNoKey) || card != nil {
				t.Errorf("%s: %v, %v", name, card, err)
			}
			r.remove()
		}
		goesOn(t, r, p)
	})
}

// withCertificate makes a card that shows this certificate.
func withCertificate(der []byte) *eidtest.Card {
	return eidtest.NewCard(eidtest.CardConfig{PIN: rightPIN, Slots: map[byte]eidtest.Slot{0x9A: {Key: keyP256(), Certificate: der}}})
}
