package record_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
)

// malleability is the law of every parser: what parses, encodes to the very
// bytes that it was parsed from, or is refused without a panic.
func malleability[T any](f *testing.F, good []byte, parse func([]byte) (T, error)) {
	for _, seed := range seedsOf(good) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := parse(b)
		if err != nil {
			return
		}
		if again := must(record.Marshal(v)); !bytes.Equal(again, b) {
			t.Errorf("two encodings of one document:\n%q\n%q", b, again)
		}
	})
}

// seedsOf lists a good document and bad ones that are near.
func seedsOf(good []byte) [][]byte {
	var loose bytes.Buffer
	ok(json.Indent(&loose, good, "", " "))
	s := string(good)
	return [][]byte{
		good, loose.Bytes(), good[:len(good)/2], append(bytes.Clone(good), '\n'), []byte("null\n"), []byte("{}\n"), []byte("[]\n"),
		[]byte(strings.Replace(s, ":", ": ", 1)), []byte(strings.Replace(s, `":"`, `":"\u0061`, 1)),
		[]byte(strings.Replace(s, "[", "[null,", 1)), []byte(strings.ToUpper(s)),
	}
}

func signedSeed(v any) []byte { return must(record.Marshal(v)) }

func FuzzParseManifest(f *testing.F) { malleability(f, theWorld().manifest, record.ParseManifest) }
func FuzzParseJointKey(f *testing.F) { malleability(f, theWorld().jointKey, record.ParseJointKey) }
func FuzzParseChallenge(f *testing.F) {
	malleability(f, []byte(challenge()), record.ParseChallenge)
}

func FuzzParseEnrolment(f *testing.F) {
	malleability(f, signedSeed(theWorld().ceremony.Enrolments[0]), record.ParseSigned[record.Enrolment])
}

func FuzzParseCommitment(f *testing.F) {
	malleability(f, signedSeed(theWorld().ceremony.Commitments[0]), record.ParseSigned[record.Commitment])
}

func FuzzParseReveal(f *testing.F) {
	malleability(f, signedSeed(theWorld().ceremony.Reveals[0]), record.ParseSigned[record.Reveal])
}

func FuzzParseConfirmation(f *testing.F) {
	malleability(f, signedSeed(theWorld().ceremony.Confirmations[0]), record.ParseSigned[record.Confirmation])
}

func FuzzParseComplaint(f *testing.F) {
	c := sign(record.Complaint{Trustee: 1, Against: 2}, as("trustee-1", trusteeKey(1)))
	malleability(f, signedSeed(c), record.ParseSigned[record.Complaint])
}

func FuzzParseDefence(f *testing.F) {
	d := sign(record.Defence{Trustee: 2, For: 1, Share: theWorld().shares[0].Reveal()}, as("trustee-2", trusteeKey(2)))
	malleability(f, signedSeed(d), record.ParseSigned[record.Defence])
}

func FuzzParseClosing(f *testing.F) {
	malleability(f, theWorld().folders["a-1"][record.ClosingFile].Data, record.ParseSigned[record.Closing])
}

func FuzzParseAggregates(f *testing.F) {
	_, file := theWorld().aggregates()
	malleability(f, file, record.ParseSigned[record.Aggregates])
}

func FuzzParseDecryption(f *testing.F) {
	w := theWorld()
	a, file := w.aggregates()
	malleability(f, signedSeed(w.answer(1, &a.Body, file)), record.ParseSigned[record.Decryption])
}

func FuzzParseResult(f *testing.F) {
	r, _, _ := theWorld().result()
	malleability(f, signedSeed(r), record.ParseSigned[record.Result])
}

func FuzzParseInventory(f *testing.F) {
	w := theWorld()
	v := sign(must(record.TakeInventory(w.election, recordFS(w))), as(record.SignerAuthority, signingKey("authority")))
	malleability(f, signedSeed(v), record.ParseSigned[record.Inventory])
}

func FuzzParseRoll(f *testing.F) {
	malleability(f, signedSeed(sign(roll(theWorld()), as(record.SignerAuthority, signingKey("authority")))), record.ParseSigned[record.Roll])
}

