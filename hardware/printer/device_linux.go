package printer

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"go.bug.st/serial"
	"golang.org/x/sys/unix"
)

// A device is an open port. Bytes go through a descriptor that never blocks, and
// poll waits: a printer that stops reading holds up nobody, and no goroutine waits
// in a write.
//
// Of a serial port go.bug.st/serial sets speed and mode, and takes it exclusively
// (TIOCEXCL); it stays open beside ours for that. Its Write is not used, because it
// waits without end for a printer that does not read, and its Close does not end
// that.
type device struct {
	fd   int
	port serial.Port // nil for a device file
}

// lingering is how long close waits for the kernel.
const lingering = time.Second

// openDevice opens a serial port, or with baud 0 a device file. The lock (flock) is
// on the device itself: it goes with the process that holds it, and binds even
// root, whom TIOCEXCL does not.
func openDevice(path string, baud int) (*device, error) {
	fd, err := retry(func() (int, error) {
		return unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	d := &device{fd: fd}
	if err := d.take(path, baud); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *device) take(path string, baud int) error {
	var s unix.Stat_t
	if err := unix.Fstat(d.fd, &s); err != nil {
		return fmt.Errorf("looking at it: %w", err)
	}
	if s.Mode&unix.S_IFMT != unix.S_IFCHR {
		return fmt.Errorf("it is not a device: %w", fs.ErrInvalid)
	}
	if err := unix.Flock(d.fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			return errors.New("another program has it open")
		}
		return fmt.Errorf("locking: %w", err)
	}
	if baud == 0 {
		return nil
	}
	port, err := serial.Open(path, &serial.Mode{BaudRate: baud, DataBits: 8, Parity: serial.NoParity, StopBits: serial.OneStopBit})
	if err != nil {
		return fmt.Errorf("setting speed and mode: %w", err)
	}
	d.port = port
	return nil
}

// retry calls f again as long as a signal interrupts it.
func retry(f func() (int, error)) (int, error) {
	for {
		if n, err := f(); err != unix.EINTR {
			return n, err
		}
	}
}

// poll waits until there is something to read, or with write room to write, at most
// so long.
func (d *device) poll(write bool, wait time.Duration) (canRead, canWrite bool, err error) {
	want := int16(unix.POLLIN)
	if write {
		want |= unix.POLLOUT
	}
	fds := []unix.PollFd{{Fd: int32(d.fd), Events: want}}
	millis := int((max(wait, 0) + time.Millisecond - 1) / time.Millisecond)
	if _, err := unix.Poll(fds, millis); err != nil && err != unix.EINTR {
		return false, false, err
	}
	got := fds[0].Revents
	// What was still answered before the plug was pulled is read first; read then
	// finds out that the device is gone.
	canRead = got&(unix.POLLIN|unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0
	return canRead, got&unix.POLLOUT != 0, nil
}

// read returns what is there: possibly nothing.
func (d *device) read(p []byte) (int, error) {
	n, err := retry(func() (int, error) { return unix.Read(d.fd, p) })
	switch {
	case err == unix.EAGAIN:
		return 0, nil
	case err != nil:
		return 0, err
	case n == 0 && d.gone():
		return 0, errHangUp
	}
	return n, nil
}

var errHangUp = errors.New("the other end hung up")

// gone tells a read of nothing at the end of a connection from the empty packets
// that a USB printer may send.
func (d *device) gone() bool {
	if d.port != nil {
		return true
	}
	fds := []unix.PollFd{{Fd: int32(d.fd)}}
	_, err := unix.Poll(fds, 0)
	return err == nil && fds[0].Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0
}

// write hands bytes to the kernel, as many as it takes: possibly none. With an
// error it has taken none.
func (d *device) write(p []byte) (int, error) {
	n, err := retry(func() (int, error) { return unix.Write(d.fd, p) })
	if err == unix.EAGAIN || err == unix.ENOSPC { // ENOSPC: the USB port's own paper line
		return 0, nil
	}
	return max(n, 0), err
}

// discard drops what the kernel has not sent yet. Device files cannot: they hold
// one write at most.
func (d *device) discard() { _ = unix.IoctlSetInt(d.fd, unix.TCFLSH, unix.TCOFLUSH) }

// close gives the device back. The kernel may hold the last close of a serial port
// until what was written is sent, 30 seconds by default (closing_wait, setserial);
// since that is discarded before, it should not. If it does, a goroutine is left to
// wait for it, one for each device closed, and close returns after a second.
func (d *device) close() error {
	done := make(chan error, 1)
	go func() {
		d.discard()
		var err error
		if d.port != nil {
			err = d.port.Close()
		}
		done <- errors.Join(err, unix.Close(d.fd))
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(lingering):
		return errors.New("the kernel has not given the port back yet")
	}
}
