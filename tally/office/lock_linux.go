package office

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func lockFolder(d *os.File, exclusive, wait bool) error {
	how := unix.LOCK_SH
	if exclusive {
		how = unix.LOCK_EX
	}
	if !wait {
		how |= unix.LOCK_NB
	}
	for {
		err := unix.Flock(int(d.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
