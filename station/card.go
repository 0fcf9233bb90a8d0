package station

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openreferendum/referendum/record"
)

// A Card is what the station needs of an eID card in a reader.
type Card interface {
	// Certificates returns the card's certificate and those between it and the
	// card authority, DER, leaf first.
	Certificates() ([][]byte, error)

	// Sign signs a message with the card's authentication key: ECDSA with
	// SHA-256, as ASN.1, or RSA PKCS #1 v1.5 with SHA-256.
	Sign(message []byte) ([]byte, error)
}

// A Refusal is the error for a card whose holder may not vote.
type Refusal struct {
	Reason Reason
	err    error
}

func (r *Refusal) Error() string { return fmt.Sprintf("card refused: %v", r.err) }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.err }

func refuse(reason Reason, format string, args ...any) error {
	return &Refusal{reason, fmt.Errorf(format, args...)}
}

// CardCheck decides whether a card is genuine and its holder present:
// docs/spec/station.md, Section 4.1. Fields are required unless their zero value
// is explained.
type CardCheck struct {
	Election    record.Hash
	Station     string
	Authorities []*x509.Certificate // those the manifest names
	Revoked     map[string]bool     // of RevokedSerials; carried to the station. nil: none

	// Tolerance is by how much the clock may be wrong: a certificate that is out of
	// date by at most so much is in date. At most MaxTolerance; zero is none.
	Tolerance time.Duration

	// Naming says where a certificate names its holder. The zero value is the
	// subject's serialNumber, as it is.
	Naming Naming

	// KeyTypes are the keys that cards may have: "rsa", "ecdsa-p256", "ecdsa-p384".
	// If nil, all of them.
	KeyTypes []string
}

// MaxTolerance is the largest CardCheck.Tolerance: with more, dates would
// protect nobody.
const MaxTolerance = 7 * 24 * time.Hour

// Kinds of key that a card can have.
const (
	keyRSA  = "rsa" // 2048 to 4096 bits
	keyP256 = "ecdsa-p256"
	keyP384 = "ecdsa-p384"
)

// Validate refuses a check that could not be meant so. machine.New asks it.
func (c CardCheck) Validate() error {
	if c.Tolerance < 0 || c.Tolerance > MaxTolerance {
		return fmt.Errorf("tolerance of the clock: %v, allowed are 0 to %v", c.Tolerance, MaxTolerance)
	}
	if c.KeyTypes != nil && len(c.KeyTypes) == 0 {
		return errors.New("key types of cards: none is allowed")
	}
	for _, k := range c.KeyTypes {
		if k != keyRSA && k != keyP256 && k != keyP384 {
			return fmt.Errorf("key types of cards: no %q", k)
		}
	}
	_, err := c.Naming.attribute()
	return err
}

// maxCertificate bounds a certificate from a card, in bytes.
const maxCertificate = 1 << 14

// Holder checks chain, dates, use and revocation of the card's certificate at
// the given time, has the card sign AttendanceMessage for the nonce, and returns who the
// holder is on the roll, the certificate's digest, and the signature. Its
// errors are *Refusal.
func (c CardCheck) Holder(card Card, now time.Time, nonce [32]byte) (record.Voter, record.Hash, []byte, error) {
	fail := func(err error) (record.Voter, record.Hash, []byte, error) {
		return record.Voter{}, record.Hash{}, nil, err
	}
	ders, err := card.Certificates()
	if err != nil {
		return fail(refuse(CardUnreachable, "reading the certificate: %w", err))
	}
	leaf, err := c.verify(ders, now)
	if err != nil {
		return fail(err)
	}
	message := record.AttendanceMessage(c.Election, c.Station, nonce)
	signature, err := card.Sign(message)
	if err != nil {
		return fail(refuse(CardUnreachable, "signing with the card: %w", err))
	}
	if err := checkSignature(leaf, message, signature); err != nil {
		return fail(err)
	}
	holder, err := c.Naming.holder(leaf)
	if err != nil {
		return fail(err)
	}
	return record.VoterOf(c.Election, holder), record.FileHash(leaf.Raw), signature, nil
}

