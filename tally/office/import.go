package office

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
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
	checker, put := o.checker()
	defer put()
	b, err := checker.Check(os.DirFS(staged), c.Station, progress)
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

// take gives a checked bundle its name. Renaming never replaces a folder with
// something in it, so of two programs that take the same station one comes
// second here.
func (o *Office) take(m *medium, staged, station string) error {
	path := o.path(record.StationFile(station, "."))
	err := os.Rename(staged, path)
	switch {
	case err == nil:
		return durable.SyncFolder(filepath.Dir(path))
	case !o.has(record.StationFile(station, ".")):
		return fmt.Errorf("importing station %q: %w", station, err)
	case o.same(m, station):
		return fmt.Errorf("station %q: %w", station, ErrTwice)
	}
	return fmt.Errorf("station %q: %w", station, o.whyAnother(station))
}
