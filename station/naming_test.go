package station

import (
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationtest"
)

func (d *desk) hash(c *stationtest.Card) record.Hash { return record.FileHash(c.Certificate.Raw) }

var personalNumber = asn1.ObjectIdentifier{1, 2, 246, 22}

// named is the subject of a certificate with attributes of the test's own.
func named(attributes ...pkix.AttributeTypeAndValue) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.Subject = pkix.Name{ExtraNames: attributes} }
}

func attribute(id asn1.ObjectIdentifier, value any) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: id, Value: value}
}

// TestNaming: cards of one kind are read in one way, and every other one is
// refused: a holder's identifier must not depend on what else a card says.
func TestNaming(t *testing.T) {
	serial := func(value any) pkix.AttributeTypeAndValue { return attribute(serialNumber, value) }
	for _, test := range []struct {
		name    string
		naming  Naming
		subject func(*x509.Certificate)
		holder  string // "": refused
		text    string
	}{
		{"as it is", Naming{}, named(serial("PNOTW-A1")), "PNOTW-A1", ""},
		{"said aloud", Naming{"serialNumber", ""}, named(serial("A1")), "A1", ""},
		{"by its number", Naming{"2.5.4.5", ""}, named(serial("A1")), "A1", ""},
		{"prefix", Naming{"", "PNOTW-"}, named(serial("PNOTW-A1")), "A1", ""},
		{"prefix twice", Naming{"", "PNOTW-"}, named(serial("PNOTW-PNOTW-A1")), "PNOTW-A1", ""},
		{"no prefix", Naming{"", "PNOTW-"}, named(serial("A1")), "", "not of the kind on the roll"},
		{"another prefix", Naming{"", "PNOTW-"}, named(serial("PASTW-A1")), "", "not of the kind on the roll"},
		{"small letters", Naming{"", "PNOTW-"}, named(serial("pnotw-A1")), "", "not of the kind on the roll"},
		{"prefix in the middle", Naming{"", "PNOTW-"}, named(serial("A1PNOTW-")), "", "not of the kind on the roll"},
		{"prefix alone", Naming{"", "PNOTW-"}, named(serial("PNOTW-")), "", "not of the kind on the roll"},
		{"shorter than the prefix", Naming{"", "PNOTW-"}, named(serial("PN")), "", "not of the kind on the roll"},
		{"another attribute", Naming{"1.2.246.22", ""}, named(serial("A1"), attribute(personalNumber, "B2")), "B2", ""},
		{"another attribute, prefix", Naming{"1.2.246.22", "B"}, named(attribute(personalNumber, "B2")), "2", ""},
		{"another attribute is not there", Naming{"1.2.246.22", ""}, named(serial("A1")), "", "does not identify its holder"},
		{"another attribute twice", Naming{"1.2.246.22", ""}, named(attribute(personalNumber, "B2"), attribute(personalNumber, "B3")), "", "malformed"},
		{"serialNumber is not asked", Naming{"1.2.246.22", ""}, named(serial("A1"), serial("A2"), attribute(personalNumber, "B2")), "B2", ""},
		{"as long as can be", Naming{"", "P"}, named(serial("P" + strings.Repeat("x", 127))), strings.Repeat("x", 127), ""},
		{"longer", Naming{"", "P"}, named(serial("P" + strings.Repeat("x", 128))), "", "malformed"},
		{"no naming at all", Naming{"nonsense", ""}, named(serial("A1")), "", "no object identifier"},
	} {
		d := newDesk(t)
		d.check.Naming = test.naming
		voter, _, _, err := d.check.Holder(d.authority.Issue("", test.subject), stationtest.Day, [32]byte{1})
		if test.holder != "" {
			if err != nil || voter != record.VoterOf(d.check.Election, test.holder) {
				t.Errorf("%s: not the voter %s: %v", test.name, test.holder, err)
			}
			continue
		}
		if refusal, ok := errors.AsType[*Refusal](err); !ok || refusal.Reason != UnreadableCard || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestKeyTypes: a station takes the keys it was told of.
func TestKeyTypes(t *testing.T) {
	d := newDesk(t)
	cards := map[string]*stationtest.Card{
		"ecdsa-p256": d.authority.Issue(holderID, nil),
		"ecdsa-p384": d.authority.IssueFor(stationtest.Key(elliptic.P384(), "k"), holderID, nil),
		"rsa":        d.authority.IssueFor(rsaKey(t, 2048), holderID, nil),
	}
	for _, allowed := range []string{"ecdsa-p256", "ecdsa-p384", "rsa"} {
		d.check.KeyTypes = []string{allowed}
		for kind, card := range cards {
			_, _, _, err := d.check.Holder(card, stationtest.Day, [32]byte{1})
			refusal, _ := errors.AsType[*Refusal](err)
			if kind == allowed && err != nil || kind != allowed && (refusal == nil || refusal.Reason != UnfitCard) {
				t.Errorf("%s where %s is allowed: %v", kind, allowed, err)
			}
		}
	}
	d.check.KeyTypes = []string{}
	if _, _, _, err := d.check.Holder(cards["rsa"], stationtest.Day, [32]byte{1}); err == nil {
		t.Error("accepted where no type is")
	}
}

// FuzzAttribute: what names an attribute names it in one way.
func FuzzAttribute(f *testing.F) {
	for _, s := range []string{"", "serialNumber", "2.5.4.5", "1.2.246.22", "2", "2.05", "2..4", "-1.2", "2.5.99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := Naming{Attribute: s}.attribute()
		if err != nil {
			return
		}
		if s == "" || s == "serialNumber" {
			s = "2.5.4.5"
		}
		if id.String() != s {
			t.Errorf("%q is read as %v", s, id)
		}
	})
}
