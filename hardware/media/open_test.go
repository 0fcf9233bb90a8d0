package media_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/hardware/media/mediatest"
)

// A spoiler makes something wrong with a stick, or wants what it is not.
type spoiler func(t *testing.T, s *mediatest.Stick, c *media.Config)

// on changes the content of the stick.
func on(f func(dir string) error) spoiler {
	return func(t *testing.T, s *mediatest.Stick, _ *media.Config) { edit(t, s.Path(), f) }
}

// label puts something else in the label's place.
func label(make func(path string) error) spoiler {
	return on(func(dir string) error {
		path := filepath.Join(dir, media.LabelFile)
		return errors.Join(os.Remove(path), make(path))
	})
}

func text(label string) func(path string) error {
	return func(path string) error { return os.WriteFile(path, []byte(label), 0o600) }
}

// want changes what is wanted.
func want(f func(s *mediatest.Stick, c *media.Config)) spoiler {
	return func(_ *testing.T, s *mediatest.Stick, c *media.Config) { f(s, c) }
}

// fill fills a file system.
func fill(dir string) error {
	f, err := os.Create(filepath.Join(dir, "full"))
	if err != nil {
		return err
	}
	defer f.Close()
	for block := make([]byte, 1<<16); ; {
		if _, err := f.Write(block); errors.Is(err, unix.ENOSPC) {
			return f.Sync()
		} else if err != nil {
			return err
		}
	}
}

// useUp makes files until there can be no more.
func useUp(dir string) error {
	for n := 0; ; n++ {
		f, err := os.Create(filepath.Join(dir, fmt.Sprint(n)))
		if errors.Is(err, unix.ENOSPC) {
			return nil
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
}

// TestOpenRefuses: each thing that is wrong with a medium has its own error, and
// nothing is mounted or unmounted by the way.
func TestOpenRefuses(t *testing.T) {
	s, good := labelled(t)
	image := s.Image()
	mounted := func(t *testing.T, s *mediatest.Stick, c *media.Config) {
		dir, unmount := mount(t, s.Path())
		t.Cleanup(unmount)
		c.Own = append(c.Own, dir)
	}
	for name, test := range map[string]struct {
		spoil spoiler
		want  error
		says  string
	}{
		"own disk":               {mounted, media.ErrOwnDisk, "it holds /"},
		"own disk by its device": {want(func(s *mediatest.Stick, c *media.Config) { c.Own = []string{s.Path()} }), media.ErrOwnDisk, "it holds /dev/loop"},
		"write-protected device": {func(t *testing.T, s *mediatest.Stick, _ *media.Config) {
			if err := s.Protect(true); err != nil {
				t.Fatal(err)
			}
		}, media.ErrWriteProtected, "takes no writes"},
		"write-protected file system": {func(t *testing.T, s *mediatest.Stick, _ *media.Config) {
			if out, err := exec.Command("tune2fs", "-O", "read-only", s.Path()).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s (package e2fsprogs)", err, out)
			}
		}, media.ErrWriteProtected, "its file system takes no writes"},
		"full":             {on(fill), media.ErrNoRoom, "bytes are free"},
		"too small":        {want(func(_ *mediatest.Stick, c *media.Config) { c.Need = size }), media.ErrNoRoom, "9961472 are needed"},
		"no more files":    {on(useUp), media.ErrNoRoom, "takes only 0 more files"},
		"no label":         {label(func(string) error { return nil }), media.ErrNotLabelled, "not prepared"},
		"label is a link":  {label(func(path string) error { return os.Symlink("/etc/hostname", path) }), media.ErrNotLabelled, "is no file"},
		"label is a pipe":  {label(func(path string) error { return unix.Mkfifo(path, 0o600) }), media.ErrNotLabelled, "is no file"},
		"label is a disk":  {label(func(path string) error { return unix.Mknod(path, unix.S_IFBLK, 0x700) }), media.ErrNotLabelled, "is no file"},
		"label is folder":  {label(func(path string) error { return os.Mkdir(path, 0o700) }), media.ErrNotLabelled, "is no file"},
		"label is empty":   {label(text("")), media.ErrNotLabelled, "1 to 4096 bytes"},
		"label is endless": {label(text(strings.Repeat("x", media.MaxLabel+1))), media.ErrNotLabelled, "1 to 4096 bytes"},
		"other election":   {label(text("election 2, station a-1, medium 1")), media.ErrOtherLabel, `"election 2, station a-1, medium 1"`},
		"other station":    {label(text("election 1, station a-2, medium 1")), media.ErrOtherLabel, `"election 1, station a-2, medium 1"`},
		"other medium":     {label(text("election 1, station a-1, medium 2")), media.ErrOtherLabel, `"election 1, station a-1, medium 2"`},
		"label and more":   {label(text("election 1, station a-1, medium 1\n")), media.ErrOtherLabel, `medium 1\n"`},
		"label for screen": {label(text("\x1b[2J" + strings.Repeat("x", 3000))), media.ErrOtherLabel, `"\x1b[2Jxxx`},
		"mounted": {func(t *testing.T, s *mediatest.Stick, _ *media.Config) {
			_, unmount := mount(t, s.Path())
			t.Cleanup(unmount)
		}, media.ErrInUse, "busy"},
		"claimed": {func(t *testing.T, s *mediatest.Stick, _ *media.Config) {
			f, err := os.OpenFile(s.Path(), os.O_RDONLY|unix.O_EXCL, 0)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { f.Close() })
		}, media.ErrInUse, "busy"},
		"no file system": {func(t *testing.T, s *mediatest.Stick, _ *media.Config) {
			if err := s.Exchange(make([]byte, size)); err != nil {
				t.Fatal(err)
			}
		}, media.ErrFormat, "ext4: none, or a damaged one"},
		"other file system": {want(func(_ *mediatest.Stick, c *media.Config) { c.FileSystems = []string{"exfat", "vfat"} }), media.ErrFormat, "exfat: "},
		"pulled before":     {want(func(s *mediatest.Stick, _ *media.Config) { s.Pull() }), media.ErrPulled, ""},
		"worn out":          {want(func(s *mediatest.Stick, _ *media.Config) { s.Wear(true) }), media.ErrFaulty, ""},
		"virtual, and live": {want(func(_ *mediatest.Stick, c *media.Config) { c.Virtual = false }), media.ErrVirtual, ""},
	} {
		t.Run(name, func(t *testing.T) {
			again(t, s, image)
			c := good
			test.spoil(t, s, &c)
			before, err := mediatest.Mounts(s.Path())
			if err != nil {
				t.Fatal(err)
			}
			m, err := media.Open(s.Path(), c)
			is(t, err, test.want, "opening the medium at "+s.Path()+": ", test.says)
			if m != nil {
				t.Error("a medium beside an error")
			}
			if after, err := mediatest.Mounts(s.Path()); err != nil || !slices.Equal(before, after) {
				t.Errorf("mounted before at %q, after at %q, %v", before, after, err)
			}
		})
	}
}

