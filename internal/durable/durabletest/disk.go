package durabletest

import (
	"math/rand/v2"
	"syscall"
)

// A Disk is a file system in memory, mounted in a temporary folder.
type Disk struct {
	m         *Machine
	root      *node
	renames   []rename // names given and taken since the last sync of their folders
	last      uint64   // inode number
	off       bool     // nothing works until Reboot
	forgetful bool     // Reboot loses what was not synced
	torn      bool     // and tears sectors
	broken    syscall.Errno
	path      string // where it is mounted
	unmount   func()
}

func newDisk(m *Machine) *Disk {
	d := &Disk{m: m}
	d.root = d.newNode(syscall.S_IFDIR | 0o755)
	return d
}

// Path returns the folder in which the disk is mounted. It stays the same for
// the life of the machine.
func (d *Disk) Path() string { return d.path }

// A rename gives a name, takes one, or both at once.
type rename struct {
	from, to         *node // folders
	fromName, toName string
	what             *node
}

func (r rename) apply(names func(*node) map[string]*node) {
	if r.from != nil {
		delete(names(r.from), r.fromName)
	}
	if r.to != nil {
		names(r.to)[r.toName] = r.what
	}
}

// rename changes names now, and durably after the next sync of a folder.
func (d *Disk) rename(r rename) {
	r.apply(func(n *node) map[string]*node { return n.names })
	d.renames = append(d.renames, r)
}

// syncFolder stores every change of names in the folder.
func (d *Disk) syncFolder(n *node) {
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

// forget loses a random half of what was not synced.
func (d *Disk) forget(dice *rand.Rand) {
	for _, r := range d.renames {
		if dice.IntN(2) == 0 {
			r.apply(func(n *node) map[string]*node { return n.stored })
		}
	}
	d.renames = nil
	d.root.forget(dice, d.torn)
}
