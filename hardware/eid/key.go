package eid

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// Bounds of what a card shows.
const (
	maxCertificate = 1 << 14 // bytes of one
	maxChain       = 8       // certificates, with the card's own
	minRSA         = 2048    // bits
	maxRSA         = 4096
)

// A certificate is one that parsed, of a card. Nothing in it is checked.
type certificate struct {
	parsed *x509.Certificate
	kind   string // of KeyTypes; "": none of them
}

func parseCertificate(der []byte) (certificate, error) {
	if len(der) > maxCertificate {
		return certificate{}, fmt.Errorf("certificate of %d bytes, allowed are %d", len(der), maxCertificate)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		// The parser's error may hold words of the certificate.
		return certificate{}, errors.New("the card's certificate is malformed")
	}
	return certificate{parsed, keyType(parsed.PublicKey)}, nil
}

// keyType returns which of a profile's key types a public key is, "" if none.
func keyType(key crypto.PublicKey) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if n := key.N.BitLen(); n >= minRSA && n <= maxRSA && n%8 == 0 {
			return KeyRSA
		}
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256():
			return KeyP256
		case elliptic.P384():
			return KeyP384
		}
	case ed25519.PublicKey:
		return KeyEd25519
	}
	return ""
}

// fits reports whether a card with this certificate has the profile's key.
func (p *Profile) fits(c certificate) error {
	if c.kind == "" || !slices.Contains(p.KeyTypes, c.kind) {
		return fmt.Errorf("%w: its key is of another type", ErrNoKey)
	}
	return nil
}

// curveBytes is the size of an integer of the curve, in bytes.
func curveBytes(key *ecdsa.PublicKey) int { return (key.Curve.Params().BitSize + 7) / 8 }

var errSignature = errors.New("the card's signature is malformed")

// checkForm reports whether a signature has the form of one by the key. Whether
// it is one by the key, the station checks: it alone knows what depends on it.
func checkForm(key crypto.PublicKey, signature []byte) error {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if len(signature) == key.Size() {
			return nil
		}
	case *ecdsa.PublicKey:
		var s ecdsaSignature
		rest, err := asn1.Unmarshal(signature, &s)
		if err != nil || len(rest) > 0 || !s.within(key) {
			return errSignature
		}
		if again, err := asn1.Marshal(s); err == nil && string(again) == string(signature) {
			return nil
		}
	case ed25519.PublicKey:
		if len(signature) == ed25519.SignatureSize {
			return nil
		}
	}
	return errSignature
}

// An ecdsaSignature is Ecdsa-Sig-Value of RFC 3279, Section 2.2.3.
type ecdsaSignature struct{ R, S *big.Int }

func (s ecdsaSignature) within(key *ecdsa.PublicKey) bool {
	n := key.Curve.Params().N
	return s.R.Sign() > 0 && s.S.Sign() > 0 && s.R.Cmp(n) < 0 && s.S.Cmp(n) < 0
}

// fromRaw turns r and s side by side, as PKCS #11 gives them (2.40, Section
// 2.3.1), into ASN.1.
func fromRaw(key *ecdsa.PublicKey, raw []byte) ([]byte, error) {
	n := curveBytes(key)
	if len(raw) != 2*n {
		return nil, errSignature
	}
	return asn1.Marshal(ecdsaSignature{new(big.Int).SetBytes(raw[:n]), new(big.Int).SetBytes(raw[n:])})
}

// chain returns the leaf and those of others that stand between it and its
// authority, as far as names tell. It ends at one that issued itself.
func chain(leaf *x509.Certificate, others []*x509.Certificate) [][]byte {
	ders := [][]byte{leaf.Raw}
	at := leaf
	for len(ders) < maxChain {
		i := slices.IndexFunc(others, func(c *x509.Certificate) bool {
			known := slices.ContainsFunc(ders, func(der []byte) bool { return string(der) == string(c.Raw) })
			return c.IsCA && !known && string(c.RawSubject) == string(at.RawIssuer) && string(c.RawSubject) != string(c.RawIssuer)
		})
		if i < 0 {
			break
		}
		at = others[i]
		ders = append(ders, at.Raw)
	}
	return ders
}
