package verifier

import (
	"io/fs"

	"github.com/openreferendum/referendum/record"
)

// Options configures Verify. The zero value verifies everything with one
// worker.
type Options struct {
	Workers  int
	Progress func(done, total int64) // in ballots
	Election *record.Hash            // the H_E the observer expects, if any
}

// Verify makes all checks of the record in fsys and never stops at the first
// failure. Its memory grows with the number of stations and the size of the
// largest, but not with the number of ballots, of which it keeps 8 bytes each.
func Verify(fsys fs.FS, o Options) *Report {
	v := &verification{fsys: regularFS{fsys}, o: o, t: newTally(), r: new(Report)}
	v.run()
	return v.t.report(v.r)
}

type verification struct {
	fsys fs.FS
	o    Options
	t    *tally
	r    *Report

	manifest []byte
	e        *record.Election
	names    map[string]bool // documents of the record
	cast     map[string]uint32
	sums     map[string]*record.Sum
}

func (v *verification) run() {
	if !v.election() {
		return // without manifest and key nothing else can be asked
	}
	v.names = documents(v.e.Manifest)
	v.files()
	v.ceremony()
	v.stations()
	v.outcome()
}

// election makes V01 and V02.
func (v *verification) election() bool {
	m, err := record.ReadFile(v.fsys, record.ManifestFile, record.MaxDocument)
	if err == nil {
		v.r.Manifest, err = record.ParseManifest(m)
	}
	if !v.t.see("V01", record.ManifestFile, err) {
		return false
	}
	v.manifest, v.r.Kind = m, v.r.Manifest.Kind
	j, err := record.ReadFile(v.fsys, record.JointKeyFile, record.MaxDocument)
	if err == nil {
		v.e, err = record.NewElection(m, j)
	}
	if !v.t.see("V02", record.JointKeyFile, err) {
		return false
	}
	v.r.Election = v.e.ID
	if v.o.Election != nil && *v.o.Election != v.e.ID {
		v.t.fail("V02", record.JointKeyFile, "this is election %v, expected is %v", v.e.ID, *v.o.Election)
	}
	return true
}
