// Package tally turns the stations' bundles into a result: it checks each
// bundle, adds up what may be added up, combines the trustees' answers and lets
// the rules decide. It is specified in docs/spec/record.md, Sections 6 to 10.
//
// It is pure: files come as fs.FS and leave as values. It holds no key but what
// its caller signs with, and decrypts nothing by itself: that takes trustees.
package tally

import (
	"fmt"
	"io/fs"
	"sync"

	"github.com/openreferendum/referendum/record"
)

// A Bundle is one station's checked contribution.
type Bundle struct {
	Station string
	Closing record.Closing
	Sum     *record.Sum
}

// A Refusal says why a bundle is not taken: every problem, not only the first.
type Refusal struct {
	Station  string
	Problems []error
}

// Error lists the problems, one a line.
func (r *Refusal) Error() string {
	s := fmt.Sprintf("bundle of station %q is refused:", r.Station)
	for i, p := range r.Problems {
		if i == 10 {
			return s + fmt.Sprintf("\n  and %d more", len(r.Problems)-i)
		}
		s += "\n  " + p.Error()
	}
	return s
}

// Check checks everything in a station's folder, all proofs included, and
// returns a *Refusal if anything is wrong. progress, if not nil, is called
// after every ballot.
func Check(e *record.Election, dir fs.FS, station string, progress func()) (*Bundle, error) {
	return check(e, dir, station, func() *record.Scan { return record.ScanBallots(e, dir, station, progress) })
}

// Recheck is Check without the ballots' proofs, for a bundle that Check has
// passed before: the signed root shows that the ballots are the same.
func Recheck(e *record.Election, dir fs.FS, station string) (*Bundle, error) {
	return check(e, dir, station, func() *record.Scan { return record.SumBallots(e, dir, station) })
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
	return &Bundle{station, r.Closing.Body, s.Sum}, nil
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

// BundleStation reads which station a bundle says it is from. It checks
// nothing else.
func BundleStation(dir fs.FS) (string, error) {
	c, err := record.ReadSigned[record.Closing](dir, record.ClosingFile)
	if err != nil {
		return "", err
	}
	return c.Body.Station, nil
}

// A Store finds the folder of a station among what was imported.
type Store func(station string) (fs.FS, error)

// Collect rechecks the given stations with several workers and returns their
// numbers of ballots and sums. The first bundle that does not recheck ends it.
func Collect(e *record.Election, stations []string, open Store, workers int, progress func(done, total int64)) (map[string]uint32, map[string]*record.Sum, error) {
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		first error
		cast  = map[string]uint32{}
		sums  = map[string]*record.Sum{}
		queue = make(chan string)
	)
	take := func(station string) error {
		dir, err := open(station)
		if err != nil {
			return err
		}
		b, err := Recheck(e, dir, station)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		cast[station], sums[station] = b.Closing.Counts.Cast, b.Sum
		if progress != nil {
			progress(int64(len(cast)), int64(len(stations)))
		}
		return nil
	}
	for range max(workers, 1) {
		wg.Go(func() {
			for station := range queue {
				if err := take(station); err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
				}
			}
		})
	}
	for _, s := range stations {
		queue <- s
	}
	close(queue)
	wg.Wait()
	if first != nil {
		return nil, nil, first
	}
	return cast, sums, nil
}
