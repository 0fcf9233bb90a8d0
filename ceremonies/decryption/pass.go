package decryption

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/openreferendum/referendum/record"
)

// A pass goes over the ballots of all stations, with several workers.
type pass struct {
	e    *record.Election
	fsys fs.FS
	o    Options

	mu           sync.Mutex
	done, total  int64
	problems     []error
	cast         map[string]uint32
	sums         map[string]*record.Sum
	fingerprints []uint64
}

func newPass(e *record.Election, fsys fs.FS, o Options) *pass {
	return &pass{e: e, fsys: fsys, o: o, cast: map[string]uint32{}, sums: map[string]*record.Sum{}}
}

// run checks every station of the manifest that is not named as missing, and
// that no other station is there.
func (p *pass) run(missing []string) {
	absent := map[string]bool{}
	for _, id := range missing {
		absent[id] = true
	}
	p.folders(absent)
	queue := make(chan string)
	var wg sync.WaitGroup
	for range max(1, p.o.Workers) {
		wg.Go(func() {
			scanner := record.NewScanner(p.e, p.o.Random)
			for id := range queue {
				p.station(id, scanner)
			}
		})
	}
	for _, s := range p.e.Manifest.Stations {
		if !absent[s.ID] {
			queue <- s.ID
		}
	}
	close(queue)
	wg.Wait()
	p.acrossStations()
}

// folders estimates the number of ballots from the files' sizes, and refuses
// folders of stations that are named as missing or not in the manifest: their
// ballots would not be counted.
func (p *pass) folders(absent map[string]bool) {
	entries, err := fs.ReadDir(p.fsys, record.StationsDir)
	if err != nil {
		p.fail(fmt.Errorf("reading %s: %w", record.StationsDir, err))
		return
	}
	for _, entry := range entries {
		id := entry.Name()
		if _, ok := p.e.Station(id); !ok {
			p.fail(fmt.Errorf("%s: the manifest has no such station", record.StationFile(id, "")))
		} else if absent[id] {
			p.fail(fmt.Errorf("station %q: named as missing, but its folder is there", id))
		} else if info, err := fs.Stat(p.fsys, record.StationFile(id, record.BallotsFile)); err == nil {
			p.total += info.Size() / int64(p.e.BallotSize())
		}
	}
}

func (p *pass) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, err)
}

func (p *pass) tick() {
	if p.o.Progress == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	p.o.Progress(p.done, max(p.done, p.total))
}

// station makes the checks of docs/spec/record.md, Section 6, for one station.
func (p *pass) station(id string, scanner *record.Scanner) {
	dir, err := fs.Sub(p.fsys, record.StationFile(id, ""))
	if err != nil {
		p.fail(err)
		return
	}
	s, problems := record.ReadStation(p.e, dir, id)
	if len(problems) > 0 {
		for _, err := range problems {
			p.fail(fmt.Errorf("station %q: %w", id, err))
		}
		return
	}
	scan := scanner.Scan(dir, id, p.tick)
	for _, err := range s.CheckScan(scan) {
		p.fail(fmt.Errorf("station %q: %w", id, err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cast[id], p.sums[id] = s.Closing.Body.Counts.Cast, scan.Sum
	p.fingerprints = append(p.fingerprints, s.Fingerprints(scan)...)
}

// acrossStations looks for a first ciphertext that stands in two ballots of the
// record, cast or challenged (docs/spec/record.md, Section 6.3), by its first 8
// bytes.
func (p *pass) acrossStations() {
	slices.Sort(p.fingerprints)
	for i := 1; i < len(p.fingerprints); i++ {
		if p.fingerprints[i] == p.fingerprints[i-1] {
			p.fail(errors.New("a ciphertext stands in two ballots of the record"))
			return
		}
	}
}
