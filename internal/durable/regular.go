package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// RegularFiles returns a folder that came from somebody else as a file system.
// It opens folders and regular files only: neither a link, which could lead out
// of the folder, nor a pipe or a device, which could keep a program waiting for
// ever.
func RegularFiles(dir string) fs.FS { return regularFiles{dir, os.DirFS(dir)} }

type regularFiles struct {
	dir  string
	fsys fs.FS
}

// ErrNotRegular is wrapped for a link, a pipe or a device. Programs say that the
// input cannot be used: it is not this machine's fault.
var ErrNotRegular = errors.New("not a regular file")

// Open looks at every step of the path, and only then opens the file.
func (r regularFiles) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	path := r.dir
	for part := range strings.SplitSeq(name, "/") {
		if part == "." {
			break
		}
		path = filepath.Join(path, part)
		info, err := os.Lstat(path)
		if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
			return nil, &fs.PathError{Op: "open", Path: name, Err: ErrNotRegular}
		}
	}
	return r.fsys.Open(name)
}

// OpenFile opens a file to read it, and returns its size. It follows a link, but
// refuses what is not a regular file in the end, and does not wait for it.
func OpenFile(path string) (*os.File, int64, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	size, err := RegularSize(f)
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("reading %s: %w", path, err), f.Close())
	}
	return f, size, nil
}

// RegularSize returns the size of an open file, and refuses one that is not
// regular.
func RegularSize(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, ErrNotRegular
	}
	return info.Size(), nil
}
