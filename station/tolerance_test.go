package station

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/station/stationtest"
)

// TestTolerance moves the clock over both ends of every certificate of a chain,
// to the second.
func TestTolerance(t *testing.T) {
	d := newDesk(t)
	day := stationtest.Day
	from, to := day.AddDate(0, 0, -10), day.AddDate(0, 0, 10)
	short := func(c *x509.Certificate) { c.NotBefore, c.NotAfter = from, to }
	long := func(c *x509.Certificate) { c.NotBefore, c.NotAfter = day.AddDate(-20, 0, 0), day.AddDate(20, 0, 0) }
	under := func(sub *stationtest.Authority, change func(*x509.Certificate)) *stationtest.Card {
		c := sub.Issue(holderID, change)
		c.Between = [][]byte{sub.Certificate.Raw}
		return c
	}
	root := d.authority.Certificate
	cards := map[string]struct {
		card     *stationtest.Card
		from, to time.Time
		reason   Reason
	}{
		"card":              {d.authority.Issue(holderID, short), from, to, ExpiredCard},
		"issuing authority": {under(d.authority.SubWith("Issuing Authority", short), long), from, to, UntrustedCard},
		"card authority":    {d.authority.Issue(holderID, long), root.NotBefore, root.NotAfter, UntrustedCard},
	}
	for name, c := range cards {
		for _, tolerance := range []time.Duration{0, time.Second, 48 * time.Hour, MaxTolerance} {
			d.check.Tolerance = tolerance
			for _, at := range []struct {
				now  time.Time
				good bool
			}{
				{c.from.Add(-tolerance - time.Second), false},
				{c.from.Add(-tolerance - 1), false},
				{c.from.Add(-tolerance), true},
				{c.from, true},
				{c.to, true},
				{c.to.Add(tolerance), true},
				{c.to.Add(tolerance + 1), false},
				{c.to.Add(tolerance + time.Second), false},
			} {
				_, _, _, err := d.check.Holder(c.card, at.now, [32]byte{1})
				refusal, _ := errors.AsType[*Refusal](err)
				if at.good && err != nil || !at.good && (refusal == nil || refusal.Reason != c.reason) {
					t.Errorf("%s, tolerance %v, at %v: %v", name, tolerance, at.now, err)
				}
			}
		}
	}

	// A chain that is valid at no single moment, each end of which is.
	expired := d.authority.SubWith("Past Authority", func(c *x509.Certificate) { c.NotAfter = day.Add(-24 * time.Hour) })
	early := under(expired, func(c *x509.Certificate) { c.NotBefore = day.Add(24 * time.Hour) })
	d.check.Tolerance = 24 * time.Hour
	if _, _, _, err := d.check.Holder(early, day, [32]byte{1}); err != nil {
		t.Errorf("authority past and card to come, each within the tolerance: %v", err)
	}
	d.check.Tolerance -= time.Second
	if _, _, _, err := d.check.Holder(early, day, [32]byte{1}); err == nil {
		t.Error("authority past and card to come, each beyond the tolerance: accepted")
	}
}

// TestToleranceIsOfDatesOnly: whatever else is wrong with a card stays wrong.
func TestToleranceIsOfDatesOnly(t *testing.T) {
	d := newDesk(t)
	d.check.Tolerance = MaxTolerance
	late := func(c *x509.Certificate) { c.NotAfter = stationtest.Day.Add(-time.Hour) }
	for name, test := range map[string]struct {
		card   Card
		reason Reason
	}{
		"revoked":             {d.revoked, RevokedCard},
		"of another":          {d.other.Issue(holderID, late), UntrustedCard},
		"copied":              {copied(d.authority.Issue(holderID, late)), WrongSignature},
		"for something else":  {d.authority.Issue(holderID, func(c *x509.Certificate) { late(c); c.KeyUsage = x509.KeyUsageKeyEncipherment }), UnfitCard},
		"under another card":  {byCard(d.authority.Issue(holderID, late)), UntrustedCard},
		"expired a month ago": {d.authority.Issue(holderID, func(c *x509.Certificate) { c.NotAfter = stationtest.Day.AddDate(0, -1, 0) }), ExpiredCard},
	} {
		_, _, _, err := d.check.Holder(test.card, stationtest.Day, [32]byte{1})
		if refusal, ok := errors.AsType[*Refusal](err); !ok || refusal.Reason != test.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	before := *d.authority.Certificate
	card := d.authority.Issue(holderID, late)
	if _, digest, _, err := d.check.Holder(card, stationtest.Day, [32]byte{1}); err != nil || digest != d.hash(card) {
		t.Errorf("the attendance names another certificate: %x, %v", digest, err)
	}
	if after := d.authority.Certificate; !after.NotAfter.Equal(before.NotAfter) || !after.NotBefore.Equal(before.NotBefore) {
		t.Error("the authority's own dates were changed")
	}
}

func TestValidateRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		check CardCheck
		text  string
	}{
		{"negative tolerance", CardCheck{Tolerance: -1}, "tolerance of the clock: -1ns"},
		{"tolerance of years", CardCheck{Tolerance: MaxTolerance + 1}, "allowed are 0 to 168h0m0s"},
		{"no key type", CardCheck{KeyTypes: []string{}}, "none is allowed"},
		{"unknown key type", CardCheck{KeyTypes: []string{"rsa", "dsa"}}, `no "dsa"`},
		{"officials' keys", CardCheck{KeyTypes: []string{"ed25519"}}, `no "ed25519"`},
		{"attribute by name", CardCheck{Naming: Naming{Attribute: "commonName"}}, `"commonName" is no object identifier`},
		{"one arc", CardCheck{Naming: Naming{Attribute: "2"}}, `"2" is no object identifier`},
		{"a sign", CardCheck{Naming: Naming{Attribute: "2.+5.4.5"}}, "is no object identifier"},
		{"leading zero", CardCheck{Naming: Naming{Attribute: "2.05.4.5"}}, "is no object identifier"},
		{"a gap", CardCheck{Naming: Naming{Attribute: "2..4"}}, "is no object identifier"},
		{"beyond every integer", CardCheck{Naming: Naming{Attribute: "2.5.99999999999999999999"}}, "is no object identifier"},
		{"a prefix without room", CardCheck{Naming: Naming{Prefix: strings.Repeat("P", 128)}}, "a prefix of 128 bytes"},
	} {
		if err := test.check.Validate(); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
	for _, good := range []CardCheck{
		{}, {Tolerance: MaxTolerance, KeyTypes: []string{"rsa", "ecdsa-p256", "ecdsa-p384"}, Naming: Naming{"2.5.4.3", "PNOTW-"}}, {Naming: Naming{"serialNumber", ""}},
	} {
		if err := good.Validate(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
}
