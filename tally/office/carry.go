package office

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
)

// Carry writes what a trustee needs to a folder on a medium: the record up to
// the request, without other trustees' answers. What is there already is
// compared, and not replaced. It returns the request's hash, which the trustees
// compare.
//
// The order matters: the request itself comes last, so a copy that was
// interrupted is not taken for whole.
func (o *Office) Carry(to string, progress func(done, total int64)) (record.Hash, error) {
	hash, err := o.carry(to, progress)
	if err != nil {
		return hash, fmt.Errorf("writing the request: %w", err)
	}
	return hash, nil
}

func (o *Office) carry(to string, progress func(done, total int64)) (record.Hash, error) {
	unlock, err := o.lock(beside)
	if err != nil {
		return record.Hash{}, err
	}
	defer unlock()
	_, hash, err := o.request()
	if err != nil {
		return hash, err
	}
	if err := errors.Join(o.outside(to), o.ceremonyHolds()); err != nil {
		return hash, err
	}
	for _, d := range []string{"ceremony", record.StationsDir} {
		if err := os.MkdirAll(filepath.Join(to, d), 0o755); err != nil {
			return hash, err
		}
	}
	for _, name := range beginning(o.e) {
		if err := o.carryFile(to, name); err != nil {
			return hash, err
		}
	}
	imported, _, err := o.Stations()
	if err != nil {
		return hash, err
	}
	for i, id := range imported {
		if err := o.carryStation(to, id); err != nil {
			return hash, err
		}
		if progress != nil {
			progress(int64(i+1), int64(len(imported)))
		}
	}
	return hash, o.carryFile(to, record.AggregatesFile)
}

// outside refuses a folder within the record: it would not belong there.
func (o *Office) outside(to string) error {
	within, err := filepath.Abs(o.dir)
	if err != nil {
		return err
	}
	target, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(within, target); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return fmt.Errorf("%s is within the record", to)
	}
	return nil
}

func (o *Office) carryFile(to, name string) error {
	b, err := record.ReadFile(o.FS(), name, record.MaxDocument)
	if err != nil {
		return err
	}
	return put(filepath.Join(to, filepath.FromSlash(name)), b)
}

func (o *Office) carryStation(to, id string) error {
	// The trustees check everything again; this is so that a disk's fault shows
	// here, and not on three trustees' computers.
	dir, err := o.station(id)
	if err == nil {
		checker, put := o.checker()
		defer put()
		_, err = checker.Recheck(dir, id)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	files := map[string]durable.Source{}
	for _, name := range tally.BundleFiles {
		files[name] = o.contentOf(record.StationFile(id, name))
	}
	path := filepath.Join(to, record.StationsDir, id)
	err = durable.WriteFolder(path, files, 0o644)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	m, err := openMedium(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer m.close()
	if !o.same(m, id) {
		return fmt.Errorf("%s: %w", path, ErrOtherContent)
	}
	return nil
}

func (o *Office) contentOf(name string) durable.Source {
	return func(w io.Writer) error {
		f, _, err := durable.OpenFile(o.path(name))
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	}
}
