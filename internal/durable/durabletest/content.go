package durabletest

import (
	"bytes"
	"context"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

func (n *node) describe(out *fuse.Attr) {
	out.Ino, out.Mode, out.Size = n.ino, n.now.mode, uint64(len(n.cur))
	out.SetTimes(nil, &n.now.time, nil)
}

// Open makes the kernel keep no copy of the content.
func (h *handle) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	defer h.lock()()
	if h.d.off {
		return nil, 0, syscall.EIO
	}
	return nil, fuse.FOPEN_DIRECT_IO, 0
}

func (h *handle) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	defer h.lock()()
	if h.d.off {
		return syscall.EIO
	}
	h.n.describe(&out.Attr)
	return 0
}

func (h *handle) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	defer h.lock()()
	length, resize := in.GetSize()
	o := h.d.step(resize && int64(length) > int64(len(h.n.cur)))
	if !o.done {
		return o.errno
	}
	if resize {
		h.n.write(change{off: int64(length), length: true})
		h.n.now.time = h.d.m.clock()
	}
	if mode, ok := in.GetMode(); ok {
		h.n.now.mode = h.n.now.mode&syscall.S_IFMT | mode&0o777
	}
	if when, ok := in.GetMTime(); ok {
		h.n.now.time = when
	}
	h.n.describe(&out.Attr)
	return o.errno
}

func (h *handle) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	defer h.lock()()
	if h.d.off {
		return nil, syscall.EIO
	}
	if off >= int64(len(h.n.cur)) {
		return fuse.ReadResultData(nil), 0
	}
	end := min(int64(len(h.n.cur)), off+int64(len(dest)))
	return fuse.ReadResultData(bytes.Clone(h.n.cur[off:end])), 0
}

func (h *handle) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	defer h.lock()()
	o := h.d.step(off+int64(len(data)) > int64(len(h.n.cur)))
	if !o.done {
		return 0, o.errno
	}
	h.n.writeSectors(data, off)
	h.n.now.time = h.d.m.clock()
	if o.errno != 0 {
		return 0, o.errno
	}
	return uint32(len(data)), 0
}

// Fsync of a folder stores its names, of a file its content and attributes. One
// that meets a power cut stores nothing more than chance would.
func (h *handle) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	defer h.lock()()
	o := h.d.step(false)
	switch {
	case o.errno != 0:
		return o.errno
	case h.n.names != nil:
		h.d.syncFolder(h.n)
	}
	h.n.sync()
	return 0
}

// Flush tells the kernel that closing a file needs no answer: a program that
// dies with open files would wait for one of itself.
func (h *handle) Flush(context.Context, fs.FileHandle) syscall.Errno { return syscall.ENOSYS }
