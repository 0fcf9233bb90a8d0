package mediatest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { os.Exit(Alone(m)) }

const size = 4 << 20

// TestMischief: what a stick is told to do it does, seen past the kernel's
// memory.
func TestMischief(t *testing.T) {
	s := Insert(t, size)
	const at = 1 << 20
	disk, err := os.OpenFile(s.Path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	write := func(b byte) error {
		_, err := disk.WriteAt(bytes.Repeat([]byte{b}, 4096), at)
		return errors.Join(err, disk.Sync())
	}
	read := func() byte {
		t.Helper()
		if err := s.forget(); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 4096)
		if _, err := disk.ReadAt(b, at); err != nil {
			t.Fatal(err)
		}
		if inside := s.Image()[at]; inside != b[0] {
			t.Errorf("read %q, and inside is %q", b[0], inside)
		}
		return b[0]
	}
	for _, step := range []struct {
		name  string
		do    func()
		write byte
		fails bool
		read  byte
	}{
		{"good", func() {}, 'a', false, 'a'},
		{"loses", func() { s.Lose(true) }, 'b', false, 'a'},
		{"loses no more", func() { s.Lose(false) }, 'c', false, 'c'},
		{"holds less", func() { s.Holds(at) }, 'd', false, 'c'},
		{"holds a little", func() { s.Holds(at + 4096) }, 'e', false, 'e'},
		{"holds all", func() { s.Holds(0) }, 'f', false, 'f'},
		{"worn", func() { s.Wear(true) }, 'g', true, 'f'},
		{"good again", func() { s.Wear(false) }, 'h', false, 'h'},
		{"loses at the write", func() { s.At(1, func() { s.Lose(true) }) }, 'i', false, 'h'},
		{"but not at the next", func() { s.At(2, func() { t.Log("the sync") }); s.Lose(false) }, 'j', false, 'j'},
		{"pulled", func() { s.Pull() }, 'k', true, 0},
	} {
		step.do()
		if err := write(step.write); (err != nil) != step.fails {
			t.Errorf("%s: %v", step.name, err)
		}
		if step.read == 0 {
			continue
		}
		if got := read(); got != step.read {
			t.Errorf("%s: %q is there, not %q", step.name, got, step.read)
		}
	}
	s.Plug()
	if got := read(); got != 'j' {
		t.Errorf("plugged in again, it holds %q", got)
	}
}

func TestProtectEndsWithTheStick(t *testing.T) {
	s := Insert(t, size)
	if err := s.Protect(true); err != nil {
		t.Fatal(err)
	}
	disk, err := os.OpenFile(s.Path(), os.O_RDWR, 0) // older kernels refuse that
	if err == nil {
		_, err = disk.WriteAt(make([]byte, 4096), 0)
		err = errors.Join(err, disk.Sync(), disk.Close())
	}
	if err == nil {
		t.Error("written")
	}
	if err := s.Eject(); err != nil {
		t.Fatal(err)
	}
	if err := s.Eject(); err != nil {
		t.Errorf("the second time: %v", err)
	}
	Insert(t, size) // most often the same device: formatting it fails if it is protected
}

func TestTraceCut(t *testing.T) {
	a, b := bytes.Repeat([]byte("a"), 1024), bytes.Repeat([]byte("b"), 700)
	trace := &Trace{start: make([]byte, 2048)}
	trace.write(0, a)
	trace.sync()
	trace.write(512, b)
	seen := map[string]bool{}
	for seed := range uint64(64) {
		dice := rand.New(rand.NewPCG(seed, 0))
		if got := trace.Cut(2, dice); !bytes.Equal(got[:1024], a) {
			t.Error("synced, and lost")
		}
		got := trace.Cut(3, dice)
		if !bytes.Equal(got[:512], a[:512]) || !bytes.Equal(got[1212:], make([]byte, 836)) {
			t.Error("changed where nothing was written")
		}
		seen[string(got[512:513])+string(got[1024:1025])] = true
		seen["first "+string(trace.Cut(1, dice)[:1])] = true
	}
	for _, want := range []string{"a\x00", "b\x00", "ab", "bb", "first a", "first \x00"} {
		if !seen[want] {
			t.Errorf("%q never came about: %v", want, seen)
		}
	}
	if !bytes.Equal(trace.start, make([]byte, 2048)) {
		t.Error("a cut changed the start")
	}
}

// TestLeftMounted: a test that forgets a mount fails, and leaves none.
func TestLeftMounted(t *testing.T) {
	s, err := Make(t.TempDir(), size)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := unix.Mount(s.Path(), dir, "ext4", 0, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Eject(); err == nil || !strings.Contains(err.Error(), "left mounted at "+dir) {
		t.Errorf("said %v", err)
	}
	if at, err := Mounts(s.Path()); err != nil || len(at) > 0 {
		t.Errorf("mounted at %q, %v", at, err)
	}
}

// The program that TestKilled kills: it writes on a mounted stick for ever.
func TestHelper(t *testing.T) {
	dir := os.Getenv("MEDIATEST_HELPER")
	if dir == "" {
		return
	}
	s, err := Make(filepath.Join(dir, "stick"), size)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(dir, "mount")
	if err := unix.Mount(s.Path(), at, "ext4", 0, ""); err != nil {
		t.Fatal(err)
	}
	fmt.Println("\nstick", s.Path())
	for {
		f, err := os.Create(filepath.Join(at, "file"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Write(make([]byte, 1<<18))
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKilled: a program that is killed while it writes leaves no mount and no
// device.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "stick"), 0o700), os.Mkdir(filepath.Join(dir, "mount"), 0o700)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestHelper$")
	cmd.Env = append(os.Environ(), "MEDIATEST_HELPER="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var device string
	for lines := bufio.NewScanner(out); device == "" && lines.Scan(); {
		device, _ = strings.CutPrefix(lines.Text(), "stick ")
		if !strings.HasPrefix(device, "/dev/") {
			t.Log(lines.Text())
			device = ""
		}
	}
	if device == "" {
		t.Fatal("the helper made no stick")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("it was not killed")
	}
	gone := func() bool {
		b, err := os.ReadFile("/proc/self/mounts")
		if err != nil || bytes.Contains(b, []byte(dir)) {
			return false
		}
		file, err := os.ReadFile("/sys/block/" + filepath.Base(device) + "/loop/backing_file")
		return errors.Is(err, fs.ErrNotExist) || err == nil && !bytes.HasPrefix(file, []byte(dir))
	}
	for deadline := time.Now().Add(time.Minute); !gone(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			b, _ := os.ReadFile("/proc/self/mounts")
			t.Fatalf("%s is left:\n%s", device, b)
		}
	}
}

func TestMakeFails(t *testing.T) {
	if s, err := Make(filepath.Join(t.TempDir(), "none"), size); err == nil {
		t.Errorf("made %v", s)
	}
	if s, err := Make(t.TempDir(), 0); err == nil {
		t.Errorf("made %v", s)
	}
}
