package verifier_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
	"github.com/openreferendum/referendum/verifier"
)

func openElection(t *testing.T, files fstest.MapFS) *record.Election {
	t.Helper()
	e, err := verifier.OpenElection(files)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestEveryBallotIsFound: each ballot of each valid record, where it stands.
func TestEveryBallotIsFound(t *testing.T) {
	found := 0
	for _, name := range folders(t, testdata+"/valid") {
		files := readFiles(t, testdata+"/valid/"+name)
		e := openElection(t, files)
		for _, s := range e.Manifest.Stations {
			ballots := files[record.StationFile(s.ID, record.BallotsFile)]
			if ballots == nil {
				continue
			}
			for i := range len(ballots.Data) / e.BallotSize() {
				code := record.ConfirmationCode(e.ID, s.ID, ballots.Data[i*e.BallotSize():(i+1)*e.BallotSize()])
				r, err := verifier.FindReceipt(e, files, code, nil)
				if err != nil {
					t.Errorf("%s, station %s, ballot %d: %v", name, s.ID, i+1, err)
					continue
				}
				if r.Station.ID != s.ID || r.Number != int64(i+1) || r.Code != code || r.Challenged != nil {
					t.Errorf("%s, station %s, ballot %d: found at %+v", name, s.ID, i+1, r)
				}
				if !ballotlog.VerifyInclusion(r.Path, r.Root, r.Of, r.Number-1, code) {
					t.Errorf("%s, station %s, ballot %d: the path does not lead to the root", name, s.ID, i+1)
				}
				found++
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d ballots", found)
	}
}

// TestReceiptOfForeignBallot: what the station did not sign for is not told to
// be in the record.
func TestReceiptOfForeignBallot(t *testing.T) {
	county := openElection(t, readFiles(t, testdata+"/valid/county"))
	for _, test := range []struct {
		name, station string
		number        int
		want          string
	}{
		{"tally-adds-ballot", "b-1", 1, "station b-1, ballot 1 has this code, but the station's checkpoint does not cover it"},
		{"checkpoint-by-others", "a-1", 1, "station a-1, ballot 1: checkpoint: not signed by this station for this election"},
		{"more-ballots-than-voters", "b-1", 2, "searching station b-1: more ballots than the 3 registered voters"},
		{"ballots-file-gone", "", 0, "searching station a-1: reading ballots: no such file"},
		{"challenges-reordered", "", 0, "searching station a-1: challenged ballots: not in ascending order of their codes"},
	} {
		var c corrupted
		readJSON(t, testdata+"/corrupt/"+test.name+"/case.json", &c)
		files := c.lay(t, test.name)
		var code record.Hash
		if test.number > 0 {
			b := files[record.StationFile(test.station, record.BallotsFile)].Data[(test.number-1)*county.BallotSize():]
			code = record.ConfirmationCode(county.ID, test.station, b[:county.BallotSize()])
		}
		if r, err := verifier.FindReceipt(county, files, code, nil); err == nil || err.Error() != test.want {
			t.Errorf("%s: %+v, %v", test.name, r, err)
		}
	}
	if _, err := verifier.FindReceipt(county, readFiles(t, testdata+"/valid/county"), record.Hash{}, nil); !errors.Is(err, verifier.ErrNoSuchBallot) {
		t.Errorf("a code that nobody has: %v", err)
	}
	if _, err := verifier.FindReceipt(county, fstest.MapFS{}, record.Hash{}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty record: %v", err)
	}
}

// TestChallenge plays what a voter's challenge file can be, beside right.
func TestChallenge(t *testing.T) {
	files := readFiles(t, testdata+"/valid/county")
	e := openElection(t, files)
	all, err := record.SplitChallenged(e, "a-1", files["stations/a-1/challenged"].Data)
	if err != nil {
		t.Fatal(err)
	}
	good := func() *record.Challenge {
		c := all[0]
		return &record.Challenge{
			Election: e.ID, Station: "a-1", Code: c.Code, Seed: c.Seed,
			Selections: append([]int(nil), c.Selections...), Ballot: append(record.Bytes(nil), c.Ballot...),
		}
	}
	for _, test := range []struct {
		name   string
		change func(c *record.Challenge)
		refuse string // the file belongs elsewhere
		wrong  string // the machine was wrong
	}{
		{"of another election", func(c *record.Challenge) { c.Election[0] ^= 1 }, "challenge: of another election", ""},
		{"of no station", func(c *record.Challenge) { c.Station = "z" }, `challenge: the manifest has no station "z"`, ""},
		{"a question too few", func(c *record.Challenge) { c.Selections = c.Selections[:1] }, "challenge: not a ballot with the questions of this election", ""},
		{"ballot too short", func(c *record.Challenge) { c.Ballot = c.Ballot[1:] }, "challenge: not a ballot with the questions of this election", ""},
		{"no such option", func(c *record.Challenge) { c.Selections[1] = 4 }, "challenge: question 2 has no option 4", ""},
		{"negative option", func(c *record.Challenge) { c.Selections[1] = -1 }, "challenge: question 2 has no option -1", ""},
		{"another code", func(c *record.Challenge) { c.Code[31] ^= 1 }, "", "the code is not that of this ballot"},
		{"another station", func(c *record.Challenge) { c.Station = "a-2" }, "", "the code is not that of this ballot"},
		{"another choice", func(c *record.Challenge) { c.Selections = []int{2, 2} }, "", "challenged ballot: question 1, option 1 is not what the seed encrypts"},
		{"another seed", func(c *record.Challenge) { c.Seed[0] ^= 1 }, "", "challenged ballot: question 1, option 1 is not what the seed encrypts"},
		{"right", func(*record.Challenge) {}, "", ""},
	} {
		c := good()
		if all[0].Selections[0] == 3 { // of the two challenged ballots, the other one
			c.Code, c.Seed, c.Selections, c.Ballot = all[1].Code, all[1].Seed, append([]int(nil), all[1].Selections...), append(record.Bytes(nil), all[1].Ballot...)
		}
		test.change(c)
		s, opened, err := verifier.OpenChallenge(e, c)
		if text(err) != test.refuse {
			t.Errorf("%s: refused with %q", test.name, text(err))
		}
		if err != nil {
			continue
		}
		if err := verifier.CheckOpened(e, s, opened); text(err) != test.wrong {
			t.Errorf("%s: the machine was wrong: %q", test.name, text(err))
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
