package record_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
)

func TestScanOfAStation(t *testing.T) {
	w := theWorld()
	calls := 0
	s := record.ScanBallots(w.election, w.folders["b-1"], "b-1", func() { calls++ })
	if s.Err() != nil || s.Count != 4 || calls != 4 || len(s.Codes) != 4 || len(s.Fingerprints) != 4 {
		t.Fatalf("%d ballots, %d calls, error %v", s.Count, calls, s.Err())
	}
	var codes [][32]byte
	for i, b := range w.ballots("b-1", "cast", votes["b-1"]) {
		if s.Codes[i] != b.code {
			t.Errorf("ballot %d has another code", i+1)
		}
		codes = append(codes, b.code)
	}
	if root := must(ballotlog.RootOf(codes)); s.Root != root {
		t.Error("another root")
	}
	// Without the proofs, all is the same.
	quick := record.SumBallots(w.election, w.folders["b-1"], "b-1")
	if fmt.Sprint(quick.Root, quick.Codes, quick.Sum.Ciphertexts()) != fmt.Sprint(s.Root, s.Codes, s.Sum.Ciphertexts()) {
		t.Error("SumBallots finds something else")
	}
}

func TestScanOfNoBallots(t *testing.T) {
	w := theWorld()
	s := record.ScanBallots(w.election, w.folders["b-2"], "b-2", nil)
	if s.Err() != nil || s.Count != 0 || s.Root.String() != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("%d ballots, root %v, error %v", s.Count, s.Root, s.Err())
	}
}

func TestScanFindsFlaws(t *testing.T) {
	w := theWorld()
	size := w.election.BallotSize()
	file := w.folders["b-1"][record.BallotsFile].Data
	other := w.folders["a-1"][record.BallotsFile].Data
	at := func(i int) []byte { return file[(i-1)*size : i*size] }
	with := func(i int, change func([]byte)) []byte {
		b := bytes.Clone(file)
		change(b[(i-1)*size : i*size])
		return b
	}
	for _, tt := range []struct {
		name string
		file []byte
		want string // flaws; of those in the order only where no ballot was changed
	}{
		{"two exchanged", bytes.Join([][]byte{at(2), at(1), at(3), at(4)}, nil), "[order 2]"},
		{"one twice", bytes.Join([][]byte{at(1), at(1), at(2), at(3), at(4)}, nil), "[order 2 ciphertext 2]"},
		{"one twice, apart", bytes.Join([][]byte{at(1), at(2), at(3), at(4), at(1)}, nil), "[order 5 ciphertext 5]"},
		{"more than voters", slices.Concat(file, file[:size], file[:size]), "[order 5 ciphertext 5 file 6]"},
		{"cut short", file[:3*size+100], "[file 4]"},
		{"one byte more", append(bytes.Clone(file), 0), "[file 5]"},
		{"of another station", other[:size], "[proof 1]"},
		{"no element", with(1, func(b []byte) { copy(b, bytes.Repeat([]byte{0xff}, 32)) }), "[encoding 1]"},
		{"identity", with(1, func(b []byte) { clear(b[:32]) }), "[encoding 1]"},
		{"no scalar", with(4, func(b []byte) { b[size-1] |= 0x80 }), "[encoding 4]"},
		{"another response", with(4, func(b []byte) { b[size-32] ^= 1 }), "[proof 4]"},
		{"a ciphertext of another ballot", with(4, func(b []byte) { copy(b[:64], file[:64]) }), "[proof 4 ciphertext 4]"},
		{"an alpha twice in one ballot", with(4, func(b []byte) { copy(b[64:96], b[:32]) }), "[proof 4 ciphertext 4]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := record.ScanBallots(w.election, fstest.MapFS{record.BallotsFile: {Data: tt.file}}, "b-1", nil)
			var found []string
			for _, f := range s.Flaws {
				// A changed ballot has another code, whose place is chance.
				if f.Kind != record.FlawOrder || strings.Contains(tt.want, "order") {
					found = append(found, fmt.Sprint(f.Kind, " ", f.Ballot))
				}
			}
			if got := fmt.Sprint(found); got != tt.want || s.Err() == nil {
				t.Errorf("flaws %s, want %s", got, tt.want)
			}
		})
	}
}

func TestScanErrorsNameTheBallot(t *testing.T) {
	w := theWorld()
	size := w.election.BallotSize()
	file := w.folders["a-1"][record.BallotsFile].Data
	for _, tt := range []struct {
		name string
		dir  fstest.MapFS
		err  string
	}{
		{"no file", fstest.MapFS{}, "reading ballots: no such file"},
		{"cut short", fstest.MapFS{record.BallotsFile: {Data: file[:size+7]}}, fmt.Sprintf("reading ballots: ballot 2: 7 bytes instead of %d", size)},
		{"one twice", fstest.MapFS{record.BallotsFile: {Data: append(bytes.Clone(file[:size]), file[:size]...)}}, "ballot 2: confirmation code stands twice"},
		{"a folder", fstest.MapFS{record.BallotsFile + "/x": {}}, "reading ballots: is a directory"},
	} {
		s := record.ScanBallots(w.election, tt.dir, "a-1", nil)
		if err := s.Err(); err == nil || err.Error() != tt.err {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
}

// TestFingerprintsMeetAcrossStations: a ciphertext that was carried from one
// station to another leaves the same fingerprint in both.
func TestFingerprintsMeetAcrossStations(t *testing.T) {
	w := theWorld()
	b := bytes.Clone(w.folders["b-1"][record.BallotsFile].Data[:w.election.BallotSize()])
	copy(b[:64], w.folders["a-1"][record.BallotsFile].Data[:64])
	there := record.SumBallots(w.election, w.folders["a-1"], "a-1")
	here := record.SumBallots(w.election, fstest.MapFS{record.BallotsFile: {Data: b}}, "b-1")
	if here.Fingerprints[0] != there.Fingerprints[0] || there.Fingerprints[0] == there.Fingerprints[1] {
		t.Errorf("fingerprints %x and %x", here.Fingerprints, there.Fingerprints)
	}
}

// TestStuffedVoteHasNoProof: a ballot of two votes is refused however it is
// put together from honest ones.
func TestStuffedVoteHasNoProof(t *testing.T) {
	w := theWorld()
	ctx := w.election.Context("b-1")
	b := must(proof.ParseBallot(ctx.Shape, w.folders["b-1"][record.BallotsFile].Data[:w.election.BallotSize()]))
	c := &b.Questions[0].Selections[0]
	c.Beta = c.Beta.Add(group.Generator())
	s := record.ScanBallots(w.election, fstest.MapFS{record.BallotsFile: {Data: b.Bytes()}}, "b-1", nil)
	if len(s.Flaws) != 1 || s.Flaws[0].Kind != record.FlawProof || s.Flaws[0].Code != s.Codes[0] {
		t.Errorf("flaws %v", s.Flaws)
	}
}

func TestBallotsNext(t *testing.T) {
	w := theWorld()
	b := must(record.OpenBallots(w.election, w.folders["a-2"], "a-2"))
	defer b.Close()
	raw, code, err := b.Next()
	if err != nil || code != record.ConfirmationCode(w.election.ID, "a-2", raw) || !bytes.Equal(raw, w.folders["a-2"][record.BallotsFile].Data) {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	for range 2 {
		if _, _, err := b.Next(); err != io.EOF {
			t.Errorf("error %v", err)
		}
	}
}
