package voice

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// confine takes from the calling thread, and so from all programs that it
// starts, what the kiosk's program may and they need not: capabilities that would
// be inherited, and gaining more by the programs' own rights (prctl(2)).
func confine() error {
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up capabilities: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up rights: %w", err)
	}
	return nil
}

// attributes put a program into a group of its own, which can be ended with
// whatever it starts, and let it die with us.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// awaitEnd waits until a program has ended, and does not reap it: its number,
// and its group's, are given to nobody else meanwhile.
func awaitEnd(pid int) {
	for errors.Is(unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil), unix.EINTR) {
	}
}

// killGroup ends a program that is not reaped, and what it has started. One
// that has ended does not mind.
func killGroup(pid int) { _ = unix.Kill(-pid, unix.SIGKILL) }

// supported says that programs can be ended with all that they start.
const supported = true
