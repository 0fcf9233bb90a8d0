package station

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationtest"
)

const holderID = "A123456789"

// A desk is a card authority with one revoked card and a check for it.
type desk struct {
	authority, other *stationtest.Authority
	revoked          *stationtest.Card
	check            CardCheck
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{authority: stationtest.NewAuthority("Test eID Authority"), other: stationtest.NewAuthority("Other Authority")}
	d.revoked = d.authority.Issue(holderID, nil)
	revoked, err := RevokedSerials(d.authority.Revoke(d.revoked), d.authority.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	d.check = CardCheck{
		Election: record.Hash{1}, Station: stationtest.Station,
		Authorities: []*x509.Certificate{d.authority.Certificate}, Revoked: revoked,
	}
	return d
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// copied is a card whose signatures come from another key than the one in its
// certificate: what a copy of somebody's certificate can do.
func copied(c *stationtest.Card) *stationtest.Card {
	return &stationtest.Card{Certificate: c.Certificate, Key: stationtest.Key(elliptic.P256(), "the thief's own")}
}

func TestWrongCards(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	d := newDesk(t)
	a := d.authority
	issue := func(change func(*x509.Certificate)) *stationtest.Card { return a.Issue(holderID, change) }
	forKey := func(key crypto.Signer) *stationtest.Card { return a.IssueFor(key, holderID, nil) }
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sub := a.Sub("Issuing Authority")
	revokedSub := a.Sub("Revoked Authority")
	list, err := RevokedSerials(a.Revoke(&stationtest.Card{Certificate: revokedSub.Certificate}), a.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	for k := range list {
		d.check.Revoked[k] = true
	}
	stray := a.Sub("Expired Authority")
	under := func(s *stationtest.Authority, chain ...*x509.Certificate) *stationtest.Card {
		c := s.Issue(holderID, func(t *x509.Certificate) { t.NotAfter = stationtest.Day.AddDate(0, 1, 0) })
		for _, cert := range chain {
			c.Between = append(c.Between, cert.Raw)
		}
		return c
	}
	tests := []struct {
		name   string
		card   Card
		reason Reason
		text   string
	}{
		{"pulled out", &stationtest.Card{Pulled: true}, CardUnreachable, "reading the certificate: no card"},
		{"pulled out before it signed", deaf{issue(nil)}, CardUnreachable, "signing with the card: gone"},
		{"no certificate", chain{}, UnreadableCard, "0 certificates on the card"},
		{"nine certificates", chain(make([][]byte, 9)), UnreadableCard, "9 certificates on the card"},
		{"not a certificate", chain{[]byte("hello")}, UnreadableCard, "malformed"},
		{"trailing bytes", chain{append(bytes.Clone(issue(nil).Certificate.Raw), 0)}, UnreadableCard, "trailing data"},
		{"a huge certificate", chain{make([]byte, maxCertificate+1)}, UnreadableCard, "certificate of 16385 bytes"},
		{"garbage behind a good one", chain{issue(nil).Certificate.Raw, []byte{0x30}}, UnreadableCard, "malformed"},
		{"expired", issue(func(t *x509.Certificate) { t.NotAfter = stationtest.Day.AddDate(0, 0, -1) }), ExpiredCard, "valid from"},
		{"not valid yet", issue(func(t *x509.Certificate) { t.NotBefore = stationtest.Day.AddDate(0, 0, 1) }), ExpiredCard, "valid from"},
		{"revoked", d.revoked, RevokedCard, "is revoked"},
		{"other authority", d.other.Issue(holderID, nil), UntrustedCard, "unknown authority"},
		{"authority of the same name", stationtest.NewAuthorityWithKey("Test eID Authority", "another key").Issue(holderID, nil), UntrustedCard, "unknown authority"},
		{"authority itself", &stationtest.Card{Certificate: a.Certificate, Key: stationtest.Key(elliptic.P256(), "x")}, UnfitCard, "not for authentication"},
		{"issued by another card", byCard(issue(nil)), UntrustedCard, ""},
		{"chain is not there", under(sub), UntrustedCard, "unknown authority"},
		{"issuing authority revoked", under(revokedSub, revokedSub.Certificate), RevokedCard, "is revoked"},
		{"issuing authority not under ours", under(stray, sub.Certificate), UntrustedCard, "unknown authority"},
		{"copied certificate", copied(issue(nil)), WrongSignature, "does not verify"},
		{"signs something else", replaying{issue(nil)}, WrongSignature, "does not verify"},
		{"signature with trailing bytes", trailing{issue(nil)}, WrongSignature, "does not verify"},
		{"empty signature", silent{issue(nil)}, WrongSignature, "does not verify"},
		{"copied certificate, RSA", &stationtest.Card{Certificate: forKey(rsaKey(t, 2048)).Certificate, Key: rsaKey(t, 2048)}, WrongSignature, "verification error"},
		{"weak RSA", forKey(rsaKey(t, 1024)), UnfitCard, "RSA key of 1024 bits"},
		{"almost 2048 bits", forKey(rsaKey(t, 2047)), UnfitCard, "RSA key of 2047 bits"},
		{"huge RSA", &stationtest.Card{Certificate: a.IssueFor(publicOnly{&rsa.PublicKey{N: odd(4104), E: 65537}}, holderID, nil).Certificate}, UnfitCard, "RSA key of 4104 bits"},
		{"monstrous RSA", &stationtest.Card{Certificate: a.IssueFor(publicOnly{&rsa.PublicKey{N: odd(9000), E: 65537}}, holderID, nil).Certificate}, UnreadableCard, "RSA key of 9000 bits"},
		{"P-224", forKey(stationtest.Key(elliptic.P224(), "small")), UnfitCard, "elliptic curve P-224"},
		{"P-521", forKey(stationtest.Key(elliptic.P521(), "large")), UnfitCard, "elliptic curve P-521"},
		{"Ed25519", forKey(edKey), UnfitCard, "neither an RSA nor an ECDSA key"},
		{"for signing documents", issue(func(t *x509.Certificate) { t.KeyUsage = x509.KeyUsageContentCommitment }), UnfitCard, "not for authentication"},
		{"for encryption", issue(func(t *x509.Certificate) { t.KeyUsage = x509.KeyUsageKeyEncipherment }), UnfitCard, "not for authentication"},
		{"no use named", issue(func(t *x509.Certificate) { t.KeyUsage = 0 }), UnfitCard, "not for authentication"},
		{"a server's", issue(func(t *x509.Certificate) { t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), UnfitCard, "not for authentication"},
		{"mail only", issue(func(t *x509.Certificate) { t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection} }), UnfitCard, "not for authentication"},
		{"names nobody", issue(func(t *x509.Certificate) { t.Subject = stationtest.Holder() }), UnreadableCard, "does not identify its holder"},
		{"names two", issue(func(t *x509.Certificate) { t.Subject = stationtest.Holder(holderID, "B123456789") }), UnreadableCard, "identifier is malformed"},
		{"names nothing", issue(func(t *x509.Certificate) { t.Subject = stationtest.Holder("") }), UnreadableCard, "identifier is malformed"},
		{"a very long name", issue(func(t *x509.Certificate) { t.Subject = stationtest.Holder(strings.Repeat("A", 129)) }), UnreadableCard, "identifier is malformed"},
		{"unknown critical extension", issue(func(t *x509.Certificate) {
			t.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
		}), UntrustedCard, "unhandled critical extension"},
	}
	for _, test := range tests {
		voter, digest, signature, err := d.check.Holder(test.card, stationtest.Day, [32]byte{7})
		refusal, ok := errors.AsType[*Refusal](err)
		if !ok {
			t.Errorf("%s: error %v", test.name, err)
			continue
		}
		if refusal.Reason != test.reason || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: reason %d, %v; want %d, %s", test.name, refusal.Reason, err, test.reason, test.text)
		}
		if voter != (record.Voter{}) || digest != (record.Hash{}) || signature != nil {
			t.Errorf("%s: a refused card left something", test.name)
		}
	}
}

func TestGoodCards(t *testing.T) {
	d := newDesk(t)
	sub := d.authority.Sub("Issuing Authority")
	between := sub.Issue(holderID, nil)
	between.Between = [][]byte{sub.Certificate.Raw}
	for name, card := range map[string]*stationtest.Card{
		"P-256":              d.authority.Issue(holderID, nil),
		"P-384":              d.authority.IssueFor(stationtest.Key(elliptic.P384(), "k"), holderID, nil),
		"RSA 2048":           d.authority.IssueFor(rsaKey(t, 2048), holderID, nil),
		"issuing authority":  between,
		"any extended usage": d.authority.Issue(holderID, func(t *x509.Certificate) { t.ExtKeyUsage = nil }),
	} {
		nonce := [32]byte{9}
		voter, digest, signature, err := d.check.Holder(card, stationtest.Day, nonce)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if voter != record.VoterOf(d.check.Election, holderID) {
			t.Errorf("%s: another voter", name)
		}
		if digest != sha256.Sum256(card.Certificate.Raw) {
			t.Errorf("%s: digest of another certificate", name)
		}
		message := record.AttendanceMessage(d.check.Election, d.check.Station, nonce)
		if err := checkSignature(card.Certificate, message, signature); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAuthorities(t *testing.T) {
	one, two, three := stationtest.NewAuthority("One"), stationtest.NewAuthority("Two"), stationtest.NewAuthority("Three")
	m := &record.Manifest{CardAuthorities: []record.Hash{one.Hash(), two.Hash()}}
	for _, test := range []struct {
		name string
		ders [][]byte
		text string
	}{
		{"none", nil, "2 of the manifest's are not there"},
		{"one missing", [][]byte{one.Certificate.Raw}, "1 of the manifest's are not there"},
		{"one twice", [][]byte{one.Certificate.Raw, one.Certificate.Raw}, "given twice"},
		{"a stranger", [][]byte{one.Certificate.Raw, two.Certificate.Raw, three.Certificate.Raw}, "not one of the manifest's"},
	} {
		if _, err := Authorities(m, test.ders); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
	junk := []byte("junk")
	if _, err := Authorities(&record.Manifest{CardAuthorities: []record.Hash{record.FileHash(junk)}}, [][]byte{junk}); err == nil {
		t.Error("junk that the manifest names is a certificate")
	}
	roots, err := Authorities(m, [][]byte{two.Certificate.Raw, one.Certificate.Raw})
	if err != nil || len(roots) != 2 {
		t.Errorf("%d roots, %v", len(roots), err)
	}
}

func TestRevocationLists(t *testing.T) {
	a, other := stationtest.NewAuthority("One"), stationtest.NewAuthority("Other")
	same := stationtest.NewAuthorityWithKey("One", "another key")
	good := a.Revoke(a.Issue(holderID, nil))
	changed := bytes.Clone(good)
	changed[len(changed)-1] ^= 1
	delta := a.List(&x509.RevocationList{
		Number: big.NewInt(2), ThisUpdate: stationtest.Day, NextUpdate: stationtest.Day.AddDate(0, 0, 1),
		ExtraExtensions: []pkix.Extension{{Id: deltaList, Critical: true, Value: []byte{2, 1, 1}}},
	})
	for _, test := range []struct {
		name string
		der  []byte
		text string
	}{
		{"empty", nil, "revocation list: "},
		{"junk", []byte("junk"), "revocation list: "},
		{"a certificate", a.Certificate.Raw, "revocation list: "},
		{"too large", make([]byte, maxRevocationList+1), "67108865 bytes"},
		{"of another authority", other.Revoke(), "of another authority"},
		{"of another authority of that name", same.Revoke(), "revocation list: "},
		{"changed", changed, "revocation list: "},
		{"changes only", delta, "holds only the changes"},
	} {
		if _, err := RevokedSerials(test.der, a.Certificate); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
	revoked, err := RevokedSerials(good, a.Certificate)
	if err != nil || len(revoked) != 1 {
		t.Errorf("%d revoked, %v", len(revoked), err)
	}
}

// FuzzCertificates gives a station whatever a hostile card may hold.
func FuzzCertificates(f *testing.F) {
	a := stationtest.NewAuthority("Test eID Authority")
	f.Add(a.Issue(holderID, nil).Certificate.Raw, a.Certificate.Raw)
	f.Add(a.Sub("Issuing Authority").Certificate.Raw, []byte{})
	f.Add([]byte{0x30, 0x80}, []byte{0x30})
	check := CardCheck{Station: stationtest.Station, Authorities: []*x509.Certificate{a.Certificate}}
	f.Fuzz(func(t *testing.T, leaf, between []byte) {
		// The card does not have the key of whatever certificate this is.
		_, _, _, err := check.Holder(silentChain{leaf, between}, stationtest.Day, [32]byte{})
		if _, ok := errors.AsType[*Refusal](err); !ok {
			t.Errorf("error %v", err)
		}
	})
}

// chain is a card that only shows certificates.
type chain [][]byte

func (c chain) Certificates() ([][]byte, error)     { return c, nil }
func (c chain) Sign(message []byte) ([]byte, error) { return nil, errors.New("gone") }

type silentChain [][]byte

func (c silentChain) Certificates() ([][]byte, error) { return c, nil }
func (c silentChain) Sign([]byte) ([]byte, error)     { return nil, nil }

// deaf is pulled out between certificate and signature.
type deaf struct{ *stationtest.Card }

func (deaf) Sign([]byte) ([]byte, error) { return nil, errors.New("gone") }

// silent answers with no signature.
type silent struct{ *stationtest.Card }

func (silent) Sign([]byte) ([]byte, error) { return nil, nil }

// replaying signs what it signed yesterday.
type replaying struct{ *stationtest.Card }

func (c replaying) Sign([]byte) ([]byte, error) { return c.Card.Sign([]byte("yesterday")) }

// trailing appends to its signatures.
type trailing struct{ *stationtest.Card }

func (c trailing) Sign(m []byte) ([]byte, error) {
	s, err := c.Card.Sign(m)
	return append(s, 0), err
}

// publicOnly is a key of which only the public half exists.
type publicOnly struct{ key crypto.PublicKey }

func (k publicOnly) Public() crypto.PublicKey { return k.key }
func (publicOnly) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("no key")
}

func odd(bits uint) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return n.Add(n, big.NewInt(1))
}

// byCard is a card "issued" with another voter's card.
func byCard(issuer *stationtest.Card) *stationtest.Card {
	a := &stationtest.Authority{Certificate: issuer.Certificate}
	c := a.IssueWith(issuer.Key, holderID)
	c.Between = [][]byte{issuer.Certificate.Raw}
	return c
}
