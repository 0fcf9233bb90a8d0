package printer

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/hardware/printer/printertest"
)

// TestLocked: one port, two programs. The second is another process, and one that
// was killed leaves the port free.
func TestLocked(t *testing.T) {
	if os.Getenv(holdPort) != "" {
		holdThePort(os.Getenv(holdPort))
	}
	e := printertest.New(printertest.Config{ProcessID: true})
	port, err := printertest.OpenPort(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { port.Close() })
	for _, baud := range []int{0, 115200} {
		c := quick(ProcessID)
		c.Path, c.Baud = port.Path(), baud
		kill := other(t, c.Path)
		p, err := Open(c)
		if fault, began := outcome(err); p != nil || fault != Unplugged || began || !strings.Contains(err.Error(), "another program has it open") {
			t.Errorf("%d baud: the second program: %v", baud, err)
		}
		kill()
		p, err = Open(c)
		if err != nil {
			t.Fatalf("%d baud: the first program was killed: %v", baud, err)
		}
		if _, err := Open(c); err == nil {
			t.Errorf("%d baud: opened twice by one program", baud)
		}
		if err := p.Print(page(1, 50), Cut); err != nil {
			t.Errorf("%d baud: after others tried: %v", baud, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

const holdPort = "PRINTER_TEST_HOLDS"

// other starts this test's program once more, as one that has the port open.
func other(t *testing.T, path string) (kill func()) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestLocked$")
	c.Env = append(os.Environ(), holdPort+"="+path)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread() // Pdeathsig is of the thread
	defer runtime.UnlockOSThread()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		c.Process.Kill()
		c.Wait()
	}
	t.Cleanup(kill)
	var b [1]byte
	if _, err := io.ReadFull(out, b[:]); err != nil || b[0] != '!' {
		t.Fatalf("the other program: %q, %v", b, err)
	}
	return kill
}

// holdThePort never returns.
func holdThePort(path string) {
	if _, err := Open(Config{Path: path, Width: 576, Confirm: ProcessID}); err != nil {
		os.Stdout.WriteString(err.Error())
		os.Exit(1)
	}
	os.Stdout.WriteString("!")
	io.Copy(io.Discard, os.Stdin)
	select {}
}

// TestOpen: what is no printer's device.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	file, fifo := filepath.Join(dir, "file"), filepath.Join(dir, "fifo")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "none"), dir, file, fifo} {
		for _, baud := range []int{0, 115200} {
			c := quick(ProcessID)
			c.Path, c.Baud = path, baud
			p, err := Open(c)
			if fault, began := outcome(err); p != nil || fault != Unplugged || began {
				t.Errorf("%s at %d baud: %v", path, baud, err)
			}
		}
	}
	c := quick(ProcessID)
	c.Path, c.Baud = "/dev/null", 115200
	if _, err := Open(c); err == nil || !strings.Contains(err.Error(), "setting speed and mode") {
		t.Errorf("no serial port: %v", err)
	}
	for name, change := range map[string]func(*Config){
		"no path":       func(c *Config) { c.Path = "" },
		"a slow port":   func(c *Config) { c.Baud = 300 },
		"a negative":    func(c *Config) { c.Baud = -1 },
		"too narrow":    func(c *Config) { c.Width = 7 },
		"too wide":      func(c *Config) { c.Width = 2041 },
		"no confirm":    func(c *Config) { c.Confirm = "" },
		"small buffer":  func(c *Config) { c.Buffer = 45 },
		"hold feed":     func(c *Config) { c.HoldFeed = -1 },
		"cut feed":      func(c *Config) { c.CutFeed = MaxHeight + 1 },
		"answer":        func(c *Config) { c.Answer = -1 },
		"stall, answer": func(c *Config) { c.Stall = c.Answer - 1 },
		"settle":        func(c *Config) { c.Settle = -1 },
	} {
		c := quick(ProcessID)
		change(&c)
		var e *Error
		if _, err := Open(c); err == nil || errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCloseWhileStuck: a page whose bytes nobody takes ends when the printer is
// closed, and nothing is left: no goroutine, no descriptor.
func TestCloseWhileStuck(t *testing.T) {
	for _, way := range []string{overPTY, overFile} {
		t.Run(way, func(t *testing.T) {
			c := quick(ProcessID)
			c.Answer, c.Stall = time.Hour, time.Hour // only Close ends it
			r := newRig(t, way, c, printertest.Config{})
			files := descriptors(t)
			stuck := make(chan struct{})
			r.e.At(20, func() { r.e.StopReading(true); close(stuck) })
			printed := make(chan error, 1)
			go func() { printed <- r.p.Print(page(1, 3000), Cut) }()
			<-stuck
			if err := r.p.Close(); err != nil {
				t.Errorf("closing: %v", err)
			}
			err := <-printed
			if fault, began := outcome(err); fault != Unplugged || !began || !errors.Is(err, fs.ErrClosed) {
				t.Errorf("the page: %v", err)
			}
			if n := descriptors(t); n >= files {
				t.Errorf("%d descriptors, %d before", n, files)
			}
			eventually(t, "a goroutine of the driver is left", func() bool { return !strings.Contains(stacks(), "(*device)") })
			err = r.p.Print(page(2, 10), Cut)
			if fault, began := outcome(err); fault != Unplugged || began {
				t.Errorf("a page for a closed printer: %v", err)
			}
			if s, err := r.p.Status(); s.Ready || err == nil {
				t.Errorf("a closed printer: %+v, %v", s, err)
			}
			if err := r.p.Close(); err != nil {
				t.Errorf("closing again: %v", err)
			}
		})
	}
}

// TestManyPlugs: a plug pulled again and again costs no descriptor.
func TestManyPlugs(t *testing.T) {
	r := newRig(t, overPTY, quick(ProcessID), printertest.Config{})
	before := 0
	for i := range 8 {
		if err := r.port.Unplug(); err != nil {
			t.Fatal(err)
		}
		if fault, began := outcome(r.print(page(i, 20), Cut)); fault != Unplugged || began {
			t.Fatalf("%v, begun: %v", fault, began)
		}
		if err := r.port.Replug(); err != nil {
			t.Fatal(err)
		}
		if err := r.print(page(i, 20), Cut); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			before = descriptors(t)
		}
	}
	if n := descriptors(t); n != before {
		t.Errorf("%d descriptors, %d after the first time", n, before)
	}
}

// descriptors counts this process's open files. No other test may run beside.
func descriptors(t *testing.T) int {
	t.Helper()
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(d)
}

func stacks() string {
	b := make([]byte, 1<<20)
	return string(b[:runtime.Stack(b, true)])
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}
