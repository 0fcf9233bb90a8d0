package tally

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/openreferendum/referendum/record"
)

// A Store finds the folder of a station among what was imported.
type Store func(station string) (fs.FS, error)

// Collect rechecks the given stations with several workers and returns their
// numbers of ballots and sums. The first bundle that does not recheck ends it;
// so does a ciphertext that stands in two stations.
//
// Its memory does not grow with the number of ballots, but for 16 bytes each.
func Collect(e *record.Election, stations []string, open Store, workers int, progress func(done, total int64)) (map[string]uint32, map[string]*record.Sum, error) {
	c := &collection{open: open, total: int64(len(stations)), progress: progress, cast: map[string]uint32{}, sums: map[string]*record.Sum{}}
	queue := make(chan int)
	var wg sync.WaitGroup
	for range max(workers, 1) {
		wg.Go(func() {
			checker := NewChecker(e, nil)
			for i := range queue {
				c.take(i, stations[i], checker)
			}
		})
	}
	for i := range stations {
		if c.failed() {
			break
		}
		queue <- i
	}
	close(queue)
	wg.Wait()
	if c.first != nil {
		return nil, nil, c.first
	}
	if err := c.acrossStations(stations); err != nil {
		return nil, nil, err
	}
	return c.cast, c.sums, nil
}

type collection struct {
	open     Store
	total    int64
	progress func(done, total int64)

	mu    sync.Mutex
	first error
	cast  map[string]uint32
	sums  map[string]*record.Sum
	seen  []fingerprint
}

// A fingerprint is 8 bytes of the first ciphertext of a ballot, cast or
// challenged, and whose it is.
type fingerprint struct {
	alpha   uint64
	station int
}

func (c *collection) failed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first != nil
}

func (c *collection) take(i int, station string, checker *Checker) {
	b, err := c.recheck(station, checker)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if c.first == nil {
			c.first = err
		}
		return
	}
	c.cast[station], c.sums[station] = b.Closing.Counts.Cast, b.Sum
	for _, alpha := range b.Fingerprints {
		c.seen = append(c.seen, fingerprint{alpha, i})
	}
	if c.progress != nil {
		c.progress(int64(len(c.cast)), c.total)
	}
}

func (c *collection) recheck(station string, checker *Checker) (*Bundle, error) {
	dir, err := c.open(station)
	if err != nil {
		return nil, fmt.Errorf("opening the bundle of station %q: %w", station, err)
	}
	return checker.Recheck(dir, station)
}

// acrossStations looks for a first ciphertext that stands in two ballots of the
// record (docs/spec/record.md, Section 6.3). A trustee would refuse to
// answer, after the sums were signed for good; so it is looked for before.
func (c *collection) acrossStations(stations []string) error {
	slices.SortFunc(c.seen, func(a, b fingerprint) int {
		return cmp.Or(cmp.Compare(a.alpha, b.alpha), cmp.Compare(a.station, b.station))
	})
	for i := 1; i < len(c.seen); i++ {
		if c.seen[i].alpha == c.seen[i-1].alpha {
			return fmt.Errorf("a ciphertext stands in ballots of both station %q and station %q", stations[c.seen[i-1].station], stations[c.seen[i].station])
		}
	}
	return nil
}
