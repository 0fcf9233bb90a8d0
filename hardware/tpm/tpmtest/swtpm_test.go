package tpmtest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asOwner, in the environment, makes the test's program one that starts a TPM and
// waits to be killed.
const asOwner = "START_A_TPM_IN"

func TestMain(m *testing.M) {
	dir := os.Getenv(asOwner)
	if dir == "" {
		os.Exit(m.Run())
	}
	p, err := New(dir)
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(p.process.Process.Pid)
	select {}
}

// gone waits until there is no such process any more, or only what its parent has not
// yet taken note of.
func gone(t *testing.T, pid int) {
	t.Helper()
	for late := time.Now().Add(60 * time.Second); time.Now().Before(late); time.Sleep(5 * time.Millisecond) {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			return
		}
		if _, after, ok := strings.Cut(string(status), ") "); ok && strings.HasPrefix(after, "Z") {
			return
		}
	}
	t.Errorf("swtpm is still there, as process %d", pid)
}

// TestOwnerIsKilled: a TPM ends with the program that started it, even if that could not end it.
func TestOwnerIsKilled(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGQUIT} {
		owner := exec.Command(self)
		owner.Env = append(os.Environ(), asOwner+"="+t.TempDir())
		owner.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := owner.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := owner.Start(); err != nil {
			t.Fatal(err)
		}
		var pid int
		line, err := bufio.NewReader(out).ReadString('\n')
		if _, scan := fmt.Sscanf(line, "%d\n", &pid); err != nil || scan != nil {
			t.Errorf("it said %q, %v", line, err)
		}
		if err := owner.Process.Signal(signal); err != nil {
			t.Error(err)
		}
		owner.Wait()
		if pid != 0 {
			gone(t, pid)
		}
	}
}

// TestEndsWithTheTest: nothing is left of a TPM after its test, neither process nor folder, however
// often it was switched off and on or exchanged.
func TestEndsWithTheTest(t *testing.T) {
	var pids []int
	var dir string
	t.Run("test", func(t *testing.T) {
		p := Start(t)
		dir = p.dir
		pids = append(pids, p.process.Process.Pid)
		for _, again := range []func(){p.Restart, p.Reset, p.Restart} {
			again()
			pids = append(pids, p.process.Process.Pid)
		}
		if len(p.Handles()) != 0 {
			t.Error("a new TPM holds something")
		}
	})
	for _, pid := range pids {
		gone(t, pid)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder: %v", err)
	}
}

// TestThatCannotStart: the error has what swtpm says.
func TestThatCannotStart(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "state0")
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(state, "tpm2-00.permall"), []byte("no state"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := New(dir)
	if err == nil {
		p.Stop()
	}
	if err == nil || !strings.Contains(err.Error(), "swtpm ended at once: ") {
		t.Errorf("starting it on a damaged state gave %v", err)
	}
}
