// Package simulation plays a whole referendum: trustees, officials, voters with
// their cards, stations, tally and observers, with a seed. It is the demo, the
// rehearsal and the source of test records; nothing of it is installed anywhere.
package simulation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/openreferendum/referendum/record"
)

// A CardAuthority issues the voters' cards of a simulation: a test CA under
// which nothing real is issued. Several stations use it at once.
type CardAuthority struct {
	mu   sync.Mutex
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	der  []byte
	next int64
}

// NewCardAuthority makes a CA whose certificates are valid around now.
func NewCardAuthority(now time.Time) (*CardAuthority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test eID Authority (simulation)", Country: []string{"TW"}},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &CardAuthority{key: key, cert: cert, der: der, next: 1}, err
}

// Hash is what a manifest names the authority by.
func (a *CardAuthority) Hash() record.Hash { return record.FileHash(a.der) }

// DER returns the root certificate.
func (a *CardAuthority) DER() []byte { return a.der }

// A Card is a virtual eID card: a real key, a real certificate, real
// signatures.
type Card struct {
	key *ecdsa.PrivateKey
	der []byte
}

// serialNumber identifies the holder in the certificate's subject (RFC 3739).
var serialNumber = asn1.ObjectIdentifier{2, 5, 4, 5}

// Issue makes a card for a holder.
func (a *CardAuthority) Issue(holder string, now time.Time) (*Card, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("issuing a card: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber: a.number(),
		Subject: pkix.Name{CommonName: "Voter (simulation)", ExtraNames: []pkix.AttributeTypeAndValue{
			{Type: serialNumber, Value: holder},
		}},
		NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(5, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("issuing a card: %w", err)
	}
	return &Card{key, der}, nil
}

// Certificates returns the card's certificate.
func (c *Card) Certificates() ([][]byte, error) { return [][]byte{c.der}, nil }

// Sign signs with the card's key.
func (c *Card) Sign(message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	return ecdsa.SignASN1(rand.Reader, c.key, digest[:])
}

func (a *CardAuthority) number() *big.Int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next++
	return big.NewInt(a.next)
}
