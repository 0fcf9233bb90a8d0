package durabletest

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// insert mounts the disk.
func (d *Disk) insert() {
	d.m.t.Helper()
	var zero time.Duration
	server, err := fs.Mount(d.path, &handle{d: d, n: d.root}, &fs.Options{
		EntryTimeout: &zero, AttrTimeout: &zero, NullPermissions: true,
		RootStableAttr: &fs.StableAttr{Ino: d.root.ino},
		MountOptions:   fuse.MountOptions{DirectMount: true, FsName: "powercut", Name: "powercut"},
	})
	if err != nil {
		d.m.t.Fatalf("mounting the file system of the power-cut tests: %v\n%s", err, missing())
	}
	d.unmount = func() {
		// By force, which ends the server: a program that somebody started in a mount
		// namespace of its own meanwhile keeps the disk mounted there, and the server
		// would wait for that program's end.
		if syscall.Unmount(d.path, syscall.MNT_FORCE) == nil {
			server.Wait()
		} else if err := server.Unmount(); err != nil {
			d.m.t.Errorf("unmounting %s: %v: is a file on it still open?", d.path, err)
		}
	}
}

func (d *Disk) eject() {
	d.m.t.Helper()
	if d.unmount != nil {
		d.unmount()
		d.unmount = nil
	}
}

// missing says what a machine lacks that cannot mount the disks.
func missing() string {
	if _, err := os.Stat("/dev/fuse"); err != nil {
		return "There is no /dev/fuse here: " + err.Error()
	}
	if _, err := exec.LookPath("fusermount3"); err != nil && os.Getuid() != 0 {
		return "The program fusermount3 is missing (package fuse3), which mounts for anybody but root."
	}
	return "Both /dev/fuse and the right to mount are needed; in a container, the device and CAP_SYS_ADMIN."
}

// unmount is what the guard of a disk runs when its standard input ends, or the
// thread that started it: -f also frees a thread of the dead program that waits
// for an answer of its own file system, and would keep it from dying.
const unmount = `trap : TERM; echo; read line; umount -f -l "$0" || fusermount3 -u -z "$0"`

// guard makes the disk's folder, and has it unmounted in any event: by a
// cleanup, which runs also when a test panics, and by a shell that waits for
// the end of this process, which may be killed.
func (d *Disk) guard() {
	d.m.t.Helper()
	d.path = d.m.t.TempDir()
	watch := exec.Command("/bin/sh", "-c", unmount, d.path)
	watch.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM} // Ctrl-C is not for it
	hold, err1 := watch.StdinPipe()
	ready, err2 := watch.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		d.m.t.Fatal(err)
	}
	started, done, ended := make(chan error), make(chan struct{}), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // its thread lives as long as the program
		err := watch.Start()
		if err == nil {
			_, err = ready.Read(make([]byte, 1)) // from here on it cannot be taken unawares
		}
		started <- err
		<-done
		hold.Close()
		ended <- watch.Wait()
	}()
	if err := <-started; err != nil {
		d.m.t.Fatalf("starting the guard of a disk: %v", err)
	}
	d.m.t.Cleanup(func() {
		d.eject()
		close(done)
		if err := <-ended; err == nil {
			d.m.t.Errorf("%s was still mounted when the test ended", d.path)
		}
	})
}
