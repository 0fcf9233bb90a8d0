package record_test

import (
	"crypto"
	"math"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/record"
)

type noHash struct{}

func (noHash) HashFunc() crypto.Hash { return 0 }

func TestCountsThatDoNotReconcile(t *testing.T) {
	good := record.Counts{Registered: 100, Attendances: 60, Sessions: 65, Cast: 60, Challenged: 3, Abandoned: 5, SlipsPrinted: 67, SlipsVoided: 7}
	if err := good.Reconcile(); err != nil {
		t.Fatal(err)
	}
	type C = record.Counts
	for _, tt := range []struct {
		name   string
		change func(*C)
		err    string
	}{
		{"a ballot without attendance", func(c *C) { c.Attendances-- }, "59 attendances, but 60 ballots cast"},
		{"an attendance without ballot", func(c *C) { c.Attendances++ }, "61 attendances, but 60 ballots cast"},
		{"more ballots than voters", func(c *C) { c.Registered = 59 }, "60 ballots cast by 59 registered voters"},
		{"a session more", func(c *C) { c.Sessions++ }, "66 sessions, but 60 cast and 5 abandoned"},
		{"a session less", func(c *C) { c.Sessions-- }, "64 sessions, but 60 cast and 5 abandoned"},
		{"a slip more", func(c *C) { c.SlipsPrinted++ }, "68 slips printed, but 60 cast and 7 voided"},
		{"a slip less", func(c *C) { c.SlipsPrinted-- }, "66 slips printed, but 60 cast and 7 voided"},
		{"challenged slips not voided", func(c *C) { c.Challenged = 8 }, "8 ballots challenged, but only 7 slips voided"},
		{"slips voided for nothing", func(c *C) { c.SlipsVoided, c.SlipsPrinted = 9, 69 }, "9 slips voided, but 3 challenged and 5 abandoned"},
		{"sessions that overflow", func(c *C) { c.Abandoned, c.Sessions = math.MaxUint32-59, 0 }, "0 sessions, but 60 cast and 4294967236 abandoned"},
		{"slips that overflow", func(c *C) { c.SlipsVoided, c.SlipsPrinted = math.MaxUint32-59, 0 }, "0 slips printed, but 60 cast and 4294967236 voided"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := good
			tt.change(&c)
			if err := c.Reconcile(); err == nil || err.Error() != tt.err {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
	for name, change := range map[string]func(*C){
		"nobody came":           func(c *C) { *c = C{Registered: 100} },
		"everybody came":        func(c *C) { *c = C{Registered: 100, Attendances: 100, Sessions: 100, Cast: 100, SlipsPrinted: 100} },
		"every voided slip was": func(c *C) { c.SlipsVoided, c.SlipsPrinted = 8, 68 },
		"only challenges":       func(c *C) { c.SlipsVoided, c.SlipsPrinted = 3, 63 },
	} {
		c := good
		change(&c)
		if err := c.Reconcile(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckClosingRefuses(t *testing.T) {
	w := theWorld()
	type signed = record.Signed[record.Closing]
	good := func() *signed { return w.closing("a-1", 3, 0, record.Hash{}, nil) }
	if err := record.CheckClosing(w.election, "a-1", good()); err != nil {
		t.Fatal(err)
	}
	official := func(i int) record.Signature {
		return sign(good().Body, as(record.SignerOfficial(i), officialKey("a-1", i))).Signatures[0]
	}
	for _, tt := range []struct {
		name   string
		change func(*signed)
		err    string
	}{
		{"no signatures", func(s *signed) { s.Signatures = nil }, "closing: signed by 0 officials, needed are 2"},
		{"empty list", func(s *signed) { s.Signatures = []record.Signature{} }, "closing: signed by 0 officials, needed are 2"},
		{"station alone", func(s *signed) { s.Signatures = s.Signatures[:1] }, "closing: signed by 0 officials, needed are 2"},
		{"one official", func(s *signed) { s.Signatures = s.Signatures[:2] }, "closing: signed by 1 officials, needed are 2"},
		{"one official twice", func(s *signed) { s.Signatures[2] = s.Signatures[1] }, "closing: signed by 1 officials, needed are 2"},
		{"one official under two names", func(s *signed) { s.Signatures[2].Signature = s.Signatures[1].Signature }, "closing: signature of official-3 does not verify"},
		{"officials alone", func(s *signed) { s.Signatures = s.Signatures[1:] }, "closing: 2 signatures instead of 3"},
		{"officials in other order", func(s *signed) { slices.Reverse(s.Signatures[1:]) }, `closing: signature 2 is of "official-3" instead of "official-1"`},
		{"station last", func(s *signed) { slices.Reverse(s.Signatures) }, `closing: signature 1 is of "official-3" instead of "station:a-1"`},
		{"official nobody named", func(s *signed) { s.Signatures[2].Signer = "official-4" }, "closing: signed by 1 officials, needed are 2"},
		{"official 01", func(s *signed) { s.Signatures[1].Signer = "official-01" }, "closing: signed by 1 officials, needed are 2"},
		{"a stranger besides", func(s *signed) { ok(s.Sign("observer", signingKey("x"))) }, "closing: 4 signatures instead of 3"},
		{"counts altered", func(s *signed) { s.Body.Counts.Cast++ }, "closing: signature of station:a-1 does not verify"},
		{"of another election", func(s *signed) { s.Body.Election[0] ^= 1 }, "closing: of another election"},
		{"of another station", func(s *signed) { *s = *w.closing("a-2", 3, 0, record.Hash{}, nil) }, `closing: of station "a-2"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := good()
			tt.change(s)
			if err := record.CheckClosing(w.election, "a-1", s); err == nil || err.Error() != tt.err {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
	if err := record.CheckClosing(w.election, "c-1", good()); err == nil || err.Error() != `closing: the manifest has no station "c-1"` {
		t.Errorf("error %v", err)
	}
	all := good()
	all.Signatures = slices.Insert(all.Signatures, 2, official(2))
	if err := record.CheckClosing(w.election, "a-1", all); err != nil {
		t.Errorf("three officials: %v", err)
	}
}

func TestCheckCounts(t *testing.T) {
	s := record.Station{Registered: 5}
	if err := record.CheckCounts(s, record.Counts{Registered: 6}); err == nil || err.Error() != "counts: 6 registered voters, the manifest says 5" {
		t.Errorf("error %v", err)
	}
	if err := record.CheckCounts(s, record.Counts{Registered: 5, Cast: 1}); err == nil || err.Error() != "counts: 0 attendances, but 1 ballots cast" {
		t.Errorf("error %v", err)
	}
	if err := record.CheckCounts(s, record.Counts{Registered: 5}); err != nil {
		t.Error(err)
	}
}
