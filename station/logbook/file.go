package logbook

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/station/stationlog"
)

// A file is one copy of the log, open and locked.
type file struct {
	path string
	f    *os.File
}

// openFiles opens both files, or makes both. A power cut between the two
// leaves an empty first one, never one with lines.
func openFiles(paths [2]string) (files [2]*file, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, closeFiles(files))
		}
	}()
	for i, path := range paths {
		files[i], err = openLocked(path, os.O_RDWR)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return files, err
		}
	}
	for i, f := range files {
		if f != nil {
			continue
		}
		if err := allowMissing(paths[i], files[1-i]); err != nil {
			return files, err
		}
		if files[i], err = create(paths[i]); err != nil {
			return files, err
		}
	}
	a, err := files[0].f.Stat()
	if err != nil {
		return files, err
	}
	b, err := files[1].f.Stat()
	if err != nil {
		return files, err
	}
	if os.SameFile(a, b) {
		return files, errors.New("both paths are the same file")
	}
	return files, nil
}

// allowMissing refuses to make a file anew beside one that has lines.
func allowMissing(path string, other *file) error {
	if other == nil {
		return nil
	}
	info, err := other.f.Stat()
	if err != nil {
		return err
	}
	if info.Size() > 0 {
		return fmt.Errorf("%s is missing, and %s is not empty: %w", path, other.path, fs.ErrNotExist)
	}
	return nil
}

func create(path string) (*file, error) {
	f, err := openLocked(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.f.Sync(), durable.SyncFolder(filepath.Dir(path))); err != nil {
		return nil, errors.Join(fmt.Errorf("making %s: %w", path, err), f.f.Close())
	}
	return f, nil
}

// openFile refuses what is not a file of its owner alone under one name, and
// does not wait for a pipe.
func openFile(path string, flag int) (*file, error) {
	f, err := os.OpenFile(path, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENXIO) || errors.Is(err, syscall.EISDIR) {
		return nil, fmt.Errorf("%s: %w", path, durable.ErrNotRegular)
	}
	if err != nil {
		return nil, err
	}
	if err := inspect(f); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return &file{path, f}, nil
}

// openLocked is openFile for one who writes.
func openLocked(path string, flag int) (*file, error) {
	f, err := openFile(path, flag)
	if err != nil {
		return nil, err
	}
	if err := lock(f.f); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.f.Close())
	}
	return f, nil
}

func inspect(f *os.File) error {
	if _, err := durable.RegularSize(f); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("its mode is %04o, not 0600: others than its owner have access", info.Mode().Perm())
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Nlink > 1 {
		return errors.New("it has a second name")
	}
	return nil
}

func lock(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return ErrInUse
		}
		return fmt.Errorf("locking: %w", err)
	}
	return nil
}

// read returns the whole file, with room for one torn line behind the longest
// log.
func (f *file) read() ([]byte, error) {
	const limit = stationlog.MaxLog + stationlog.MaxLine
	b, err := io.ReadAll(io.NewSectionReader(f.f, 0, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.path, err)
	}
	if len(b) > limit {
		return nil, fmt.Errorf("reading %s: larger than %d bytes", f.path, limit)
	}
	return b, nil
}

// append writes a line at the end, surely. It refuses a file that is not as the
// last append left it, or that is no longer what the path names: it would be
// written for nobody.
func (f *file) append(size int64, line []byte) error {
	info, err := f.f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != size {
		return fmt.Errorf("%s has %d bytes instead of %d: something else has written to it", f.path, info.Size(), size)
	}
	if there, err := os.Lstat(f.path); err != nil || !os.SameFile(info, there) {
		return fmt.Errorf("%s is no longer there, or is another file", f.path)
	}
	if _, err := f.f.WriteAt(line, size); err != nil {
		return err
	}
	return f.settle()
}

// mend cuts the file, and only then appends what it lacks, so that no power cut
// leaves old and new bytes side by side.
func (f *file) mend(keep int64, missing []byte) error {
	if err := errors.Join(f.f.Truncate(keep), f.f.Sync()); err != nil {
		return fmt.Errorf("cutting a torn line off %s: %w", f.path, err)
	}
	if len(missing) == 0 {
		return nil
	}
	if _, err := f.f.WriteAt(missing, keep); err != nil {
		return fmt.Errorf("appending a missing line to %s: %w", f.path, err)
	}
	return nil
}

// confirm writes the last line once more, over itself. After an error of the
// medium the kernel may show what it could not write, and call it written; what
// is written anew is either on the medium afterwards, or an error again.
func (f *file) confirm(whole []byte) error {
	last := 0
	if len(whole) > 0 {
		last = stationlog.Complete(whole[:len(whole)-1])
	}
	if _, err := f.f.WriteAt(whole[last:], int64(last)); err != nil {
		return err
	}
	return f.settle()
}

// settle takes the time of the last line off the file, and returns when
// everything is on the medium. The time of the inode's change stays: it is the
// last line's, and the log has that line's hour.
func (f *file) settle() error {
	t := syscall.NsecToTimeval(durable.Epoch.UnixNano())
	if err := syscall.Futimes(int(f.f.Fd()), []syscall.Timeval{t, t}); err != nil {
		return fmt.Errorf("setting the time of %s: %w", f.path, err)
	}
	return f.f.Sync()
}

func closeFiles(files [2]*file) error {
	var errs []error
	for _, f := range files {
		if f != nil {
			errs = append(errs, f.f.Close())
		}
	}
	return errors.Join(errs...)
}
