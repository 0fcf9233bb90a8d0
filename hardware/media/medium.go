package media

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// A Medium is a removable medium that passed the checks of Open. It is used by
// one goroutine. It is mounted only while Write or ReadBack runs.
type Medium struct {
	host    host
	config  Config
	source  string
	dir     string  // where its files are while it is mounted
	dev     *device // nil for a plain folder
	mounted bool
}

// Open looks for the medium at source: a block device, or a folder at which one
// is mounted (it is taken over: unmounted when Open returns), or, if virtual
// media are accepted, a plain folder. It refuses a medium that is not the one
// that the label says or cannot take what will be written.
func Open(source string, c Config) (*Medium, error) { return here().open(source, c) }

func (h host) open(source string, c Config) (*Medium, error) {
	m, err := begin(h, source, c)
	if err == nil {
		err = m.use(false, func(root *os.File) error {
			return errors.Join(m.checkLabel(), room(root, c.Need))
		})
	}
	if err != nil {
		return nil, m.abandon(fmt.Errorf("opening the medium at %s: %w", source, err))
	}
	return m, nil
}

// abandon gives back a medium that was not opened in the end.
func (m *Medium) abandon(err error) error {
	if m == nil {
		return err
	}
	return errors.Join(err, m.Close())
}

// begin finds the medium and claims it. It neither mounts it nor looks into it.
func begin(h host, source string, c Config) (*Medium, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	path, err := filepath.EvalSymlinks(source)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if gone(err) {
		return nil, fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	m := &Medium{host: h, config: c, source: source}
	if dev, isDevice := blockDevice(info); isDevice {
		return m, m.block(path, dev)
	}
	if !info.IsDir() {
		return nil, errors.New("neither a block device nor a folder")
	}
	return m, m.folder(path)
}

// block uses a block device. One that is mounted at our own folder already, by a
// program that was killed, is taken over.
func (m *Medium) block(path string, dev number) error {
	var err error
	if m.dir, err = filepath.EvalSymlinks(m.config.MountAt); err == nil {
		m.dir, err = filepath.Abs(m.dir)
	}
	if err != nil {
		return fmt.Errorf("looking at the folder to mount at: %w", err)
	}
	at, err := m.host.mountOf(m.dir)
	if err != nil {
		return err
	}
	if at.at == m.dir && at.dev == dev {
		return m.takeOver(path, dev)
	}
	return m.claim(path, dev)
}

// emptyFolder refuses a folder at which nothing can be mounted without hiding
// something.
func (m *Medium) emptyFolder() error {
	entries, err := os.ReadDir(m.dir)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s is not empty", m.dir)
	}
	if err != nil {
		return fmt.Errorf("looking at the folder to mount at: %w", err)
	}
	at, err := m.host.mountOf(m.dir)
	if err == nil && at.at == m.dir {
		err = fmt.Errorf("%w: %q is mounted at %s already", ErrInUse, at.source, m.dir)
	}
	return err
}

// claim opens the device and refuses one that cannot be the medium.
func (m *Medium) claim(path string, dev number) error {
	if err := m.allowed(dev); err != nil {
		return err
	}
	if err := m.emptyFolder(); err != nil {
		return err
	}
	var err error
	if m.dev, err = openDevice(m.host, path, dev); err != nil {
		return err
	}
	if protected, err := m.dev.protected(); err != nil || protected {
		return errors.Join(err, fmt.Errorf("%w: %s takes no writes", ErrWriteProtected, path))
	}
	return nil
}

// allowed refuses the machine's own disks, and virtual ones unless they are
// accepted.
func (m *Medium) allowed(dev number) error {
	if len(m.config.FileSystems) == 0 {
		return errors.New("no file system is allowed")
	}
	disks, err := m.host.disks(dev)
	if err != nil {
		return err
	}
	for _, own := range m.config.Own {
		theirs, err := m.host.disksOf(own)
		if err != nil {
			return fmt.Errorf("looking at the machine's own disk: %w", err)
		}
		if share(theirs, disks) {
			return fmt.Errorf("%w: it holds %s", ErrOwnDisk, own)
		}
	}
	if virtual(disks) && !m.config.Virtual {
		return ErrVirtual
	}
	return nil
}

