// Package tally turns the stations' bundles into a result: it checks each
// bundle, adds up what may be added up, combines the trustees' answers and lets
// the rules decide. It is specified in docs/spec/record.md, Sections 6 to 10.
//
// It is pure: files come as fs.FS and leave as values. It holds no key but what
// its caller signs with, and decrypts nothing by itself: that takes trustees.
package tally

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/openreferendum/referendum/record"
)

// A Bundle is one station's checked contribution.
type Bundle struct {
	Station string
	Closing record.Closing
	Sum     *record.Sum

	// Fingerprints are those of record.StationRecord, for Collect.
	Fingerprints []uint64
}

// A Refusal says why a bundle is not taken: every problem, not only the first.
type Refusal struct {
	Station  string // "" where the bundle does not say
	Problems []error
}

// maxListed is how many problems Error lists.
const maxListed = 10

// Error lists the problems, one a line.
func (r *Refusal) Error() string {
	s := "the bundle is refused:"
	if r.Station != "" {
		s = fmt.Sprintf("the bundle of station %q is refused:", r.Station)
	}
	for i, p := range r.Problems {
		if i == maxListed {
			return s + fmt.Sprintf("\n  and %d more", len(r.Problems)-i)
		}
		s += "\n  " + p.Error()
	}
	return s
}

// Unwrap returns the problems.
func (r *Refusal) Unwrap() []error { return r.Problems }

// A Checker checks the bundles of one station after the other, and keeps the
// memory that it needs for it. One goroutine uses it at a time.
type Checker struct {
	e       *record.Election
	scanner *record.Scanner
}

// NewChecker returns a Checker. With rand, which is crypto/rand.Reader, Check
// verifies many ballots at a time; with nil one by one.
func NewChecker(e *record.Election, rand io.Reader) *Checker {
	return &Checker{e, record.NewScanner(e, rand)}
}

// Check checks everything in a station's folder, all proofs included, and
// returns a *Refusal if anything is wrong. progress, if not nil, is called
// after every ballot.
func (c *Checker) Check(dir fs.FS, station string, progress func()) (*Bundle, error) {
	return check(c.e, dir, station, func() *record.Scan { return c.scanner.Scan(dir, station, progress) })
}

// Recheck is Check without the ballots' proofs, for a bundle that Check has
// passed before: the signed root shows that the ballots are the same.
func (c *Checker) Recheck(dir fs.FS, station string) (*Bundle, error) {
	return check(c.e, dir, station, func() *record.Scan { return c.scanner.Add(dir, station) })
}

// Check is Checker.Check for one bundle alone.
func Check(e *record.Election, rand io.Reader, dir fs.FS, station string, progress func()) (*Bundle, error) {
	return NewChecker(e, rand).Check(dir, station, progress)
}

// Recheck is Checker.Recheck for one bundle alone.
func Recheck(e *record.Election, dir fs.FS, station string) (*Bundle, error) {
	return NewChecker(e, nil).Recheck(dir, station)
}

func check(e *record.Election, dir fs.FS, station string, scan func() *record.Scan) (*Bundle, error) {
	if err := onlyKnownFiles(dir); err != nil {
		return nil, &Refusal{station, []error{err}}
	}
	r, problems := record.ReadStation(e, dir, station)
	if r == nil || r.Closing == nil {
		return nil, &Refusal{station, problems}
	}
	s := scan()
	if problems = append(problems, r.CheckScan(s)...); len(problems) > 0 {
		return nil, &Refusal{station, problems}
	}
	return &Bundle{station, r.Closing.Body, s.Sum, r.Fingerprints(s)}, nil
}

// BundleFiles are the names of the files of a bundle; it has no others.
var BundleFiles = []string{record.BallotsFile, record.ChallengedFile, record.CheckpointFile, record.ClosingFile}

func onlyKnownFiles(dir fs.FS) error {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return fmt.Errorf("reading the bundle: %w", err)
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !known(entry.Name()) {
			return fmt.Errorf("%q does not belong in a bundle", entry.Name())
		}
	}
	return nil
}

func known(name string) bool {
	for _, f := range BundleFiles {
		if f == name {
			return true
		}
	}
	return false
}

// MaxClosing bounds an encoded closing statement, in bytes: the largest has the
// signatures of a station and of 16 officials.
const MaxClosing = 1 << 14

// ReadClosing decodes a bundle's closing statement, which says how large the
// other files are, and checks all of it that can be checked without them:
// station, election, signatures, and that the counts reconcile. A wrong one is
// a *Refusal.
func ReadClosing(e *record.Election, file []byte) (*record.Closing, error) {
	if len(file) > MaxClosing {
		return nil, &Refusal{"", []error{fmt.Errorf("%s: larger than %d bytes", record.ClosingFile, MaxClosing)}}
	}
	c, err := record.ParseSigned[record.Closing](file)
	if err != nil {
		return nil, &Refusal{"", []error{fmt.Errorf("reading %s: %w", record.ClosingFile, err)}}
	}
	id := c.Body.Station
	s, ok := e.Station(id)
	if !ok {
		return nil, &Refusal{id, []error{ErrUnknownStation}}
	}
	if c.Body.Election != e.ID {
		return nil, &Refusal{id, []error{ErrOtherElection}}
	}
	r := &Refusal{Station: id}
	for _, err := range []error{record.CheckClosing(e, id, c), record.CheckCounts(s, c.Body.Counts)} {
		if err != nil {
			r.Problems = append(r.Problems, err)
		}
	}
	if len(r.Problems) > 0 {
		return nil, r
	}
	return &c.Body, nil
}

// Problems of a bundle that is not of this referendum. The program asks the
// operator where it comes from.
var (
	ErrUnknownStation = errors.New("the manifest has no such station")
	ErrOtherElection  = errors.New("it is of another election: another referendum, or a rehearsal")
)

// Sizes returns how many bytes the ballots' files of a bundle have. They follow
// from the closing statement, so nothing larger need be read from a medium.
func Sizes(e *record.Election, c *record.Closing) map[string]int64 {
	return map[string]int64{
		record.BallotsFile:    int64(c.Counts.Cast) * int64(e.BallotSize()),
		record.ChallengedFile: int64(c.Counts.Challenged) * int64(record.ChallengedSize(e.Manifest.Shape())),
	}
}
