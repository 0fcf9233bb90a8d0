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
)

// LabelFile is the file at the top of a medium that holds its label.
const LabelFile = "medium.label"

// MaxLabel is the size of the longest label, in bytes.
const MaxLabel = 4096

// Config says which medium is wanted and how it is to be mounted.
type Config struct {
	// Label is what LabelFile must hold, byte for byte: for instance election,
	// station, and which of its media. 1 to MaxLabel bytes.
	Label []byte

	// Own are paths on the machine's own disks. A medium on one of these disks,
	// or on another partition of it, is refused.
	Own []string

	// Need is how many bytes will be written. Some room is demanded beyond it:
	// see Room.
	Need int64

	// MountAt is an empty folder, used while a block device is mounted. Not
	// needed for folders.
	MountAt string

	// FileSystems are those allowed, in the order in which they are tried, of
	// "ext4", "vfat" and "exfat". Not needed for plain folders.
	FileSystems []string

	// Virtual accepts what is no medium that could be taken away: plain folders
	// and loop devices. False in every live election.
	Virtual bool
}

// Errors that callers branch on, to tell people what to do: all are about the
// medium that was put in. Errors of this package wrap at most one of them.
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

func (c Config) check() error {
	switch {
	case len(c.Label) == 0 || len(c.Label) > MaxLabel:
		return fmt.Errorf("a label of %d bytes, not of 1 to %d", len(c.Label), MaxLabel)
	case c.Need < 0:
		return fmt.Errorf("%d bytes are needed", c.Need)
	}
	for i, name := range c.FileSystems {
		if slices.Contains(c.FileSystems[:i], name) {
			return fmt.Errorf("file system %q given twice", name)
		}
	}
	return nil
}

// A Medium is a removable medium that passed the checks of Open. It is used by
// one goroutine. It is mounted only while Write or ReadBack runs.
type Medium struct{}

// Open looks for the medium at source: a block device, or a folder at which one
// is mounted (it is taken over: unmounted when Open returns), or, if virtual
// media are accepted, a plain folder. It refuses a medium that is not the one
// that the label says or cannot take what will be written.
func Open(source string, c Config) (*Medium, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("opening the medium at %s: %w", source, err)
	}
	return nil, fmt.Errorf("opening the medium at %s: %w", source, errNotYet)
}

// Prepare labels an empty medium, reads the label back and unmounts it. A
// medium that has this label already stays as it is, without an error; one that
// is labelled otherwise (LabelError) or holds anything (ErrNotEmpty) is refused.
func Prepare(source string, c Config) error {
	if err := c.check(); err != nil {
		return fmt.Errorf("preparing the medium at %s: %w", source, err)
	}
	return fmt.Errorf("preparing the medium at %s: %w", source, errNotYet)
}

// Write mounts the medium, has f write below the folder dir, syncs and unmounts
// it. When it returns nil, the medium has said that it holds all that f wrote;
// whether it does, only ReadBack says. An error of f is wrapped. f leaves no
// file open: otherwise the error is ErrBusy, and Close tries to unmount again.
func (m *Medium) Write(f func(dir string) error) error { return errNotYet }

// ReadBack mounts the medium anew, for reading only, so that nothing comes from
// this computer's memory, and has f compare what is below the folder dir with
// what it wrote. An error of f is wrapped.
func (m *Medium) ReadBack(f func(dir string) error) error { return errNotYet }

// Close gives the medium back. Only when it returns nil is the medium safe to
// remove: nothing of it is mounted, and nothing waits to be written. It can be
// called again after an error.
func (m *Medium) Close() error { return errNotYet }

// SameDevice reports whether two sources (or any files) are on one disk: the
// same device, two partitions of one, two encrypted parts of one, or two folders
// of one file system.
func SameDevice(a, b string) (bool, error) { return false, errNotYet }

// Distinct returns ErrSame unless the sources are on two different disks.
func Distinct(a, b string) error { return errNotYet }

var errNotYet = errors.New("not there yet")
