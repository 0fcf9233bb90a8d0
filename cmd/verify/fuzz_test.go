package main

import (
	"testing"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/code"
)

// FuzzParseCode: what a person types, or a QR code says, is refused with the
// status of wrong input, or is a code that is printed and read again as itself.
func FuzzParseCode(f *testing.F) {
	good := code.Format(record.FileHash([]byte("a ballot")))
	for _, s := range []string{
		"", good, " " + good + "\n", qrPrefix + "0123456789abcdef:" + good, qrPrefix + "0123456789ABCDEF:" + good,
		qrPrefix + good, qrPrefix, qrPrefix + "::", "referendum-v1:challenge:" + good, good + good, "0", "\x00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		election, c, err := parseCode(s)
		if err != nil {
			if terminal.Status(err) != terminal.ExitUsage {
				t.Errorf("status %d", terminal.Status(err))
			}
			return
		}
		again := code.Format(c)
		if election != "" {
			again = qrPrefix + election + ":" + again
		}
		if e, d, err := parseCode(again); err != nil || d != c || e != election {
			t.Errorf("%q is %v of %q, and %q is %v of %q: %v", s, c, election, again, d, e, err)
		}
	})
}
