package eidtest

import (
	"errors"
	"testing"
)

// A Stack is a private pcscd with the virtual reader vpcd, for this process and
// its children alone. At most one runs in a process at a time, since
// libpcsclite remembers the first daemon's address for good.
type Stack struct{}

var errNotYet = errors.New("eidtest: not there yet")

// StartStack starts a stack and stops it when the test ends. Where a Debian package is
// missing the test fails with its name.
func StartStack(t testing.TB) *Stack {
	t.Helper()
	s, err := NewStack(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// NewStack starts a stack that keeps its files in dir. It sets
// PCSCLITE_CSOCK_NAME in this process, so that libpcsclite and every child
// process find the daemon. Nothing of it outlives the process, however that ends.
func NewStack(dir string) (*Stack, error) { return nil, errNotYet }

// Socket is the value of PCSCLITE_CSOCK_NAME under which programs find the daemon.
func (s *Stack) Socket() string { return "" }

// ReaderName is what PC/SC calls the reader that cards are put into.
func (s *Stack) ReaderName() string { return "" }

// Insert puts the card into the reader and returns when the daemon has powered it. A reader
// holds one card: a second is an error.
func (s *Stack) Insert(c *Card) error { return errNotYet }

// Remove pulls the card out; without a card it does nothing. What the card was
// answering is lost.
func (s *Stack) Remove() error { return errNotYet }

// KillDaemon ends the daemon as a crash would (SIGKILL). The card falls out.
func (s *Stack) KillDaemon() error { return errNotYet }

// RestartDaemon starts the daemon again under the same address, after killing it if it runs.
func (s *Stack) RestartDaemon() error { return errNotYet }

// Stop ends everything. More calls do nothing.
func (s *Stack) Stop() error { return errNotYet }
