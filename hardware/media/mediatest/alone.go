package mediatest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
)

// Alone runs the tests of a package in a mount namespace of their own, and
// returns the status to exit with; TestMain calls it. Without it, a program that
// somebody starts in its own namespace while a stick is mounted keeps it mounted
// there, and the stick is rightly found in use.
func Alone(m *testing.M) int {
	const mark = "MEDIATEST_ALONE" // tells the program started here that it is the one
	if os.Getenv(mark) != "" {
		return m.Run()
	}
	runtime.LockOSThread() // the program ends with this thread
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), mark+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "running tests in a mount namespace of their own (root is needed): %v\n", err)
		return 1
	}
	return 0
}
