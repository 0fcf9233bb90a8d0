package media

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

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
	if c.Patience == 0 {
		c.Patience = DefaultPatience
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
	at, err := m.host.mountOf(m.dir)
	if err != nil {
		return err
	}
	if at.at == m.dir {
		return fmt.Errorf("%w: %q is mounted at %s already", ErrInUse, at.source, m.dir)
	}
	entries, err := os.ReadDir(m.dir)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s is not empty", m.dir)
	}
	if err != nil {
		return fmt.Errorf("looking at the folder to mount at: %w", err)
	}
	return nil
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
	if m.dev, err = openDevice(m.host, path, dev, m.config.Patience); err != nil {
		return err
	}
	protected, err := m.dev.protected()
	if err == nil && protected {
		err = fmt.Errorf("%w: %s takes no writes", ErrWriteProtected, path)
	}
	return err
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
	return m.undivided(disks)
}

// undivided refuses a disk of several partitions: they are not two media.
func (m *Medium) undivided(disks []number) error {
	for _, d := range disks {
		parts, err := m.host.parts(d)
		if err != nil {
			return fmt.Errorf("looking at the parts of disk %s: %w", d, err)
		}
		if parts > 1 {
			return fmt.Errorf("%w: disk %s is divided into %d parts", ErrDivided, d, parts)
		}
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
