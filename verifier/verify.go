package verifier

import (
	"io"
	"io/fs"
	"sync"

	"github.com/openreferendum/referendum/record"
)

// Options configures Verify. The zero value verifies everything with one
// worker, and ballot by ballot.
type Options struct {
	Workers  int
	Progress func(done, total int64) // in ballots
	Election *record.Hash            // the H_E the observer expects, if any

	// Part, if not empty, is a station or district of the manifest. Only its
	// stations are checked (V04, V10 to V22), and what the record says of the whole
	// (V23 to V28) is not.
	Part string

	// Random, crypto/rand.Reader, lets many ballots be verified at a time, to the
	// same end and many times faster.
	Random io.Reader

	// Hints, if not nil, is a folder of hints of square roots (docs/spec/record.md,
	// Section 6.5). They are not trusted.
	Hints fs.FS

	// Notebook, if not nil, remembers stations whose ballots are right.
	Notebook Notebook
}

// A Notebook remembers, from one run to the next, which ballots of a station
// were right. It is the observer's own, and trusted as this program is. Its
// methods are called by many goroutines.
type Notebook interface {
	Known(station string) (Note, bool)
	Keep(Note)
}

// A Note says that the ballots with these codes, in this order, are all well
// formed, that their proofs hold, and what their sum is.
type Note struct {
	Station string
	Count   int64
	Root    record.Hash
	Sum     *record.Sum
}

// Verify makes all checks of the record in fsys and never stops at the first
// failure. Its memory grows with the number of stations and the size of the
// largest, but not with the number of ballots, of which it keeps 8 bytes each.
func Verify(fsys fs.FS, o Options) *Report {
	regular := regularFS{fsys}
	v := &verification{fsys: regular, once: newOnceFS(regular), o: o, t: newTally(), r: new(Report)}
	v.run()
	return v.t.report(v.r)
}

type verification struct {
	fsys fs.FS
	once *onceFS // the same, for the stations' files
	o    Options
	t    *tally
	r    *Report

	manifest []byte
	e        *record.Election
	scanners sync.Pool       // of *record.Scanner
	names    map[string]bool // documents of the record
	there    []found         // files that were found
	part     map[string]bool // stations of the part that was asked for; nil for all
	cast     map[string]uint32
	sums     map[string]*record.Sum
}

func (v *verification) run() {
	if !v.election() {
		return // without manifest and key nothing else can be asked
	}
	v.scanners.New = func() any {
		s := record.NewScanner(v.e, v.o.Random)
		s.Hints = v.o.Hints
		return s
	}
	v.choosePart()
	v.names = documents(v.e.Manifest)
	v.files()
	v.ceremony()
	v.stations()
	v.inventory()
	if v.part == nil {
		v.outcome()
	}
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
