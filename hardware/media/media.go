// Package media writes to removable media: a stick is recognised by its label,
// written, synced, unmounted, mounted anew and read back before anybody is told
// that it is safe to remove. How and why: docs/hardware/media.md and
// docs/adr/0023-media-are-mounted-only-while-used.md.
//
// It knows nothing of elections and bundles: what is written is the caller's
// business, and so is writing it so that half of it never passes for all of it
// (internal/durable does). It cannot see whether a stick keeps, without power,
// what it gave back from its own memory; it does not encrypt (an opened LUKS
// device is a source as any other), and does not format.
//
// It needs Linux, and the right to mount (CAP_SYS_ADMIN) unless the source is a
// plain folder.
package media

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// LabelFile is the file at the top of a medium that holds its label.
const LabelFile = "medium.label"

// MaxLabel is the size of the longest label, in bytes.
const MaxLabel = 4096

// DefaultPatience is how long a medium may be in use by others, if Config does
// not say it.
const DefaultPatience = 2 * time.Second

// Config says which medium is wanted and how it is to be mounted.
type Config struct {
	// Label is what LabelFile must hold, byte for byte: for instance election,
	// station, and which of its media. 1 to MaxLabel bytes.
	Label []byte

	// Own are paths on the machine's own disks. A medium on one of these disks,
	// or on another partition of it, is refused. Not needed with Virtual; plain
	// folders, which always are on one, are not held against it.
	Own []string

	// Need is how many bytes will be written. A sixteenth of it and 1 MiB must be
	// free besides.
	Need int64

	// MountAt is an empty folder, used while a block device is mounted. Not
	// needed for folders.
	MountAt string

	// FileSystems are those allowed, in the order in which they are tried, of
	// "ext4", "vfat" and "exfat". Not needed for plain folders.
	FileSystems []string

	// Patience is how long to wait for others to let go of the medium: programs
	// that look at whatever is plugged in, or a child of this one that has not
	// begun yet. If zero, it is DefaultPatience.
	Patience time.Duration

	// Virtual accepts what is no medium that could be taken away: plain folders
	// and loop devices. False in every live election.
	Virtual bool
}

// Errors that callers branch on, to tell people what to do: all are about the
// medium that was put in.
var (
	ErrAbsent         = errors.New("no medium is plugged in")
	ErrOwnDisk        = errors.New("this is a disk of the machine itself")
	ErrWriteProtected = errors.New("the medium is write-protected")
	ErrNoRoom         = errors.New("there is not enough room on the medium")
	ErrNotLabelled    = errors.New("the medium has no label: it was not prepared for this election")
	ErrOtherLabel     = errors.New("the medium was prepared for something else")
	ErrInUse          = errors.New("the medium is in use: mounted or opened by another program")
	ErrSame           = errors.New("both media are on one device")
	ErrPulled         = errors.New("the medium was pulled out, exchanged, or answers no more")
	ErrFaulty         = errors.New("the medium fails to write or to read")
	ErrFormat         = errors.New("the medium has no file system that is allowed")
	ErrVirtual        = errors.New("this is no removable medium: a folder, or a loop device")
	ErrDivided        = errors.New("the medium has several parts: a medium is one whole stick, or both could be lost with it")
	ErrNotEmpty       = errors.New("the medium is not empty")
	ErrBusy           = errors.New("a file on the medium is still open: it is not safe to remove")
)

// A LabelError says what a medium of another election, station or number is
// labelled with. It is an ErrOtherLabel.
type LabelError struct {
	Found []byte // at most MaxLabel bytes, by whoever labelled it
}

func (e *LabelError) Error() string {
	const most = 200
	if len(e.Found) > most {
		return fmt.Sprintf("%v: %q and more", ErrOtherLabel, e.Found[:most])
	}
	return fmt.Sprintf("%v: %q", ErrOtherLabel, e.Found)
}

// Is makes a LabelError an ErrOtherLabel.
func (e *LabelError) Is(target error) bool { return target == ErrOtherLabel }

// check refuses a configuration that cannot be right for any medium.
func (c Config) check() error {
	switch {
	case len(c.Label) == 0 || len(c.Label) > MaxLabel:
		return fmt.Errorf("a label of %d bytes, not of 1 to %d", len(c.Label), MaxLabel)
	case c.Need < 0 || c.Need > 1<<50:
		return fmt.Errorf("%d bytes are needed", c.Need)
	case c.Patience < 0:
		return fmt.Errorf("patience of %v", c.Patience)
	case len(c.Own) == 0 && !c.Virtual:
		return errors.New("the machine's own disks are not given")
	}
	for i, name := range c.FileSystems {
		if _, known := options()[name]; !known || slices.Contains(c.FileSystems[:i], name) {
			return fmt.Errorf("file system %q is not known, or given twice", name)
		}
	}
	return nil
}
