package stationlog

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
)

// keyOf makes a key of a seed of one repeated byte.
func keyOf(b byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

// signedDay is the short log with its signed head.
func signedDay(t testing.TB) (log, signed []byte, pub ed25519.PublicKey) {
	t.Helper()
	log, l := day(t)
	key := keyOf(7)
	signed, err := SignHead(SignedHead{election, station, l.Len(), l.Head()}, key)
	if err != nil {
		t.Fatal(err)
	}
	return log, signed, public(key)
}

func TestSignedHead(t *testing.T) {
	log, signed, pub := signedDay(t)
	entries, err := VerifyLog(log, signed, pub, election, station)
	if err != nil || len(entries) != 9 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	want, err := os.ReadFile("testdata/day.head")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(signed, want) {
		t.Errorf("the format of the signed head has changed:\n%s", signed)
	}
	for _, n := range []int{0, maxEntries} { // the ends
		s := SignedHead{election, station, n, Start(election, station)}
		b, err := SignHead(s, keyOf(7))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseHead(b, pub, election, station); err != nil || got != s {
			t.Errorf("%+v came back as %+v, %v", s, got, err)
		}
	}
}

// TestHeadByHand checks the vector with nothing but hash, base64 and Ed25519,
// as docs/spec/paper.md, Section 6.2, and C2SP signed-note say it.
func TestHeadByHand(t *testing.T) {
	log, signed, pub := signedDay(t)
	lines := bytes.SplitAfter(log, []byte("\n"))
	last := sha256.Sum256(lines[len(lines)-2])
	name := "referendum-v1-station-log/0102030000000000000000000000000000000000000000000000000000000000/" + station
	text := name + "\nentries 9\nhead " + base64.StdEncoding.EncodeToString(last[:]) + "\n"
	rest, ok := strings.CutPrefix(string(signed), text+"\n— "+name+" ")
	if !ok {
		t.Fatalf("not what is to be signed:\n%s", signed)
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(rest, "\n"))
	if err != nil || len(b) != 4+ed25519.SignatureSize {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	hash := sha256.Sum256(slices.Concat([]byte(name+"\n\x01"), pub))
	if !bytes.Equal(b[:4], hash[:4]) || !ed25519.Verify(pub, []byte(text), b[4:]) {
		t.Error("key hash or signature is not right")
	}
}

// TestEveryChangeIsFound: whoever has the log's file but not the key, and
// changes it in any way that a log can be changed, is found out.
func TestEveryChangeIsFound(t *testing.T) {
	log, signed, pub := signedDay(t)
	lines := bytes.SplitAfter(log, []byte("\n"))[:9]
	rewritten := New(Start(election, station)) // a good chain of other events, as long
	var other []byte
	for range 9 {
		other = append(other, appended(t, rewritten, MachineStarted)...)
	}
	for name, c := range map[string]struct {
		log  []byte
		want string
	}{
		"last line cut":    {bytes.Join(lines[:8], nil), "station's log: 8 lines, and 9 were signed"},
		"all cut":          {nil, "station's log: 0 lines, and 9 were signed"},
		"cut in a line":    {log[:len(log)-1], "station's log: line 9 has no end"},
		"first line cut":   {bytes.Join(lines[1:], nil), "station's log: line 1: numbered 2"},
		"line left out":    {bytes.Join(slices.Concat(lines[:3], lines[4:]), nil), "station's log: line 4: numbered 5"},
		"lines exchanged":  {bytes.Join([][]byte{lines[0], lines[2], lines[1]}, nil), "station's log: line 2: numbered 3"},
		"last one changed": {bytes.Replace(log, []byte("second"), []byte("mirror"), 1), "station's log: its last line is not the one that was signed"},
		"one changed":      {bytes.Replace(log, []byte("paper-out"), []byte("error"), 1), "station's log: line 6: does not follow the line before it"},
		"all rewritten":    {other, "station's log: its last line is not the one that was signed"},
		"gone on":          {append(bytes.Clone(log), appendedAfter(t, log)...), "station's log: 10 lines, and 9 were signed"},
	} {
		if _, err := VerifyLog(c.log, signed, pub, election, station); err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// appendedAfter is a line that follows a log.
func appendedAfter(t *testing.T, log []byte) []byte {
	t.Helper()
	l, _, err := Read(Start(election, station), log)
	if err != nil {
		t.Fatal(err)
	}
	return appended(t, l, MachineStopped)
}

// TestEveryByteOfALog: no byte of a signed log, or of its signed head, can
// be changed unseen, be it by one bit.
func TestEveryByteOfALog(t *testing.T) {
	log, signed, pub := signedDay(t)
	for _, b := range [][]byte{log, signed} {
		for i := range b {
			bit := i % 8
			b[i] ^= 1 << bit
			if _, err := VerifyLog(log, signed, pub, election, station); err == nil {
				t.Errorf("bit %d of byte %d changed, and nothing was said", bit, i)
			}
			b[i] ^= 1 << bit
		}
	}
	if _, err := VerifyLog(log, signed, pub, election, station); err != nil {
		t.Errorf("the test itself has changed something: %v", err)
	}
}

// aSigner signs notes with a key.
type aSigner struct {
	note.Verifier
	key ed25519.PrivateKey
}

func (s aSigner) Sign(text []byte) ([]byte, error) { return ed25519.Sign(s.key, text), nil }

func TestParseHeadRefuses(t *testing.T) {
	_, signed, pub := signedDay(t)
	good := string(signed)
	const strange = "not signed by this station for this election"
	sign := func(text string, keys ...ed25519.PrivateKey) string {
		var signers []note.Signer
		for _, k := range keys {
			verifier, err := note.NewEd25519VerifierKey(origin(election, station), public(k))
			if err != nil {
				t.Fatal(err)
			}
			v, err := note.NewVerifier(verifier)
			if err != nil {
				t.Fatal(err)
			}
			signers = append(signers, aSigner{v, k})
		}
		b, err := note.Sign(&note.Note{Text: text}, signers...)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	first, _, _ := strings.Cut(good, "\n")
	first += "\n"
	h := "head " + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n"
	key := keyOf(7)
	for name, c := range map[string]struct{ b, want string }{
		"empty":               {"", strange},
		"no signature":        {first + "entries 9\n" + h, strange},
		"number changed":      {strings.Replace(good, "entries 9", "entries 8", 1), strange},
		"station changed":     {strings.Replace(good, "-0001\n", "-0002\n", 1), strange},
		"other key":           {sign(first+"entries 9\n"+h, keyOf(8)), strange},
		"two signatures":      {sign(first+"entries 9\n"+h, key, keyOf(8)), "signatures beside the station's"},
		"other origin":        {sign("referendum-v1/x\n9\n"+h[5:], key), "is no number of entries"},
		"signed other origin": {sign("x\nentries 9\n"+h, key), "not the canonical encoding"},
		"leading zero":        {sign(first+"entries 09\n"+h, key), "not the canonical encoding"},
		"plus":                {sign(first+"entries +9\n"+h, key), `"entries +9" is no number of entries`},
		"negative":            {sign(first+"entries -1\n"+h, key), `"entries -1" is no number of entries`},
		"too many":            {sign(first+"entries 65537\n"+h, key), `"entries 65537" is no number of entries`},
		"no word":             {sign(first+"9\n"+h, key), `"9" is no number of entries`},
		"short head":          {sign(first+"entries 9\nhead AAAA\n", key), "the head is not 32 bytes in base64"},
		"head without word":   {sign(first+"entries 9\n"+h[5:], key), "the head is not 32 bytes in base64"},
		"head in URL letters": {sign(first+"entries 9\nhead "+strings.Repeat("_", 43)+"=\n", key), "the head is not 32 bytes in base64"},
		"loose bits of head":  {sign(first+"entries 9\n"+strings.Replace(h, "A=", "B=", 1), key), "not the canonical encoding"},
		"fourth line":         {sign(first+"entries 9\n"+h+"more\n", key), "not three lines"},
		"too long":            {good + strings.Repeat("x", MaxSignedHead), "allowed are 4096"},
		"byte behind it":      {good + "\n", strange},
	} {
		_, err := ParseHead([]byte(c.b), pub, election, station)
		if err == nil || !strings.HasPrefix(err.Error(), "signed head of the station's log: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		pub      ed25519.PublicKey
		election record.Hash
		station  string
	}{
		"other election": {pub, record.Hash{9}, station}, "other station": {pub, election, "09007-010-0001-0002"},
		"other key": {public(keyOf(8)), election, station}, "no key": {nil, election, station}, "no name": {pub, election, "a b"},
	} {
		if _, err := ParseHead(signed, c.pub, c.election, c.station); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestHeadIsNoCheckpoint: what the station signs of its log passes nowhere for
// what it signs of its ballots, nor the other way round, though the key and all
// numbers are the same.
func TestHeadIsNoCheckpoint(t *testing.T) {
	key := keyOf(7)
	head, err := SignHead(SignedHead{election, station, 9, Head{5}}, key)
	if err != nil {
		t.Fatal(err)
	}
	checkpoint, err := ballotlog.Sign(ballotlog.Checkpoint{Election: election, Station: station, Size: 9, Root: Head{5}}, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ballotlog.Open(head, public(key), election, station); err == nil {
		t.Error("a signed head passes for a checkpoint")
	}
	if _, err := ParseHead(checkpoint, public(key), election, station); err == nil {
		t.Error("a checkpoint passes for a signed head")
	}
	n, _, _ := strings.Cut(string(head), "\n\n")
	if _, err := ballotlog.Open([]byte(strings.ReplaceAll(string(head), "referendum-v1-station-log/", "referendum-v1/")), public(key), election, station); err == nil {
		t.Errorf("renamed, it passes: %s", n)
	}
}

// aKey answers for a key with something else than it should.
type aKey struct {
	public crypto.PublicKey
	sign   func() ([]byte, error)
}

func (k aKey) Public() crypto.PublicKey { return k.public }
func (k aKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return k.sign()
}

func TestSignHeadRefuses(t *testing.T) {
	good := public(keyOf(7))
	none := func() ([]byte, error) { return nil, io.ErrUnexpectedEOF }
	for name, c := range map[string]struct {
		s    SignedHead
		key  crypto.Signer
		want string
	}{
		"no Ed25519 key":  {SignedHead{Station: "s"}, aKey{"key", none}, "not an Ed25519 key"},
		"short key":       {SignedHead{Station: "s"}, aKey{ed25519.PublicKey{1}, none}, "not an Ed25519 key"},
		"negative":        {SignedHead{Station: "s", Entries: -1}, keyOf(7), "-1 is no number of entries"},
		"too many":        {SignedHead{Station: "s", Entries: maxEntries + 1}, keyOf(7), "65537 is no number of entries"},
		"space in a name": {SignedHead{Station: "a b"}, keyOf(7), "malformed"},
		"key is gone":     {SignedHead{Station: "s"}, aKey{good, none}, "unexpected EOF"},
		"key lies":        {SignedHead{Station: "s"}, aKey{good, func() ([]byte, error) { return make([]byte, 64), nil }}, "the key made a signature that does not hold"},
	} {
		_, err := SignHead(c.s, c.key)
		if err == nil || !strings.HasPrefix(err.Error(), "signing the head of the station's log: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// TestVerifyBeginning: a log that went on holds what was signed before, and
// nothing else does.
func TestVerifyBeginning(t *testing.T) {
	log, signed, pub := signedDay(t)
	longer := append(bytes.Clone(log), appendedAfter(t, log)...)
	for _, b := range [][]byte{log, longer} {
		entries, s, err := VerifyBeginning(b, signed, pub, election, station)
		if err != nil || s.Entries != 9 || len(entries) != bytes.Count(b, []byte("\n")) {
			t.Errorf("%d entries, %d signed, %v", len(entries), s.Entries, err)
		}
	}
	fork := New(Start(election, station))
	var other []byte
	for range 11 {
		other = append(other, appended(t, fork, MachineStarted)...)
	}
	for want, b := range map[string][]byte{
		"8 lines, and 9 were signed":                        log[:Complete(log[:len(log)-1])],
		"its last line is not the one that was signed":      other,
		"line 10 has no end":                                longer[:len(longer)-1],
		"line 6: does not follow the line before it":        bytes.Replace(longer, []byte("paper-out"), []byte("error"), 1),
		"signed head of the station's log: not signed by t": nil,
	} {
		s := signed
		if b == nil {
			b, s = longer, signed[1:]
		}
		if _, _, err := VerifyBeginning(b, s, pub, election, station); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func FuzzParseHead(f *testing.F) {
	_, signed, pub := signedDay(f)
	f.Add(signed)
	f.Add(signed[:len(signed)-1])
	f.Add([]byte("referendum-v1-station-log/\nentries 1\nhead \n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseHead(b, pub, election, station)
		if err != nil {
			return
		}
		if again, err := SignHead(s, keyOf(7)); err != nil || !bytes.Equal(again, b) { // Ed25519 signs alike each time
			t.Errorf("two encodings of one head:\n%q\n%q", b, again)
		}
	})
}
