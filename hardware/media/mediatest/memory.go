package mediatest

import (
	"context"
	"sync"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// A memory is what is inside a stick: the one file of a FUSE file system, which
// the loop device takes for a disk. It is opened for direct access, so what is
// here is all that is kept of it.
type memory struct {
	fs.Inode

	mu      sync.Mutex
	content []byte
	ops     int            // writes and syncs so far
	at      map[int]func() // before the operation of this number
	trace   *Trace         // if somebody listens

	pulled bool
	lose   bool  // says that it wrote, and has not
	worn   bool  // writes fail
	holds  int64 // what is written beyond is lost; 0: all is kept
}

var _ = []any{fs.NodeOpener(&memory{}), fs.NodeGetattrer(&memory{}), fs.NodeReader(&memory{}), fs.NodeWriter(&memory{}), fs.NodeFsyncer(&memory{})}

func (m *memory) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, fuse.FOPEN_DIRECT_IO, 0
}

func (m *memory) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	m.mu.Lock()
	defer m.mu.Unlock()
	out.Mode, out.Size = syscall.S_IFREG|0o600, uint64(len(m.content))
	return 0
}

func (m *memory) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pulled {
		return nil, syscall.EIO
	}
	if off < 0 || off > int64(len(m.content)) {
		return nil, syscall.EINVAL
	}
	return fuse.ReadResultData(dest[:copy(dest, m.content[off:])]), 0
}

// next counts an operation and lets happen what is to happen before it.
func (m *memory) next() {
	m.mu.Lock()
	m.ops++
	f := m.at[m.ops]
	delete(m.at, m.ops)
	m.mu.Unlock()
	if f != nil {
		f()
	}
}

func (m *memory) Write(_ context.Context, _ fs.FileHandle, b []byte, off int64) (uint32, syscall.Errno) {
	m.next()
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.pulled, m.worn:
		return 0, syscall.EIO
	case off < 0 || off+int64(len(b)) > int64(len(m.content)):
		return 0, syscall.ENOSPC
	}
	kept := b
	if m.lose {
		kept = nil
	} else if m.holds > 0 {
		kept = b[:max(0, min(int64(len(b)), m.holds-off))]
	}
	copy(m.content[off:], kept)
	if m.trace != nil {
		m.trace.write(off, kept)
	}
	return uint32(len(b)), 0
}

// Fsync is a flush of the device's own memory.
func (m *memory) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	m.next()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pulled || m.worn {
		return syscall.EIO
	}
	if m.trace != nil {
		m.trace.sync()
	}
	return 0
}

// A folder is the root of the FUSE file system.
type folder struct {
	fs.Inode
	m *memory
}

var _ = fs.NodeOnAdder(&folder{})

const fileName = "content"

func (f *folder) OnAdd(ctx context.Context) {
	f.AddChild(fileName, f.NewPersistentInode(ctx, f.m, fs.StableAttr{Mode: syscall.S_IFREG}), true)
}
