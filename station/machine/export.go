package machine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/ballotbox"
)

// Export writes the station's bundle, a folder named after the station, to each
// of the given folders (media), and reads each back. A bundle that is there
// already is compared, not replaced. docs/spec/station.md, Section 6, asks for
// two media, which may be given one at a time.
func (m *Machine) Export(media ...string) error {
	if err := m.export(media); err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	return nil
}

// Compare reads the bundle on a medium back, and compares it with what Export
// writes. After the medium was mounted anew, that is what is really on it.
func (m *Machine) Compare(medium string) error {
	files, err := m.bundle()
	if err == nil {
		err = compare(filepath.Join(medium, m.c.Station), files)
	}
	if err != nil {
		return fmt.Errorf("reading the bundle back: %w", err)
	}
	return nil
}

// ErrDiffers is wrapped by Compare, and by Export, where a file on the medium is not
// what was written to it.
var ErrDiffers = errors.New("not what was written")

// BundleSize returns how many bytes the files of the bundle have together.
func (m *Machine) BundleSize() (int64, error) {
	files, err := m.bundle()
	if err != nil {
		return 0, err
	}
	var n counter
	for _, source := range files {
		if err := source(&n); err != nil {
			return 0, err
		}
	}
	return int64(n), nil
}

// A counter counts what is written to it.
type counter int64

func (n *counter) Write(b []byte) (int, error) {
	*n += counter(len(b))
	return len(b), nil
}

// bundle returns the files of the bundle.
func (m *Machine) bundle() (map[string]durable.Source, error) {
	statement, checkpoint, err := m.kept()
	if err != nil {
		return nil, err
	}
	return map[string]durable.Source{
		record.ClosingFile:    durable.Content(statement),
		record.CheckpointFile: durable.Content(checkpoint),
		record.BallotsFile:    m.writeBox(ballotbox.Cast),
		record.ChallengedFile: m.writeBox(ballotbox.Challenged),
	}, nil
}

func (m *Machine) export(media []string) error {
	files, err := m.bundle()
	if err != nil {
		return err
	}
	if err := checkMedia(media); err != nil {
		return err
	}
	for _, medium := range media {
		path := filepath.Join(medium, m.c.Station)
		err := durable.WriteFolder(path, files, 0o644)
		if err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		if err := compare(path, files); err != nil {
			return fmt.Errorf("reading back %s: %w", path, err)
		}
	}
	return nil
}

// checkMedia refuses one medium given twice: it would be no copy.
func checkMedia(media []string) error {
	if len(media) == 0 {
		return errors.New("no medium")
	}
	var seen []os.FileInfo
	for _, medium := range media {
		info, err := os.Stat(medium)
		if err != nil {
			return err
		}
		for _, other := range seen {
			if os.SameFile(info, other) {
				return fmt.Errorf("%s is given twice", medium)
			}
		}
		seen = append(seen, info)
	}
	return nil
}

func (m *Machine) writeBox(b ballotbox.Box) durable.Source {
	return func(w io.Writer) error {
		return m.c.DB.View(func(tx *database.Tx) error {
			return b.Sorted(tx, func(_ record.Hash, content []byte) error {
				_, err := w.Write(content)
				return err
			})
		})
	}
}

// compare reads back what was written, file by file, and refuses any other file
// beside them, and times that say when they were written.
func compare(path string, files map[string]durable.Source) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	if len(entries) != len(files) {
		return fmt.Errorf("%d files instead of %d", len(entries), len(files))
	}
	for name, source := range files {
		if err := compareFile(filepath.Join(path, name), source); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func compareFile(path string, source durable.Source) error {
	var want bytes.Buffer
	if err := source(&want); err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() != int64(want.Len()) {
		return ErrDiffers
	}
	got, err := durable.ReadFile(path, int64(want.Len()))
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want.Bytes()) {
		return ErrDiffers
	}
	if !info.ModTime().Equal(durable.Epoch) {
		return errors.New("its time says when it was written")
	}
	return nil
}
