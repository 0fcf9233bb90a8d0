package media

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A device is a block device that holds, or is, a medium.
type device struct {
	path  string
	dev   number
	disks []number

	// open keeps the kernel from giving the number to another device while the
	// medium is used, and hears of writing that failed after everybody had gone.
	open *os.File

	// claim is open, exclusively, while the medium is not mounted: nobody else
	// can mount it then, or make something of it.
	claim *os.File

	sequence string // see host.sequence
	size     int64  // bytes
	patience time.Duration
}

// openDevice opens a block device and claims it.
func openDevice(h host, path string, dev number, patience time.Duration) (*device, error) {
	d := &device{path: path, dev: dev, patience: patience}
	var err error
	if d.disks, err = h.disks(dev); err != nil {
		return nil, err
	}
	if d.open, err = openBlock(path, 0); err != nil {
		return nil, err
	}
	if d.size, err = d.open.Seek(0, io.SeekEnd); err == nil && d.size == 0 {
		err = fmt.Errorf("%w: %s has no medium in it", ErrAbsent, path)
	}
	if err == nil {
		d.sequence = h.sequence(d.disks)
		err = d.take()
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// openBlock opens a block device for reading.
func openBlock(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|flags, 0)
	switch {
	case gone(err):
		return nil, fmt.Errorf("%w: %w", ErrAbsent, err)
	case errors.Is(err, unix.EBUSY):
		return nil, fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return f, err
}

// gone reports whether an error says that a device is not there.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENXIO) || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENOMEDIUM)
}

// take claims the device. ErrInUse: it is mounted, in whatever namespace, or a
// part of something else.
func (d *device) take() error {
	if d.claim != nil {
		return nil
	}
	return d.patiently(func() (err error) {
		d.claim, err = openBlock(d.path, unix.O_EXCL)
		return err
	})
}

// patiently tries again while somebody else uses the device.
func (d *device) patiently(try func() error) error {
	end := time.NewTimer(d.patience)
	defer end.Stop()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		err := try()
		if !errors.Is(err, unix.EBUSY) {
			return err
		}
		select {
		case <-end.C:
			return err
		case <-again.C:
		}
	}
}

// release gives up the claim, so that the kernel can mount the device.
func (d *device) release() error {
	if d.claim == nil {
		return nil
	}
	err := d.claim.Close()
	d.claim = nil
	return err
}

func (d *device) close() error {
	err := d.release()
	if d.open != nil {
		err = errors.Join(err, d.open.Close())
		d.open = nil
	}
	return err
}

// drain returns when the device holds all that was written to it, and drops what
// this computer remembers of its content. The order matters: unmounting reports
// no failed write, the sync after it does.
func (d *device) drain() error {
	if err := d.open.Sync(); err != nil {
		return fmt.Errorf("syncing: %w", err)
	}
	if err := unix.IoctlSetInt(int(d.open.Fd()), unix.BLKFLSBUF, 0); err != nil {
		return fmt.Errorf("dropping what is remembered: %w", err)
	}
	return nil
}

// protected reports whether the device takes no writes.
func (d *device) protected() (bool, error) {
	n, err := unix.IoctlGetUint32(int(d.open.Fd()), unix.BLKROGET)
	if err != nil {
		return false, fmt.Errorf("asking for write protection: %w", err)
	}
	return n != 0, nil
}

// changed reports whether this is another medium than the one opened, or none.
func (d *device) changed(h host) bool {
	size, err := d.open.Seek(0, io.SeekEnd)
	return err != nil || size != d.size || h.sequence(d.disks) != d.sequence
}

// answers reports whether the device still gives its first block, asked past
// this computer's memory.
func (d *device) answers() bool {
	f, err := openBlock(d.path, unix.O_DIRECT)
	if err != nil {
		return false
	}
	defer f.Close()
	const block = 4096 // aligned and long enough for any sector size
	b, err := unix.Mmap(-1, 0, block, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return true // nothing was learned of the device
	}
	defer unix.Munmap(b)
	n, err := f.ReadAt(b, 0)
	return err == nil && n == block
}

// virtual reports whether a loop device is among the disks (major number 7,
// Linux allocated devices).
func virtual(disks []number) bool {
	for _, d := range disks {
		if strings.HasPrefix(string(d), "7:") {
			return true
		}
	}
	return false
}