// TestOpenNeedsSense: configurations and sources that are wrong for any medium.
func TestOpenNeedsSense(t *testing.T) {
	s := mediatest.Insert(t, size)
	for name, test := range map[string]struct {
		source string
		change func(c *media.Config)
		want   error
		says   string
	}{
		"no label":               {s.Path(), func(c *media.Config) { c.Label = nil }, nil, "a label of 0 bytes"},
		"long label":             {s.Path(), func(c *media.Config) { c.Label = make([]byte, media.MaxLabel+1) }, nil, "a label of 4097 bytes"},
		"no patience":            {s.Path(), func(c *media.Config) { c.Patience = -1 }, nil, "patience of -1ns"},
		"less than none":         {s.Path(), func(c *media.Config) { c.Need = -1 }, nil, "-1 bytes"},
		"more than there is":     {s.Path(), func(c *media.Config) { c.Need = 1 << 62 }, nil, "bytes are needed"},
		"no file system":         {s.Path(), func(c *media.Config) { c.FileSystems = nil }, nil, "no file system is allowed"},
		"unknown file system":    {s.Path(), func(c *media.Config) { c.FileSystems = []string{"ext4", "btrfs"} }, nil, `"btrfs"`},
		"same file system twice": {s.Path(), func(c *media.Config) { c.FileSystems = []string{"ext4", "ext4"} }, nil, "given twice"},
		"own disks not given":    {s.Path(), func(c *media.Config) { c.Own, c.Virtual = nil, false }, nil, "own disks are not given"},
		"own disk is none":       {s.Path(), func(c *media.Config) { c.Own = []string{"/none"} }, nil, "own disk"},
		"nowhere to mount":       {s.Path(), func(c *media.Config) { c.MountAt = "" }, nil, "folder to mount at"},
		"mount over files":       {s.Path(), func(c *media.Config) { c.MountAt = "/usr" }, nil, "/usr is not empty"},
		"mount over a mount":     {s.Path(), func(c *media.Config) { c.MountAt = emptyMount(t) }, media.ErrInUse, "is mounted at"},
		"no device":              {"/dev/none", func(*media.Config) {}, media.ErrAbsent, "/dev/none"},
		"a file":                 {"/etc/passwd", func(*media.Config) {}, nil, "neither a block device nor a folder"},
		"a terminal":             {"/dev/null", func(*media.Config) {}, nil, "neither a block device nor a folder"},
		"a folder, live":         {"/usr", func(c *media.Config) { c.Virtual = false }, media.ErrAbsent, "nothing is mounted at /usr"},
		"memory, live":           {emptyMount(t), func(c *media.Config) { c.Virtual = false }, media.ErrVirtual, "a tmpfs file system"},
		"the machine's root":     {"/", func(*media.Config) {}, media.ErrOwnDisk, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := wanted(t)
			test.change(&c)
			for what, err := range map[string]error{
				"opening": func() error { _, err := media.Open(test.source, c); return err }(), "preparing": media.Prepare(test.source, c),
			} {
				is(t, err, test.want, what+" the medium at "+test.source+": ", test.says)
			}
		})
	}
}

