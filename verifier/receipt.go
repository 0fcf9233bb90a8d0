package verifier

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
)

// A Receipt says where the ballot with one confirmation code stands in a record.
type Receipt struct {
	Code    record.Hash
	Station record.Station
	Number  int64 // of the ballot in its file, from 1
	Of      int64 // ballots in that file

	// Challenged is the opened ballot, if it was challenged instead of cast.
	Challenged *record.ChallengedBallot

	// Root is what the station signed, and Path leads from the code to it
	// (RFC 6962, Section 2.1.1). Only of a ballot that was cast.
	Root record.Hash
	Path [][32]byte
}

// ErrNoSuchBallot is returned by FindReceipt when no ballot has the code. The
// program tells the voter what to do then.
var ErrNoSuchBallot = errors.New("no ballot of the record has this code")

// OpenElection reads manifest and joint key of a record, as Verify does.
func OpenElection(fsys fs.FS) (*record.Election, error) { return record.ReadElection(regularFS{fsys}) }

// FindReceipt looks for the ballot with a code among the cast and challenged
// ballots of all stations. Of a cast one it checks that the station's signed
// checkpoint covers it. It checks nothing else of the record: see Verify.
//
// progress, if not nil, is called with the number of stations that were searched.
func FindReceipt(e *record.Election, fsys fs.FS, code record.Hash, progress func(done, total int64)) (*Receipt, error) {
	fsys = regularFS{fsys}
	entries, err := fs.ReadDir(fsys, record.StationsDir)
	if err != nil {
		return nil, fmt.Errorf("searching the record: %w", err)
	}
	for i, entry := range entries {
		s, ok := e.Station(entry.Name())
		if !ok {
			continue
		}
		r, err := findAt(e, fsys, s, code)
		if err != nil || r != nil {
			return r, err
		}
		if progress != nil {
			progress(int64(i+1), int64(len(entries)))
		}
	}
	return nil, ErrNoSuchBallot
}

// findAt searches one station. A file that cannot be read, or that is too long,
// ends the search: the ballot could be in it.
func findAt(e *record.Election, fsys fs.FS, s record.Station, code record.Hash) (*Receipt, error) {
	dir, err := fs.Sub(fsys, record.StationFile(s.ID, ""))
	if err != nil {
		return nil, err
	}
	codes, err := codesOf(e, dir, s)
	if err != nil {
		return nil, fmt.Errorf("searching station %s: %w", s.ID, err)
	}
	for i, c := range codes {
		if c == code {
			return include(e, dir, s, codes, i)
		}
	}
	r, err := findChallenged(e, dir, s, code)
	if err != nil {
		return nil, fmt.Errorf("searching station %s: %w", s.ID, err)
	}
	return r, nil
}

func codesOf(e *record.Election, dir fs.FS, s record.Station) ([][32]byte, error) {
	ballots, err := record.OpenBallots(e, dir, s.ID)
	if err != nil {
		return nil, err
	}
	defer ballots.Close()
	var codes [][32]byte
	for {
		_, c, err := ballots.Next()
		if err == io.EOF {
			return codes, nil
		}
		if err != nil {
			return nil, err
		}
		if len(codes) == int(s.Registered) {
			return nil, fmt.Errorf("more ballots than the %d registered voters", s.Registered)
		}
		codes = append(codes, c)
	}
}

// include checks that the station's checkpoint covers the ballot, by an
// inclusion proof as any reader of the checkpoint would check it.
func include(e *record.Election, dir fs.FS, s record.Station, codes [][32]byte, i int) (*Receipt, error) {
	where := ballotAt("station "+s.ID, int64(i+1))
	note, err := record.ReadFile(dir, record.CheckpointFile, ballotlog.MaxCheckpoint)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	checkpoint, err := ballotlog.Open(note, s.Key[:], e.ID, s.ID)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	path, err := ballotlog.Prove(codes, i)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	if !ballotlog.VerifyInclusion(path, checkpoint.Root, checkpoint.Size, int64(i), codes[i]) {
		return nil, &NotCovered{Station: s, Number: int64(i + 1)}
	}
	return &Receipt{
		Code: codes[i], Station: s, Number: int64(i + 1), Of: int64(len(codes)),
		Root: checkpoint.Root, Path: path,
	}, nil
}

// NotCovered says that a ballot stands in its station's file, but the station
// did not sign for it. The program tells the voter that this is not in order.
type NotCovered struct {
	Station record.Station
	Number  int64
}

func (n *NotCovered) Error() string {
	return ballotAt("station "+n.Station.ID, n.Number) + " has this code, but the station's checkpoint does not cover it"
}

func findChallenged(e *record.Election, dir fs.FS, s record.Station, code record.Hash) (*Receipt, error) {
	b, err := record.ReadFile(dir, record.ChallengedFile, record.MaxDocument)
	if err != nil {
		return nil, err
	}
	all, err := record.SplitChallenged(e, s.ID, b)
	if err != nil {
		return nil, err
	}
	for i, c := range all {
		if c.Code == code {
			return &Receipt{Code: code, Station: s, Number: int64(i + 1), Of: int64(len(all)), Challenged: c}, nil
		}
	}
	return nil, nil
}
