package durable_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// A machine has disks that lose power together, or fail alone. It counts what
// is done to all of them, so that a test can cut the power at every single
// operation.
type machine struct {
	mu    sync.Mutex
	dice  *rand.Rand
	disks []*disk
	ops   int
	at    int           // the operation that meets the fault; 0: none
	fault syscall.Errno // given to that operation; 0: the victims lose power
	hit   *disk         // where the fault struck
	dead  []*disk       // who loses power; nil: all
}

// A disk is a file system in memory that keeps what was synced apart from what
// was not. When the power goes, it forgets a random half of the 512-byte
// sectors, lengths and names that were not synced.
type disk struct {
	m       *machine
	off     bool
	root    *node
	renames []rename // names given and taken since the last sync of their folders
	last    uint64   // inode number
	path    string   // where it is mounted
	unmount func()
}

// A node is a file or a folder.
type node struct {
	ino       uint64
	mode      uint32
	cur, dur  []byte
	pend      []change
	names     map[string]*node // of a folder
	stored    map[string]*node
	published time.Time
}

// A change is a piece of a sector, or a new length.
type change struct {
	off    int64
	data   []byte
	length bool
}

// A rename gives a name, takes one, or both at once.
type rename struct {
	from, to         *node // folders
	fromName, toName string
	what             *node
}

func newMachine(seed uint64, disks int) *machine {
	m := &machine{dice: rand.New(rand.NewPCG(seed, 0))}
	for range disks {
		d := &disk{m: m}
		d.root = d.newNode(syscall.S_IFDIR | 0o755)
		m.disks = append(m.disks, d)
	}
	return m
}

func (d *disk) newNode(mode uint32) *node {
	d.last++
	n := &node{ino: d.last, mode: mode}
	if mode&syscall.S_IFDIR != 0 {
		n.names, n.stored = map[string]*node{}, map[string]*node{}
	}
	return n
}

// arm makes the n-th operation from now meet the fault.
func (m *machine) arm(n int, fault syscall.Errno, dead ...*disk) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at, m.fault, m.dead, m.hit = m.ops+n, fault, dead, nil
	if dead == nil {
		m.dead = m.disks
	}
}

// struck reports whether the fault was met.
func (m *machine) struck() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hit != nil
}

func (m *machine) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ops
}

// step counts one operation that changes the disk. The caller holds m.mu.
func (d *disk) step() syscall.Errno {
	if d.off {
		return syscall.EIO
	}
	d.m.ops++
	if d.m.at == 0 || d.m.ops != d.m.at {
		return 0
	}
	d.m.hit = d
	if d.m.fault != 0 {
		return d.m.fault
	}
	for _, v := range d.m.dead {
		v.off = true
	}
	if d.off {
		return syscall.EIO
	}
	return 0
}

// reboot brings every disk back as the power cut left it. A disk that did not
// lose power has forgotten nothing.
func (m *machine) reboot(t *testing.T) {
	t.Helper()
	for _, d := range m.disks {
		d.eject()
	}
	m.mu.Lock()
	for _, d := range m.disks {
		if d.off {
			d.forget()
		}
		d.off = false
	}
	m.at = 0
	m.mu.Unlock()
	for _, d := range m.disks {
		d.insert(t)
	}
}

// forget loses a random half of what was not synced.
func (d *disk) forget() {
	for _, r := range d.renames {
		if d.m.dice.IntN(2) == 0 {
			r.apply(func(n *node) map[string]*node { return n.stored })
		}
	}
	d.renames = nil
	d.root.forget(d.m.dice)
}

func (n *node) forget(dice *rand.Rand) {
	for _, c := range n.pend {
		if dice.IntN(2) == 0 {
			n.dur = c.apply(n.dur)
		}
	}
	n.cur, n.pend = append([]byte(nil), n.dur...), nil
	if n.names == nil {
		return
	}
	n.names = map[string]*node{}
	for name, child := range n.stored {
		n.names[name] = child
		child.forget(dice)
	}
}

