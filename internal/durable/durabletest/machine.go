// Package durabletest is a machine whose power can be cut: file systems in
// memory, mounted by FUSE, that keep what was synced apart from what was not.
// When the power goes they forget a random half of the 512-byte sectors,
// lengths, names, permissions and times that nobody synced. So a test can cut
// the power at every single operation of what it tests, and look at what is
// there after the next start.
//
// It needs /dev/fuse, and for anybody but root the program fusermount3 (package
// fuse3). Whatever goes through it must be closed before Reboot.
//
// A disk of this package reorders and forgets as much as POSIX allows, but it
// never lies about a sync, and never damages a sector that was synced.
package durabletest

import (
	"math/rand/v2"
	"sync"
	"testing"
)

// A Machine has disks that lose power together, or fail alone. It counts the
// operations that change any of them.
type Machine struct {
	t     testing.TB
	disks []*Disk

	mu    sync.Mutex
	dice  *rand.Rand
	ops   int
	at    int // the operation that meets the fault; 0: none
	fault Fault
	hit   *Disk // where the fault struck
}

// Boot starts a machine with empty disks. They are unmounted when the test
// ends, however it ends.
func Boot(t testing.TB, disks int) *Machine {
	t.Helper()
	m := &Machine{t: t, dice: rand.New(rand.NewPCG(0, 0))}
	for range disks {
		m.disks = append(m.disks, newDisk(m))
	}
	for _, d := range m.disks {
		d.guard()
		d.insert()
	}
	return m
}

// Disk returns one of the disks, counted from 0.
func (m *Machine) Disk(i int) *Disk { return m.disks[i] }

// Count returns how many operations changed a disk since Boot.
func (m *Machine) Count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ops
}

// Arm makes the n-th operation from now, counted from 1, meet the fault. It
// disarms what was armed before.
func (m *Machine) Arm(n int, f Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at, m.fault, m.hit = m.ops+n, f, nil
}

// Struck returns the disk whose operation met the armed fault, or nil if no
// operation has.
func (m *Machine) Struck() *Disk {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hit
}

// Reboot brings every disk back as the fault left it, and disarms the machine.
// A disk that did not lose its power has forgotten nothing. Every file must be
// closed.
func (m *Machine) Reboot() {
	m.t.Helper()
	m.eject()
	m.mu.Lock()
	for _, d := range m.disks {
		if d.forgetful {
			d.forget(m.dice)
		}
		d.off, d.forgetful, d.torn, d.broken = false, false, false, 0
	}
	m.at, m.fault = 0, Fault{}
	m.mu.Unlock()
	m.insert()
}

// CutPower cuts the power of all disks between two operations. Everything
// fails until Reboot.
func (m *Machine) CutPower() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.disks {
		d.off, d.forgetful = true, true
	}
}

// An Image is what was on all disks of a machine at one moment.
type Image struct{ roots []*node }

// Image copies all disks, as if everything had been synced.
func (m *Machine) Image() Image {
	m.mu.Lock()
	defer m.mu.Unlock()
	var i Image
	for _, d := range m.disks {
		i.roots = append(i.roots, d.root.clone())
	}
	return i
}

// Restore reboots the machine with the image on its disks, under the paths
// they have, and with a seed for everything that is left to chance. The image
// may be of another machine with as many disks.
func (m *Machine) Restore(i Image, seed uint64) {
	m.t.Helper()
	m.eject()
	m.mu.Lock()
	for k, d := range m.disks {
		d.root = i.roots[k].clone()
		d.last = max(d.last, d.root.highest())
		d.renames, d.off, d.forgetful, d.torn, d.broken = nil, false, false, false, 0
	}
	m.dice = rand.New(rand.NewPCG(seed, 0))
	m.at, m.fault, m.hit = 0, Fault{}, nil
	m.mu.Unlock()
	m.insert()
}

func (m *Machine) eject() {
	m.t.Helper()
	for _, d := range m.disks {
		d.eject()
	}
}

func (m *Machine) insert() {
	m.t.Helper()
	for _, d := range m.disks {
		d.insert()
	}
}
