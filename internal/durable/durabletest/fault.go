package durabletest

import (
	"slices"
	"syscall"
)

// A Fault is what an operation of a disk meets. Its zero value is none.
type Fault struct {
	kind  kind
	errno syscall.Errno
	disks []*Disk
	torn  bool
}

type kind byte

const (
	none kind = iota
	powerCut
	kill
	once
	from
	full
)

// PowerCut makes the given disks, or all, lose their power. What was not synced
// may be forgotten; the operation at which it happens may be done, done in
// part, or not done. Until Reboot everything on these disks fails. For one disk
// alone it is a medium that is pulled out, and put in again by Reboot.
func PowerCut(disks ...*Disk) Fault { return Fault{kind: powerCut, errno: syscall.EIO, disks: disks} }

// Torn is PowerCut of all disks with worse disks: a sector that was being
// written may be half old and half new.
func Torn() Fault { return Fault{kind: powerCut, errno: syscall.EIO, torn: true} }

// Kill ends the program before the operation: until Reboot everything on all
// disks fails, but the disks forget nothing.
func Kill() Fault { return Fault{kind: kill, errno: syscall.EIO} }

// Once makes one operation fail, which then is not done; the next succeeds.
func Once(errno syscall.Errno) Fault { return Fault{kind: once, errno: errno} }

// From makes the operation and every later one on the given disks, or on all,
// fail until Reboot. Reading goes on.
func From(errno syscall.Errno, disks ...*Disk) Fault {
	return Fault{kind: from, errno: errno, disks: disks}
}

// Full makes every operation that needs room fail with ENOSPC from then on
// until Reboot, on the given disks, or on all: creating, and writing beyond the
// end of a file. Overwriting, truncating and removing go on.
func Full(disks ...*Disk) Fault { return Fault{kind: full, errno: syscall.ENOSPC, disks: disks} }

// on reports whether the fault befalls a disk.
func (f Fault) on(d *Disk) bool { return len(f.disks) == 0 || slices.Contains(f.disks, d) }

// An outcome says what an operation does to the disk, and what it answers.
type outcome struct {
	errno syscall.Errno
	done  bool // changes the disk, if not durably, although errno may be set
}

// step counts one operation that changes the disk, and says how it ends. The
// caller holds m.mu.
func (d *Disk) step(grows bool) outcome {
	if d.off {
		return outcome{errno: syscall.EIO}
	}
	d.m.ops++
	if d.m.at != 0 && d.m.ops == d.m.at {
		d.m.hit = d
		if o, over := d.strike(); over {
			return o
		}
	}
	if d.broken != 0 && (grows || d.broken != syscall.ENOSPC) {
		return outcome{errno: d.broken}
	}
	return outcome{done: true}
}

// strike lets the armed fault happen. It reports whether the operation that met
// it is over with that.
func (d *Disk) strike() (outcome, bool) {
	f := d.m.fault
	for _, v := range d.m.disks {
		if !f.on(v) {
			continue
		}
		switch f.kind {
		case powerCut:
			v.off, v.forgetful, v.torn = true, true, f.torn
		case kill:
			v.off = true
		case from, full:
			v.broken = f.errno
		}
	}
	switch {
	case f.kind == once:
		return outcome{errno: f.errno}, true
	case d.off:
		// The operation was under way: as much of it as chance has it is done.
		return outcome{errno: syscall.EIO, done: f.kind == powerCut}, true
	}
	return outcome{}, false
}