func FuzzParseHash(f *testing.F) {
	f.Add(strings.Repeat("0a", 32))
	f.Add(strings.Repeat("0A", 32))
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		if h, err := record.ParseHash(s); err == nil && h.String() != s {
			t.Errorf("two spellings of one hash: %q, %q", s, h)
		}
	})
}

// FuzzParseSum: what is read as a sum is written as the same text.
func FuzzParseSum(f *testing.F) {
	m := theWorld().election.Manifest
	zero, err := m.NewSum().MarshalText()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", string(zero), string(zero[:len(zero)-2]), string(zero) + "00", strings.Repeat("f", len(zero)), strings.ToUpper(strings.Repeat("e2", len(zero)/2))} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		sum, err := m.ParseSum([]byte(s))
		if err != nil {
			return
		}
		if text, err := sum.MarshalText(); err != nil || string(text) != s {
			t.Errorf("%q is written as %q, %v", s, text, err)
		}
	})
}

func FuzzSplitChallenged(f *testing.F) {
	w := theWorld()
	good := w.folders["a-1"][record.ChallengedFile].Data
	for _, seed := range [][]byte{nil, good, good[:len(good)/2], good[1:], append(bytes.Clone(good), good...), bytes.Repeat([]byte{0xff}, len(good))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := record.SplitChallenged(w.election, "a-1", b)
		if err != nil {
			return
		}
		var again []byte
		for _, c := range all {
			again = append(again, c.Encode()...)
		}
		if !bytes.Equal(again, b) {
			t.Error("two encodings of the same challenged ballots")
		}
	})
}

// FuzzScanBallots: whatever the file holds, the scan ends, counts whole ballots
// only, and finds no flaw in nothing but the station's own file or a part of it.
func FuzzScanBallots(f *testing.F) {
	w := theWorld()
	good, size := w.folders["a-1"][record.BallotsFile].Data, w.election.BallotSize()
	for _, seed := range [][]byte{nil, good, good[:size], good[size:], good[:size+1], bytes.Repeat([]byte{0}, size), append(bytes.Clone(good), good...)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := record.ScanBallots(w.election, fstest.MapFS{record.BallotsFile: {Data: b}}, "a-1", nil)
		n := min(len(b)/size, 5) // voters
		if s.Count != int64(n) || len(s.Codes) != n || s.Err() == nil && len(b) != n*size {
			t.Errorf("%d bytes: %d ballots, error %v", len(b), s.Count, s.Err())
		}
		if s.Err() == nil && len(b) > len(good) {
			t.Error("more ballots than were made, without a flaw")
		}
		if root, err := ballotlog.RootOf(raw(s.Codes)); err == nil && s.Root != root {
			t.Error("another root than that over the codes")
		}
	})
}

func raw(codes []record.Hash) [][32]byte {
	all := make([][32]byte, len(codes))
	for i, c := range codes {
		all[i] = c
	}
	return all
}

// FuzzReadStation puts any bytes in the place of one of a station's files.
func FuzzReadStation(f *testing.F) {
	w := theWorld()
	files := []string{record.ClosingFile, record.CheckpointFile, record.ChallengedFile, record.BallotsFile}
	for i, name := range files {
		f.Add(i, w.folders["a-1"][name].Data)
		f.Add(i, w.folders["b-1"][name].Data)
		f.Add(i, []byte("null\n"))
	}
	f.Fuzz(func(t *testing.T, i int, b []byte) {
		name := files[uint(i)%4]
		dir := fstest.MapFS{}
		for n, file := range w.folders["a-1"] {
			dir[n] = file
		}
		dir[name] = &fstest.MapFile{Data: b}
		r, problems := record.ReadStation(w.election, dir, "a-1")
		if len(problems) > 0 {
			return
		}
		problems = r.CheckScan(record.ScanBallots(w.election, dir, "a-1", nil))
		if len(problems) == 0 && !bytes.Equal(b, w.folders["a-1"][name].Data) {
			t.Errorf("another %s passes all checks:\n%q", name, b)
		}
	})
}
