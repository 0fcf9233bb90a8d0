package mediatest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// unmount is what the guard runs when its input ends, or the thread that started
// it: whatever the device is mounted at, and the file system under it. The FUSE
// file system goes first, by force: that frees what waits for its answers.
const unmount = `trap : TERM; echo; dev=none; while read line; do dev=$line; done
umount -f -l "$0" 2>/dev/null && left=1
while read d m rest; do case $d in "$dev"|"$dev"p[12]) umount -l "$m"; left=1;; esac; done < /proc/mounts
test "$left"`

// A guard unmounts a stick if this process is killed. It ends the device too, as
// that is open nowhere any more then.
type guard struct {
	dir   string
	hold  io.WriteCloser
	done  chan struct{}
	ended chan error
}

func newGuard(dir string) (*guard, error) {
	if _, err := exec.LookPath("umount"); err != nil {
		return nil, errors.New("guarding a stick: umount is missing: install the package mount")
	}
	cmd := exec.Command("/bin/sh", "-c", unmount, dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM} // Ctrl-C is not for it
	hold, err1 := cmd.StdinPipe()
	ready, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("guarding a stick: %w", err)
	}
	g := &guard{dir: dir, hold: hold, done: make(chan struct{}), ended: make(chan error, 1)}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // its thread lives as long as the program
		err := cmd.Start()
		if err == nil {
			_, err = ready.Read(make([]byte, 1)) // from here on it cannot be taken unawares
		}
		started <- err
		if err == nil {
			<-g.done
			hold.Close()
			g.ended <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("guarding a stick: %w", err)
	}
	return g, nil
}

// watch tells the guard which device it guards.
func (g *guard) watch(device string) error {
	if _, err := io.WriteString(g.hold, device+"\n"); err != nil {
		return fmt.Errorf("guarding a stick: %w", err)
	}
	return nil
}

// end ends the guard, which finds nothing to do.
func (g *guard) end() error {
	close(g.done)
	if err := <-g.ended; err == nil {
		return fmt.Errorf("the stick in %s was still mounted when it was ejected", g.dir)
	}
	return nil
}

// Mounts returns where a device, or a partition of it, is mounted.
func Mounts(device string) ([]string, error) {
	f, err := os.Open("/proc/self/mounts")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if part := strings.Fields(lines.Text()); len(part) > 1 && slices.Contains([]string{device, device + "p1", device + "p2"}, part[0]) {
			all = append(all, part[1])
		}
	}
	return all, nil
}

// unmountAll unmounts what should not be mounted any more, and says so.
func unmountAll(device string) error {
	left, err := Mounts(device)
	if err != nil {
		return err
	}
	for _, at := range left {
		err = errors.Join(err, fmt.Errorf("%s was left mounted at %s", device, at), unix.Unmount(at, unix.MNT_DETACH))
	}
	return err
}

// ended waits until a loop device over a file in dir is no more: the kernel ends
// it a moment after the last program has closed it.
func ended(device, dir string) error {
	name := strings.TrimPrefix(device, "/dev/")
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		b, err := os.ReadFile("/sys/block/" + name + "/loop/backing_file")
		if err != nil || !strings.HasPrefix(string(b), dir+"/") {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return fmt.Errorf("%s is still there: is it open, or mounted in another name space?", device)
}
