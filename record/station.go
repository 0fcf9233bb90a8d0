package record

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/openreferendum/referendum/record/ballotlog"
)

// A StationRecord is what a station's folder says, read but for the ballots.
type StationRecord struct {
	Closing    *Signed[Closing]
	Checkpoint ballotlog.Checkpoint
	Challenged []*ChallengedBallot
}

// ReadStation reads a station's folder and checks everything in it but the
// ballots: signatures, counts, that checkpoint and closing statement agree, and
// the challenged ballots with their openings (docs/spec/record.md, Section 6).
// It returns all problems, not only the first.
func ReadStation(e *Election, dir fs.FS, station string) (*StationRecord, []error) {
	s, ok := e.Station(station)
	if !ok {
		return nil, []error{fmt.Errorf("the manifest has no station %q", station)}
	}
	r := new(StationRecord)
	var problems []error
	fail := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	var err error
	if r.Closing, err = ReadSigned[Closing](dir, ClosingFile); err != nil {
		return nil, []error{err}
	}
	fail(CheckClosing(e, station, r.Closing))
	fail(CheckCounts(s, r.Closing.Body.Counts))
	note, err := ReadFile(dir, CheckpointFile, ballotlog.MaxCheckpoint)
	if err != nil {
		return nil, append(problems, err)
	}
	if r.Checkpoint, err = ballotlog.Open(note, s.Key[:], e.ID, station); err != nil {
		return nil, append(problems, err)
	}
	fail(CheckAgreement(r.Closing.Body, r.Checkpoint))
	r.Challenged, err = ReadChallenged(e, dir, r.Closing.Body)
	fail(err)
	for i, c := range r.Challenged {
		fail(wrap(CheckChallenged(e, station, c), "challenged ballot %d", i+1))
	}
	return r, problems
}

// CheckAgreement checks that checkpoint and closing statement say the same.
func CheckAgreement(c Closing, checkpoint ballotlog.Checkpoint) error {
	if checkpoint.Size != int64(c.Counts.Cast) {
		return fmt.Errorf("checkpoint: %d ballots, the closing statement says %d", checkpoint.Size, c.Counts.Cast)
	}
	if Hash(checkpoint.Root) != c.BallotsRoot {
		return fmt.Errorf("checkpoint: not the root of the closing statement")
	}
	return nil
}

// ReadChallenged reads the challenged ballots, and checks that they are those
// of the closing statement. It does not open them: see CheckChallenged.
func ReadChallenged(e *Election, dir fs.FS, c Closing) ([]*ChallengedBallot, error) {
	count := int64(c.Counts.Challenged)
	limit := min(count*int64(ChallengedSize(e.Manifest.Shape())), MaxDocument)
	b, err := ReadFile(dir, ChallengedFile, limit)
	if err != nil {
		return nil, err
	}
	if ChallengedDigest(b) != c.Challenged {
		return nil, fmt.Errorf("challenged ballots: not the file of the closing statement")
	}
	all, err := SplitChallenged(e, c.Station, b)
	if err != nil {
		return nil, err
	}
	if int64(len(all)) != count {
		return nil, fmt.Errorf("challenged ballots: %d, the closing statement says %d", len(all), count)
	}
	return all, nil
}

// CheckScan compares what a pass over the ballots found with what the station
// signed, and lists the differences after the flaws.
func (r *StationRecord) CheckScan(s *Scan) []error {
	var problems []error
	for _, f := range s.Flaws {
		problems = append(problems, f.err())
	}
	if s.Count != r.Checkpoint.Size {
		problems = append(problems, fmt.Errorf("ballots: %d, the checkpoint says %d", s.Count, r.Checkpoint.Size))
	}
	if s.Root != Hash(r.Checkpoint.Root) {
		problems = append(problems, fmt.Errorf("ballots: not those the checkpoint was signed for"))
	}
	for _, code := range s.AlsoCast(r.Challenged) {
		problems = append(problems, fmt.Errorf("challenged ballot %v is among the cast ballots", code))
	}
	return append(problems, r.checkRepeats(s)...)
}

// Fingerprints lists those of all ballots of the station, cast and challenged,
// to find a seed that served in two stations.
func (r *StationRecord) Fingerprints(s *Scan) []uint64 {
	all := slices.Clone(s.Fingerprints)
	for _, c := range r.Challenged {
		all = append(all, fingerprint(c.Ballot))
	}
	return all
}

// checkRepeats looks for a challenged ballot that begins with the ciphertext of
// another: what was opened to one voter would open another's vote.
func (r *StationRecord) checkRepeats(s *Scan) []error {
	seen := map[uint64]bool{}
	for _, f := range s.Fingerprints {
		seen[f] = true
	}
	var problems []error
	for _, c := range r.Challenged {
		f := fingerprint(c.Ballot)
		if seen[f] {
			problems = append(problems, fmt.Errorf("challenged ballot %v: its first ciphertext stands in another ballot, too", c.Code))
		}
		seen[f] = true
	}
	return problems
}
