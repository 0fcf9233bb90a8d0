package keygen

import (
	"bytes"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
)

func FuzzParseSecret(f *testing.F) {
	good := must(Generate(random("s"))).Export()
	f.Add(good)
	f.Add(strings.ToLower(good))
	f.Add(good + "\n")
	f.Add(secretPrefix)
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSecret(text)
		if err == nil && s.Export() != text {
			t.Errorf("two texts of one secret: %q", text)
		}
	})
}

// FuzzUnlock also shows that the work is bounded: the seeds that ask for more
// would run for hours.
func FuzzUnlock(f *testing.F) {
	good := must(Lock("SECRET", "passphrase", low))
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("-----BEGIN AGE ENCRYPTED FILE-----\n-----END AGE ENCRYPTED FILE-----\n"))
	f.Add([]byte("age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		text, err := Unlock(sealed, "passphrase")
		if err != nil && text != "" {
			t.Errorf("an error and a text: %v", err)
		}
		if err == nil && text != "SECRET" {
			t.Errorf("another text: %q", text)
		}
	})
}

func FuzzParseEnrolment(f *testing.F) {
	p := newPlay(1, 1)
	good := must(record.Marshal(p.c.Enrolments[0]))
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(bytes.Replace(good, []byte("Trustee"), []byte("Nobody!"), 1))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseEnrolment(b)
		if err == nil && !bytes.Equal(must(record.Marshal(e)), b) {
			t.Errorf("two encodings of one enrolment:\n%q", b)
		}
	})
}

// FuzzDocuments feeds a file to every document that a ceremony can have. One
// file is at most one of them.
func FuzzDocuments(f *testing.F) {
	p := finished(2, 3)
	hash := p.seats[0].hash
	x := p.complain(1, 2)
	good := [][]byte{
		must(record.Marshal(p.c.Enrolments[1])), must(record.Marshal(p.c.Commitments[1])), must(record.Marshal(p.c.Reveals[1])),
		must(record.Marshal(p.c.Confirmations[1])), must(record.Marshal(x)), must(record.Marshal(must(p.seats[1].Defend(x)))),
	}
	for _, b := range good {
		f.Add(b)
		f.Add(bytes.Replace(b, []byte("0"), []byte("1"), 1))
		f.Add(b[:len(b)/2])
	}
	f.Add(must(record.Marshal(rehearsalOf(p).c.Reveals[1])))
	all := documents(p.m, hash)
	f.Fuzz(func(t *testing.T, b []byte) {
		var is []string
		for _, d := range all {
			if d.check(b) == nil {
				is = append(is, d.name)
			}
		}
		if len(is) > 1 {
			t.Errorf("one file is %q", is)
		}
		known := false
		for _, g := range good {
			known = known || bytes.Equal(g, b)
		}
		if len(is) == 1 && !known {
			t.Errorf("a forged %s:\n%q", is[0], b)
		}
	})
}

// The six seeds are the documents that they should be.
func TestDocumentsKnowTheirFiles(t *testing.T) {
	p := finished(2, 3)
	x := p.complain(1, 2)
	for name, b := range map[string][]byte{
		"ceremony/enrolment-2.json":    must(record.Marshal(p.c.Enrolments[1])),
		"ceremony/commitment-2.json":   must(record.Marshal(p.c.Commitments[1])),
		"ceremony/reveal-2.json":       must(record.Marshal(p.c.Reveals[1])),
		"ceremony/confirmation-2.json": must(record.Marshal(p.c.Confirmations[1])),
		"ceremony/complaint-1-2.json":  must(record.Marshal(x)),
		"ceremony/defence-2-1.json":    must(record.Marshal(must(p.seats[1].Defend(x)))),
	} {
		accepted := ""
		for _, d := range documents(p.m, p.seats[0].hash) {
			if d.check(b) == nil {
				accepted += d.name
			}
		}
		if accepted != name {
			t.Errorf("%s: taken for %q", name, accepted)
		}
	}
}
