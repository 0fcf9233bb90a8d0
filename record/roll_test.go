package record_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
)

func roll(w *world) record.Roll {
	r := record.Roll{Election: w.election.ID, Station: "a-1"}
	for _, holder := range []string{"A123456789", "B123456789", "C123456789", "D123456789", "E123456789"} {
		r.Voters = append(r.Voters, record.VoterOf(w.election.ID, holder))
	}
	slices.SortFunc(r.Voters, func(a, b record.Voter) int { return bytes.Compare(a[:], b[:]) })
	return r
}

func TestRollRefuses(t *testing.T) {
	w := theWorld()
	for _, tt := range []struct {
		name   string
		change func(*record.Roll)
		err    string
	}{
		{"no list", func(r *record.Roll) { r.Voters = nil }, "voters: missing"},
		{"too long", func(r *record.Roll) { r.Voters = make([]record.Voter, record.MaxRegistered+1) }, "100001 voters, allowed are 100000"},
		{"order", func(r *record.Roll) { r.Voters[1], r.Voters[2] = r.Voters[2], r.Voters[1] }, "voter 3: not in ascending order, or given twice"},
		{"twice", func(r *record.Roll) { r.Voters[4] = r.Voters[3] }, "voter 5: not in ascending order, or given twice"},
		{"station", func(r *record.Roll) { r.Station = "" }, `station: "" is not an identifier`},
	} {
		r := roll(w)
		tt.change(&r)
		if err := r.Validate(); err == nil || !strings.HasPrefix(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
}

func TestCheckRoll(t *testing.T) {
	w := theWorld()
	authority := as(record.SignerAuthority, signingKey("authority"))
	for _, tt := range []struct {
		name, station string
		change        func(*record.Roll)
		by            signature
		err           string
	}{
		{"good", "a-1", func(*record.Roll) {}, authority, ""},
		{"unknown station", "c-1", func(*record.Roll) {}, authority, `roll: the manifest has no station "c-1"`},
		{"other station", "a-2", func(*record.Roll) {}, authority, `roll: of station "a-1"`},
		{"other election", "a-1", func(r *record.Roll) { r.Election[31] ^= 1 }, authority, "roll: of another election"},
		{"a voter too few", "a-1", func(r *record.Roll) { r.Voters = r.Voters[:4] }, authority, "roll: 4 voters, the manifest says 5"},
		{"signed by another key", "a-1", func(*record.Roll) {}, as(record.SignerAuthority, signingKey("x")), "roll: signature of authority does not verify"},
		{"signed as another", "a-1", func(*record.Roll) {}, as("station:a-1", signingKey("authority")), `roll: signature 1 is of "station:a-1" instead of "authority"`},
	} {
		r := roll(w)
		tt.change(&r)
		err := record.CheckRoll(w.election, tt.station, sign(r, tt.by))
		if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
}

func TestVoterIsBoundToTheElection(t *testing.T) {
	if record.VoterOf(record.Hash{1}, "A123456789") == record.VoterOf(record.Hash{2}, "A123456789") {
		t.Error("one voter has the same digest in two elections")
	}
}
