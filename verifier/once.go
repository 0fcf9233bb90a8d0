package verifier

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"io/fs"
	"sync"

	"github.com/openreferendum/referendum/record"
)

// A onceFS hashes the files that are read through it from their first byte to
// their end, so that the inventory (V04) is compared without reading the
// ballots of a nation a second time.
type onceFS struct {
	fsys fs.FS

	mu   sync.Mutex
	read map[string]record.File
}

func newOnceFS(fsys fs.FS) *onceFS { return &onceFS{fsys: fsys, read: map[string]record.File{}} }

func (o *onceFS) Open(name string) (fs.File, error) {
	f, err := o.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return f, err
	}
	return &onceFile{File: f, name: name, fsys: o, sum: sha256.New()}, nil
}

// keep takes what was read of a file from its first byte to its end.
func (o *onceFS) keep(f record.File) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.read[f.Path] = f
}

// file returns size and hash of a file, which it reads unless it was read
// already.
func (o *onceFS) file(name string, limit int64) (record.File, error) {
	o.mu.Lock()
	f, ok := o.read[name]
	o.mu.Unlock()
	switch {
	case !ok:
		return hashFile(o.fsys, name, limit)
	case f.Size > limit:
		return record.File{Path: name}, errTooLarge
	}
	return f, nil
}

type onceFile struct {
	fs.File
	name string
	fsys *onceFS
	size int64
	sum  hash.Hash
}

func (f *onceFile) Read(b []byte) (int, error) {
	n, err := f.File.Read(b)
	f.sum.Write(b[:n])
	f.size += int64(n)
	if errors.Is(err, io.EOF) {
		f.fsys.keep(record.File{Path: f.name, Size: f.size, SHA256: record.Hash(f.sum.Sum(nil))})
	}
	return n, err
}