func (c change) apply(b []byte) []byte {
	if c.length {
		if int64(len(b)) > c.off {
			return b[:c.off:c.off]
		}
		return append(b, make([]byte, c.off-int64(len(b)))...)
	}
	if end := c.off + int64(len(c.data)); int64(len(b)) < end {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	copy(b[c.off:], c.data)
	return b
}

func (r rename) apply(names func(*node) map[string]*node) {
	if r.from != nil {
		delete(names(r.from), r.fromName)
	}
	if r.to != nil {
		names(r.to)[r.toName] = r.what
	}
}

// rename changes names now, and on the disk after the next sync of a folder.
func (d *disk) rename(r rename) {
	r.apply(func(n *node) map[string]*node { return n.names })
	d.renames = append(d.renames, r)
}

// syncFolder stores every change of names in the folder.
func (d *disk) syncFolder(n *node) {
	kept := d.renames[:0]
	for _, r := range d.renames {
		if r.from != n && r.to != n {
			kept = append(kept, r)
			continue
		}
		r.apply(func(n *node) map[string]*node { return n.stored })
	}
	d.renames = kept
}

// insert mounts the disk; it comes off when the test ends.
func (d *disk) insert(t *testing.T) {
	t.Helper()
	if d.path == "" {
		d.path = t.TempDir()
	}
	var zero time.Duration
	server, err := fs.Mount(d.path, &handle{d: d, n: d.root}, &fs.Options{
		EntryTimeout: &zero, AttrTimeout: &zero, NullPermissions: true,
		RootStableAttr: &fs.StableAttr{Ino: d.root.ino},
		MountOptions:   fuse.MountOptions{DirectMount: true, FsName: "powercut", Name: "powercut"},
	})
	if err != nil {
		t.Fatalf("mounting the file system of the power-cut test: %v\nIt needs /dev/fuse, and for anybody but root the package fuse3 (fusermount3).", err)
	}
	d.unmount = func() {
		if err := server.Unmount(); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	}
	t.Cleanup(d.eject)
}

func (d *disk) eject() {
	if d.unmount != nil {
		d.unmount()
		d.unmount = nil
	}
}

// image copies what is stored, for another machine to begin with.
func (d *disk) image() *node { return d.root.clone() }

func (n *node) clone() *node {
	c := &node{ino: n.ino, mode: n.mode, cur: append([]byte(nil), n.cur...), dur: append([]byte(nil), n.cur...)}
	if n.names != nil {
		c.names, c.stored = map[string]*node{}, map[string]*node{}
		for name, child := range n.names {
			c.names[name] = child.clone()
			c.stored[name] = c.names[name]
		}
	}
	return c
}

// A handle is a node as the kernel sees it.
type handle struct {
	fs.Inode
	d *disk
	n *node
}

var _ = []any{
	fs.NodeLookuper(&handle{}), fs.NodeCreater(&handle{}), fs.NodeMkdirer(&handle{}), fs.NodeUnlinker(&handle{}), fs.NodeRmdirer(&handle{}),
	fs.NodeRenamer(&handle{}), fs.NodeReaddirer(&handle{}), fs.NodeOpener(&handle{}), fs.NodeGetattrer(&handle{}), fs.NodeSetattrer(&handle{}),
	fs.NodeReader(&handle{}), fs.NodeWriter(&handle{}), fs.NodeFsyncer(&handle{}),
}

func (h *handle) lock() func() {
	h.d.m.mu.Lock()
	return h.d.m.mu.Unlock
}

func (h *handle) child(ctx context.Context, n *node, out *fuse.EntryOut) *fs.Inode {
	n.describe(&out.Attr)
	return h.NewInode(ctx, &handle{d: h.d, n: n}, fs.StableAttr{Mode: n.mode & syscall.S_IFMT, Ino: n.ino})
}

func (n *node) describe(out *fuse.Attr) {
	out.Ino, out.Mode, out.Size = n.ino, n.mode, uint64(len(n.cur))
	out.SetTimes(nil, &n.published, nil)
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
	if errno := h.d.step(); errno != 0 {
		return nil, nil, 0, errno
	}
	n := h.d.newNode(syscall.S_IFREG | mode&0o777)
	h.d.rename(rename{to: h.n, toName: name, what: n})
	return h.child(ctx, n, out), nil, fuse.FOPEN_DIRECT_IO, 0
}

func (h *handle) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	defer h.lock()()
	if errno := h.d.step(); errno != 0 {
		return nil, errno
	}
	n := h.d.newNode(syscall.S_IFDIR | mode&0o777)
	h.d.rename(rename{to: h.n, toName: name, what: n})
	return h.child(ctx, n, out), 0
}

