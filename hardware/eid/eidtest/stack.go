package eidtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Stack is a private pcscd with the virtual reader vpcd, for this process and
// its children alone. At most one runs in a process at a time, since
// libpcsclite remembers the daemon's address for good. Its methods may be
// called from any goroutine.
type Stack struct {
	supervisor *supervisor
	ports      *portPair
	link       string // to the folder with the daemon's socket
	log        string // the daemon's

	daemon sync.Mutex // held while the daemon is told something
	mu     sync.Mutex // guards what follows
	card   *link      // nil: none was put in, or it was removed
	last   *link      // the card that was put in last, nil: none yet
	ended  bool

	unhurried bool // see Hurry
}

// Where Debian puts what the stack is made of.
const (
	daemonProgram = "/usr/sbin/pcscd"                                   // package pcscd
	readerDriver  = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"        // package vsmartcard-vpcd
	socketName    = "PCSCLITE_CSOCK_NAME"                               // what libpcsclite reads, once
	readerName    = "Virtual PCD"                                       // in the daemon's configuration
	patience      = 30 * time.Second                                    // until something counts as broken
	configuration = "FRIENDLYNAME %q\nDEVICENAME /dev/null:0x%[2]x\n" + // read by pcscd
		"LIBPATH %[3]s\nCHANNELID 0x%[2]x\n"
)

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

// NewStack starts a stack that keeps its files in dir, where pcscd.log is what the daemon says. It sets
// PCSCLITE_CSOCK_NAME in this process, so that libpcsclite and every child
// process find the daemon. Nothing of it outlives the process, however that
// ends, but the files in dir.
func NewStack(dir string) (*Stack, error) {
	for path, name := range map[string]string{daemonProgram: "pcscd", readerDriver: "vsmartcard-vpcd"} {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("starting pcscd: the Debian package %s is missing: %w", name, err)
		}
	}
	s, err := newStack(dir)
	if err != nil {
		return nil, fmt.Errorf("starting pcscd: %w", err)
	}
	if err := os.Setenv(socketName, s.Socket()); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	if err := s.RestartDaemon(); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func newStack(dir string) (*Stack, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	folder, conf, log := filepath.Join(dir, "run"), filepath.Join(dir, "conf"), filepath.Join(dir, "pcscd.log")
	for _, d := range []string{folder, conf} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return nil, err
		}
	}
	ports, err := reservePorts()
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(configuration, readerName, ports.port, "/run/pcscd/"+filepath.Base(readerDriver))
	err = os.WriteFile(filepath.Join(conf, "vpcd"), []byte(text), 0o644)
	if err != nil {
		ports.reserved.Close()
		return nil, err
	}
	link, err := linkTo(folder)
	if err != nil {
		ports.reserved.Close()
		return nil, err
	}
	supervisor, err := supervise(folder, conf, log, link)
	if err != nil {
		ports.reserved.Close()
		return nil, errors.Join(err, os.Remove(link))
	}
	return &Stack{supervisor: supervisor, ports: ports, link: link, log: log}, nil
}

// linkTo makes the link by which this process, whatever stack it runs, finds the daemon's socket. Its path is the same
// each time, because libpcsclite asks for it once, and short, because an address has at most 107 bytes.
func linkTo(folder string) (string, error) {
	link := filepath.Join(os.TempDir(), fmt.Sprintf("eidtest-%d", os.Getpid()))
	if conn, err := net.Dial("unix", filepath.Join(link, "pcscd.comm")); err == nil {
		conn.Close()
		return "", errors.New("this process runs a stack already")
	}
	_ = os.Remove(link) // of a process that had our number and was killed with its supervisor
	return link, os.Symlink(folder, link)
}

// Socket is the value of PCSCLITE_CSOCK_NAME under which programs find the daemon.
func (s *Stack) Socket() string { return filepath.Join(s.link, "pcscd.comm") }

// ReaderName is what PC/SC calls the reader that cards are put into. (vpcd makes a second one, "… 00 01", which stays empty.)
func (s *Stack) ReaderName() string { return readerName + " 00 00" }

// KillDaemon ends the daemon as a crash would (SIGKILL). The card falls out.
func (s *Stack) KillDaemon() error {
	s.daemon.Lock()
	defer s.daemon.Unlock()
	if err := s.supervisor.say("kill", "killed"); err != nil {
		return err
	}
	return s.Remove()
}

// RestartDaemon starts the daemon under the same address, after killing it if it runs, and
// waits until it answers. The card falls out.
func (s *Stack) RestartDaemon() error {
	s.daemon.Lock()
	defer s.daemon.Unlock()
	if err := s.supervisor.say("start", "started"); err != nil {
		return err
	}
	if err := s.Remove(); err != nil {
		return err
	}
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		conn, err := net.Dial("unix", s.Socket())
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(end) {
			return fmt.Errorf("waiting for pcscd: %w: %s", err, s.complaints())
		}
	}
}

// complaints is what the daemon said that may explain an error.
func (s *Stack) complaints() string {
	b, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(b[max(0, len(b)-2000):]))
}

// Stop ends everything. More calls do nothing.
func (s *Stack) Stop() error {
	s.mu.Lock()
	ended := s.ended
	s.ended = true
	s.mu.Unlock()
	if ended {
		return nil
	}
	err := s.Remove()
	s.supervisor.end()
	return errors.Join(err, s.ports.reserved.Close())
}
