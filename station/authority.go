package station

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/openreferendum/referendum/record"
)

// Authorities parses root certificates and refuses one that the manifest does
// not name.
func Authorities(m *record.Manifest, ders [][]byte) ([]*x509.Certificate, error) {
	named := map[record.Hash]bool{}
	for _, h := range m.CardAuthorities {
		named[h] = true
	}
	var roots []*x509.Certificate
	for _, der := range ders {
		if !named[record.FileHash(der)] {
			return nil, errors.New("card authority: not one of the manifest's, or given twice")
		}
		delete(named, record.FileHash(der))
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("card authority: %w", err)
		}
		roots = append(roots, c)
	}
	if len(named) > 0 {
		return nil, fmt.Errorf("card authorities: %d of the manifest's are not there", len(named))
	}
	return roots, nil
}

// maxRevocationList bounds a revocation list, in bytes.
const maxRevocationList = 64 << 20

// deltaList marks a revocation list that holds only changes to another one
// (RFC 5280, Section 5.2.4).
var deltaList = asn1.ObjectIdentifier{2, 5, 29, 27}

// RevokedSerials reads a card authority's revocation list (RFC 5280), checks
// its signature, and returns the keys for CardCheck.Revoked. How old the list
// is, and whether the lists together cover all cards, is for who carries them to the station.
func RevokedSerials(der []byte, authority *x509.Certificate) (map[string]bool, error) {
	if len(der) > maxRevocationList {
		return nil, fmt.Errorf("revocation list: %d bytes, allowed are %d", len(der), maxRevocationList)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, fmt.Errorf("revocation list: %w", err)
	}
	if !bytes.Equal(list.RawIssuer, authority.RawSubject) {
		return nil, errors.New("revocation list: of another authority")
	}
	if err := list.CheckSignatureFrom(authority); err != nil {
		return nil, fmt.Errorf("revocation list: %w", err)
	}
	for _, x := range list.Extensions {
		if x.Id.Equal(deltaList) {
			return nil, errors.New("revocation list: holds only the changes to another list")
		}
	}
	revoked := map[string]bool{}
	for _, entry := range list.RevokedCertificateEntries {
		revoked[serial(authority.RawSubject, entry.SerialNumber)] = true
	}
	return revoked, nil
}

func serial(issuer []byte, number *big.Int) string {
	h := sha256.Sum256(issuer)
	return fmt.Sprintf("%x/%x", h, number)
}
