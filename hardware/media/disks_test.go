package media

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// machine makes the sysfs of a machine: its own disk with two partitions, on the
// second an encrypted device; sticks of all kinds. The tree is laid out as on
// Linux 6.
func machine(t *testing.T) host {
	t.Helper()
	sys := t.TempDir()
	own, usb := "devices/pci0000:00/nvme/nvme0/nvme0n1", "devices/pci0000:00/0000:00:14.0/usb1/1-1/host0/block"
	files := map[string]string{
		own + "/dev": "259:0", own + "/removable": "0", own + "/size": "1000", own + "/diskseq": "1",
		own + "/nvme0n1p1/dev": "259:1", own + "/nvme0n1p1/partition": "1", own + "/nvme0n1p1/size": "100",
		own + "/nvme0n1p2/dev": "259:2", own + "/nvme0n1p2/partition": "2", own + "/nvme0n1p2/size": "900",
		"devices/virtual/block/dm-0/dev": "253:0", "devices/virtual/block/dm-0/removable": "0", "devices/virtual/block/dm-0/size": "900",
		"devices/virtual/block/dm-1/dev": "253:1", "devices/virtual/block/dm-1/size": "900", // on dm-0
		"devices/virtual/block/dm-2/dev": "253:2", "devices/virtual/block/dm-2/size": "900", // on sda1
		"devices/virtual/block/dm-3/dev": "253:3", "devices/virtual/block/dm-3/size": "900", // on sda and sdb
		"devices/virtual/block/dm-4/dev":   "253:4", // on itself, which cannot be
		"devices/virtual/block/loop0/dev":  "7:0",
		"devices/virtual/block/loop0/size": "16", "devices/virtual/block/loop0/removable": "0",
		usb + "/sda/dev": "8:0", usb + "/sda/removable": "1", usb + "/sda/size": "2000", usb + "/sda/diskseq": "7", usb + "/sda/ro": "0",
		usb + "/sda/device/vendor": "ACME    ", usb + "/sda/device/model": "Stick \x1b[2J\xff  ",
		usb + "/sda/sda1/dev": "8:1", usb + "/sda/sda1/partition": "1", usb + "/sda/sda1/size": "1000",
		usb + "/sda/sda2/dev": "8:2", usb + "/sda/sda2/partition": "2", usb + "/sda/sda2/size": "500",
		usb + "/sdb/dev": "8:16", usb + "/sdb/removable": "0", usb + "/sdb/size": "3000", usb + "/sdb/diskseq": "8", usb + "/sdb/ro": "1", // a disk in a case
		usb + "/sdc/dev": "8:32", usb + "/sdc/removable": "1", usb + "/sdc/size": "0", // a card reader without card
		usb + "/sr0/dev": "11:0", usb + "/sr0/removable": "1", usb + "/sr0/size": "400", // a disc drive
		usb + "/sdd/dev": "8:48", usb + "/sdd/removable": "1", usb + "/sdd/size": "-3",
		usb + "/sde/dev": "8:64", usb + "/sde/removable": "1", usb + "/sde/size": "9999999999999999999999",
		"devices/mmc0/mmcblk0/dev": "179:0", "devices/mmc0/mmcblk0/removable": "0", "devices/mmc0/mmcblk0/size": "10", "devices/mmc0/mmcblk0/device/type": "SD", "devices/mmc0/mmcblk0/device/name": "SU08G",
		"devices/mmc1/mmcblk1/dev": "179:8", "devices/mmc1/mmcblk1/removable": "0", "devices/mmc1/mmcblk1/size": "10", "devices/mmc1/mmcblk1/device/type": "MMC", // soldered on
	}
	for path, content := range files {
		put(t, filepath.Join(sys, path), content+"\n")
		if dir, ok := strings.CutSuffix(path, "/dev"); ok {
			link(t, sys, filepath.Join("dev/block", content), dir)
			if _, ok := files[dir+"/partition"]; !ok {
				link(t, sys, filepath.Join("block", filepath.Base(dir)), dir)
			}
		}
	}
	for name, parts := range map[string][]string{
		"dm-0": {own + "/nvme0n1p2"}, "dm-1": {"devices/virtual/block/dm-0"}, "dm-2": {usb + "/sda/sda1"}, "dm-3": {usb + "/sda", usb + "/sdb"}, "dm-4": {"devices/virtual/block/dm-4"},
	} {
		for _, part := range parts {
			link(t, sys, filepath.Join("devices/virtual/block", name, "slaves", filepath.Base(part)), part)
		}
	}
	if err := os.Mkdir(filepath.Join(sys, usb, "sda/slaves"), 0o700); err != nil { // empty, as on real disks
		t.Fatal(err)
	}
	return host{sys: sys, mounts: "/proc/self/mountinfo"}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, root, from, to string) {
	t.Helper()
	from = filepath.Join(root, from)
	if err := errors.Join(os.MkdirAll(filepath.Dir(from), 0o700), os.Symlink(filepath.Join(root, to), from)); err != nil {
		t.Fatal(err)
	}
}

