package durabletest

import (
	"context"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// A handle is a node as the kernel sees it. This file is about names.
type handle struct {
	fs.Inode
	d *Disk
	n *node
}

var _ = []any{
	fs.NodeLookuper(&handle{}), fs.NodeCreater(&handle{}), fs.NodeMkdirer(&handle{}), fs.NodeUnlinker(&handle{}), fs.NodeRmdirer(&handle{}),
	fs.NodeRenamer(&handle{}), fs.NodeReaddirer(&handle{}), fs.NodeOpener(&handle{}), fs.NodeGetattrer(&handle{}), fs.NodeSetattrer(&handle{}),
	fs.NodeReader(&handle{}), fs.NodeWriter(&handle{}), fs.NodeFsyncer(&handle{}), fs.NodeFlusher(&handle{}),
}

func (h *handle) lock() func() {
	h.d.m.mu.Lock()
	return h.d.m.mu.Unlock
}

func (h *handle) child(ctx context.Context, n *node, out *fuse.EntryOut) *fs.Inode {
	n.describe(&out.Attr)
	return h.NewInode(ctx, &handle{d: h.d, n: n}, fs.StableAttr{Mode: n.now.mode & syscall.S_IFMT, Ino: n.ino})
}

func (h *handle) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	defer h.lock()()
	n := h.n.names[name]
	switch {
	case h.d.off:
		return nil, syscall.EIO
	case n == nil:
		return nil, syscall.ENOENT
	}
	return h.child(ctx, n, out), 0
}

func (h *handle) Create(ctx context.Context, name string, _, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	defer h.lock()()
	n, errno := h.add(name, syscall.S_IFREG|mode&0o777)
	if errno != 0 {
		return nil, nil, 0, errno
	}
	return h.child(ctx, n, out), nil, fuse.FOPEN_DIRECT_IO, 0
}

func (h *handle) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	defer h.lock()()
	n, errno := h.add(name, syscall.S_IFDIR|mode&0o777)
	if errno != 0 {
		return nil, errno
	}
	return h.child(ctx, n, out), 0
}

func (h *handle) add(name string, mode uint32) (*node, syscall.Errno) {
	o := h.d.step(true)
	if !o.done {
		return nil, o.errno
	}
	n := h.d.newNode(mode)
	h.d.rename(rename{to: h.n, toName: name, what: n})
	return n, o.errno
}

func (h *handle) Unlink(_ context.Context, name string) syscall.Errno {
	defer h.lock()()
	o := h.d.step(false)
	if o.done {
		h.d.rename(rename{from: h.n, fromName: name})
	}
	return o.errno
}

func (h *handle) Rmdir(ctx context.Context, name string) syscall.Errno {
	h.d.m.mu.Lock()
	n := h.n.names[name]
	filled := n != nil && len(n.names) > 0
	h.d.m.mu.Unlock()
	if filled {
		return syscall.ENOTEMPTY
	}
	return h.Unlink(ctx, name)
}

// renameNoReplace is RENAME_NOREPLACE of renameat2(2).
const renameNoReplace = 1

func (h *handle) Rename(_ context.Context, name string, parent fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	defer h.lock()()
	to, ok := parent.(*handle)
	if !ok || flags&^renameNoReplace != 0 {
		return syscall.EINVAL
	}
	if flags == renameNoReplace && to.n.names[newName] != nil {
		return syscall.EEXIST
	}
	o := h.d.step(false)
	if o.done {
		h.d.rename(rename{h.n, to.n, name, newName, h.n.names[name]})
	}
	return o.errno
}

func (h *handle) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	defer h.lock()()
	if h.d.off {
		return nil, syscall.EIO
	}
	var list []fuse.DirEntry
	for name, n := range h.n.names {
		list = append(list, fuse.DirEntry{Name: name, Ino: n.ino, Mode: n.now.mode})
	}
	return fs.NewListDirStream(list), 0
}
