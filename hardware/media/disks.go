package media

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A host is where the kernel tells of its devices and mounts.
type host struct {
	sys    string // sysfs
	mounts string // mountinfo of this process, proc(5)
}

func here() host { return host{sys: "/sys", mounts: "/proc/self/mountinfo"} }

// A number is a device number as sysfs and mountinfo write it: "8:1".
type number string

func numberOf(dev uint64) number {
	return number(fmt.Sprintf("%d:%d", unix.Major(dev), unix.Minor(dev)))
}

// disks returns the whole disks under a block device, sorted: of a partition,
// the disk it is on; of an encrypted or joined device, those of all its parts.
func (h host) disks(dev number) ([]number, error) {
	found := map[number]bool{}
	if err := h.collect(dev, found, 0); err != nil {
		return nil, fmt.Errorf("finding the disk of device %s: %w", dev, err)
	}
	return slices.Sorted(maps.Keys(found)), nil
}

func (h host) collect(dev number, found map[number]bool, depth int) error {
	if depth > 8 {
		return errors.New("devices on devices without end")
	}
	dir, err := filepath.EvalSymlinks(filepath.Join(h.sys, "dev/block", string(dev)))
	if err != nil {
		return err
	}
	parts, err := os.ReadDir(filepath.Join(dir, "slaves"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // partitions have no such folder
		return err
	}
	for _, p := range parts {
		part, err := numberIn(filepath.Join(dir, "slaves", p.Name()))
		if err != nil {
			return err
		}
		if err := h.collect(part, found, depth+1); err != nil {
			return err
		}
	}
	if len(parts) > 0 {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, "partition")); err == nil {
		dir = filepath.Dir(dir)
	}
	disk, err := numberIn(dir)
	if err != nil {
		return err
	}
	found[disk] = true
	return nil
}

// parts counts the partitions of a whole disk.
func (h host) parts(disk number) (int, error) {
	dir, err := filepath.EvalSymlinks(filepath.Join(h.sys, "dev/block", string(disk)))
	if err != nil {
		return 0, err
	}
	inside, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, e := range inside {
		if _, err := os.Stat(filepath.Join(dir, e.Name(), "partition")); err == nil {
			n++
		}
	}
	return n, nil
}

func numberIn(dir string) (number, error) {
	s, err := firstLine(filepath.Join(dir, "dev"))
	if err != nil {
		return "", err
	}
	return number(s), nil
}

func firstLine(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(line), nil
}

// sequence names the media in the disks: the kernel counts every device that is
// plugged in and every change of a medium (diskseq, since Linux 5.15). Before,
// it is always the same.
func (h host) sequence(disks []number) string {
	var all []string
	for _, d := range disks {
		n, err := firstLine(filepath.Join(h.sys, "dev/block", string(d), "diskseq"))
		if err != nil {
			n = "?"
		}
		all = append(all, string(d)+"="+n)
	}
	return strings.Join(all, " ")
}

// disksOf returns the disks under a block device, or under the file system of
// any other file. A file system that is on no disk, such as one in memory, is
// returned as if it were one.
func (h host) disksOf(path string) ([]number, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if dev, ok := blockDevice(info); ok {
		return h.disks(dev)
	}
	at, err := h.mountOf(path)
	if err != nil {
		return nil, err
	}
	dev := h.under(at)
	if strings.HasPrefix(string(dev), "0:") {
		return []number{dev}, nil
	}
	return h.disks(dev)
}

// under returns the block device of a mounted file system. Some of them, btrfs
// for instance, have a number of their own and name the device only as source.
func (h host) under(m mounted) number {
	if strings.HasPrefix(string(m.dev), "0:") && strings.HasPrefix(m.source, "/dev/") {
		if info, err := os.Stat(m.source); err == nil {
			if dev, ok := blockDevice(info); ok {
				return dev
			}
		}
	}
	return m.dev
}

func blockDevice(info fs.FileInfo) (number, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || info.Mode()&(fs.ModeDevice|fs.ModeCharDevice) != fs.ModeDevice {
		return "", false
	}
	return numberOf(st.Rdev), true
}

// A mounted is a line of mountinfo.
type mounted struct {
	id     uint64
	dev    number
	root   string // the folder of the file system that is mounted
	at     string
	kind   string // of file system
	source string
}

// parseMounts reads mountinfo, proc(5).
func parseMounts(b []byte) ([]mounted, error) {
	var all []mounted
	for line := range strings.Lines(string(b)) {
		left, right, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " - ")
		l, r := strings.Split(left, " "), strings.Split(right, " ")
		if !ok || len(l) < 6 || len(r) < 2 {
			return nil, fmt.Errorf("mountinfo has a line %q", line)
		}
		id, err := strconv.ParseUint(l[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("mountinfo: %w", err)
		}
		all = append(all, mounted{id: id, dev: number(l[2]), root: unescape(l[3]), at: unescape(l[4]), kind: unescape(r[0]), source: unescape(r[1])})
	}
	return all, nil
}

// unescape undoes the octal escapes of mountinfo: \040 is a space.
func unescape(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				out.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

func (h host) allMounts() ([]mounted, error) {
	b, err := os.ReadFile(h.mounts)
	if err != nil {
		return nil, err
	}
	return parseMounts(b)
}

// mountOf returns the mount that a file is on.
func (h host) mountOf(path string) (mounted, error) {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_MNT_ID, &st); err != nil {
		return mounted{}, fmt.Errorf("asking where %s is mounted: %w", path, err)
	}
	all, err := h.allMounts()
	if err != nil {
		return mounted{}, err
	}
	for _, m := range all {
		if m.id == st.Mnt_id && st.Mask&unix.STATX_MNT_ID != 0 {
			return m, nil
		}
	}
	return mounted{}, fmt.Errorf("no mount holds %s (Linux 5.8 or later is needed to tell)", path)
}

// SameDevice reports whether two sources (or any files) are on one disk: the
// same device, two partitions of one, two encrypted parts of one, or two folders
// of one file system.
func SameDevice(a, b string) (bool, error) { return here().same(a, b) }

func (h host) same(a, b string) (bool, error) {
	first, err := h.disksOf(a)
	if err != nil {
		return false, fmt.Errorf("comparing the devices of %s and %s: %w", a, b, err)
	}
	second, err := h.disksOf(b)
	if err != nil {
		return false, fmt.Errorf("comparing the devices of %s and %s: %w", a, b, err)
	}
	return share(first, second), nil
}

func share(a, b []number) bool {
	return slices.ContainsFunc(a, func(n number) bool { return slices.Contains(b, n) })
}

// Distinct returns ErrSame unless the sources are on two different disks. The
// station calls it before it opens them.
func Distinct(a, b string) error {
	same, err := SameDevice(a, b)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	if err != nil {
		return err
	}
	if same {
		return fmt.Errorf("%s and %s: %w", a, b, ErrSame)
	}
	return nil
}
