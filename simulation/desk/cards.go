package desk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
)

// PIN is that of every card.
const PIN = eidtest.DefaultPIN

// An issuer issues virtual eID cards that are valid now. Nothing real is issued
// under it.
type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	now         time.Time
	serial      int64
}

// revokedSerial is the serial number of the one card on the revocation list.
const revokedSerial = 1000

func newIssuer(name string, now time.Time) (*issuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a card authority: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name, Country: []string{"TW"}}, NotBefore: now.AddDate(-5, 0, 0), NotAfter: now.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	i := &issuer{key: key, now: now, serial: 1}
	i.certificate, err = certify(t, t, key, key)
	return i, err
}

func certify(t, parent *x509.Certificate, subject, signer *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, subject.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// serialNumber is the attribute that identifies the holder (X.520).
var serialNumber = asn1.ObjectIdentifier{2, 5, 4, 5}

// issue makes a card. change, if not nil, makes its certificate another than a
// good one.
func (i *issuer) issue(holder string, change func(*x509.Certificate)) (*eidtest.Card, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("issuing a card: %w", err)
	}
	i.serial++
	t := &x509.Certificate{
		SerialNumber: big.NewInt(i.serial), NotBefore: i.now.AddDate(-1, 0, 0), NotAfter: i.now.AddDate(5, 0, 0),
		Subject:  pkix.Name{CommonName: "Test Holder", ExtraNames: []pkix.AttributeTypeAndValue{{Type: serialNumber, Value: holder}}},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true,
	}
	if change != nil {
		change(t)
	}
	c, err := certify(t, i.certificate, key, i.key)
	if err != nil {
		return nil, err
	}
	return kiosktest.Slot9A(key, c.Raw), nil
}

// revocations is the list that is carried to the station.
func (i *issuer) revocations() ([]byte, error) {
	return x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: i.now.AddDate(0, 0, -1), NextUpdate: i.now.AddDate(0, 1, 0),
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: big.NewInt(revokedSerial), RevocationTime: i.now.AddDate(0, 0, -2)}},
	}, i.certificate, i.key)
}

// A Kind is what a card on the desk is.
type Kind int

// The kinds.
const (
	Voter Kind = iota
	Special
	Official
)

// A card lies on the desk.
type card struct {
	kind Kind
	name string
	note string
	card *eidtest.Card
}

// deal makes all cards: the voters', those that are refused, the officials'.
func (e *election) deal(now time.Time) ([]card, error) {
	var all []card
	var failed error
	add := func(kind Kind, name, note string, c *eidtest.Card, err error) {
		all = append(all, card{kind, name, note, c})
		if err != nil && failed == nil {
			failed = err
		}
	}
	for i := range voters {
		c, err := e.issuer.issue(holder(i+1), nil)
		add(Voter, fmt.Sprintf("選舉人 Voter %d", i+1), holder(i+1), c, err)
	}
	other, err := newIssuer("Another authority", now)
	if err != nil {
		return nil, err
	}
	c, err := other.issue(holder(1), nil)
	add(Special, "未知 Unknown card", "other issuer", c, err)
	c, err = e.issuer.issue(holder(2), func(t *x509.Certificate) { t.NotBefore, t.NotAfter = now.AddDate(-4, 0, 0), now.AddDate(0, -2, 0) })
	add(Special, "逾期 Expired card", holder(2), c, err)
	c, err = e.issuer.issue(holder(3), func(t *x509.Certificate) { t.SerialNumber = big.NewInt(revokedSerial) })
	add(Special, "廢止 Revoked card", holder(3), c, err)
	c, err = e.issuer.issue(holder(900), nil)
	add(Special, "他所 Another station's", holder(900), c, err)
	add(Special, "空白 Empty card", "no certificate", eidtest.NewCard(eidtest.CardConfig{}), nil)
	for i, key := range e.officials {
		c, err := kiosktest.OfficialCard(key.Signer(), i+1)
		add(Official, fmt.Sprintf("選務人員 Official %d", i+1), "", c, err)
	}
	return all, failed
}
