package database

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/openreferendum/referendum/internal/durable"
)

// OpenAlone opens one copy whose other medium is lost, to read it or to copy it
// to a new medium. It refuses to write. What was in the middle of a commit when
// the other medium was lost is undone: it was never reported.
func OpenAlone(path string) (*DB, error) {
	d, err := openAlone(path)
	if err != nil {
		return nil, fmt.Errorf("opening %s alone: %w", path, err)
	}
	return d, nil
}

func openAlone(path string) (*DB, error) {
	path, err := realPath(path)
	if err != nil {
		return nil, err
	}
	if err := inspect([]medium{{"main", path}}); err != nil {
		return nil, err
	}
	if err := orphan(path); err != nil {
		return nil, err
	}
	d, err := connect([]medium{{"main", path}})
	if err != nil {
		return nil, err
	}
	if err := d.check(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	// Not PRAGMA query_only: it forbids VACUUM INTO as well, which CopyTo needs.
	d.alone = true
	return d, nil
}

// journalMagic begins every header of a SQLite rollback journal, and ends a
// journal that is one of several under a super-journal.
var journalMagic = []byte{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7}

// maxName bounds the name of a super-journal.
const maxName = 4096

// orphan makes the journal of a copy whose super-journal went with the other
// medium into one that stands alone, so that SQLite undoes what it covers.
// Left as it is, SQLite takes a missing super-journal for a finished commit,
// and this copy may be half written.
//
// This never undoes what was reported: Update reports a commit only when both
// journals are empty. If the super-journal stands in the same folder, or stood
// there, SQLite knows better, and the journal is left alone.
func orphan(path string) error {
	f, err := os.OpenFile(journal(path), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	name, end, err := superJournal(f)
	if err != nil || name == "" || filepath.Dir(name) == filepath.Dir(path) {
		return err
	}
	if _, err := os.Lstat(name); err == nil {
		return nil
	}
	if _, err := f.WriteAt(make([]byte, len(journalMagic)), end-int64(len(journalMagic))); err != nil {
		return err
	}
	return f.Sync()
}

// superJournal returns the name at the end of a journal, if there is one: name,
// its length, a checksum, and the magic.
func superJournal(f *os.File) (name string, end int64, err error) {
	end, err = f.Seek(0, io.SeekEnd)
	if err != nil || end < 16 {
		return "", end, err
	}
	var tail [16]byte
	if _, err := f.ReadAt(tail[:], end-16); err != nil {
		return "", end, err
	}
	n := int64(binary.BigEndian.Uint32(tail[:]))
	if !bytes.Equal(tail[8:], journalMagic) || n == 0 || n > maxName || n > end-16 {
		return "", end, nil
	}
	b := make([]byte, n)
	if _, err := f.ReadAt(b, end-16-n); err != nil {
		return "", end, err
	}
	return string(b), end, nil
}

// CopyTo writes the main copy, rid of everything that tells the order of its
// changes (VACUUM INTO), to a new file, which appears under its name only when
// it is whole.
func (d *DB) CopyTo(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.copyTo(path); err != nil {
		return fmt.Errorf("copying the station's database: %w", err)
	}
	return nil
}

func (d *DB) copyTo(path string) error {
	if err := errors.Join(absent(path), absent(journal(path))); err != nil {
		return err
	}
	folder, err := os.MkdirTemp(filepath.Dir(path), ".writing-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	whole := filepath.Join(folder, "copy")
	if err := d.exec("VACUUM main INTO ?", whole); err != nil {
		return err
	}
	f, err := os.OpenFile(whole, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	return durable.Publish(whole, path)
}

// Recreate makes a lost copy again from the one that is left. A person decides
// to call it: nothing in the two files tells which of them to believe. The file
// at lost must not exist.
func Recreate(left, lost string) error {
	d, err := OpenAlone(left)
	if err != nil {
		return err
	}
	return errors.Join(d.CopyTo(lost), d.Close())
}
