package verifier

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
)

// ofFlaw is the check that a flaw of a scan belongs to.
var ofFlaw = map[string]string{
	record.FlawFile: "V14", record.FlawOrder: "V15", record.FlawEncoding: "V17",
	record.FlawProof: "V18", record.FlawCiphertext: "V19",
}

// ballots makes V15 and V17 to V19 of one station. Of a file with more ballots
// than the station has voters it reads no more than these.
func (p *stationPass) ballots(where string, dir fs.FS, s record.Station) *record.Scan {
	t := p.v.t
	scan := p.scan(dir, s.ID)
	for _, check := range []string{"V15", "V17", "V18", "V19"} {
		t.count(check, scan.Count)
	}
	for _, f := range scan.Flaws {
		at := where
		if f.Ballot > 0 {
			at = ballotAt(where, f.Ballot)
		}
		t.fail(ofFlaw[f.Kind], at, "%v", f.Err)
	}
	p.keep(s.ID, scan)
	return scan
}

// scan scans a station. If a note says that these very ballots were found right
// before, they are read, and not verified again.
func (p *stationPass) scan(dir fs.FS, id string) *record.Scan {
	note, known := Note{}, false
	if p.v.o.Notebook != nil {
		note, known = p.v.o.Notebook.Known(id)
	}
	if known {
		scan := record.ReadBallots(p.v.e, dir, id, nil)
		if len(scan.Flaws) == 0 && scan.Root == note.Root && scan.Count == note.Count {
			for range scan.Count {
				p.tick()
			}
			scan.Sum = note.Sum
			return scan
		}
	}
	scanner := p.v.scanners.Get().(*record.Scanner)
	defer p.v.scanners.Put(scanner)
	scan := scanner.Scan(dir, id, p.tick)
	if p.v.o.Notebook != nil && len(scan.Flaws) == 0 {
		p.v.o.Notebook.Keep(Note{Station: id, Count: scan.Count, Root: scan.Root, Sum: scan.Sum})
	}
	return scan
}

func ballotAt(where string, i int64) string { return fmt.Sprintf("%s, ballot %d", where, i) }

// keep keeps what later checks need of a scan. Its count fits: no station has
// more than record.MaxRegistered voters.
func (p *stationPass) keep(id string, scan *record.Scan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.v.sums[id], p.v.cast[id] = scan.Sum, uint32(scan.Count)
	p.fingerprints = append(p.fingerprints, scan.Fingerprints...)
}

// keepChallenged keeps what V19 needs of the challenged ballots that V20 passed.
func (p *stationPass) keepChallenged(id string, all []*record.ChallengedBallot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.challengedOf[id] = true
	for _, c := range all {
		p.fingerprints = append(p.fingerprints, fingerprint(c.Ballot))
	}
}

// fingerprint is that of package record: 8 bytes of the first α, with which a
// ballot's encoding begins.
func fingerprint(ballot []byte) uint64 { return binary.LittleEndian.Uint64(ballot) }

// acrossStations looks for a first α that stands in two ballots of the record,
// cast or challenged (V19).
//
// The first is enough: all nonces of a ballot follow from its seed, so a seed
// that served twice (a cloned machine, a broken random source, a seed that is
// public because it opened a challenged ballot) shows in every α. Who copies
// another's ciphertexts without its seed cannot make the proof, which is bound
// to the station (V18).
//
// In a nation's record two of 64 bits meet by chance about once in a thousand
// records, so the ballots themselves are looked at before anybody is accused.
func (p *stationPass) acrossStations(ids []string) {
	slices.Sort(p.fingerprints)
	suspects := map[uint64]bool{}
	for i := 1; i < len(p.fingerprints); i++ {
		if p.fingerprints[i] == p.fingerprints[i-1] {
			suspects[p.fingerprints[i]] = true
		}
	}
	if len(suspects) == 0 {
		return
	}
	first := map[[group.Size]byte]place{}
	for _, id := range ids {
		p.eachBallot(id, func(at place, alpha [group.Size]byte) {
			before, again := first[alpha]
			switch {
			case !suspects[fingerprint(alpha[:])]:
			case !again:
				first[alpha] = at
			case before.challenged || at.challenged || before.station != at.station:
				// Two cast ballots of one station were named by the scan.
				p.v.t.fail("V19", at.String(), "its first ciphertext stands in %v, too", before)
			}
		})
	}
}

// A place is where a ballot stands.
type place struct {
	station    string
	challenged bool
	number     int64
}

func (p place) String() string {
	if p.challenged {
		return challengedAt("station "+p.station, int(p.number))
	}
	return ballotAt("station "+p.station, p.number)
}

// eachBallot reads a station's ballots again, as far as they can be read: the
// cast ones, and the challenged ones if they passed V20.
func (p *stationPass) eachBallot(id string, do func(at place, alpha [group.Size]byte)) {
	dir, err := fs.Sub(p.v.fsys, record.StationFile(id, ""))
	if err != nil {
		return
	}
	s, _ := p.v.e.Station(id)
	for _, f := range []struct {
		name       string
		challenged bool
		size       int
		limit      int64
	}{
		{record.BallotsFile, false, p.v.e.BallotSize(), p.v.maxBallots(s)},
		{record.ChallengedFile, true, record.ChallengedSize(p.v.e.Manifest.Shape()), record.MaxDocument},
	} {
		if f.challenged && !p.challengedOf[id] {
			continue
		}
		err := eachAlpha(dir, f.name, f.size, f.limit, func(i int64, alpha [group.Size]byte) {
			do(place{id, f.challenged, i}, alpha)
		})
		if err != nil {
			p.v.t.skip("V19") // it was read before: the record changes under us
		}
	}
}

func eachAlpha(dir fs.FS, name string, size int, limit int64, do func(i int64, alpha [group.Size]byte)) error {
	f, err := dir.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	r := io.LimitReader(f, limit)
	ballot := make([]byte, size)
	for i := int64(1); ; i++ {
		if _, err := io.ReadFull(r, ballot); err != nil {
			return nil // its end, or half a ballot, which V14 and V20 have named
		}
		do(i, [group.Size]byte(ballot))
	}
}
