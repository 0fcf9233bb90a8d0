package office

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
)

// ErrStray is returned when the folder has files that do not belong in a
// record. They would be in the inventory, and no verifier would accept it.
var ErrStray = errors.New("does not belong in a record")

// Names of what is being written: durable's, and ours for bundles that are
// being checked.
const (
	writingPrefix   = ".writing-"
	importingPrefix = ".importing-"
)

// tidy removes what interrupted steps have left, and refuses everything else
// that does not belong. Only who is alone in the folder may call it: what is
// being written by others looks the same.
func (o *Office) tidy() error {
	if err := o.sweep(); err != nil {
		return err
	}
	return o.strays()
}

func (o *Office) sweep() error {
	var errs []error
	for _, d := range folders {
		entries, err := os.ReadDir(o.path(d))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("clearing up: %w", err)
		}
		for _, entry := range entries {
			if passing(entry.Name()) {
				errs = append(errs, os.RemoveAll(filepath.Join(o.path(d), entry.Name())))
			}
		}
	}
	return errors.Join(errs...)
}

// strays lists what does not belong: docs/spec/record.md, Section 1.
func (o *Office) strays() error {
	var found []error
	err := fs.WalkDir(o.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if o.belongs(name, d) {
			return nil
		}
		if passing(d.Name()) && slices.Contains(folders, folderOf(name)) {
			return skip(d)
		}
		found = append(found, fmt.Errorf("%s: %w", name, ErrStray))
		return skip(d)
	})
	return errors.Join(append(found, err)...)
}

// folderOf is the folder of a path, "" for the record's own.
func folderOf(name string) string {
	if d := path.Dir(name); d != "." {
		return d
	}
	return ""
}

func skip(d fs.DirEntry) error {
	if d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// passing reports whether a name is that of something being written, or left by
// a step that was interrupted.
func passing(name string) bool {
	return strings.HasPrefix(name, writingPrefix) || strings.HasPrefix(name, importingPrefix)
}

// belongs is the tally's own reading of the layout; the verifier has another.
func (o *Office) belongs(name string, d fs.DirEntry) bool {
	if d.IsDir() {
		if id, ok := strings.CutPrefix(name, record.StationsDir+"/"); ok {
			_, known := o.e.Station(id)
			return known
		}
		return name == "." || slices.Contains(folders, name)
	}
	if !d.Type().IsRegular() {
		return false
	}
	if parts := strings.Split(name, "/"); len(parts) == 3 && parts[0] == record.StationsDir {
		return slices.Contains(tally.BundleFiles, parts[2])
	}
	names := append(beginning(o.e), record.AggregatesFile, record.ResultFile, record.InventoryFile)
	for i := range o.e.Manifest.Trustees {
		names = append(names, record.DecryptionFile(i+1))
	}
	return slices.Contains(names, name)
}
