//go:build !linux

package printer

import (
	"errors"
	"time"
)

// A device exists on Linux only.
type device struct{}

var errLinux = errors.New("printers are driven on Linux only")

func openDevice(string, int) (*device, error) { return nil, errLinux }

func (*device) poll(bool, time.Duration) (bool, bool, error) { return false, false, errLinux }
func (*device) read([]byte) (int, error)                     { return 0, errLinux }
func (*device) write([]byte) (int, error)                    { return 0, errLinux }
func (*device) discard()                                     {}
func (*device) close() error                                 { return nil }
