package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// renameExclusive renames and never replaces, on every file system of Linux
// that can say so (ext4, xfs, btrfs, FAT, exFAT, tmpfs).
func renameExclusive(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
		return renameChecked(from, to)
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