func (h *handle) Unlink(_ context.Context, name string) syscall.Errno {
	defer h.lock()()
	if errno := h.d.step(); errno != 0 {
		return errno
	}
	h.d.rename(rename{from: h.n, fromName: name})
	return 0
}

func (h *handle) Rmdir(ctx context.Context, name string) syscall.Errno { return h.Unlink(ctx, name) }

// renameNoReplace is RENAME_NOREPLACE of renameat2(2).
const renameNoReplace = 1

func (h *handle) Rename(_ context.Context, name string, parent fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	defer h.lock()()
	if errno := h.d.step(); errno != 0 {
		return errno
	}
	to, ok := parent.(*handle)
	if !ok || flags&^renameNoReplace != 0 {
		return syscall.EINVAL
	}
	if flags == renameNoReplace && to.n.names[newName] != nil {
		return syscall.EEXIST
	}
	h.d.rename(rename{h.n, to.n, name, newName, h.n.names[name]})
	return 0
}

func (h *handle) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	defer h.lock()()
	var list []fuse.DirEntry
	for name, n := range h.n.names {
		list = append(list, fuse.DirEntry{Name: name, Ino: n.ino, Mode: n.mode})
	}
	return fs.NewListDirStream(list), 0
}

func (h *handle) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	defer h.lock()()
	if h.d.off {
		return nil, 0, syscall.EIO
	}
	return nil, fuse.FOPEN_DIRECT_IO, 0
}

func (h *handle) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	defer h.lock()()
	h.n.describe(&out.Attr)
	return 0
}

func (h *handle) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	defer h.lock()()
	if length, ok := in.GetSize(); ok {
		if errno := h.d.step(); errno != 0 {
			return errno
		}
		h.n.write(change{off: int64(length), length: true})
	}
	if mode, ok := in.GetMode(); ok {
		h.n.mode = h.n.mode&syscall.S_IFMT | mode&0o777
	}
	if when, ok := in.GetMTime(); ok {
		h.n.published = when
	}
	h.n.describe(&out.Attr)
	return 0
}

func (n *node) write(c change) {
	n.cur = c.apply(n.cur)
	n.pend = append(n.pend, c)
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
	return fuse.ReadResultData(append([]byte(nil), h.n.cur[off:end]...)), 0
}

// sector is what a disk writes whole or not at all.
const sector = 512

func (h *handle) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	defer h.lock()()
	if errno := h.d.step(); errno != 0 {
		return 0, errno
	}
	for a := 0; a < len(data); {
		b := min(len(data), a+sector-int((off+int64(a))%sector))
		h.n.write(change{off: off + int64(a), data: append([]byte(nil), data[a:b]...)})
		a = b
	}
	return uint32(len(data)), 0
}

func (h *handle) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	defer h.lock()()
	if errno := h.d.step(); errno != 0 {
		return errno
	}
	if h.n.names != nil {
		h.d.syncFolder(h.n)
		return 0
	}
	h.n.dur, h.n.pend = append([]byte(nil), h.n.cur...), nil
	return 0
}