// emptyMount returns an empty folder of memory at which it is mounted.
func emptyMount(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestAbsent: a device node without a medium in it.
func TestAbsent(t *testing.T) {
	s, c := labelled(t)
	path := s.Path()
	if err := s.Eject(); err != nil {
		t.Fatal(err)
	}
	_, err := media.Open(path, c)
	is(t, err, media.ErrAbsent)
}

// TestPrepare: the label is on the medium itself, whatever was tried before.
func TestPrepare(t *testing.T) {
	s, c := mediatest.Insert(t, size), wanted(t)
	unfinished := func(dir string) error {
		return os.WriteFile(filepath.Join(dir, media.LabelFile+".writing"), []byte("electi"), 0o600)
	}
	edit(t, s.Path(), unfinished)
	for range 2 { // the second time it is there already
		if err := media.Prepare(s.Path(), c); err != nil {
			t.Fatal(err)
		}
		unmounted(t, s)
	}
	edit(t, s.Path(), func(dir string) error {
		b, err := os.ReadFile(filepath.Join(dir, media.LabelFile))
		if string(b) != string(c.Label) {
			t.Errorf("labelled %q", b)
		}
		return err
	})
	c.Label = []byte("election 1, station a-1, medium 2")
	err := media.Prepare(s.Path(), c)
	is(t, err, media.ErrOtherLabel, "medium 1")
	var found *media.LabelError
	if !errors.As(err, &found) || string(found.Found) != "election 1, station a-1, medium 1" {
		t.Errorf("found %v", found)
	}
}

// TestPrepareRefuses: what is on a medium is not labelled over, and a label that
// was not kept is found.
func TestPrepareRefuses(t *testing.T) {
	s, good := mediatest.Insert(t, size), wanted(t)
	image := s.Image()
	for name, test := range map[string]struct {
		spoil spoiler
		want  error
		says  string
	}{
		"a file":       {on(func(dir string) error { return os.WriteFile(filepath.Join(dir, "\x1bletter"), nil, 0o600) }), media.ErrNotEmpty, `"\x1bletter"`},
		"a hidden one": {on(func(dir string) error { return os.Mkdir(filepath.Join(dir, ".hidden"), 0o700) }), media.ErrNotEmpty, ".hidden"},
		"a link for a label": {on(func(dir string) error {
			return os.Symlink("/etc/passwd", filepath.Join(dir, media.LabelFile))
		}), media.ErrNotEmpty, media.LabelFile},
		"a link for a label being written": {on(func(dir string) error {
			return os.Symlink("/tmp", filepath.Join(dir, media.LabelFile+".writing"))
		}), media.ErrNotEmpty, media.LabelFile},
		"too small":     {want(func(_ *mediatest.Stick, c *media.Config) { c.Need = size }), media.ErrNoRoom, ""},
		"loses writes":  {want(func(s *mediatest.Stick, _ *media.Config) { s.Lose(true) }), media.ErrNotLabelled, ""},
		"worn out":      {want(func(s *mediatest.Stick, _ *media.Config) { s.Wear(true) }), media.ErrFaulty, ""},
		"pulled midway": {want(func(s *mediatest.Stick, _ *media.Config) { s.At(5, s.Pull) }), media.ErrPulled, ""},
	} {
		t.Run(name, func(t *testing.T) {
			again(t, s, image)
			c := good
			test.spoil(t, s, &c)
			is(t, media.Prepare(s.Path(), c), test.want, "preparing the medium at "+s.Path()+": ", test.says)
			unmounted(t, s)
		})
	}
}
