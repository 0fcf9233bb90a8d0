// Package office is the counting on disk: a record that grows step by step in a
// folder, from the empty one with manifest and ceremony to the published one.
//
// Every step writes whole files and folders under names that did not exist, so
// each can be interrupted at any moment and done again; what is there already is
// compared, and never replaced. Steps that would disturb each other wait for
// each other, also in different programs: see lock.
package office

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
)

// An Office counts one election in one folder. Its methods may be called from
// several goroutines.
type Office struct {
	dir string
	e   *record.Election

	// Workers is how many stations Publish rechecks at a time. If zero, it is 1.
	Workers int
	// Progress, if not nil, is told how many stations Publish has rechecked.
	Progress func(done, total int64)

	swept    atomic.Bool // what earlier imports had left is gone
	checkers sync.Pool   // of *tally.Checker, at rest
}

// newOffice returns the office of a folder.
func newOffice(dir string, e *record.Election) *Office {
	o := &Office{dir: dir, e: e}
	o.checkers.New = func() any { return tally.NewChecker(e, rand.Reader) }
	return o
}

// checker takes a Checker, which put gives back. Several imports at a time
// have one each.
func (o *Office) checker() (c *tally.Checker, put func()) {
	c = o.checkers.Get().(*tally.Checker)
	return c, func() { o.checkers.Put(c) }
}

// ErrOtherContent is returned when a step would write a file that is there with
// another content. The program says that nothing is overwritten.
var ErrOtherContent = errors.New("there already, with another content")

// folders are those of a record in which there is something to write.
var folders = []string{"", "ceremony", record.StationsDir, "decryption"}

// Begin makes the folder of a record from the folder of the key ceremony:
// manifest, joint key, transcript. It checks all of it first.
func Begin(ceremony, dir string) (*Office, error) {
	o, err := begin(ceremony, dir)
	if err != nil {
		return nil, fmt.Errorf("beginning the count: %w", err)
	}
	return o, nil
}

func begin(ceremony, dir string) (*Office, error) {
	from := durable.RegularFiles(ceremony)
	e, err := record.ReadElection(from)
	if err != nil {
		return nil, err
	}
	if err := tally.CheckCeremony(e, from); err != nil {
		return nil, err
	}
	if sameFolder(ceremony, dir) {
		return nil, fmt.Errorf("%s is the ceremony's own folder; a count needs another", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	o := newOffice(dir, e)
	unlock, err := o.lock(alone)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := o.tidy(); err != nil {
		return nil, err
	}
	for _, d := range folders {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, err
		}
	}
	for _, name := range beginning(e) {
		b, err := record.ReadFile(from, name, record.MaxDocument)
		if err != nil {
			return nil, err
		}
		if err := put(o.path(name), b); err != nil {
			return nil, err
		}
	}
	return Open(dir)
}

func sameFolder(a, b string) bool {
	x, errA := os.Stat(a)
	y, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(x, y)
}

// beginning lists the files of a record before the first bundle. The order
// matters: joint-key.json is the last, and without it the folder does not open,
// so what was interrupted is not taken for whole.
func beginning(e *record.Election) []string {
	names := []string{record.ManifestFile}
	for i := range e.Manifest.Trustees {
		names = append(names, record.EnrolmentFile(i+1), record.CommitmentFile(i+1), record.RevealFile(i+1), record.ConfirmationFile(i+1))
	}
	return append(names, record.JointKeyFile)
}

// Open goes on with a count.
func Open(dir string) (*Office, error) {
	e, err := record.ReadElection(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("opening the count in %s: %w", dir, err)
	}
	return newOffice(dir, e), nil
}

// put writes a file, or compares with what is there.
func put(path string, b []byte) error {
	err := durable.PutFile(path, b, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w", path, ErrOtherContent)
	}
	return err
}

func putDocument(path string, v any) error {
	b, err := record.Marshal(v)
	if err != nil {
		return err
	}
	return put(path, b)
}

// Election returns what is counted.
func (o *Office) Election() *record.Election { return o.e }

// FS returns the record so far.
func (o *Office) FS() fs.FS { return os.DirFS(o.dir) }

func (o *Office) path(name string) string { return filepath.Join(o.dir, filepath.FromSlash(name)) }

func (o *Office) has(name string) bool {
	_, err := os.Lstat(o.path(name))
	return err == nil
}
