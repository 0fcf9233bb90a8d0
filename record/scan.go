package record

import (
	"encoding/binary"
	"fmt"
	"io/fs"
)

// Kinds of Flaw.
const (
	FlawFile       = "file"       // cannot be read, or ends inside a ballot
	FlawOrder      = "order"      // not in strictly ascending order of codes
	FlawEncoding   = "encoding"   // not a ballot of this manifest's shape
	FlawProof      = "proof"      // a selection proof does not hold
	FlawCiphertext = "ciphertext" // a ciphertext of another ballot
)

// A Flaw is one thing wrong with a ballot of a station, or with the file.
type Flaw struct {
	Kind   string
	Ballot int64 // from 1; 0 where it is the file's
	Code   Hash
	Err    error
}

// A Scan is what one pass over a station's ballots found.
type Scan struct {
	Count int64
	Root  Hash // of the tree over the ballots' codes
	Sum   *Sum // of the ballots that are well formed
	Flaws []Flaw

	// Codes holds the confirmation codes, in the file's order.
	Codes []Hash

	// Fingerprints holds 8 bytes of each ballot's first α, also of one that is not
	// well formed, to find ciphertexts that stand in two stations.
	Fingerprints []uint64
}

// ScanBallots reads all ballots of a station, verifies each, and adds them up:
// Algorithm 6.1 of docs/spec/record.md. dir is the station's folder. It stops
// after as many ballots as the station has voters. Progress, if not nil, is
// called after each ballot. It verifies ballot by ballot: a Scanner does the
// same, many times faster.
func ScanBallots(e *Election, dir fs.FS, station string, progress func()) *Scan {
	return NewScanner(e, nil).Scan(dir, station, progress)
}

// SumBallots is ScanBallots without the proofs, for who has verified them
// before and kept the root: see Scanner.Add.
func SumBallots(e *Election, dir fs.FS, station string) *Scan {
	return NewScanner(e, nil).Add(dir, station)
}

// ReadBallots is SumBallots without the sums: it says which ballots there are,
// and reads nothing of what is in them.
func ReadBallots(e *Election, dir fs.FS, station string, progress func()) *Scan {
	return NewScanner(e, nil).scan(dir, station, progress, readOnly)
}

// mostBallots is how many ballots a station can have, so that a file of any
// length takes a bounded time and memory.
func (e *Election) mostBallots(station string) int64 {
	if s, ok := e.Station(station); ok {
		return int64(s.Registered)
	}
	return MaxRegistered
}

func (s *Scan) flaw(kind string, ballot int64, code Hash, err error) {
	s.Flaws = append(s.Flaws, Flaw{kind, ballot, code, err})
}

// err names the ballot, if the flaw is not the file's.
func (f Flaw) err() error {
	if f.Ballot == 0 || f.Kind == FlawFile {
		return f.Err
	}
	return fmt.Errorf("ballot %d: %w", f.Ballot, f.Err)
}

// AlsoCast lists the codes of those challenged ballots that are among the cast
// ones, in the file's order.
func (s *Scan) AlsoCast(challenged []*ChallengedBallot) []Hash {
	tested := map[Hash]bool{}
	for _, c := range challenged {
		tested[c.Code] = true
	}
	var both []Hash
	for _, code := range s.Codes {
		if tested[code] {
			both = append(both, code)
		}
	}
	return both
}

// fingerprint is that of a ballot's bytes, which begin with its first α.
func fingerprint(ballot []byte) uint64 { return binary.LittleEndian.Uint64(ballot) }
