package main

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/code"
	"github.com/openreferendum/referendum/verifier"
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

// FuzzNotes: whatever a notebook holds, it is refused, or read up to a place
// from which the notes that were read, written again, read the same.
func FuzzNotes(f *testing.F) {
	e, err := verifier.OpenElection(os.DirFS(corpus + "/valid/county"))
	if err != nil {
		f.Fatal(err)
	}
	head := headOf(record.FileHash([]byte("a program")), e)
	line, err := lineOf(verifier.Note{Station: "a-1", Count: 3, Root: record.FileHash([]byte("a root")), Sum: e.Manifest.NewSum()})
	if err != nil {
		f.Fatal(err)
	}
	bad := signed("a-1 x " + strings.Repeat("0", 64) + " 00")
	for _, s := range []string{"", head, head + line, head + line + line[:40], head + bad, line, head[:20], head + "\n", head + strings.Replace(line, "a-1 3", "a-1 4", 1) + line} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		notes, end, err := parseNotes(strings.NewReader(s), head, e)
		if err != nil {
			return
		}
		if end < 0 || end > int64(len(s)) || end > 0 && !strings.HasPrefix(s, head) {
			t.Fatalf("%q is read up to %d", s, end)
		}
		again := head
		for _, station := range slices.Sorted(maps.Keys(notes)) {
			line, err := lineOf(notes[station])
			if err != nil {
				t.Fatal(err)
			}
			again += line
		}
		if same, _, err := parseNotes(strings.NewReader(again), head, e); err != nil || !reflect.DeepEqual(notesText(t, same), notesText(t, notes)) {
			t.Errorf("%q reads as %v, %v", again, same, err)
		}
	})
}

// notesText is what notes say.
func notesText(t *testing.T, notes map[string]verifier.Note) map[string]string {
	texts := map[string]string{}
	for station, n := range notes {
		line, err := lineOf(n)
		if err != nil {
			t.Fatal(err)
		}
		texts[station] = line
	}
	return texts
}
