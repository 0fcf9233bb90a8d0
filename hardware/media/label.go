package media

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Prepare labels an empty medium, reads the label back and unmounts it. A
// medium that has this label already stays as it is, without an error; one that
// is labelled otherwise (LabelError) or holds anything (ErrNotEmpty) is refused.
func Prepare(source string, c Config) error { return here().prepare(source, c) }

func (h host) prepare(source string, c Config) error {
	m, err := begin(h, source, c)
	if err == nil {
		err = m.use(false, func(root *os.File) error { return m.label(root) })
	}
	if err == nil {
		err = m.use(true, func(*os.File) error { return m.checkLabel() })
	}
	if err = m.abandon(err); err != nil {
		return fmt.Errorf("preparing the medium at %s: %w", source, err)
	}
	return nil
}

// label writes the label on an empty medium that has none.
func (m *Medium) label(root *os.File) error {
	if err := m.checkLabel(); !errors.Is(err, ErrNotLabelled) {
		return err
	}
	if err := m.empty(root); err != nil {
		return err
	}
	if err := room(root, m.config.Need); err != nil {
		return err
	}
	path := filepath.Join(m.dir, LabelFile)
	f, err := os.OpenFile(path+unfinished, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|unix.O_NOFOLLOW, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(m.config.Label)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+unfinished, path); err != nil {
		return err
	}
	return root.Sync()
}

// unfinished ends the name of a label that is being written.
const unfinished = ".writing"

// empty refuses a medium that holds anything but what making its file system, or
// labelling it before, may have left.
func (m *Medium) empty(root *os.File) error {
	entries, err := root.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == "lost+found" && e.IsDir() || e.Name() == LabelFile+unfinished && e.Type().IsRegular() {
			continue
		}
		return fmt.Errorf("%w: it holds %q", ErrNotEmpty, e.Name())
	}
	return nil
}

// checkLabel compares the label with the one that is wanted.
func (m *Medium) checkLabel() error {
	found, err := readLabel(filepath.Join(m.dir, LabelFile))
	if err != nil {
		return err
	}
	if !bytes.Equal(found, m.config.Label) {
		return &LabelError{Found: found}
	}
	return nil
}

// readLabel reads a label, whoever made it: at most MaxLabel bytes of a regular
// file.
func readLabel(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNotLabelled
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // looked at first: to open a pipe, a link or a device may do anything
		return nil, fmt.Errorf("%w: %s is no file", ErrNotLabelled, LabelFile)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxLabel+1))
	if err != nil {
		return nil, fmt.Errorf("reading the label: %w", err)
	}
	if len(b) == 0 || len(b) > MaxLabel {
		return nil, fmt.Errorf("%w: %s has not 1 to %d bytes", ErrNotLabelled, LabelFile, MaxLabel)
	}
	return b, nil
}
