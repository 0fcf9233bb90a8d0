package printertest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A Port is a serial port (a pty) with a printer at its other end.
type Port struct {
	p      *Printer
	dir    string
	served sync.WaitGroup

	mu            sync.Mutex
	master, slave *os.File // nil: unplugged
	closed        bool
}

// OpenPort plugs the printer in. Close unplugs it.
func OpenPort(p *Printer) (*Port, error) {
	dir, err := os.MkdirTemp("", "printer-")
	if err != nil {
		return nil, fmt.Errorf("opening a port: %w", err)
	}
	o := &Port{p: p, dir: dir}
	if err := o.Replug(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return o, nil
}

// Path returns what the driver opens. It is the same after Replug.
func (o *Port) Path() string { return filepath.Join(o.dir, "port") }

// Replug plugs the printer in again, under the same path. A closed port stays
// closed.
func (o *Port) Replug() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		return fmt.Errorf("plugging in: %w", os.ErrClosed)
	case o.master != nil:
		return nil
	}
	master, slave, err := openPTY()
	if err != nil {
		return fmt.Errorf("plugging in: %w", err)
	}
	// The order matters: whoever finds the path finds a printer that answers.
	o.master, o.slave = master, slave
	l := o.p.plug(master)                // now, so that a later plug takes over from this one
	o.served.Go(func() { o.p.serve(l) }) // its error is that of the pulled plug
	if err := os.Symlink(slave.Name(), o.Path()); err != nil {
		return errors.Join(fmt.Errorf("plugging in: %w", err), o.unplug())
	}
	return nil
}

// Unplug pulls the plug: open files get errors, and the path is gone. It may be
// called from a function given to At.
func (o *Port) Unplug() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.master == nil {
		return nil
	}
	return o.unplug()
}

func (o *Port) unplug() error {
	err := errors.Join(os.Remove(o.Path()), o.master.Close(), o.slave.Close())
	o.master, o.slave = nil, nil
	if err != nil {
		return fmt.Errorf("unplugging: %w", err)
	}
	return nil
}

// Close unplugs the port, closes the printer, and removes the path.
func (o *Port) Close() error {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	err := o.Unplug()
	o.p.Close()
	o.served.Wait()
	return errors.Join(err, os.RemoveAll(o.dir))
}

// openPTY returns a pty that passes bytes as they are. Its master is pollable, so
// that Close ends a blocked Read. The slave stays open here: its settings last,
// and the master reads nothing, rather than errors, while no driver has it open.
func openPTY() (master, slave *os.File, err error) {
	m, slave, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	if err := makeRaw(slave); err != nil {
		return nil, nil, errors.Join(err, m.Close(), slave.Close())
	}
	fd, err := unix.FcntlInt(m.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err != nil {
		return nil, nil, errors.Join(err, m.Close(), slave.Close())
	}
	m.Close()
	return os.NewFile(uintptr(fd), "printer"), slave, nil
}

// makeRaw keeps the terminal from echoing, editing and translating.
func makeRaw(f *os.File) error {
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	return unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, t)
}
