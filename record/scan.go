package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record/ballotlog"
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
// called after each ballot. Memory grows with the station's
// number of ballots, by 40 bytes for each and 32 for each of its
// ciphertexts.
func ScanBallots(e *Election, dir fs.FS, station string, progress func()) *Scan {
	return scan(e, dir, station, progress, proof.Verify)
}

// SumBallots is ScanBallots without the proofs, for who has verified them
// before and kept the root: the root says that these are the same ballots.
func SumBallots(e *Election, dir fs.FS, station string) *Scan {
	return scan(e, dir, station, nil, func(proof.Context, *proof.Ballot) error { return nil })
}

func scan(e *Election, dir fs.FS, station string, progress func(), verify func(proof.Context, *proof.Ballot) error) *Scan {
	s := &Scan{Sum: e.Manifest.NewSum()}
	ballots, err := OpenBallots(e, dir, station)
	if err != nil {
		s.flaw(FlawFile, 0, Hash{}, err)
		return s
	}
	defer ballots.Close()
	most := e.mostBallots(station)
	pass := scanner{scan: s, ctx: e.Context(station), verify: verify, seen: map[[group.Size]byte]bool{}}
	for {
		b, code, err := ballots.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			s.flaw(FlawFile, s.Count+1, Hash{}, err)
			break
		}
		if s.Count == most {
			s.flaw(FlawFile, s.Count+1, code, fmt.Errorf("reading %s: more ballots than the station's %d voters", BallotsFile, most))
			break
		}
		s.Count++
		pass.ballot(b, code)
		if progress != nil {
			progress()
		}
	}
	s.Root = Hash(pass.tree.Root())
	return s
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

type scanner struct {
	scan   *Scan
	ctx    proof.Context
	verify func(proof.Context, *proof.Ballot) error
	tree   ballotlog.Tree
	seen   map[[group.Size]byte]bool // every α of the station
}

func (p *scanner) ballot(raw []byte, code Hash) {
	s := p.scan
	s.Codes, s.Fingerprints = append(s.Codes, code), append(s.Fingerprints, fingerprint(raw))
	if err := p.tree.Append(code); err != nil {
		s.flaw(FlawOrder, s.Count, code, err)
	}
	b, err := proof.ParseBallot(p.ctx.Shape, raw)
	if err != nil {
		s.flaw(FlawEncoding, s.Count, code, err)
		return
	}
	if err := p.verify(p.ctx, b); err != nil {
		s.flaw(FlawProof, s.Count, code, err)
	}
	if p.repeats(b) {
		s.flaw(FlawCiphertext, s.Count, code, errors.New("a ciphertext of this ballot stands in the file twice"))
	}
	s.Sum.Add(b.Ciphertexts())
}

func (p *scanner) repeats(b *proof.Ballot) bool {
	again := false
	for _, row := range b.Ciphertexts() {
		for _, c := range row {
			alpha := [group.Size]byte(c.Alpha.Bytes())
			again = again || p.seen[alpha]
			p.seen[alpha] = true
		}
	}
	return again
}

// fingerprint is that of a ballot's bytes, which begin with its first α.
func fingerprint(ballot []byte) uint64 { return binary.LittleEndian.Uint64(ballot) }
