package media

import (
	"errors"
	"fmt"
	"os"
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
		if err == nil && protected {
			err = fmt.Errorf("%w: its file system takes no writes", ErrWriteProtected)
		}
		if err != nil {
			return err
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
