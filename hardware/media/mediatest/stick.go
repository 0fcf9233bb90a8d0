// Package mediatest makes removable media for tests: a Stick is a real block
// device with a real file system on it, that can be pulled out, written full,
// protected, exchanged, and that can lie.
//
// The device is a loop device over a file of a FUSE file system in this process,
// which keeps the content in memory. It needs Linux and root.
package mediatest

import (
	"errors"
	"testing"
)

// A Stick is a removable medium.
type Stick struct{}

// Insert makes a stick of the given size in bytes, with an empty ext4 file
// system, for the length of the test.
func Insert(t testing.TB, size int64) *Stick {
	t.Helper()
	t.Fatal("not there yet")
	return nil
}

// Make is Insert for programs: dir is an empty folder, and Eject ends it.
func Make(dir string, size int64) (*Stick, error) { return nil, errors.New("not there yet") }

// Path returns the block device.
func (s *Stick) Path() string { return "" }

// Pull takes the stick out: nothing on it can be read or written any more.
func (s *Stick) Pull() {}

// Plug puts it in again.
func (s *Stick) Plug() {}

// Protect turns write protection on or off.
func (s *Stick) Protect(on bool) error { return nil }

// Eject ends the stick, and its device.
func (s *Stick) Eject() error { return nil }
