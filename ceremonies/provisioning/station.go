package provisioning

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/openreferendum/referendum/record"
)

// Files of the folder that is carried to a station, beside the record's
// manifest.json and joint-key.json: docs/spec/ceremony.md, Section 7.4.
const (
	RollFile = "roll.json"

	authorityPrefix, authoritySuffix = "card-authority-", ".der"
	revokedPrefix, revokedSuffix     = "revoked-", ".crl"
)

// maxCertificate bounds a card authority's certificate, in bytes, and MaxRevoked
// its revocation list.
const (
	maxCertificate = 1 << 16
	MaxRevoked     = 64 << 20
)

// A StationPackage is everything a station needs to know about an election.
type StationPackage struct {
	Election        *record.Election
	Station         record.Station
	Roll            *record.Signed[record.Roll]
	Authorities     [][]byte // DER certificates, those of the manifest
	RevocationLists [][]byte // DER (RFC 5280), each signed by one of the authorities

	roots  []*x509.Certificate // the authorities
	listed [][]byte            // their subjects that have a revocation list
}

// Pack puts together the files for a station, by name, and checks them. The
// ceremony's folder has manifest and joint key.
func Pack(ceremony fs.FS, station string, roll []byte, authorities, revocationLists [][]byte) (map[string][]byte, error) {
	files := map[string][]byte{RollFile: roll}
	for _, name := range []string{record.ManifestFile, record.JointKeyFile} {
		b, err := record.ReadFile(ceremony, name, record.MaxDocument)
		if err != nil {
			return nil, err
		}
		files[name] = b
	}
	for i, der := range authorities {
		files[fmt.Sprintf("%s%d%s", authorityPrefix, i+1, authoritySuffix)] = der
	}
	for i, der := range revocationLists {
		files[fmt.Sprintf("%s%d%s", revokedPrefix, i+1, revokedSuffix)] = der
	}
	e, err := record.NewElection(files[record.ManifestFile], files[record.JointKeyFile])
	if err != nil {
		return nil, err
	}
	p := &StationPackage{Election: e, Authorities: authorities, RevocationLists: revocationLists}
	if p.Roll, err = record.ParseSigned[record.Roll](roll); err != nil {
		return nil, err
	}
	if err := p.check(station); err != nil {
		return nil, err
	}
	return files, nil
}

// ReadPackage reads the folder at the station and checks all of it: that it is
// for this station, whose own key is given, and has nothing else in it.
func ReadPackage(fsys fs.FS, station string, own record.Key) (*StationPackage, error) {
	p := new(StationPackage)
	var err error
	if p.Election, err = record.ReadElection(fsys); err != nil {
		return nil, err
	}
	if p.Roll, err = record.ReadSigned[record.Roll](fsys, RollFile); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if err := p.take(fsys, entry.Name()); err != nil {
			return nil, err
		}
	}
	if err := p.check(station); err != nil {
		return nil, err
	}
	if p.Station.Key != own {
		return nil, fmt.Errorf("station %q: the manifest names another key than this machine's", station)
	}
	return p, nil
}

func (p *StationPackage) take(fsys fs.FS, name string) error {
	switch {
	case slices.Contains([]string{record.ManifestFile, record.JointKeyFile, RollFile}, name):
		return nil
	case strings.HasPrefix(name, authorityPrefix) && strings.HasSuffix(name, authoritySuffix):
		b, err := record.ReadFile(fsys, name, maxCertificate)
		p.Authorities = append(p.Authorities, b)
		return err
	case strings.HasPrefix(name, revokedPrefix) && strings.HasSuffix(name, revokedSuffix):
		b, err := record.ReadFile(fsys, name, MaxRevoked)
		p.RevocationLists = append(p.RevocationLists, b)
		return err
	}
	return fmt.Errorf("station package: %q does not belong there", name)
}

func (p *StationPackage) check(station string) error {
	var ok bool
	if p.Station, ok = p.Election.Station(station); !ok {
		return fmt.Errorf("station package: the manifest has no station %q", station)
	}
	if err := record.CheckRoll(p.Election, station, p.Roll); err != nil {
		return err
	}
	roots, err := p.certificates()
	if err != nil {
		return err
	}
	for i, der := range p.RevocationLists {
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			return fmt.Errorf("revocation list %d: %w", i+1, err)
		}
		if !slices.ContainsFunc(roots, func(root *x509.Certificate) bool {
			return bytes.Equal(list.RawIssuer, root.RawSubject) && list.CheckSignatureFrom(root) == nil
		}) {
			return fmt.Errorf("revocation list %d: not signed by a card authority of the manifest", i+1)
		}
		if slices.ContainsFunc(list.Extensions, func(x pkix.Extension) bool { return x.Id.Equal(deltaList) }) {
			return fmt.Errorf("revocation list %d: holds only the changes to another list", i+1)
		}
		p.listed = append(p.listed, list.RawIssuer)
	}
	p.roots = roots
	return nil
}

// deltaList marks a revocation list that holds only changes to another one
// (RFC 5280, Section 5.2.4).
var deltaList = asn1.ObjectIdentifier{2, 5, 29, 27}

// Unlisted names the card authorities without a revocation list: the station
// will take their revoked cards. A person decides whether that is right.
func (p *StationPackage) Unlisted() []string {
	var names []string
	for _, root := range p.roots {
		if !slices.ContainsFunc(p.listed, func(issuer []byte) bool { return bytes.Equal(issuer, root.RawSubject) }) {
			names = append(names, root.Subject.String())
		}
	}
	return names
}

// certificates checks that they are exactly those of the manifest.
func (p *StationPackage) certificates() ([]*x509.Certificate, error) {
	var roots []*x509.Certificate
	seen := map[record.Hash]bool{}
	for i, der := range p.Authorities {
		h := record.FileHash(der)
		if !slices.Contains(p.Election.Manifest.CardAuthorities, h) || seen[h] {
			return nil, fmt.Errorf("card authority %d: not one of the manifest's, or given twice", i+1)
		}
		seen[h] = true
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("card authority %d: %w", i+1, err)
		}
		roots = append(roots, c)
	}
	for _, h := range p.Election.Manifest.CardAuthorities {
		if !seen[h] {
			return nil, errors.New("card authorities: a certificate of the manifest's is missing")
		}
	}
	return roots, nil
}
