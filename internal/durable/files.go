// Package durable keeps files through power cuts: what a call
// reported as written is there after the next start, whole, and what it did not
// report leaves nothing half-written under a final name.
//
// It knows nothing of ballots or voters.
package durable

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// WriteFile writes a new file: content and name are on the disk when it
// returns. An existing file is never replaced: the error wraps fs.ErrExist.
func WriteFile(path string, data []byte, perm fs.FileMode) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".writing-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(f.Name())
	if err := fill(f, data, perm); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := Publish(f.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// PutFile is WriteFile, but a file that is there already with the same content is
// no error. With another content it is, and stays: the error wraps fs.ErrExist.
func PutFile(path string, data []byte, perm fs.FileMode) error {
	err := WriteFile(path, data, perm)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, problem := os.Lstat(path); problem != nil || !info.Mode().IsRegular() {
		return err // a link could lead anywhere
	}
	if there, problem := ReadFile(path, int64(len(data))); problem != nil || !bytes.Equal(there, data) {
		return err
	}
	return nil
}

// Publish gives a finished file or folder its name. The order matters: content
// first, then the name, then the folder that holds the name. It never replaces:
// the error wraps fs.ErrExist.
func Publish(from, path string) error {
	if err := renameExclusive(from, path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("there already: %w", fs.ErrExist)
		}
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

func fill(f *os.File, data []byte, perm fs.FileMode) error {
	_, err := f.Write(data)
	return errors.Join(err, f.Chmod(perm), f.Sync(), f.Close())
}

// SyncFolder returns when the names in a folder are on the disk.
func SyncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("syncing %s: %w", path, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("syncing %s: %w", path, err)
	}
	return nil
}

// A Source writes the content of one file.
type Source func(w io.Writer) error

// Content is the Source of given bytes.
func Content(b []byte) Source {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}

// Epoch is the time that all files of a published folder carry, so that no file
// tells when it was written.
var Epoch = time.Unix(946684800, 0) // 2000-01-01T00:00:00Z

// WriteFolder writes a new folder with the given files, all or nothing: it
// appears under its name only when every file is on the disk. An existing
// folder is never touched: the error wraps fs.ErrExist. All files carry the
// time Epoch.
func WriteFolder(path string, files map[string]Source, perm fs.FileMode) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("writing %s: there already: %w", path, fs.ErrExist)
	}
	parent := filepath.Dir(path)
	tmp, err := os.MkdirTemp(parent, ".writing-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.RemoveAll(tmp)
	for name, source := range files {
		if err := writeInto(filepath.Join(tmp, name), source, perm); err != nil {
			return fmt.Errorf("writing %s: %w", filepath.Join(path, name), err)
		}
	}
	if err := errors.Join(os.Chmod(tmp, 0o755), os.Chtimes(tmp, Epoch, Epoch), SyncFolder(tmp)); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := Publish(tmp, path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

func writeInto(path string, source Source, perm fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	// The time before the sync, which stores it too: a power cut must not leave
	// the time at which the file was written.
	return errors.Join(source(f), os.Chtimes(path, Epoch, Epoch), f.Sync(), f.Close())
}

// ReadFile reads a regular file of at most limit bytes; a larger one is an error.
func ReadFile(path string, limit int64) ([]byte, error) {
	f, _, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("reading %s: larger than %d bytes", path, limit)
	}
	return b, nil
}

// renameChecked looks first and renames then, where the system has no call for
// both. Only another program that writes the same name in between is missed.
func renameChecked(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}