func (c CardCheck) verify(ders [][]byte, now time.Time) (*x509.Certificate, error) {
	if len(ders) == 0 || len(ders) > 8 {
		return nil, refuse(UnreadableCard, "%d certificates on the card", len(ders))
	}
	var chain []*x509.Certificate
	for _, der := range ders {
		cert, err := parseCertificate(der)
		if err != nil {
			return nil, refuse(UnreadableCard, "%w", err)
		}
		chain = append(chain, cert)
	}
	leaf := chain[0]
	tolerated := c.tolerated(leaf)
	if now.Before(tolerated.NotBefore) || now.After(tolerated.NotAfter) {
		return nil, refuse(ExpiredCard, "certificate is valid from %v to %v", leaf.NotBefore, leaf.NotAfter)
	}
	if err := c.checkUse(leaf); err != nil {
		return nil, err
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, a := range c.Authorities {
		roots.AddCert(c.tolerated(a))
	}
	for _, b := range chain[1:] {
		between.AddCert(c.tolerated(b))
	}
	paths, err := tolerated.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage {
		return nil, refuse(UnfitCard, "certificate is not for authentication: %w", err)
	}
	if err != nil {
		return nil, refuse(UntrustedCard, "%w", err)
	}
	for _, path := range paths {
		for i, cert := range path[:len(path)-1] {
			if c.Revoked[serial(path[i+1].RawSubject, cert.SerialNumber)] {
				return nil, refuse(RevokedCard, "certificate %x is revoked", cert.SerialNumber)
			}
		}
	}
	return leaf, nil
}

// tolerated returns a certificate whose dates are wider by the tolerance. Each is
// judged by itself: a clock that is wrong by so much may find one of a chain expired
// and another not valid yet. Its bytes, and so its signature, are what they were.
func (c CardCheck) tolerated(cert *x509.Certificate) *x509.Certificate {
	wide := *cert
	wide.NotBefore = cert.NotBefore.Add(-c.Tolerance)
	wide.NotAfter = cert.NotAfter.Add(c.Tolerance)
	return &wide
}

// Bounds of RSA keys, in bits. The upper ones keep a hostile certificate from
// making the station compute for minutes, and a signature of the card within
// rollbook.MaxSignature.
const (
	minRSA     = 2048
	maxCardRSA = 4096
	maxRSA     = 8192 // of a certificate between card and authority
)

// parseCertificate decodes a certificate that came from a card: nothing in it
// can be trusted yet.
func parseCertificate(der []byte) (*x509.Certificate, error) {
	if len(der) > maxCertificate {
		return nil, fmt.Errorf("certificate of %d bytes, allowed are %d", len(der), maxCertificate)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if key, ok := cert.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSA {
		return nil, fmt.Errorf("RSA key of %d bits, allowed are %d", key.N.BitLen(), maxRSA)
	}
	return cert, nil
}

func (c CardCheck) checkUse(leaf *x509.Certificate) error {
	if leaf.IsCA || leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		return refuse(UnfitCard, "certificate is not for authentication")
	}
	kind, err := keyType(leaf)
	if err != nil {
		return err
	}
	if c.KeyTypes != nil && !slices.Contains(c.KeyTypes, kind) {
		return refuse(UnfitCard, "cards with a key of type %s are not accepted", kind)
	}
	return nil
}

// keyType names the kind of a card's key.
func keyType(leaf *x509.Certificate) (string, error) {
	switch key := leaf.PublicKey.(type) {
	case *rsa.PublicKey:
		if n := key.N.BitLen(); n < minRSA || n > maxCardRSA {
			return "", refuse(UnfitCard, "RSA key of %d bits", n)
		}
		return keyRSA, nil
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256():
			return keyP256, nil
		case elliptic.P384():
			return keyP384, nil
		}
		return "", refuse(UnfitCard, "elliptic curve %s", key.Curve.Params().Name)
	}
	return "", refuse(UnfitCard, "neither an RSA nor an ECDSA key")
}

func checkSignature(leaf *x509.Certificate, message, signature []byte) error {
	digest := sha256.Sum256(message)
	switch key := leaf.PublicKey.(type) {
	case *rsa.PublicKey:
		if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature); err != nil {
			return refuse(WrongSignature, "%w", err)
		}
	case *ecdsa.PublicKey:
		if !ecdsa.VerifyASN1(key, digest[:], signature) {
			return refuse(WrongSignature, "the card's signature does not verify")
		}
	}
	return nil
}
