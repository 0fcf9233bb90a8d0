package record_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
)

func TestReadFileLimits(t *testing.T) {
	fsys := fstest.MapFS{"f": {Data: []byte("1234")}, "d/x": {}}
	for _, tt := range []struct {
		name  string
		limit int64
		err   string
	}{
		{"f", 4, ""}, {"f", 5, ""}, {"f", 3, "reading f: larger than 3 bytes"}, {"f", 0, "reading f: larger than 0 bytes"}, {"d/x", 0, ""},
		{"g", 9, "reading g: no such file"}, {"d", 9, "reading d: is a directory"}, {"../f", 9, "reading ../f: no such file"},
	} {
		b, err := record.ReadFile(fsys, tt.name, tt.limit)
		if (err == nil) != (tt.err == "") || err != nil && (err.Error() != tt.err || b != nil) {
			t.Errorf("%s, at most %d: error %v, want %q", tt.name, tt.limit, err, tt.err)
		}
	}
	if _, err := record.ReadFile(fsys, "g", 9); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v hides its cause", err)
	}
}

// TestPipesAreNotOpened: a pipe in a record would keep its reader waiting.
func TestPipesAreNotOpened(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{record.ManifestFile, record.BallotsFile} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := record.ReadElection(os.DirFS(dir)); err == nil || err.Error() != "reading manifest.json: not a regular file" {
		t.Errorf("error %v", err)
	}
	if err := record.ScanBallots(theWorld().election, os.DirFS(dir), "a-1", nil).Err(); err == nil || err.Error() != "reading ballots: not a regular file" {
		t.Errorf("error %v", err)
	}
}

func TestDocumentsAreBounded(t *testing.T) {
	parse := func(n int, parse func([]byte) error) error { return parse(make([]byte, n+1)) }
	for want, got := range map[string]error{
		"manifest: 268435457 bytes, allowed are 268435456":   parse(record.MaxDocument, func(b []byte) error { _, err := record.ParseManifest(b); return err }),
		"joint key: 1048577 bytes, allowed are 1048576":      parse(1<<20, func(b []byte) error { _, err := record.ParseJointKey(b); return err }),
		"challenge: 4194305 bytes, allowed are 4194304":      parse(4<<20, func(b []byte) error { _, err := record.ParseChallenge(b); return err }),
		"closing: 16385 bytes, allowed are 16384":            parse(16<<10, parseOnly[record.Closing]),
		"enrolment: 1048577 bytes, allowed are 1048576":      parse(1<<20, parseOnly[record.Enrolment]),
		"reveal: 1048577 bytes, allowed are 1048576":         parse(1<<20, parseOnly[record.Reveal]),
		"roll: 16777217 bytes, allowed are 16777216":         parse(16<<20, parseOnly[record.Roll]),
		"decryption: 268435457 bytes, allowed are 268435456": parse(record.MaxDocument, parseOnly[record.Decryption]),
	} {
		if got == nil || got.Error() != want {
			t.Errorf("error %v, want %q", got, want)
		}
	}
	fsys := fstest.MapFS{record.ClosingFile: {Data: make([]byte, 16<<10+1)}}
	if _, err := record.ReadSigned[record.Closing](fsys, record.ClosingFile); err == nil || err.Error() != "reading closing.json: larger than 16384 bytes" {
		t.Errorf("error %v", err)
	}
}

func parseOnly[T record.Body](b []byte) error {
	_, err := record.ParseSigned[T](b)
	return err
}

// TestLargestDocumentsFit: what the bounds of a manifest allow is smaller than
// the bound of the file.
func TestLargestDocumentsFit(t *testing.T) {
	c := sign(record.Closing{Station: strings.Repeat("a", 64), Counts: record.Counts{Registered: 100_000, Sessions: 1<<32 - 1}})
	for i := range 17 {
		c.Signatures = append(c.Signatures, record.Signature{Signer: fmt.Sprint("official-", i)})
	}
	r := sign(record.Roll{Station: "a-1", Voters: make([]record.Voter, record.MaxRegistered)}, as(record.SignerAuthority, signingKey("authority")))
	e := record.Reveal{Trustee: 32, Commitments: slices.Repeat([]group.Element{group.Generator()}, 32), Proofs: slices.Repeat(theWorld().ceremony.Reveals[0].Body.Proofs[:1], 32)}
	for range 32 {
		e.Shares = append(e.Shares, make(record.Bytes, record.SealedShareSize))
	}
	for limit, v := range map[int]any{16 << 10: c, 16 << 20: r, 1 << 20: e, 4 << 20: record.Challenge{Ballot: make(record.Bytes, 1<<20)}} {
		if b := must(record.Marshal(v)); len(b) > limit {
			t.Errorf("%T: %d bytes, allowed are %d", v, len(b), limit)
		}
	}
}

func TestNamesOfFiles(t *testing.T) {
	for got, want := range map[string]string{
		record.EnrolmentFile(1): "ceremony/enrolment-1.json", record.CommitmentFile(2): "ceremony/commitment-2.json",
		record.RevealFile(10): "ceremony/reveal-10.json", record.ConfirmationFile(32): "ceremony/confirmation-32.json",
		record.DecryptionFile(3): "decryption/trustee-3.json", record.StationFile("a-1", record.BallotsFile): "stations/a-1/ballots",
	} {
		if got != want {
			t.Errorf("%s instead of %s", got, want)
		}
	}
}

func recordFS(w *world) fstest.MapFS {
	fsys := fstest.MapFS{record.ManifestFile: {Data: w.manifest}, record.JointKeyFile: {Data: w.jointKey}}
	put := func(name string, v any) { fsys[name] = &fstest.MapFile{Data: must(record.Marshal(v))} }
	for i := range w.ceremony.Reveals {
		put(record.EnrolmentFile(i+1), w.ceremony.Enrolments[i])
		put(record.CommitmentFile(i+1), w.ceremony.Commitments[i])
		put(record.RevealFile(i+1), w.ceremony.Reveals[i])
		put(record.ConfirmationFile(i+1), w.ceremony.Confirmations[i])
	}
	return fsys
}

func TestReadElectionAndCeremony(t *testing.T) {
	w := theWorld()
	fsys := recordFS(w)
	e, err := record.ReadElection(fsys)
	if err != nil || e.ID != record.ElectionID(w.manifest, w.jointKey) || e.ID != w.election.ID {
		t.Fatalf("election %v, %v", e, err)
	}
	c, err := record.ReadCeremony(fsys, 3)
	if err != nil || string(must(record.Marshal(c))) != string(must(record.Marshal(w.ceremony))) {
		t.Errorf("the ceremony does not come back: %v", err)
	}
	for name, want := range map[string]string{
		record.ManifestFile: "reading manifest.json: no such file", record.JointKeyFile: "reading joint-key.json: no such file",
	} {
		fsys := recordFS(w)
		delete(fsys, name)
		if _, err := record.ReadElection(fsys); err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	delete(fsys, record.RevealFile(2))
	fsys[record.CommitmentFile(2)] = fsys[record.EnrolmentFile(2)]
	want := "reading ceremony/commitment-2.json: commitment: json: unknown field \"name\"\nreading ceremony/reveal-2.json: no such file"
	if _, err := record.ReadCeremony(fsys, 3); err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}
