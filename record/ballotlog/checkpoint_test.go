package ballotlog_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/openreferendum/referendum/record/ballotlog"
)

var election = hash(bytes.Repeat([]byte{1}, 32))

func key(b byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

func checkpoint(n int) ballotlog.Checkpoint {
	return ballotlog.Checkpoint{Election: election, Station: "a-1", Size: int64(n), Root: byDefinition(leaves(n))}
}

func signed(t testing.TB, c ballotlog.Checkpoint, k crypto.Signer) []byte {
	t.Helper()
	b, err := ballotlog.Sign(c, k)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// vector is the checkpoint of docs/spec/ballotlog.md, Section 4.
const vector = `referendum-v1/0101010101010101010101010101010101010101010101010101010101010101/a-1
3
34lolseZUx8f0eVWzqJqaYmrBoU7y/3T5PUJemEfZY8=

— referendum-v1/0101010101010101010101010101010101010101010101010101010101010101/a-1 OXq5uAvjCcHgGYK8bXK6Pt/FEmKlcGHXWdwNE6K+/5Ys+Ryf61XKrhbWI1Njs8/x2mNc8Il8Pjk24CdV6vl8w5jS/g4=
`

func TestCheckpointVector(t *testing.T) {
	if got := string(signed(t, checkpoint(3), key(7))); got != vector {
		t.Errorf("%s", got)
	}
	page, err := os.ReadFile("../../docs/spec/ballotlog.md")
	if err != nil {
		t.Fatal(err)
	}
	indented := strings.ReplaceAll("    "+strings.ReplaceAll(strings.TrimSuffix(vector, "\n"), "\n", "\n    "), "\n    \n", "\n\n")
	if !strings.Contains(string(page), indented+"\n") {
		t.Error("docs/spec/ballotlog.md shows another checkpoint")
	}
}

// TestCheckpointByHand checks the note with an Ed25519 library and nothing
// else, as docs/spec/ballotlog.md, Section 4 describes.
func TestCheckpointByHand(t *testing.T) {
	pub := public(key(7))
	text, line, ok := strings.Cut(vector, "\n\n")
	if !ok {
		t.Fatal("no empty line")
	}
	text += "\n"
	name, _, _ := strings.Cut(text, "\n")
	encoded, ok := strings.CutPrefix(line, "— "+name+" ")
	if !ok {
		t.Fatal("no signature line")
	}
	blob, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(encoded, "\n"))
	if err != nil || len(blob) != 4+64 {
		t.Fatal(len(blob), err)
	}
	id := sha256.Sum256(append([]byte(name+"\n\x01"), pub...))
	if !bytes.Equal(blob[:4], id[:4]) {
		t.Errorf("key hash %x instead of %x", blob[:4], id[:4])
	}
	if !ed25519.Verify(pub, []byte(text), blob[4:]) {
		t.Error("signature does not verify")
	}
}

func TestCheckpointComesBack(t *testing.T) {
	for n := range 5 {
		c := checkpoint(n)
		b := signed(t, c, key(7))
		if got, err := ballotlog.Open(b, public(key(7)), election, "a-1"); err != nil || got != c {
			t.Errorf("%v, %v", got, err)
		}
	}
}

// TestEveryBitOfACheckpointCounts flips each.
func TestEveryBitOfACheckpointCounts(t *testing.T) {
	for i := range 8 * len(vector) {
		b := []byte(vector)
		b[i/8] ^= 1 << (i % 8)
		if c, err := ballotlog.Open(b, public(key(7)), election, "a-1"); err == nil || c != (ballotlog.Checkpoint{}) {
			t.Fatalf("bit %d of byte %d (%q) does not matter: %v", i%8, i/8, vector[i/8], c)
		}
	}
}

// signText signs any text in the station's name.
func signText(t *testing.T, text string, ks ...ed25519.PrivateKey) string {
	t.Helper()
	s := text + "\n"
	name := ballotlog.Origin(election, "a-1")
	for _, k := range ks {
		id := sha256.Sum256(append([]byte(name+"\n\x01"), public(k)...))
		s += "— " + name + " " + base64.StdEncoding.EncodeToString(append(id[:4], ed25519.Sign(k, []byte(text))...)) + "\n"
	}
	return s
}

func TestOpenRefuses(t *testing.T) {
	text := checkpoint(3).Text()
	lines := strings.Split(text, "\n")
	edit := func(i int, to string) string {
		l := strings.Split(text, "\n")
		l[i] = to
		return strings.Join(l, "\n")
	}
	good := signText(t, text, key(7))
	if good != vector {
		t.Fatal(good)
	}
	foreign := "checkpoint: not signed by this station for this election"
	second := "checkpoint: not the canonical encoding"
	stray := good[:len(good)-3] + string(good[len(good)-3]+1) + "=\n" // bits of base64 that nobody signed
	unknown := "— observer.example " + base64.StdEncoding.EncodeToString(make([]byte, 68)) + "\n"
	for _, tt := range []struct{ name, note, err string }{
		{"empty", "", foreign},
		{"text alone", text, foreign},
		{"no signature", text + "\n", foreign},
		{"too large", strings.Repeat("a", 4097), "checkpoint: 4097 bytes, allowed are 4096"},
		{"other key", signText(t, text, key(8)), foreign},
		{"signed twice", good + good[strings.Index(good, "\n— ")+1:], second},
		{"a signature besides", good + unknown, "checkpoint: signatures beside the station's"},
		{"a signature before", strings.Replace(good, "\n— ", "\n"+unknown+"— ", 1), "checkpoint: signatures beside the station's"},
		{"unsigned bits of base64", stray, second},
		{"bytes after", good + "x", foreign},
		{"an empty line after", good + "\n", foreign},
		{"carriage returns", strings.ReplaceAll(good, "\n", "\r\n"), foreign},
		{"other origin", signText(t, edit(0, "referendum-v1/other"), key(7)), second},
		{"other station in the origin", signText(t, edit(0, ballotlog.Origin(election, "a-2")), key(7)), second},
		{"leading zero", signText(t, edit(1, "03"), key(7)), second},
		{"plus sign", signText(t, edit(1, "+3"), key(7)), second},
		{"negative size", signText(t, edit(1, "-3"), key(7)), `checkpoint: size "-3" is no number of ballots`},
		{"size in words", signText(t, edit(1, "three"), key(7)), `checkpoint: size "three" is no number of ballots`},
		{"size above 63 bits", signText(t, edit(1, "9223372036854775808"), key(7)), `checkpoint: size "9223372036854775808" is no number of ballots`},
		{"root too short", signText(t, edit(2, "AAAA"), key(7)), "checkpoint: root is not 32 bytes in base64"},
		{"root in hexadecimal", signText(t, edit(2, strings.Repeat("0", 64)), key(7)), "checkpoint: root is not 32 bytes in base64"},
		{"root without padding", signText(t, edit(2, strings.TrimSuffix(lines[2], "=")), key(7)), "checkpoint: root is not 32 bytes in base64"},
		{"root with stray bits", signText(t, edit(2, lines[2][:42]+string(lines[2][42]+1)+"="), key(7)), second},
		{"an extension line", signText(t, text+"time 12:00\n", key(7)), "checkpoint: not three lines"},
		{"a line short", signText(t, lines[0]+"\n"+lines[1]+"\n", key(7)), "checkpoint: not three lines"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ballotlog.Open([]byte(tt.note), public(key(7)), election, "a-1")
			if err == nil || err.Error() != tt.err || c != (ballotlog.Checkpoint{}) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

func TestOpenIsForOneStationOfOneElection(t *testing.T) {
	other := election
	other[31] ^= 1
	for name, open := range map[string]func() (ballotlog.Checkpoint, error){
		"other station": func() (ballotlog.Checkpoint, error) {
			return ballotlog.Open([]byte(vector), public(key(7)), election, "a-2")
		},
		"other election": func() (ballotlog.Checkpoint, error) {
			return ballotlog.Open([]byte(vector), public(key(7)), other, "a-1")
		},
		"other key": func() (ballotlog.Checkpoint, error) {
			return ballotlog.Open([]byte(vector), public(key(8)), election, "a-1")
		},
		"short key": func() (ballotlog.Checkpoint, error) {
			return ballotlog.Open([]byte(vector), public(key(7))[:31], election, "a-1")
		},
		"no key": func() (ballotlog.Checkpoint, error) { return ballotlog.Open([]byte(vector), nil, election, "a-1") },
	} {
		if _, err := open(); err == nil || !strings.HasPrefix(err.Error(), "checkpoint: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestANoteLibraryReadsIt: nothing of ours is needed to read a checkpoint.
func TestANoteLibraryReadsIt(t *testing.T) {
	text, err := note.NewEd25519VerifierKey(ballotlog.Origin(election, "a-1"), public(key(7)))
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(text)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(vector), note.VerifierList(v))
	if err != nil || n.Text != checkpoint(3).Text() {
		t.Errorf("%v, %v", n, err)
	}
	id := sha256.Sum256(append([]byte(v.Name()+"\n\x01"), public(key(7))...))
	if v.KeyHash() != binary.BigEndian.Uint32(id[:]) {
		t.Errorf("key hash %08x", v.KeyHash())
	}
}

// broken is a device that fails.
type broken struct{ pub crypto.PublicKey }

func (b broken) Public() crypto.PublicKey { return b.pub }
func (broken) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("no card")
}

func TestSignRefuses(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for want, k := range map[string]crypto.Signer{
		"signing the checkpoint: not an Ed25519 key": p256,
		"signing the checkpoint: no card":            broken{public(key(7))},
	} {
		if b, err := ballotlog.Sign(checkpoint(0), k); err == nil || err.Error() != want || b != nil {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	bad := checkpoint(0)
	bad.Station = "a 1+"
	if _, err := ballotlog.Sign(bad, key(7)); err == nil || !strings.HasPrefix(err.Error(), "signing the checkpoint: ") {
		t.Errorf("a station's id with a space: error %v", err)
	}
}

// FuzzOpen: a checkpoint has one encoding, and only the station's signature
// opens one.
func FuzzOpen(f *testing.F) {
	for n := range 3 {
		f.Add(signed(f, checkpoint(n), key(7)))
	}
	f.Add([]byte(vector + vector))
	f.Add([]byte(strings.ReplaceAll(vector, "\n", "\r\n")))
	f.Add(fmt.Appendf(nil, "%s\n— x AAAA\n", checkpoint(1).Text()))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ballotlog.Open(b, public(key(7)), election, "a-1")
		if err != nil {
			return
		}
		if again := signed(t, c, key(7)); !bytes.Equal(again, b) {
			t.Errorf("two encodings of one checkpoint:\n%q\n%q", b, again)
		}
	})
}
