package media

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/media/mediatest"
)

// live returns a stick, and a machine on which it is no loop device but the
// partition of a disk; its folder in the machine's sysfs; and a configuration as
// in a live election, but for the machine's own disks.
func live(t *testing.T) (host, *mediatest.Stick, string, Config) {
	t.Helper()
	h, s := machine(t), mediatest.Insert(t, 8<<20)
	info, err := os.Stat(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	dev, _ := blockDevice(info)
	at := filepath.Join(h.sys, "dev/block", string(dev))
	if err := os.RemoveAll(at); err != nil {
		t.Fatal(err)
	}
	disk := filepath.Join(h.sys, "dev/block/8:16")
	if err := os.Symlink(filepath.Join(disk, "sdb1"), at); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(disk, "sdb1/partition"), "1")
	put(t, filepath.Join(disk, "sdb1/dev"), string(dev))
	return h, s, disk, Config{Label: []byte("x"), MountAt: t.TempDir(), FileSystems: []string{"vfat", "ext4"}}
}

// TestLive: a medium as in a live election, where no virtual one is accepted.
func TestLive(t *testing.T) {
	h, s, _, c := live(t)
	own := filepath.Join(t.TempDir(), "own")
	put(t, own, "")
	onDisk, err := here().disksOf(own)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range onDisk { // this computer's own disk is the NVMe of the machine
		if !strings.HasPrefix(string(d), "0:") {
			if err := os.RemoveAll(filepath.Join(h.sys, "dev/block", string(d))); err != nil {
				t.Fatal(err)
			}
			link(t, h.sys, filepath.Join("dev/block", string(d)), "dev/block/259:0")
		}
	}
	c.Own = []string{own}
	if err := h.prepare(s.Path(), c); err != nil {
		t.Fatal(err)
	}
	m, err := h.open(s.Path(), c)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.dev.disks, []number{"8:16"}) {
		t.Errorf("on the disks %v", m.dev.disks)
	}
	ok := func(string) error { return nil }
	if err := errors.Join(m.Write(ok), m.ReadBack(ok), m.Close()); err != nil {
		t.Error(err)
	}
	c.Own = []string{own, s.Path()} // which is a partition of the disk
	if _, err := h.open(s.Path(), c); !errors.Is(err, ErrOwnDisk) {
		t.Errorf("own: %v", err)
	}
}

// TestExchangedInItsReader: the kernel counts media; another one in the same
// device is not the one that was opened, whatever is on it.
func TestExchangedInItsReader(t *testing.T) {
	h, s, disk, c := live(t)
	c.Virtual = true
	if err := h.prepare(s.Path(), c); err != nil {
		t.Fatal(err)
	}
	used := false
	use := func(string) error { used = true; return nil }
	for name, again := range map[string]func(m *Medium) error{
		"before writing":      func(m *Medium) error { return m.Write(use) },
		"before reading back": func(m *Medium) error { return m.ReadBack(use) },
	} {
		m, err := h.open(s.Path(), c)
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(disk, "diskseq"), "for "+name)
		if err := again(m); !errors.Is(err, ErrPulled) || used {
			t.Errorf("%s: %v; was it used? %v", name, err, used)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
	m, err := h.open(s.Path(), c)
	if err != nil {
		t.Fatal(err)
	}
	err = m.Write(func(string) error {
		put(t, filepath.Join(disk, "diskseq"), "while writing")
		return errors.New("on purpose")
	})
	if !errors.Is(err, ErrPulled) || !strings.Contains(err.Error(), "on purpose") {
		t.Errorf("while writing: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
