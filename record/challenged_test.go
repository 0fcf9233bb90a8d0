package record_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record"
)

func TestChallengedBallots(t *testing.T) {
	w := theWorld()
	file := w.folders["a-1"][record.ChallengedFile].Data
	all, err := record.SplitChallenged(w.election, "a-1", file)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d ballots, %v", len(all), err)
	}
	var again []byte
	for _, c := range all {
		if err := record.CheckChallenged(w.election, "a-1", c); err != nil {
			t.Error(err)
		}
		again = append(again, c.Encode()...)
	}
	if !bytes.Equal(again, file) {
		t.Error("does not come back")
	}
}

func TestChallengedBallotsRefuse(t *testing.T) {
	w := theWorld()
	file := w.folders["a-1"][record.ChallengedFile].Data
	size := record.ChallengedSize(w.election.Manifest.Shape())
	last := func(b byte) []byte { return append(bytes.Clone(file[:size-1]), b) }
	for _, tt := range []struct {
		name string
		file []byte
		err  string
	}{
		{"one byte more", append(bytes.Clone(file), 0), fmt.Sprintf("challenged ballots: %d bytes are no whole number of ballots of %d", 2*size+1, size)},
		{"order", append(bytes.Clone(file[size:]), file[:size]...), "challenged ballots: not in ascending order of their codes"},
		{"one twice", append(bytes.Clone(file[:size]), file[:size]...), "challenged ballots: not in ascending order of their codes"},
		{"no such option", last(3), "challenged ballot: selections: question 2 has no such option"},
		{"no such option at all", last(255), "challenged ballot: selections: question 2 has no such option"},
	} {
		if _, err := record.SplitChallenged(w.election, "a-1", tt.file); err == nil || err.Error() != tt.err {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
	if _, err := record.ParseChallenged(w.election, "a-1", file); err == nil || err.Error() != fmt.Sprintf("challenged ballot: %d bytes instead of %d", 2*size, size) {
		t.Errorf("error %v", err)
	}
}

// TestOpeningThatDoesNotFit: a machine that encrypted something else than it
// showed has no opening that passes.
func TestOpeningThatDoesNotFit(t *testing.T) {
	w := theWorld()
	b := w.ballots("a-1", "challenged", tests["a-1"])[0]
	for _, tt := range []struct {
		name, station string
		change        func(*record.ChallengedBallot)
		err           string
	}{
		{"another choice", "a-1", func(c *record.ChallengedBallot) { c.Selections[0] = 3 - c.Selections[0] }, "challenged ballot: question 1, option "},
		{"a paper that was not taken", "a-1", func(c *record.ChallengedBallot) { c.Selections[1] = 0 }, "challenged ballot: question 2, option "},
		{"another seed", "a-1", func(c *record.ChallengedBallot) { c.Seed[0] ^= 1 }, "challenged ballot: question 1, option 1 is not what the seed encrypts"},
		{"another station", "a-2", func(*record.ChallengedBallot) {}, "ballot: question 1: selection proof does not hold in branch 0"},
		{"another proof", "a-1", func(c *record.ChallengedBallot) { c.Ballot[len(c.Ballot)-32] ^= 1 }, "ballot: question 2: selection proof does not hold in branch 2"},
		{"another ciphertext", "a-1", func(c *record.ChallengedBallot) { copy(c.Ballot[:64], c.Ballot[64:128]) }, "ballot: question 1: selection proof"},
		{"a short ballot", "a-1", func(c *record.ChallengedBallot) { c.Ballot = c.Ballot[1:] }, "ballot: "},
		{"no selections", "a-1", func(c *record.ChallengedBallot) { c.Selections = nil }, "selections: for 0 questions instead of 2"},
		{"a selection that no byte holds", "a-1", func(c *record.ChallengedBallot) { c.Selections[0] += 256 }, "selections: question 1 has no such option"},
	} {
		c := &record.ChallengedBallot{Ballot: bytes.Clone(b.raw), Seed: b.seed, Selections: append([]int(nil), 2, 2)}
		copy(c.Selections, b.chosen)
		tt.change(c)
		if err := record.CheckChallenged(w.election, tt.station, c); err == nil || !strings.HasPrefix(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
}

func TestReadStation(t *testing.T) {
	w := theWorld()
	for id, dir := range w.folders {
		r, problems := record.ReadStation(w.election, dir, id)
		if problems != nil {
			t.Errorf("%s: %v", id, problems)
			continue
		}
		if got := r.CheckScan(record.ScanBallots(w.election, dir, id, nil)); got != nil {
			t.Errorf("%s: %v", id, got)
		}
	}
}

func TestReadStationTellsAllProblems(t *testing.T) {
	w := theWorld()
	with := func(file string, data []byte) fstest.MapFS {
		dir := fstest.MapFS{}
		for name, f := range w.folders["a-1"] {
			dir[name] = f
		}
		delete(dir, file)
		if data != nil {
			dir[file] = &fstest.MapFile{Data: data}
		}
		return dir
	}
	closing := func(change func(*record.Closing)) []byte {
		c := must(record.ReadSigned[record.Closing](w.folders["a-1"], record.ClosingFile)).Body
		change(&c)
		return must(record.Marshal(signClosing(c)))
	}
	challenged := w.folders["a-1"][record.ChallengedFile].Data
	size := len(challenged) / 2
	for _, tt := range []struct {
		name, station string
		dir           fstest.MapFS
		err           string
	}{
		{"unknown station", "c-1", w.folders["a-1"], `[the manifest has no station "c-1"]`},
		{"no closing", "a-1", with(record.ClosingFile, nil), "[reading closing.json: no such file]"},
		{"closing cut short", "a-1", with(record.ClosingFile, []byte("{")), "[reading closing.json: closing: json: ends in the middle]"},
		{"no checkpoint", "a-1", with(record.CheckpointFile, nil), "[reading checkpoint: no such file]"},
		{"checkpoint too large", "a-1", with(record.CheckpointFile, make([]byte, 4097)), "[reading checkpoint: larger than 4096 bytes]"},
		{"checkpoint of another station", "a-1", with(record.CheckpointFile, w.folders["a-2"][record.CheckpointFile].Data), "[checkpoint: not signed by this station for this election]"},
		{"no challenged ballots", "a-1", with(record.ChallengedFile, nil), "[reading challenged: no such file]"},
		{"a challenged ballot left out", "a-1", with(record.ChallengedFile, challenged[:size]), "[challenged ballots: not the file of the closing statement]"},
		{"a byte more", "a-1", with(record.ChallengedFile, append(bytes.Clone(challenged), 0)), fmt.Sprintf("[reading challenged: larger than %d bytes]", 2*size)},
		{"folder of another station", "a-2", w.folders["a-1"], `[closing: of station "a-1" checkpoint: not signed by this station for this election]`},
		{"a ballot more than cast", "a-1", with(record.ClosingFile, closing(func(c *record.Closing) {
			c.Counts.Cast, c.Counts.Attendances, c.Counts.Sessions, c.Counts.SlipsPrinted = 4, 4, 5, 6
		})), "[checkpoint: 3 ballots, the closing statement says 4]"},
		{"counts, root and challenged", "a-1", with(record.ClosingFile, closing(func(c *record.Closing) {
			c.Counts.Sessions, c.BallotsRoot[0], c.Challenged[0] = 9, c.BallotsRoot[0]^1, c.Challenged[0]^1
		})), "[counts: 9 sessions, but 3 cast and 1 abandoned checkpoint: not the root of the closing statement challenged ballots: not the file of the closing statement]"},
		{"fewer challenged counted", "a-1", with(record.ClosingFile, closing(func(c *record.Closing) { c.Counts.Challenged = 1 })),
			fmt.Sprintf("[reading challenged: larger than %d bytes]", size)},
		{"more challenged counted", "a-1", with(record.ClosingFile, closing(func(c *record.Closing) {
			c.Counts.Challenged, c.Counts.SlipsVoided, c.Counts.SlipsPrinted = 3, 3, 6
		})), "[challenged ballots: 2, the closing statement says 3]"},
		{"another seed", "a-1", func() fstest.MapFS {
			b := bytes.Clone(challenged)
			b[size-34] ^= 1 // the seed's last byte
			dir := with(record.ChallengedFile, b)
			dir[record.ClosingFile] = &fstest.MapFile{Data: closing(func(c *record.Closing) { c.Challenged = record.ChallengedDigest(b) })}
			return dir
		}(), "[challenged ballot 1: challenged ballot: question 1, option 1 is not what the seed encrypts]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := record.ReadStation(w.election, tt.dir, tt.station)
			if got := sprint(problems); got != tt.err {
				t.Errorf("%s, want %s", got, tt.err)
			}
		})
	}
}

// TestSeedThatServedTwice: a machine that makes two ballots from one seed, of
// which one is challenged, publishes what opens the other.
func TestSeedThatServedTwice(t *testing.T) {
	w := theWorld()
	r, _ := record.ReadStation(w.election, w.folders["a-1"], "a-1")
	ctx := w.election.Context("a-1")
	again := must(proof.Make(stream("again"), ctx, must(proof.NewSelections(ctx.Shape, []int{1, 0})), elgamal.SeedFromBytes(r.Challenged[0].Seed)))
	s := record.ScanBallots(w.election, fstest.MapFS{record.BallotsFile: {Data: again.Bytes()}}, "a-1", nil)
	want := fmt.Sprintf("challenged ballot %v: its first ciphertext stands in another ballot, too]", r.Challenged[0].Code)
	if got := sprint(r.CheckScan(s)); s.Err() != nil || !strings.HasSuffix(got, want) {
		t.Errorf("%v, %s", s.Err(), got)
	}
	r.Challenged = append(r.Challenged, r.Challenged[0])
	if got := sprint(r.CheckScan(record.ScanBallots(w.election, w.folders["a-1"], "a-1", nil))); got != "["+want {
		t.Error(got)
	}
}

func TestCheckScanTellsAllProblems(t *testing.T) {
	w := theWorld()
	r, _ := record.ReadStation(w.election, w.folders["a-1"], "a-1")
	file := w.folders["a-1"][record.BallotsFile].Data
	size := w.election.BallotSize()
	check := func(file []byte) string {
		return sprint(r.CheckScan(record.ScanBallots(w.election, fstest.MapFS{record.BallotsFile: {Data: file}}, "a-1", nil)))
	}
	if got, want := check(file[:2*size]), "[ballots: 2, the checkpoint says 3 ballots: not those the checkpoint was signed for]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := check(file[:2*size+1]), fmt.Sprintf("[reading ballots: ballot 3: 1 bytes instead of %d ballots: 2, the checkpoint says 3 ballots: not those the checkpoint was signed for]", size); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	tested := r.Challenged[1]
	got := check(append(bytes.Clone(tested.Ballot), file...))
	want := fmt.Sprintf("challenged ballot %v is among the cast ballots challenged ballot %v: its first ciphertext stands in another ballot, too]", tested.Code, tested.Code)
	if !strings.HasSuffix(got, want) || strings.Contains(got, r.Challenged[0].Code.String()) {
		t.Error(got)
	}
}
