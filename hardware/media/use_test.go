package media_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/hardware/media/mediatest"
)

// bundle is what the tests write: a folder of files.
var bundle = map[string][]byte{
	"ballots": bytes.Repeat([]byte("ballot of 32 bytes, or thereabout"), 20000), "checkpoint": []byte("checkpoint"), "empty": nil,
}

const name = "a-1" // of the bundle

// write writes the bundle as the station does: whole, or not under its name.
func write(dir string) error {
	tmp, err := os.MkdirTemp(dir, ".writing-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	for file, content := range bundle {
		f, err := os.OpenFile(filepath.Join(tmp, file), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		_, err = f.Write(content)
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	if err := syncFolder(tmp); err != nil {
		return err
	}
	if err := unix.Renameat2(unix.AT_FDCWD, tmp, unix.AT_FDCWD, filepath.Join(dir, name), unix.RENAME_NOREPLACE); err != nil {
		return err
	}
	return syncFolder(dir)
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

var errDiffers = errors.New("this is not what was written")

// compare says whether the bundle is there, whole, and nothing else in it.
func compare(dir string) error {
	entries, err := os.ReadDir(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	if len(entries) != len(bundle) {
		return errDiffers
	}
	for file, content := range bundle {
		b, err := os.ReadFile(filepath.Join(dir, name, file))
		if err != nil {
			return err
		}
		if !bytes.Equal(b, content) {
			return errDiffers
		}
	}
	return nil
}

// open opens a medium that is good.
func open(t *testing.T, source string, c media.Config) *media.Medium {
	t.Helper()
	m, err := media.Open(source, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// TestContract: what is written is read back, from any source. Every other test
// of good media would say less.
func TestContract(t *testing.T) {
	for kind, source := range map[string]func(t *testing.T) (string, media.Config){
		"device": func(t *testing.T) (string, media.Config) {
			s, c := mediatest.Insert(t, size), wanted(t)
			return s.Path(), c
		},
		"link to a device": func(t *testing.T) (string, media.Config) {
			s, c := mediatest.Insert(t, size), wanted(t)
			link := filepath.Join(t.TempDir(), "first")
			if err := os.Symlink(s.Path(), link); err != nil {
				t.Fatal(err)
			}
			return link, c
		},
		"partition": func(t *testing.T) (string, media.Config) {
			s, c := mediatest.Insert(t, 2*size), wanted(t)
			parts, err := s.Partition(1)
			if err != nil {
				t.Fatal(err)
			}
			return parts[0], c
		},
		"plain folder":  func(t *testing.T) (string, media.Config) { return t.TempDir(), wanted(t) },
		"memory folder": func(t *testing.T) (string, media.Config) { return emptyMount(t), wanted(t) },
	} {
		t.Run(kind, func(t *testing.T) {
			path, c := source(t)
			if err := media.Prepare(path, c); err != nil {
				t.Fatal(err)
			}
			m := open(t, path, c)
			if err := m.ReadBack(compare); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("there before it was written: %v", err)
			}
			if err := m.Write(write); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := m.ReadBack(compare); err != nil {
					t.Error(err)
				}
			}
			if err := m.ReadBack(func(dir string) error { return errDiffers }); !errors.Is(err, errDiffers) {
				t.Errorf("the comparison failed, and: %v", err)
			}
			if err := m.Close(); err != nil {
				t.Error(err)
			}
			for _, err := range []error{m.Write(write), m.ReadBack(compare)} {
				if err == nil {
					t.Error("used after it was closed")
				}
			}
			if entries, err := os.ReadDir(c.MountAt); err != nil || len(entries) > 0 {
				t.Errorf("in the folder of the mount, afterwards: %v, %v", entries, err)
			}
			again := open(t, path, c)
			if err := again.ReadBack(compare); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestMountedSafely: nothing on a medium runs, opens a device or leads away, it
// is written only while it is written, and mounted only while it is used.
func TestMountedSafely(t *testing.T) {
	s, c := labelled(t)
	m := open(t, s.Path(), c)
	unmounted(t, s)
	look := func(readOnly bool) func(dir string) error {
		return func(dir string) error {
			var st unix.Statfs_t
			if err := unix.Statfs(dir, &st); err != nil {
				return err
			}
			const must = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC // the numbers of statfs are the same
			if st.Flags&must != must || (st.Flags&unix.MS_RDONLY != 0) != readOnly {
				t.Errorf("mounted with flags %x", st.Flags)
			}
			_, err := os.ReadFile(filepath.Join(dir, "link"))
			if want := map[bool]error{true: unix.ELOOP, false: fs.ErrNotExist}[readOnly]; !errors.Is(err, want) {
				t.Errorf("following a link: %v", err)
			}
			if readOnly {
				if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o600); !errors.Is(err, unix.EROFS) {
					t.Errorf("written while it is read back: %v", err)
				}
				return nil
			}
			return os.Symlink("/etc/passwd", filepath.Join(dir, "link"))
		}
	}
	if err := errors.Join(m.Write(look(false)), m.ReadBack(look(true))); err != nil {
		t.Error(err)
	}
	unmounted(t, s)
}

// TestTakeOver: a medium that the system, or a program that was killed, has
// mounted where it is wanted.
func TestTakeOver(t *testing.T) {
	s, c := labelled(t)
	for kind, source := range map[string]string{"the folder is the source": c.MountAt, "the device is the source": s.Path()} {
		t.Run(kind, func(t *testing.T) {
			if err := unix.Mount(s.Path(), c.MountAt, "ext4", 0, ""); err != nil {
				t.Fatal(err)
			}
			held, err := os.Open(filepath.Join(c.MountAt, media.LabelFile))
			if err != nil {
				t.Fatal(err)
			}
			_, err = media.Open(source, c)
			is(t, err, media.ErrInUse, "to mount it anew")
			if err := held.Close(); err != nil {
				t.Fatal(err)
			}
			elsewhere, unmount := mount(t, s.Path())
			_, err = media.Open(source, c)
			is(t, err, media.ErrInUse)
			if _, err := os.Stat(filepath.Join(elsewhere, media.LabelFile)); err != nil {
				t.Error("unmounted where it was nobody's business")
			}
			unmount()
			if err := unix.Mount(s.Path(), c.MountAt, "ext4", 0, ""); err != nil {
				t.Fatal(err)
			}
			c := c
			c.Own = []string{c.MountAt}
			_, err = media.Open(source, c)
			is(t, err, media.ErrOwnDisk)
			if at, err := mediatest.Mounts(s.Path()); err != nil || !slices.Equal(at, []string{c.MountAt}) {
				t.Errorf("a disk of the machine was unmounted: %q, %v", at, err)
			}
			c.Own = []string{"/"}
			m := open(t, source, c)
			unmounted(t, s)
			if err := errors.Join(m.Write(func(string) error { return nil }), m.Close()); err != nil {
				t.Error(err)
			}
			unmounted(t, s)
		})
	}
}

// TestClaimed: while a medium is open, nobody else can mount it between its uses,
// this program included.
func TestClaimed(t *testing.T) {
	s, c := labelled(t)
	m := open(t, s.Path(), c)
	claimed := func() {
		t.Helper()
		if err := unix.Mount(s.Path(), t.TempDir(), "ext4", 0, ""); !errors.Is(err, unix.EBUSY) {
			t.Errorf("mounted beside: %v", err)
		}
	}
	claimed()
	if err := m.Write(write); err != nil {
		t.Fatal(err)
	}
	claimed()
	other := c
	other.MountAt = t.TempDir()
	_, err := media.Open(s.Path(), other)
	is(t, err, media.ErrInUse)
	if err := m.ReadBack(compare); err != nil {
		t.Error(err)
	}
	claimed()
}

// TestMountedBeside: somebody mounts the medium in the moment in which it is
// mounted. Then it is not safe to remove before he has unmounted it.
func TestMountedBeside(t *testing.T) {
	s, c := labelled(t)
	m := open(t, s.Path(), c)
	var unmount func()
	err := m.Write(func(dir string) error {
		_, unmount = mount(t, s.Path()) // ext4 takes two mounts of one device
		return write(dir)
	})
	is(t, err, media.ErrBusy, "another program")
	is(t, m.Close(), media.ErrBusy, "another program")
	unmount()
	if err := errors.Join(m.ReadBack(compare), m.Close()); err != nil {
		t.Error(err)
	}
}

// TestBusy: an open file keeps a medium from being called safe to remove, and it
// is not made to look so.
func TestBusy(t *testing.T) {
	s, c := labelled(t)
	m := open(t, s.Path(), c)
	var held *os.File
	err := m.Write(func(dir string) (err error) {
		held, err = os.Create(filepath.Join(dir, "held"))
		return err
	})
	is(t, err, media.ErrBusy, "writing on the medium at "+s.Path(), "not safe to remove", "end the program", "try again")
	for range 2 {
		is(t, m.Close(), media.ErrBusy, "giving back the medium at "+s.Path())
		is(t, m.ReadBack(compare), media.ErrBusy)
	}
	if at, err := mediatest.Mounts(s.Path()); err != nil || !slices.Equal(at, []string{c.MountAt}) {
		t.Errorf("detached: %q, %v", at, err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	unmounted(t, s)
}

// TestSameDevice with real devices; TestDisks has those that are not here.
func TestSameDevice(t *testing.T) {
	s, other := mediatest.Insert(t, 2*size), mediatest.Insert(t, size)
	parts, err := s.Partition(2)
	if err != nil {
		t.Fatal(err)
	}
	first, unmount1 := mount(t, parts[0])
	defer unmount1()
	second, unmount2 := mount(t, parts[1])
	defer unmount2()
	for _, pair := range []struct {
		a, b string
		same bool
	}{
		{s.Path(), s.Path(), true}, {s.Path(), parts[0], true}, {parts[0], parts[1], true}, {first, second, true}, {first, parts[1], true},
		{t.TempDir(), t.TempDir(), true}, {s.Path(), other.Path(), false}, {parts[1], other.Path(), false}, {first, "/", false},
		{"/dev/shm", "/", false}, {"/dev/shm", "/dev/shm", true},
	} {
		if same, err := media.SameDevice(pair.a, pair.b); err != nil || same != pair.same {
			t.Errorf("%s and %s: %v, %v", pair.a, pair.b, same, err)
		}
		var want error
		if pair.same {
			want = media.ErrSame
		}
		is(t, media.Distinct(pair.a, pair.b), want)
	}
	if _, err := media.SameDevice(s.Path(), "/dev/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	is(t, media.Distinct("/dev/none", s.Path()), media.ErrAbsent, "/dev/none")
}

// TestDivided: a stick of two parts could be taken for both media, and lost once.
func TestDivided(t *testing.T) {
	s := mediatest.Insert(t, 2*size)
	parts, err := s.Partition(2)
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range parts {
		c := wanted(t)
		c.Label = fmt.Appendf(nil, "election 1, station a-1, medium %d", i+1)
		is(t, media.Prepare(part, c), media.ErrDivided, "divided into 2 parts")
		edit(t, part, labelledAs(string(c.Label)))
		_, err := media.Open(part, c)
		is(t, err, media.ErrDivided, "divided into 2 parts")
	}
	unmounted(t, s)
}

// TestFolders: what can be wrong with folders, and with file systems that stand
// for no device.
func TestFolders(t *testing.T) {
	dir, c := emptyMount(t), wanted(t)
	if err := media.Prepare(dir, c); err != nil {
		t.Fatal(err)
	}
	remount := func(flags uintptr, data string) {
		t.Helper()
		if err := unix.Mount("none", dir, "", unix.MS_REMOUNT|flags, data); err != nil {
			t.Fatal(err)
		}
	}
	remount(unix.MS_RDONLY, "")
	_, err := media.Open(dir, c)
	is(t, err, media.ErrWriteProtected, "its file system takes no writes")
	remount(0, "size=1m")
	_, err = media.Open(dir, c)
	is(t, err, media.ErrNoRoom)
	c.Need = 0
	remount(0, "size=2m")
	m := open(t, dir, c)
	is(t, full(t, nil, m), media.ErrNoRoom, "writing on the medium at "+dir)
	other := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := media.Prepare(other, c); err != nil {
		t.Fatal(err)
	}
	m = open(t, other, c)
	if err := os.Rename(other, other+"-gone"); err != nil {
		t.Fatal(err)
	}
	is(t, m.Write(write), media.ErrPulled)
	if _, err := os.Stat(other); err == nil {
		t.Error("made anew")
	}
}
