package desk

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// A program is the kiosk as a process of its own, which does not outlive this
// one.
type program struct {
	c     *exec.Cmd
	ended chan struct{}
	said  *tail
}

// start starts the kiosk. It ends by itself, by stop, or with this process,
// however that ends.
func start(path string, args []string, in io.Reader, out io.Writer, done func(status int)) (*program, error) {
	p := &program{c: exec.Command(path, args...), ended: make(chan struct{}), said: &tail{}}
	p.c.Stdin, p.c.Stdout = in, io.MultiWriter(out, p.said)
	p.c.Stderr = p.c.Stdout
	p.c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if in != nil {
		p.c.WaitDelay = 1 // whoever types may type on
	}
	begun := make(chan error)
	go func() {
		// The kernel sends Pdeathsig when the thread ends that made the process, so it stays.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.c.Start()
		begun <- err
		if err != nil {
			return
		}
		_ = p.c.Wait() // the status says it
		close(p.ended)
		done(p.c.ProcessState.ExitCode())
	}()
	if err := <-begun; err != nil {
		return nil, fmt.Errorf("starting the kiosk: %w", err)
	}
	return p, nil
}

// signal sends a signal and waits until the kiosk has ended.
func (p *program) signal(s os.Signal) {
	_ = p.c.Process.Signal(s) // it may have ended
	<-p.ended
}

// tail keeps the last of what was written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const tailSize = 2000

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if n := len(t.b) - tailSize; n > 0 {
		t.b = bytes.Clone(t.b[n:])
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(strings.ToValidUTF8(string(t.b), "?"))
}
