package verifier

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
)

// stations makes V10 to V22, with several workers over the stations.
func (v *verification) stations() {
	v.cast, v.sums = map[string]uint32{}, map[string]*record.Sum{}
	ids, total := v.present()
	v.r.Stations = len(ids)
	pass := &stationPass{v: v, total: total}
	queue := make(chan string)
	var wg sync.WaitGroup
	for range max(1, v.o.Workers) {
		wg.Go(func() {
			for id := range queue {
				pass.station(id)
			}
		})
	}
	for _, id := range ids {
		queue <- id
	}
	close(queue)
	wg.Wait()
	v.r.Ballots = pass.done
	pass.acrossStations()
}

// present lists the stations whose folder is there, refuses folders of no
// station, and estimates the number of ballots from the files' sizes.
func (v *verification) present() (ids []string, ballots int64) {
	entries, err := fs.ReadDir(v.fsys, record.StationsDir)
	v.t.see("V10", record.StationsDir, err)
	for _, entry := range entries {
		where := record.StationsDir + "/" + entry.Name()
		if _, ok := v.e.Station(entry.Name()); !ok {
			v.t.see("V10", where, errors.New("the manifest has no such station"))
			continue
		}
		v.t.count("V10", 1)
		ids = append(ids, entry.Name())
		if info, err := fs.Stat(v.fsys, record.StationFile(entry.Name(), record.BallotsFile)); err == nil {
			ballots += info.Size() / int64(v.e.BallotSize())
		}
	}
	for _, s := range v.e.Manifest.Stations {
		if !slices.Contains(ids, s.ID) {
			v.r.Missing = append(v.r.Missing, s.ID)
		}
	}
	return ids, ballots
}

// A stationPass goes over all stations.
type stationPass struct {
	v     *verification
	total int64

	mu           sync.Mutex
	done         int64
	fingerprints []uint64
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
	dir, err := fs.Sub(v.fsys, record.StationsDir+"/"+id)
	if err != nil {
		t.fail("V10", where, "%v", err)
		return
	}
	scan := record.ScanBallots(v.e, dir, id, p.tick)
	p.ballots(where, scan)
	p.mu.Lock()
	v.sums[id] = scan.Sum
	v.cast[id] = uint32(scan.Count)
	p.fingerprints = append(p.fingerprints, scan.Fingerprints...)
	p.mu.Unlock()

	closing, err := record.ReadSigned[record.Closing](dir, record.ClosingFile)
	if err == nil {
		err = record.CheckClosing(v.e, id, closing)
	}
	if !t.see("V11", where, err) {
		t.skip("V12", "V13", "V14", "V16", "V20", "V21", "V22")
		return
	}
	s, _ := v.e.Station(id)
	t.see("V12", where, record.CheckCounts(s, closing.Body.Counts))
	p.checkpoint(where, dir, s, closing.Body, scan)
	p.challenged(where, dir, closing.Body, scan)
}

// ballots sorts the flaws of a scan under V14 to V19.
func (p *stationPass) ballots(where string, s *record.Scan) {
	t := p.v.t
	checks := map[string]string{
		record.FlawFile: "V14", record.FlawOrder: "V15", record.FlawEncoding: "V17", record.FlawProof: "V18", record.FlawCiphertext: "V19",
	}
	for _, check := range checks {
		if check != "V14" {
			t.count(check, max(1, s.Count)) // an empty box was looked at, too
		}
	}
	for _, f := range s.Flaws {
		at := where
		if f.Ballot > 0 {
			at = fmt.Sprintf("%s, ballot %d", where, f.Ballot)
		}
		t.fail(checks[f.Kind], at, "%v", f.Err)
	}
}

// checkpoint makes V13, V14 and V16.
func (p *stationPass) checkpoint(where string, dir fs.FS, s record.Station, c record.Closing, scan *record.Scan) {
	t := p.v.t
	var checkpoint ballotlog.Checkpoint
	note, err := record.ReadFile(dir, record.CheckpointFile, ballotlog.MaxCheckpoint)
	if err == nil {
		checkpoint, err = ballotlog.Open(note, s.Key[:], p.v.e.ID, s.ID)
	}
	if err == nil {
		err = record.CheckAgreement(c, checkpoint)
	}
	if !t.see("V13", where, err) {
		t.skip("V14", "V16")
		return
	}
	if scan.Count != checkpoint.Size {
		err = fmt.Errorf("%d ballots, the checkpoint says %d", scan.Count, checkpoint.Size)
	}
	t.see("V14", where, err)
	if scan.Root != record.Hash(checkpoint.Root) {
		t.see("V16", where, errors.New("the ballots are not those the checkpoint was signed for"))
		return
	}
	t.count("V16", 1)
}

// challenged makes V20 to V22.
func (p *stationPass) challenged(where string, dir fs.FS, c record.Closing, scan *record.Scan) {
	t := p.v.t
	all, err := record.ReadChallenged(p.v.e, dir, c)
	if !t.see("V20", where, err) {
		t.skip("V21", "V22")
		return
	}
	t.count("V21", 1)
	t.count("V22", 1)
	for i, b := range all {
		at := fmt.Sprintf("%s, challenged ballot %d", where, i+1)
		t.see("V21", at, record.CheckChallenged(p.v.e, c.Station, b))
		if slices.Contains(scan.Codes, b.Code) {
			t.fail("V22", at, "is among the cast ballots")
		}
	}
}

// acrossStations looks for a first ciphertext that stands in two ballots of the
// record. Fingerprints of 8 bytes find it; whoever fails here is looked for in a
// second pass.
func (p *stationPass) acrossStations() {
	slices.Sort(p.fingerprints)
	for i := 1; i < len(p.fingerprints); i++ {
		if p.fingerprints[i] == p.fingerprints[i-1] {
			p.v.t.fail("V19", "record", "the first ciphertexts of two ballots begin with the same 8 bytes (%016x)", p.fingerprints[i])
		}
	}
}
