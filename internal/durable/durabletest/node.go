package durabletest

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// A node is a file or a folder: as it is, and as it is stored for sure.
type node struct {
	ino         uint64
	now, stable attributes
	cur, dur    []byte
	pending     []change
	names       map[string]*node // of a folder
	stored      map[string]*node
}

type attributes struct {
	mode uint32
	time time.Time // of the last change of the content
}

// A change is a piece of a sector, or a new length.
type change struct {
	off    int64
	data   []byte
	length bool
}

func (d *Disk) newNode(mode uint32) *node {
	d.last++
	n := &node{ino: d.last}
	n.now = attributes{mode, d.m.clock()}
	n.stable = n.now
	if mode&syscall.S_IFDIR != 0 {
		n.names, n.stored = map[string]*node{}, map[string]*node{}
	}
	return n
}

// clock tells the time in operations, so that a run can be repeated.
func (m *Machine) clock() time.Time { return time.Unix(2_000_000_000+int64(m.ops), 0) }

// write changes the content now, and durably after the next sync.
func (n *node) write(c change) {
	n.cur = c.apply(n.cur)
	n.pending = append(n.pending, c)
}

// writeSectors is write, sector by sector.
func (n *node) writeSectors(data []byte, off int64) {
	for a := 0; a < len(data); {
		b := min(len(data), a+sector-int((off+int64(a))%sector))
		n.write(change{off: off + int64(a), data: bytes.Clone(data[a:b])})
		a = b
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

// sync stores content and attributes.
func (n *node) sync() {
	n.dur, n.pending, n.stable = bytes.Clone(n.cur), nil, n.now
}

// forget loses a random half of what was not synced; torn, parts of sectors.
func (n *node) forget(dice *rand.Rand, torn bool) {
	for _, c := range n.pending {
		if dice.IntN(2) != 0 {
			continue
		}
		if torn && !c.length && dice.IntN(2) == 0 {
			c.data = c.data[:dice.IntN(len(c.data))]
		}
		n.dur = c.apply(n.dur)
	}
	n.cur, n.pending = bytes.Clone(n.dur), nil
	if dice.IntN(2) == 0 {
		n.stable = n.now
	}
	n.now = n.stable
	if n.names == nil {
		return
	}
	n.names = map[string]*node{}
	for _, name := range slices.Sorted(maps.Keys(n.stored)) { // so that a seed repeats a run
		n.names[name] = n.stored[name]
		n.stored[name].forget(dice, torn)
	}
}

// highest returns the highest inode number from the node down.
func (n *node) highest() uint64 {
	highest := n.ino
	for _, child := range n.names {
		highest = max(highest, child.highest())
	}
	return highest
}

// clone copies a node as if it had been synced.
func (n *node) clone() *node {
	c := &node{ino: n.ino, now: n.now, stable: n.now, cur: bytes.Clone(n.cur), dur: bytes.Clone(n.cur)}
	if n.names != nil {
		c.names, c.stored = map[string]*node{}, map[string]*node{}
		for name, child := range n.names {
			c.names[name] = child.clone()
			c.stored[name] = c.names[name]
		}
	}
	return c
}
