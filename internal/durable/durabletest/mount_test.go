package durabletest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/internal/durable/durabletest"
)

// child names the way in which a child process of TestNoMountStays ends.
const child = "DURABLETEST_CHILD"

// TestNoMountStays ends a program with mounted disks in every bad way.
func TestNoMountStays(t *testing.T) {
	if how := os.Getenv(child); how != "" {
		die(t, how)
		return
	}
	for _, how := range []string{"fatal", "panic", "exit", "killed", "open file"} {
		t.Run(how, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0], "-test.run", "^TestNoMountStays$")
			cmd.Env = append(os.Environ(), child+"="+how, "TMPDIR="+dir)
			if out, err := cmd.CombinedOutput(); err == nil {
				t.Fatalf("the child ended well:\n%s", out)
			}
			waitForUnmount(t, dir)
		})
	}
}

func die(t *testing.T, how string) {
	m := durabletest.Boot(t, 2)
	f, err := os.Create(filepath.Join(m.Disk(1).Path(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	if how != "open file" {
		f.Close()
	}
	switch how {
	case "fatal":
		t.Fatal("on purpose")
	case "panic":
		panic("on purpose")
	case "exit":
		os.Exit(1)
	case "killed":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
}

// mounted counts the mounts below a folder.
func mounted(t *testing.T, dir string) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(b), dir)
}

// waitForUnmount waits until the kernel says that nothing is mounted below a
// folder: the guards of a killed program end after it.
func waitForUnmount(t *testing.T, dir string) {
	t.Helper()
	fd, err := unix.Open("/proc/self/mountinfo", unix.O_RDONLY|unix.O_CLOEXEC, 0) // os.Open would take the events away
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for mounted(t, dir) > 0 {
		changed, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLPRI}}, 10_000)
		if err != nil && err != unix.EINTR {
			t.Fatal(err)
		}
		if changed == 0 && err == nil {
			t.Fatalf("%d mounts stayed below %s", mounted(t, dir), dir)
		}
	}
}

// TestOtherNamespaces starts a program in a mount namespace of its own, which keeps
// a copy of every mount for as long as it runs. Reboot must not wait for it.
func TestOtherNamespaces(t *testing.T) {
	m := durabletest.Boot(t, 1)
	other := exec.Command("cat")
	other.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	input, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread() // the program ends with this thread
	defer runtime.UnlockOSThread()
	if err := other.Start(); err != nil {
		t.Fatalf("starting a program in a mount namespace of its own: %v (root is needed)", err)
	}
	end := time.AfterFunc(time.Minute, func() { input.Close() })
	m.Reboot()
	if !end.Stop() {
		t.Error("the disk waited for the end of a program that has nothing to do with it")
	}
	input.Close()
	if err := other.Wait(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(m.Disk(0).Path(), "file"), nil, 0o600); err != nil {
		t.Error(err)
	}
}
