package media

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// options are what each file system is told beyond the flags of mount: after an
// error it goes on for reading only, whatever its own superblock asks for (ext4
// can ask for a panic). File times are those that were set.
func options() map[string]string {
	return map[string]string{
		"ext4":  "errors=remount-ro",
		"vfat":  "errors=remount-ro,tz=UTC,fmask=0133,dmask=0022",
		"exfat": "errors=remount-ro,fmask=0133,dmask=0022",
	}
}

// Nothing on a medium is run, no device on it opened, no link on it followed.
const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOATIME | unix.MS_NOSYMFOLLOW

// mount mounts the medium. What it was when it was opened it must still be.
func (m *Medium) mount(readOnly bool) error {
	if m.dev == nil {
		return nil
	}
	if m.dev.changed(m.host) {
		return ErrPulled
	}
	if err := m.dev.release(); err != nil {
		return err
	}
	if err := m.mountAny(readOnly); err != nil {
		return err
	}
	m.mounted = true
	return m.onlyHere()
}

// mountAny tries the file systems that are allowed, in their order.
func (m *Medium) mountAny(readOnly bool) error {
	how := uintptr(flags)
	if readOnly {
		how |= unix.MS_RDONLY
	}
	var tried []string
	for _, kind := range m.config.FileSystems {
		err := m.dev.patiently(func() error { return unix.Mount(m.dev.path, m.dir, kind, how, options()[kind]) })
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.ENODEV):
			tried = append(tried, kind+": this kernel does not have it")
		case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EUCLEAN), errors.Is(err, unix.EBADMSG):
			tried = append(tried, kind+": none, or a damaged one")
		case errors.Is(err, unix.EBUSY):
			return fmt.Errorf("%w: mounting it: %w", ErrInUse, err)
		case errors.Is(err, unix.EROFS), errors.Is(err, unix.EACCES):
			return fmt.Errorf("%w: mounting it: %w", ErrWriteProtected, err)
		case errors.Is(err, unix.EPERM):
			return fmt.Errorf("mounting %s: %w: the program needs CAP_SYS_ADMIN", m.dev.path, err)
		default:
			return fmt.Errorf("mounting %s as %s: %w", m.dev.path, kind, err)
		}
	}
	return fmt.Errorf("%w (%s)", ErrFormat, strings.Join(tried, "; "))
}

// onlyHere makes sure that the device is mounted in our folder and nowhere else:
// another program may have mounted it after the claim was given up.
func (m *Medium) onlyHere() error {
	all, err := m.host.allMounts()
	if err != nil {
		return err
	}
	ours := false
	for _, other := range all {
		switch {
		case other.dev == m.dev.dev && other.at == m.dir:
			ours = true
		case other.dev == m.dev.dev:
			return fmt.Errorf("%w: at %q", ErrInUse, other.at)
		}
	}
	if !ours || m.dev.changed(m.host) {
		return ErrPulled
	}
	return nil
}

// unmount unmounts the medium if it is mounted, makes sure that it holds all that
// was written, and claims it again. It never detaches lazily: a medium that
// cannot be unmounted is not safe to remove, and is not made to look so.
func (m *Medium) unmount() error {
	if m.dev == nil {
		return nil
	}
	var failed error
	if m.mounted {
		err := m.dev.patiently(func() error { return unix.Unmount(m.dir, unix.UMOUNT_NOFOLLOW) })
		if errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("%w: close it, or end the program that has it open, and try again: %w", ErrBusy, err)
		}
		if err != nil {
			return fmt.Errorf("unmounting %s: %w", m.dir, err)
		}
		m.mounted = false
		failed = m.dev.drain()
	}
	err := m.dev.take()
	switch {
	case errors.Is(err, ErrInUse):
		err = fmt.Errorf("%w: another program has mounted the medium as well: %v", ErrBusy, err)
	case errors.Is(err, ErrAbsent): // what was pulled out is not in use
		err = nil
	}
	return errors.Join(failed, err)
}

// sync returns when the medium holds all that was written. root was opened
// before the first write, so no failure since then is missed.
func sync(root *os.File) error {
	if err := unix.Syncfs(int(root.Fd())); err != nil {
		return fmt.Errorf("syncing: %w", err)
	}
	protected, err := writeProtected(root)
	if err == nil && protected {
		err = fmt.Errorf("syncing: the kernel has stopped writing: %w", unix.EROFS)
	}
	return err
}

// writeProtected reports whether the file system that a file is on takes no writes.
func writeProtected(f *os.File) (bool, error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return false, fmt.Errorf("asking for the state of the file system: %w", err)
	}
	return int64(st.Flags)&unix.ST_RDONLY != 0, nil
}

// room refuses a file system without room for need bytes and some more: files
// take whole blocks, and folders and journals take their part.
func room(root *os.File, need int64) error {
	const spare, files = 1 << 20, 64
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(root.Fd()), &st); err != nil {
		return fmt.Errorf("asking for room: %w", err)
	}
	want := uint64(need) + uint64(need)/16 + spare
	if free := st.Bavail * uint64(st.Bsize); free < want {
		return fmt.Errorf("%w: %d bytes are free, %d are needed", ErrNoRoom, free, want)
	}
	if st.Files > 0 && st.Ffree < files {
		return fmt.Errorf("%w: it takes only %d more files", ErrNoRoom, st.Ffree)
	}
	return nil
}

// explain says what an error means for the person who holds the medium.
func (m *Medium) explain(err error) error {
	if err == nil {
		return nil
	}
	is := func(targets ...error) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
	}
	switch {
	case is(ErrFormat, ErrWriteProtected) && !m.answers():
		return fmt.Errorf("%w: %v", ErrPulled, err) // what it seemed to be is no matter any more
	case is(told()...):
		return err
	case is(unix.ENOSPC, unix.EDQUOT):
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	case !m.answers():
		return fmt.Errorf("%w: %w", ErrPulled, err)
	case is(unix.EROFS, unix.EIO) && m.protected():
		return fmt.Errorf("%w: %w", ErrWriteProtected, err)
	case is(unix.EIO, unix.EROFS, unix.EUCLEAN, unix.EBADMSG):
		return fmt.Errorf("%w: %w", ErrFaulty, err)
	}
	return err
}

// answers reports whether the medium is there, and the one that was opened.
func (m *Medium) answers() bool {
	return m.dev == nil || m.dev.answers() && !m.dev.changed(m.host)
}

// protected reports whether the device says that it takes no writes.
func (m *Medium) protected() bool {
	if m.dev == nil {
		return false
	}
	yes, err := m.dev.protected()
	return err == nil && yes
}

// told are the errors that say already what is wrong with the medium.
func told() []error {
	return []error{
		ErrAbsent, ErrOwnDisk, ErrWriteProtected, ErrNoRoom, ErrNotLabelled, ErrOtherLabel, ErrInUse, ErrSame, ErrPulled, ErrFaulty,
		ErrFormat, ErrVirtual, ErrNotEmpty, ErrBusy, ErrDivided,
	}
}
