package verifier

import (
	"errors"
	"io/fs"
	"strings"
)

// A regularFS opens regular files in real folders, and nothing else: a link
// could lead out of the record or in a circle, a pipe would never end. What is
// refused fails the check that wanted to read it.
type regularFS struct{ fsys fs.FS }

// Errors of regularFS.
var (
	errNotRegular = errors.New("not a regular file")
	errNotFolder  = errors.New("not a folder")
)

func (r regularFS) Open(name string) (fs.File, error) {
	if err := r.check(name); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return r.fsys.Open(name)
}

func (r regularFS) check(name string) error {
	if !fs.ValidPath(name) {
		return fs.ErrInvalid
	}
	for i := range len(name) + 1 {
		if i < len(name) && name[i] != '/' {
			continue
		}
		info, err := fs.Lstat(r.fsys, name[:i])
		switch {
		case err != nil:
			return err
		case i < len(name) && !info.IsDir():
			return errNotFolder
		case i == len(name) && !info.IsDir() && !info.Mode().IsRegular():
			return errNotRegular
		}
	}
	return nil
}

// below returns the parts of a path.
func below(path string) []string { return strings.Split(path, "/") }
