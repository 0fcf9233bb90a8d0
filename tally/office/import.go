package office

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
	"github.com/openreferendum/referendum/tally"
)

var (
	// ErrTwice is returned for a bundle that was imported before, the same to the
	// byte. The operator is told so; nothing has changed.
	ErrTwice = errors.New("this station's bundle was imported before, with the same content")

	// ErrSignedTwice is returned for a good bundle of a station of which another
	// good one was imported: the station has signed two. People must find out why.
	ErrSignedTwice = errors.New("another bundle of this station was imported before, and the station has signed both")

	// ErrDamaged is returned for a good bundle of a station whose bundle in the
	// record is not good any more: a disk, or a person, has changed it.
	ErrDamaged = errors.New("the bundle of this station in the record was damaged since it was imported")

	// ErrRequested is returned for a bundle that comes when the sums to be
	// decrypted are signed: trustees answer one request only.
	ErrRequested = errors.New("the sums to be decrypted are signed already; no bundle can be added to them")
)

// Import takes a bundle into the record. It is copied first and checked
// completely then, so that what was checked is what is counted, whatever the
// medium does meanwhile; it gets its station's name only when it has passed. A
// refused bundle is a *tally.Refusal, and leaves nothing behind.
func (o *Office) Import(bundle string, progress func()) (*tally.Bundle, error) {
	return o.importBundle(bundle, progress, false)
}

// CheckBundle is Import, but for taking the bundle into the record.
func (o *Office) CheckBundle(bundle string, progress func()) (*tally.Bundle, error) {
	return o.importBundle(bundle, progress, true)
}

func (o *Office) importBundle(bundle string, progress func(), checkOnly bool) (*tally.Bundle, error) {
	if err := o.sweepIfAlone(); err != nil {
		return nil, err
	}
	unlock, err := o.lock(beside)
	if err != nil {
		return nil, err
	}
	defer unlock()
	m, err := openMedium(bundle)
	if err != nil {
		return nil, refusal("", err)
	}
	defer m.close()
	file, err := m.read(record.ClosingFile, tally.MaxClosing)
	if err != nil {
		return nil, refusal("", err)
	}
	c, err := tally.ReadClosing(o.e, file)
	if err != nil {
		return nil, err
	}
	there := o.has(record.StationFile(c.Station, "."))
	if there && o.same(m, c.Station) {
		return nil, fmt.Errorf("station %q: %w", c.Station, ErrTwice)
	}
	if !there && o.has(record.AggregatesFile) {
		return nil, fmt.Errorf("station %q: %w", c.Station, ErrRequested)
	}
	staged := o.path(record.StationFile(importingPrefix+rand.Text(), "."))
	if err := o.stage(m, c, file, staged); err != nil {
		return nil, err
	}
	defer os.RemoveAll(staged)
	b, err := tally.Check(o.e, os.DirFS(staged), c.Station, progress)
	if err != nil && there {
		return nil, fmt.Errorf("%w\na good bundle of this station was imported before, and stays", err)
	}
	if err != nil || (checkOnly && !there) {
		return b, err
	}
	if there {
		return nil, fmt.Errorf("station %q: %w", c.Station, o.whyAnother(c.Station))
	}
	if err := o.take(m, staged, c.Station); err != nil {
		return nil, err
	}
	return b, nil
}

// sweepIfAlone removes what interrupted imports have left, once. If others are
// at work, they have done it.
func (o *Office) sweepIfAlone() error {
	if o.swept.Load() {
		return nil
	}
	unlock, err := o.tryAlone()
	if err != nil || unlock == nil {
		return err
	}
	defer unlock()
	if err := o.sweep(); err != nil {
		return err
	}
	o.swept.Store(true)
	return nil
}

func refusal(station string, problems ...error) error {
	return &tally.Refusal{Station: station, Problems: problems}
}

// stage copies a bundle. The ballots' files have the sizes that follow from the
// signed closing statement, and not a byte more is read.
func (o *Office) stage(m *medium, c *record.Closing, closing []byte, to string) error {
	checkpoint, err := m.read(record.CheckpointFile, ballotlog.MaxCheckpoint)
	if err != nil {
		return refusal(c.Station, err)
	}
	files := map[string]durable.Source{
		record.ClosingFile:    durable.Content(closing),
		record.CheckpointFile: durable.Content(checkpoint),
	}
	var problems []error
	for name, size := range tally.Sizes(o.e, c) {
		f, got, err := m.open(name)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		defer f.Close()
		if got != size {
			problems = append(problems, fmt.Errorf("%s: %d bytes, by the closing statement it has %d", name, got, size))
		}
		files[name] = copyOf(f, c.Station, name, size)
	}
	if len(problems) > 0 {
		return refusal(c.Station, problems...)
	}
	return durable.WriteFolder(to, files, 0o644)
}

// copyOf copies exactly size bytes. What goes wrong with the medium is the
// bundle's fault, what goes wrong with our disk is not.
func copyOf(f io.Reader, station, name string, size int64) durable.Source {
	return func(w io.Writer) error {
		r := &reader{r: io.LimitReader(f, size)}
		n, err := io.Copy(w, r)
		if r.err != nil {
			return refusal(station, fmt.Errorf("reading %s: %w", name, r.err))
		}
		if err == nil && n != size {
			return refusal(station, fmt.Errorf("reading %s: it ended after %d of %d bytes", name, n, size))
		}
		return err
	}
}

// A reader remembers its error.
type reader struct {
	r   io.Reader
	err error
}

func (r *reader) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	if err != io.EOF {
		r.err = err
	}
	return n, err
}

// take gives a checked bundle its name. Renaming never replaces a folder with
// something in it, so of two programs that take the same station one comes
// second here.
func (o *Office) take(m *medium, staged, station string) error {
	path := o.path(record.StationFile(station, "."))
	err := os.Rename(staged, path)
	switch {
	case err == nil:
		return syncFolder(filepath.Dir(path))
	case !o.has(record.StationFile(station, ".")):
		return fmt.Errorf("importing station %q: %w", station, err)
	case o.same(m, station):
		return fmt.Errorf("station %q: %w", station, ErrTwice)
	}
	return fmt.Errorf("station %q: %w", station, o.whyAnother(station))
}

// whyAnother tells, of two different bundles of a station of which the one on
// the medium is good, whether the one in the record is. A station is not accused
// of what our disk has done.
func (o *Office) whyAnother(station string) error {
	dir, err := o.station(station)
	if err == nil {
		_, err = tally.Recheck(o.e, dir, station)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return ErrSignedTwice
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// same reports whether a medium holds the bundle that was imported.
func (o *Office) same(m *medium, station string) bool {
	for _, name := range tally.BundleFiles {
		if !o.sameFile(m, station, name) {
			return false
		}
	}
	return true
}

func (o *Office) sameFile(m *medium, station, name string) bool {
	there, want, err := openRegular(o.path(record.StationFile(station, name)))
	if err != nil {
		return false
	}
	defer there.Close()
	f, size, err := m.open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	return size == want && equalContent(there, f)
}

func equalContent(a, b io.Reader) bool {
	x, y := make([]byte, 1<<16), make([]byte, 1<<16)
	for {
		n, errA := io.ReadFull(a, x)
		m, errB := io.ReadFull(b, y)
		if !bytes.Equal(x[:n], y[:m]) {
			return false
		}
		if errA != nil || errB != nil {
			return ended(errA) && ended(errB)
		}
	}
}

func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
