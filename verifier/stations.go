package verifier

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"sync"

	"github.com/openreferendum/referendum/record"
)

// stations makes V10 to V22, with several workers over the stations.
func (v *verification) stations() {
	v.cast, v.sums = map[string]uint32{}, map[string]*record.Sum{}
	ids, total := v.present()
	v.r.Stations = len(ids)
	pass := &stationPass{v: v, total: total, fingerprints: make([]uint64, 0, total), software: map[record.Hash]int{}, challengedOf: map[string]bool{}}
	v.each(len(ids), func(i int) { pass.station(ids[i]) })
	v.r.Ballots, v.r.Software = pass.done, pass.programs()
	pass.acrossStations(ids)
}

// each does something for 0 … n−1, as many at a time as there are workers.
func (v *verification) each(n int, do func(i int)) {
	queue := make(chan int)
	var wg sync.WaitGroup
	for range max(1, v.o.Workers) {
		wg.Go(func() {
			for i := range queue {
				do(i)
			}
		})
	}
	for i := range n {
		queue <- i
	}
	close(queue)
	wg.Wait()
}

// present lists the stations whose folder is there, refuses everything else,
// and estimates the number of ballots from the files' sizes.
func (v *verification) present() (ids []string, ballots int64) {
	entries, err := fs.ReadDir(v.fsys, record.StationsDir)
	if err != nil {
		v.t.see("V10", record.StationsDir, err)
	}
	there := map[string]bool{}
	for _, entry := range entries {
		id, where := entry.Name(), record.StationsDir+"/"+entry.Name()
		s, ok := v.e.Station(id)
		switch {
		case ok && !v.wanted(id):
			continue
		case !ok:
			v.t.see("V10", where, errors.New("the manifest has no such station"))
			continue
		case !entry.IsDir():
			v.t.see("V10", where, errNotFolder)
			continue
		}
		v.t.see("V10", where, nil)
		ids, there[id] = append(ids, id), true
		ballots += min(v.ballotsSize(id), v.maxBallots(s)) / int64(v.e.BallotSize())
	}
	for _, s := range v.e.Manifest.Stations {
		if !there[s.ID] && v.wanted(s.ID) {
			v.r.Missing = append(v.r.Missing, s.ID)
		}
	}
	return ids, ballots
}

// ballotsSize returns the size of a station's ballots, 0 if they cannot be read.
func (v *verification) ballotsSize(id string) int64 {
	info, err := fs.Stat(v.fsys, record.StationFile(id, record.BallotsFile))
	if err != nil {
		return 0
	}
	return info.Size()
}

// A stationPass goes over all stations.
type stationPass struct {
	v     *verification
	total int64

	mu           sync.Mutex
	done         int64
	software     map[record.Hash]int // stations that ran it
	fingerprints []uint64            // of the first α of every ballot, cast or challenged
	challengedOf map[string]bool     // stations whose challenged ballots are among them
}

func (p *stationPass) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if p.v.o.Progress != nil {
		p.v.o.Progress(p.done, max(p.done, p.total))
	}
}

func (p *stationPass) station(id string) {
	v, t := p.v, p.v.t
	where := "station " + id
	dir, err := fs.Sub(v.once, record.StationFile(id, ""))
	if err != nil {
		t.fail("V10", where, "%v", err)
		return
	}
	s, _ := v.e.Station(id)
	scan := p.ballots(where, dir, s)

	// A statement that is badly signed is still compared: an observer wants to
	// know what else does not fit.
	closing, err := record.ReadSigned[record.Closing](dir, record.ClosingFile)
	read := err == nil
	if read {
		err = record.CheckClosing(v.e, id, closing)
	}
	t.see("V11", where, err)
	if !read {
		t.skip("V12", "V13", "V20", "V21", "V22")
		p.checkpoint(where, dir, s, nil, scan)
		return
	}
	p.ran(closing.Body.Software)
	t.see("V12", where, record.CheckCounts(s, closing.Body.Counts))
	p.checkpoint(where, dir, s, &closing.Body, scan)
	p.challenged(where, dir, s, closing.Body, scan)
}

func (p *stationPass) ran(software record.Hash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.software[software]++
}

// programs lists what the stations ran. Whether it is the right program, the
// record cannot say: its hash is on the tapes, and whoever builds it compares.
func (p *stationPass) programs() []Software {
	var all []Software
	for h, n := range p.software {
		all = append(all, Software{h, n})
	}
	slices.SortFunc(all, func(a, b Software) int { return bytes.Compare(a.Hash[:], b.Hash[:]) })
	return all
}