// folder takes over the device that is mounted at a folder, or uses a plain
// folder.
func (m *Medium) folder(path string) error {
	m.dir = path
	at, err := m.host.mountOf(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(at.source)
	var dev number
	if err == nil {
		dev, _ = blockDevice(info)
	}
	switch {
	case at.at == path && at.dev == dev && at.root == "/":
		return m.takeOver(at.source, dev)
	case m.config.Virtual:
		return nil
	case at.at == path:
		return fmt.Errorf("%w: %q, a %s file system, is mounted at it", ErrVirtual, at.source, at.kind)
	}
	return fmt.Errorf("%w: nothing is mounted at %s", ErrAbsent, path)
}

// takeOver unmounts what somebody else has mounted at our folder, after it is
// sure that it is not the machine's own, and claims its device.
func (m *Medium) takeOver(path string, dev number) error {
	if err := m.allowed(dev); err != nil {
		return err
	}
	if err := unix.Unmount(m.dir, unix.UMOUNT_NOFOLLOW); errors.Is(err, unix.EBUSY) {
		return fmt.Errorf("%w: unmounting %s to mount it anew: %w", ErrInUse, m.dir, err)
	} else if err != nil {
		return fmt.Errorf("unmounting %s to mount it anew: %w", m.dir, err)
	}
	return m.claim(path, dev)
}

// use mounts the medium, has f use it, syncs if it may have been written, and
// unmounts it whatever happened.
func (m *Medium) use(readOnly bool, f func(root *os.File) error) error {
	if m.dir == "" {
		return errors.New("it was closed")
	}
	if err := m.unmount(); err != nil { // it may still be mounted after ErrBusy
		return m.explain(err)
	}
	err := m.mount(readOnly)
	if err == nil {
		err = m.within(readOnly, f)
	}
	return m.explain(errors.Join(err, m.unmount()))
}

func (m *Medium) within(readOnly bool, f func(root *os.File) error) error {
	root, err := os.Open(m.dir)
	if gone(err) {
		return fmt.Errorf("%w: %w", ErrPulled, err)
	}
	if err != nil {
		return err
	}
	defer root.Close()
	if !readOnly {
		protected, err := writeProtected(root)
		if err != nil || protected {
			return errors.Join(err, fmt.Errorf("%w: its file system takes no writes", ErrWriteProtected))
		}
	}
	if err := f(root); err != nil || readOnly {
		return err
	}
	return sync(root)
}

// Write mounts the medium, has f write below the folder dir, syncs and unmounts
// it. When it returns nil, the medium has said that it holds all that f wrote;
// whether it does, only ReadBack says. An error of f is wrapped. f leaves no
// file open: otherwise the error is ErrBusy, and Close tries to unmount again.
func (m *Medium) Write(f func(dir string) error) error {
	err := m.use(false, func(*os.File) error {
		if err := m.checkLabel(); err != nil {
			return err
		}
		return f(m.dir)
	})
	if err != nil {
		return fmt.Errorf("writing on the medium at %s: %w", m.source, err)
	}
	return nil
}

// ReadBack mounts the medium anew, for reading only, so that nothing comes from
// this computer's memory, and has f compare what is below the folder dir with
// what it wrote. An error of f is wrapped.
func (m *Medium) ReadBack(f func(dir string) error) error {
	err := m.use(true, func(*os.File) error {
		if err := m.checkLabel(); err != nil {
			return err
		}
		return f(m.dir)
	})
	if err != nil {
		return fmt.Errorf("reading back from the medium at %s: %w", m.source, err)
	}
	return nil
}

// Close gives the medium back. Only when it returns nil is the medium safe to
// remove: nothing of it is mounted, and nothing waits to be written. After ErrBusy
// it is called again.
func (m *Medium) Close() error {
	err := m.unmount()
	if !m.mounted && !errors.Is(err, ErrBusy) {
		if m.dev != nil {
			err = errors.Join(err, m.dev.close())
		}
		m.dev, m.dir = nil, ""
	}
	if err != nil {
		return fmt.Errorf("giving back the medium at %s: %w", m.source, err)
	}
	return nil
}
