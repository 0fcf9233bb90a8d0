package media_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/hardware/media/mediatest"
)

func TestMain(m *testing.M) { os.Exit(mediatest.Alone(m)) }

const size = 8 << 20 // of a stick

// wanted is the configuration for a stick of this test.
func wanted(t *testing.T) media.Config {
	return media.Config{
		Label: []byte("election 1, station a-1, medium 1"), Need: 1 << 20, MountAt: t.TempDir(),
		Own: []string{"/"}, FileSystems: []string{"ext4"}, Virtual: true,
		Patience: 200 * time.Millisecond,
	}
}

// labelled returns a stick with the label.
func labelled(t *testing.T) (*mediatest.Stick, media.Config) {
	t.Helper()
	s, c := mediatest.Insert(t, size), wanted(t)
	if err := media.Prepare(s.Path(), c); err != nil {
		t.Fatal(err)
	}
	return s, c
}

// again gives a stick the content it had, and its good manners.
func again(t *testing.T, s *mediatest.Stick, image []byte) {
	t.Helper()
	if err := errors.Join(s.Exchange(image), s.Protect(false)); err != nil {
		t.Fatal(err)
	}
}

// mount mounts a stick by hand, for the test's own use, until the returned
// function is called.
func mount(t *testing.T, device string) (dir string, unmount func()) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount(device, dir, "ext4", 0, ""); err != nil {
		t.Fatal(err)
	}
	return dir, func() {
		t.Helper()
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}
}

// edit changes what is on a stick.
func edit(t *testing.T, device string, f func(dir string) error) {
	t.Helper()
	dir, unmount := mount(t, device)
	defer unmount()
	if err := f(dir); err != nil {
		t.Fatal(err)
	}
}

// unmounted fails unless nothing of the stick is mounted.
func unmounted(t *testing.T, s *mediatest.Stick) {
	t.Helper()
	if at, err := mediatest.Mounts(s.Path()); err != nil || len(at) > 0 {
		t.Errorf("mounted at %q, %v", at, err)
	}
}

// sentinels are all errors that callers branch on.
var sentinels = []error{
	media.ErrAbsent, media.ErrOwnDisk, media.ErrWriteProtected, media.ErrNoRoom, media.ErrNotLabelled, media.ErrOtherLabel, media.ErrInUse,
	media.ErrSame, media.ErrPulled, media.ErrFaulty, media.ErrFormat, media.ErrVirtual, media.ErrNotEmpty, media.ErrBusy, media.ErrDivided,
}

// is fails unless err is the one sentinel, and no other, and says what.
func is(t *testing.T, err, sentinel error, says ...string) {
	t.Helper()
	for _, s := range sentinels {
		if errors.Is(err, s) != (s == sentinel) {
			t.Errorf("%v: is it %q? %v", err, s, errors.Is(err, s))
		}
	}
	for _, s := range says {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("%v: does not say %q", err, s)
		}
	}
}
