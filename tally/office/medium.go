package office

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/tally"
)

// A medium is a bundle on a removable medium. Nothing about it is trusted: not
// that its files are files, not their sizes, not that they stay the same.
type medium struct{ root *os.Root }

// openMedium opens a bundle's folder, and refuses it unless it has exactly the
// four files of a bundle.
func openMedium(path string) (*medium, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, errors.New("not a folder")
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	m := &medium{root}
	if err := m.checkNames(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return m, nil
}

func (m *medium) close() error { return m.root.Close() }

func (m *medium) checkNames() error {
	d, err := m.root.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	// One more than belong there is enough to refuse: a folder may have millions.
	entries, err := d.ReadDir(len(tally.BundleFiles) + 1)
	if err != nil && err != io.EOF {
		return err
	}
	var there []string
	for _, entry := range entries {
		if !slices.Contains(tally.BundleFiles, entry.Name()) || !entry.Type().IsRegular() {
			return fmt.Errorf("%q does not belong in a bundle", entry.Name())
		}
		there = append(there, entry.Name())
	}
	for _, name := range tally.BundleFiles {
		if !slices.Contains(there, name) {
			return fmt.Errorf("%s: no such file", name)
		}
	}
	return nil
}

// open opens a file, and refuses what is none: opening a FIFO would wait for
// ever.
func (m *medium) open(name string) (*os.File, int64, error) {
	f, err := m.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	size, err := durable.RegularSize(f)
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	return f, size, nil
}

// read reads a small file.
func (m *medium) read(name string, limit int64) ([]byte, error) {
	f, _, err := m.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("reading %s: larger than %d bytes", name, limit)
	}
	return b, nil
}
