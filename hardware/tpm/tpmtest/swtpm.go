// Package tpmtest runs a software TPM (swtpm) for each test: a process of its
// own, with a state of its own.
package tpmtest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport/linuxudstpm"
)

// A TPM is one emulated TPM. Its PCRs are all zero after every start.
type TPM struct {
	fail    func(error) // called instead of returning an error
	dir     string
	states  int
	process *exec.Cmd
	ended   chan struct{} // closed when the process has ended
}

// Start starts a new TPM; the test fails when swtpm is not installed, and the TPM
// ends with the test.
func Start(t testing.TB) *TPM {
	t.Helper()
	// Not t.TempDir: the path of a socket has at most 107 bytes.
	dir, err := os.MkdirTemp("", "swtpm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	p.fail = func(err error) { t.Helper(); t.Fatal(err) }
	t.Cleanup(p.Stop)
	return p
}

// New is Start for programs: a TPM in an empty folder. Its methods panic where
// a test would fail. Stop ends it.
func New(dir string) (*TPM, error) {
	p := &TPM{dir: dir, fail: func(err error) { panic(err) }}
	if err := p.start(); err != nil {
		return nil, err
	}
	return p, nil
}

// Socket is the path for tpm.Open.
func (p *TPM) Socket() string { return filepath.Join(p.dir, "tpm") }

// start starts swtpm and returns when it answers. The process ends with ours, even if ours is killed.
func (p *TPM) start() error {
	path, err := exec.LookPath("swtpm")
	if err != nil {
		return fmt.Errorf("the Debian package swtpm is not installed: %w", err)
	}
	state := filepath.Join(p.dir, fmt.Sprint("state", p.states))
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	for _, s := range []string{p.Socket(), p.Socket() + ".ctrl"} {
		if err := os.Remove(s); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	p.process = exec.Command(path, "socket", "--tpm2", "--server", "type=unixio,path="+p.Socket(), "--ctrl", "type=unixio,path="+p.Socket()+".ctrl",
		"--tpmstate", "dir="+state, "--flags", "not-need-init,startup-clear", "--seccomp", "action=none")
	p.process.Stdout, p.process.Stderr = log, log // it writes a line for each command
	p.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := p.run(); err != nil {
		return fmt.Errorf("starting swtpm: %w", err)
	}
	return p.answering()
}

// run starts the process from a goroutine that keeps its thread until the process ends: Pdeathsig is
// sent when the thread that started it ends.
func (p *TPM) run() error {
	started := make(chan error)
	p.ended = make(chan struct{})
	go func(process *exec.Cmd, ended chan struct{}) {
		runtime.LockOSThread()
		err := process.Start()
		started <- err
		if err == nil {
			process.Wait()
		}
		close(ended)
	}(p.process, p.ended)
	return <-started
}

// answering waits until it answers: it takes connections before it has looked at its state.
func (p *TPM) answering() error {
	late := time.After(30 * time.Second)
	for {
		err := p.ping()
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			log, _ := os.ReadFile(filepath.Join(p.dir, "log"))
			return fmt.Errorf("swtpm ended at once: %s", bytes.TrimSpace(log))
		case <-late:
			p.Stop()
			return fmt.Errorf("swtpm does not answer: %w", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// ping is TPM2_GetCapability for the TPM's family (Part 3, Section 30.2).
func (p *TPM) ping() error {
	c, err := net.Dial("unix", p.Socket())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	if _, err := c.Write([]byte("\x80\x01\x00\x00\x00\x16\x00\x00\x01\x7a\x00\x00\x00\x06\x00\x00\x01\x00\x00\x00\x00\x01")); err != nil {
		return err
	}
	response := make([]byte, 4096)
	n, err := io.ReadAtLeast(c, response, 10)
	if err != nil {
		return err
	}
	if rc := response[6:10]; !bytes.Equal(rc, make([]byte, 4)) {
		return fmt.Errorf("it says %x of %d bytes", rc, n)
	}
	return nil
}

// Stop switches it off, as a power cut does.
func (p *TPM) Stop() {
	p.process.Process.Kill()
	<-p.ended
}

// Restart switches it off and on: PCRs begin anew, the state stays.
func (p *TPM) Restart() {
	p.Stop()
	if err := p.start(); err != nil {
		p.fail(err)
	}
}

// Reset puts another TPM in its place, under the same path.
func (p *TPM) Reset() {
	p.states++
	p.Restart()
}

// ExtendPCR measures something into a PCR.
func (p *TPM) ExtendPCR(i int) {
	if err := p.extend(i); err != nil {
		p.fail(fmt.Errorf("extending PCR %d: %w", i, err))
	}
}

func (p *TPM) extend(i int) error {
	wire, err := linuxudstpm.Open(p.Socket())
	if err != nil {
		return err
	}
	defer wire.Close()
	digest := sha256.Sum256([]byte("something else was started"))
	_, err = tpm2.PCRExtend{
		PCRHandle: tpm2.AuthHandle{Handle: tpm2.TPMHandle(i), Auth: tpm2.PasswordAuth(nil)},
		Digests:   tpm2.TPMLDigestValues{Digests: []tpm2.TPMTHA{{HashAlg: tpm2.TPMAlgSHA256, Digest: digest[:]}}},
	}.Execute(wire)
	return err
}

// Handles lists what the TPM holds: transient objects and sessions, as tpm2_getcap, a program of
// others, says.
func (p *TPM) Handles() []string {
	var all []string
	for _, kind := range []string{"handles-transient", "handles-loaded-session", "handles-saved-session"} {
		out, err := p.Tool("tpm2_getcap", kind)
		if err != nil {
			p.fail(err)
		}
		for _, h := range strings.Fields(out) {
			if h != "-" {
				all = append(all, kind+" "+h)
			}
		}
	}
	return all
}

// Tool runs one of the programs of the package tpm2-tools on the TPM, and returns what it
// prints.
func (p *TPM) Tool(name string, args ...string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("the Debian package tpm2-tools is not installed: %w", err)
	}
	c := exec.Command(path, args...)
	c.Env = append(os.Environ(), "TPM2TOOLS_TCTI=swtpm:path="+p.Socket())
	var out, complaints bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaints
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(complaints.Bytes()))
	}
	return out.String(), nil
}
