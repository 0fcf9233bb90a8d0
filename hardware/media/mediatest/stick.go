// Package mediatest makes removable media for tests: a Stick is a real block
// device with a real file system on it, that can be pulled out, protected, worn
// out and exchanged, and that can lie.
//
// The device is a loop device over a file of a FUSE file system in this process,
// which keeps the content in memory. It needs Linux, root, and the packages
// e2fsprogs and mount. It cannot play what a USB plug does to the kernel: a
// stick that was pulled out answers every request with an error, but its device
// stays.
package mediatest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// A Stick is a removable medium. Its methods can be called at any time, from any
// goroutine, until it is ejected.
type Stick struct {
	memory *memory
	dir    string // of the FUSE file system
	server *fuse.Server
	guard  *guard
	loop   *os.File
	path   string
}

// Insert makes a stick of the given size in bytes, with an empty ext4 file
// system, for the length of the test. The test fails if the stick is still
// mounted when it ends.
func Insert(t testing.TB, size int64) *Stick {
	t.Helper()
	s, err := Make(t.TempDir(), size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Eject(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Make is Insert for programs: dir is an empty folder, and Eject must be called.
func Make(dir string, size int64) (*Stick, error) {
	if os.Getuid() != 0 {
		return nil, errors.New("making a stick: loop devices and mounting need root")
	}
	s := &Stick{dir: dir, memory: &memory{content: make([]byte, size), at: map[int]func(){}}}
	err := s.insert()
	if err == nil {
		err = s.Format()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making a stick: %w", err), s.Eject())
	}
	return s, nil
}

func (s *Stick) insert() error {
	var err error
	if s.guard, err = newGuard(s.dir); err != nil {
		return err
	}
	var never time.Duration
	s.server, err = fs.Mount(s.dir, &folder{m: s.memory}, &fs.Options{
		EntryTimeout: &never, AttrTimeout: &never,
		MountOptions: fuse.MountOptions{DirectMountStrict: true, FsName: "stick", Name: "stick"},
	})
	if err != nil {
		return fmt.Errorf("mounting a FUSE file system (/dev/fuse is needed): %w", err)
	}
	content, err := os.OpenFile(filepath.Join(s.dir, fileName), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer content.Close()
	return s.attach(content)
}

// attach makes a free loop device of a file. The device ends by itself when
// nobody has it open any more, or mounted.
func (s *Stick) attach(content *os.File) error {
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("asking for a loop device: %w", err)
	}
	defer control.Close()
	for {
		n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return fmt.Errorf("asking for a loop device: %w", err)
		}
		s.path = "/dev/loop" + strconv.Itoa(n)
		if s.loop, err = os.OpenFile(s.path, os.O_RDWR, 0); err != nil {
			return err
		}
		err = unix.IoctlLoopConfigure(int(s.loop.Fd()), &unix.LoopConfig{
			Fd: uint32(content.Fd()), Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR | unix.LO_FLAGS_PARTSCAN},
		})
		if err == nil {
			return errors.Join(s.guard.watch(s.path), s.Protect(false)) // of the device's last user, who was killed
		}
		s.loop.Close()
		s.loop = nil
		if !errors.Is(err, unix.EBUSY) { // another test was faster
			return fmt.Errorf("making a loop device: %w", err)
		}
	}
}

// Path returns the block device.
func (s *Stick) Path() string { return s.path }

// Format makes a new ext4 file system on the whole stick.
func (s *Stick) Format() error { return format(s.path) }

func format(path string) error {
	// Nothing is left for the kernel to do later, so that a test meets the same
	// operations each time.
	out, err := exec.Command("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", path).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("formatting a stick: mkfs.ext4 is missing: install the package e2fsprogs")
	}
	if err != nil {
		return fmt.Errorf("formatting a stick: %w: %s", err, out)
	}
	return nil
}

// Eject ends the stick. If it is still mounted somewhere, that is an error, and
// it is unmounted.
func (s *Stick) Eject() error {
	s.Plug() // what waits to be written can be, so nothing hangs
	var err error
	if s.loop != nil {
		err = errors.Join(unmountAll(s.path), s.Protect(false)) // the kernel keeps protection for the next user
		err = errors.Join(err, s.loop.Close(), ended(s.path, s.dir))
		s.loop = nil
	}
	if s.server != nil {
		if problem := s.server.Unmount(); problem != nil {
			err = errors.Join(err, fmt.Errorf("ejecting the stick at %s: %w: has a test its device open?", s.path, problem))
		}
		s.server = nil
	}
	if s.guard != nil {
		err = errors.Join(err, s.guard.end())
		s.guard = nil
	}
	return err
}

func (s *Stick) locked(f func(m *memory)) {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	f(s.memory)
}

// Pull takes the stick out: nothing on it can be read or written any more.
func (s *Stick) Pull() { s.locked(func(m *memory) { m.pulled = true }) }

// Plug puts it in again.
func (s *Stick) Plug() { s.locked(func(m *memory) { m.pulled = false }) }

// Lose makes the stick say that it wrote what it throws away.
func (s *Stick) Lose(on bool) { s.locked(func(m *memory) { m.lose = on }) }

// Wear makes every write fail, as on a stick at the end of its life, or one whose
// write protection is switched on while it is in use.
func (s *Stick) Wear(on bool) { s.locked(func(m *memory) { m.worn = on }) }

// Holds makes the stick one that is smaller than it says: what is written beyond
// size bytes is lost. 0: it is what it says.
func (s *Stick) Holds(size int64) { s.locked(func(m *memory) { m.holds = size }) }

// Protect turns the device's write protection on or off.
func (s *Stick) Protect(on bool) error {
	n := 0
	if on {
		n = 1
	}
	if err := unix.IoctlSetPointerInt(int(s.loop.Fd()), unix.BLKROSET, n); err != nil {
		return fmt.Errorf("protecting a stick: %w", err)
	}
	return nil
}

// At has f run before the nth write or sync from now on (1: the next).
func (s *Stick) At(n int, f func()) { s.locked(func(m *memory) { m.at[m.ops+n] = f }) }

// Ops returns how many writes and syncs there were.
func (s *Stick) Ops() (n int) {
	s.locked(func(m *memory) { n = m.ops })
	return n
}

// Record returns the trace of all writes and syncs from now on, which must not be
// used before StopRecording.
func (s *Stick) Record() *Trace {
	t := &Trace{}
	s.locked(func(m *memory) {
		t.start = append([]byte(nil), m.content...)
		m.trace = t
	})
	return t
}

// StopRecording ends what Record began.
func (s *Stick) StopRecording() { s.locked(func(m *memory) { m.trace = nil }) }

// Image returns the content of the stick.
func (s *Stick) Image() (image []byte) {
	s.locked(func(m *memory) { image = append([]byte(nil), m.content...) })
	return image
}

// Exchange replaces the content of the stick by one of the same size, behind the
// kernel's back, and forgets all mischief that was set up.
func (s *Stick) Exchange(image []byte) error {
	s.locked(func(m *memory) {
		copy(m.content, image)
		m.at, m.pulled, m.lose, m.worn, m.holds = map[int]func(){}, false, false, false, 0
	})
	return s.forget()
}

// forget drops what the kernel remembers of a device that is not mounted.
func (s *Stick) forget() error {
	if err := unix.IoctlSetInt(int(s.loop.Fd()), unix.BLKFLSBUF, 0); err != nil {
		return fmt.Errorf("dropping what is remembered of a stick: %w", err)
	}
	return nil
}