func TestDisks(t *testing.T) {
	h := machine(t)
	for dev, want := range map[number][]number{
		"259:0": {"259:0"}, "259:1": {"259:0"}, "259:2": {"259:0"}, "253:0": {"259:0"}, "253:1": {"259:0"}, "8:0": {"8:0"}, "8:2": {"8:0"},
		"253:2": {"8:0"}, "253:3": {"8:0", "8:16"}, "7:0": {"7:0"},
	} {
		if got, err := h.disks(dev); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s is on %v, %v, not %v", dev, got, err, want)
		}
	}
	for disk, want := range map[number]int{"259:0": 2, "8:0": 2, "8:16": 0, "7:0": 0} {
		if got, err := h.parts(disk); err != nil || got != want {
			t.Errorf("%s has %d parts, %v, not %d", disk, got, err, want)
		}
	}
	if _, err := h.parts("1:1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("parts of no device: %v", err)
	}
	if _, err := h.disks("1:1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no device: %v", err)
	}
	if _, err := h.disks("253:4"); err == nil || !strings.Contains(err.Error(), "without end") {
		t.Errorf("a device on itself: %v", err)
	}
}

// TestSequence: an exchanged medium is another one, also behind an encrypted
// device, and in a card reader whose device stays.
func TestSequence(t *testing.T) {
	h := machine(t)
	both, err := h.disks("253:3")
	if err != nil {
		t.Fatal(err)
	}
	before := h.sequence(both)
	if again := h.sequence(both); again != before {
		t.Errorf("first %q, then %q", before, again)
	}
	put(t, filepath.Join(h.sys, "dev/block/8:16/diskseq"), "9\n")
	if after := h.sequence(both); after == before {
		t.Errorf("exchanged, and still %q", after)
	}
	if err := os.Remove(filepath.Join(h.sys, "dev/block/8:16/diskseq")); err != nil {
		t.Fatal(err)
	}
	if after := h.sequence(both); after == before {
		t.Errorf("gone, and still %q", after)
	}
}

func TestParseMounts(t *testing.T) {
	const good = `27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
36 27 0:27 /sub\040folder /mnt/a\134b\011c rw,nosuid shared:1 master:2 - fuse.x a\040source rw
`
	want := []mounted{
		{27, "254:0", "/", "/", "ext4", "/dev/vda"}, {36, "0:27", "/sub folder", "/mnt/a\\b\tc", "fuse.x", "a source"},
	}
	if got, err := parseMounts([]byte(good)); err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{
		"\n", "27 1 254:0 / / rw ext4 /dev/vda rw\n", "27 1 254:0 / / - ext4 /dev/vda\n", "x 1 254:0 / / rw - ext4 /dev/vda rw\n", "27 1 254:0 / / rw - ext4\n",
	} {
		if got, err := parseMounts([]byte(bad)); err == nil {
			t.Errorf("%q: %+v", bad, got)
		}
	}
	here, err := here().allMounts()
	if err != nil || !slices.ContainsFunc(here, func(m mounted) bool { return m.at == "/" }) {
		t.Errorf("this machine: %v, %v", here, err)
	}
}

func FuzzParseMounts(f *testing.F) {
	f.Add([]byte("27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"))
	f.Add([]byte("36 27 0:27 /a\\040b /mnt\\1 rw shared:1 - fuse.x a\\999 rw\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := parseMounts(b)
		if err == nil && len(all) != strings.Count(strings.TrimSuffix(string(b), "\n"), "\n")+1 && len(b) > 0 {
			t.Errorf("%d mounts in %q", len(all), b)
		}
		for _, m := range all {
			if !strings.Contains(string(b), "\\") && !strings.Contains(string(b), m.at) {
				t.Errorf("%q is not in %q", m.at, b)
			}
		}
	})
}

// FuzzReadLabel: a label is what was on the medium, or it is refused.
func FuzzReadLabel(f *testing.F) {
	f.Add([]byte("election 1, station a-1, medium 1"), []byte("election 1, station a-1, medium 2"))
	f.Add([]byte{}, make([]byte, MaxLabel+1))
	f.Fuzz(func(t *testing.T, found, wanted []byte) {
		m := &Medium{dir: t.TempDir(), config: Config{Label: wanted}}
		put(t, filepath.Join(m.dir, LabelFile), string(found))
		err := m.checkLabel()
		var other *LabelError
		switch {
		case len(found) == 0 || len(found) > MaxLabel:
			if !errors.Is(err, ErrNotLabelled) {
				t.Errorf("%d bytes: %v", len(found), err)
			}
		case string(found) == string(wanted):
			if err != nil {
				t.Error(err)
			}
		case !errors.As(err, &other) || string(other.Found) != string(found) || !errors.Is(err, ErrOtherLabel):
			t.Errorf("%q: %v", found, err)
		case strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }):
			t.Errorf("writes to the terminal: %q", err)
		}
	})
}
