// Package stationtest has what a station needs, without devices: virtual eID
// cards under a test authority, a printer and a window that keep their paper, and a small
// election. Everything follows from a seed, so that two runs are equal.
package stationtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/openreferendum/referendum/record"
)

// Day is the time at which test elections are held and test cards are valid.
var Day = time.Date(2021, 12, 18, 2, 0, 0, 0, time.UTC)

// serialNumber is the attribute that identifies the holder (X.520).
var serialNumber = asn1.ObjectIdentifier{2, 5, 4, 5}

// deterministic signs as RFC 6979 has it, so that equal seeds give equal
// signatures.
type deterministic struct{ *ecdsa.PrivateKey }

func (k deterministic) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.PrivateKey.Sign(nil, digest, opts)
}

// Key returns an ECDSA key that follows from the seed.
func Key(curve elliptic.Curve, seed string) crypto.Signer {
	size := (curve.Params().BitSize + 7) / 8
	var b []byte
	for i := 0; len(b) < size; i++ {
		h := sha256.Sum256(fmt.Appendf(nil, "key %d %s", i, seed))
		b = append(b, h[:]...)
	}
	b = b[:size]
	b[0] = 0 // below the order of the curve
	key, err := ecdsa.ParseRawPrivateKey(curve, b)
	if err != nil {
		panic("stationtest: internal error: " + err.Error())
	}
	return deterministic{key}
}

// An Authority issues virtual cards. Nothing real is issued under it.
type Authority struct {
	Certificate *x509.Certificate
	key         crypto.Signer
	serial      int64
}

// NewAuthority makes a card authority that follows from its name.
func NewAuthority(name string) *Authority { return NewAuthorityWithKey(name, "authority "+name) }

// NewAuthorityWithKey makes one of the same name as another, with a key of its
// own.
func NewAuthorityWithKey(name, seed string) *Authority {
	key := Key(elliptic.P256(), seed)
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name, Country: []string{"TW"}},
		NotBefore: Day.AddDate(-5, 0, 0), NotAfter: Day.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	return &Authority{Certificate: certify(t, t, key.Public(), key), key: key, serial: 1}
}

func certify(t, parent *x509.Certificate, public any, key crypto.Signer) *x509.Certificate {
	der, err := x509.CreateCertificate(nil, t, parent, public, key)
	if err != nil {
		panic("stationtest: internal error: " + err.Error())
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		panic("stationtest: internal error: " + err.Error())
	}
	return c
}

// Hash is what a manifest names the authority by.
func (a *Authority) Hash() record.Hash { return record.FileHash(a.Certificate.Raw) }

// Sub makes an authority under this one.
func (a *Authority) Sub(name string) *Authority { return a.SubWith(name, nil) }

// SubWith is Sub for another certificate than a good one.
func (a *Authority) SubWith(name string, change func(*x509.Certificate)) *Authority {
	key := Key(elliptic.P384(), "authority "+name)
	a.serial++
	t := &x509.Certificate{
		SerialNumber: big.NewInt(a.serial), Subject: pkix.Name{CommonName: name},
		NotBefore: Day.AddDate(-2, 0, 0), NotAfter: Day.AddDate(2, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if change != nil {
		change(t)
	}
	return &Authority{Certificate: certify(t, a.Certificate, key.Public(), a.key), key: key, serial: 1}
}

// A Card is a virtual eID card: a real key, a real certificate, real
// signatures. Pulled makes it fail as a card that left the reader.
type Card struct {
	Certificate *x509.Certificate
	Between     [][]byte // certificates up to the authority, DER
	Key         crypto.Signer
	Pulled      bool
}

var errPulled = errors.New("no card in the reader")

// Issue makes a good card for a holder. change, if not nil, makes it another
// one.
func (a *Authority) Issue(holder string, change func(*x509.Certificate)) *Card {
	return a.IssueFor(Key(elliptic.P256(), "card of "+holder), holder, change)
}

// IssueFor is Issue for a key of the caller's.
func (a *Authority) IssueFor(key crypto.Signer, holder string, change func(*x509.Certificate)) *Card {
	a.serial++
	t := &x509.Certificate{
		SerialNumber: big.NewInt(a.serial),
		Subject:      Holder(holder),
		NotBefore:    Day.AddDate(-1, 0, 0), NotAfter: Day.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	if change != nil {
		change(t)
	}
	return &Card{Certificate: certify(t, a.Certificate, key.Public(), a.key), Key: key}
}

// IssueWith lets any key sign a card in the authority's name.
func (a *Authority) IssueWith(signer crypto.Signer, holder string) *Card {
	forged := &Authority{Certificate: a.Certificate, key: signer, serial: a.serial}
	return forged.Issue(holder, nil)
}

// Holder is the subject of a card's certificate with the given identifiers.
func Holder(identifiers ...string) pkix.Name {
	n := pkix.Name{CommonName: "Test Holder"}
	for _, id := range identifiers {
		n.ExtraNames = append(n.ExtraNames, pkix.AttributeTypeAndValue{Type: serialNumber, Value: id})
	}
	return n
}

// Certificates returns the chain, leaf first.
func (c *Card) Certificates() ([][]byte, error) {
	if c.Pulled {
		return nil, errPulled
	}
	return append([][]byte{c.Certificate.Raw}, c.Between...), nil
}

// Sign signs with the card's key.
func (c *Card) Sign(message []byte) ([]byte, error) {
	if c.Pulled {
		return nil, errPulled
	}
	digest := sha256.Sum256(message)
	if key, ok := c.Key.(*rsa.PrivateKey); ok {
		return rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	}
	return c.Key.Sign(nil, digest[:], crypto.SHA256)
}

// Revoke returns a revocation list, DER, with the given cards.
func (a *Authority) Revoke(cards ...*Card) []byte {
	t := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: Day.AddDate(0, 0, -1), NextUpdate: Day.AddDate(0, 0, 1)}
	for _, c := range cards {
		t.RevokedCertificateEntries = append(t.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: c.Certificate.SerialNumber, RevocationTime: Day.AddDate(0, 0, -2),
		})
	}
	return a.List(t)
}

// List signs any revocation list.
func (a *Authority) List(t *x509.RevocationList) []byte {
	der, err := x509.CreateRevocationList(nil, t, a.Certificate, a.key)
	if err != nil {
		panic("stationtest: internal error: " + err.Error())
	}
	return der
}
