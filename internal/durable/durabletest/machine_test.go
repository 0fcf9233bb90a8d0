package durabletest_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/openreferendum/referendum/internal/durable/durabletest"
)

func write(t *testing.T, path string, content []byte, sync bool) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(content)
	if sync {
		err = errors.Join(err, f.Sync())
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func syncFolder(t *testing.T, path string) {
	t.Helper()
	d, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		t.Fatal(err)
	}
}

// read returns "" for a file that is not there.
func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(b)
}

// TestPowerCutForgetsWhatWasNotSynced wants to see every way in which a file
// comes back, over many seeds, and none other.
func TestPowerCutForgetsWhatWasNotSynced(t *testing.T) {
	old, young := strings.Repeat("o", 1024), strings.Repeat("y", 1024)
	half := strings.Repeat("y", 512) + strings.Repeat("o", 512)
	m := durabletest.Boot(t, 1)
	file, other := filepath.Join(m.Disk(0).Path(), "file"), filepath.Join(m.Disk(0).Path(), "other")
	write(t, file, []byte(old), true)
	syncFolder(t, m.Disk(0).Path())
	before := m.Image()
	seen := map[string]bool{}
	for seed := range uint64(40) {
		m.Restore(before, seed)
		write(t, file, []byte(young), false)
		write(t, other, []byte("x"), true) // its name is not synced
		m.CutPower()
		m.Reboot()
		seen[read(t, file)], seen[read(t, other)] = true, true
	}
	second := strings.Repeat("o", 512) + strings.Repeat("y", 512)
	for _, want := range []string{old, young, half, second, "", "x"} {
		if !seen[want] {
			t.Errorf("no power cut in 40 left %.4q…", want)
		}
		delete(seen, want)
	}
	for b := range seen {
		t.Errorf("a power cut left %d bytes nobody wrote so: %.8q…", len(b), b)
	}
}

func TestTornSectors(t *testing.T) {
	m := durabletest.Boot(t, 1)
	file := filepath.Join(m.Disk(0).Path(), "file")
	write(t, file, []byte(strings.Repeat("o", 512)), true)
	syncFolder(t, m.Disk(0).Path())
	before := m.Image()
	for seed := range uint64(40) {
		m.Restore(before, seed)
		write(t, file, []byte(strings.Repeat("y", 512)), false)
		m.Arm(1, durabletest.Torn())
		if err := os.Mkdir(file+".d", 0o755); !errors.Is(err, syscall.EIO) {
			t.Fatalf("making a folder without power: %v", err)
		}
		m.Reboot()
		got := read(t, file)
		young := strings.Count(got, "y")
		if got != strings.Repeat("y", young)+strings.Repeat("o", 512-young) {
			t.Fatalf("seed %d: %q", seed, got)
		}
		if young > 0 && young < 512 {
			return
		}
	}
	t.Error("no sector was torn in 40 power cuts")
}

func TestPowerCutKeepsWhatWasSynced(t *testing.T) {
	m := durabletest.Boot(t, 1)
	file := filepath.Join(m.Disk(0).Path(), "file")
	for seed := range uint64(20) {
		m.Restore(durabletest.Boot(t, 1).Image(), seed)
		write(t, file, []byte("kept"), true)
		when := time.Unix(1000, 0)
		f, err := os.OpenFile(file, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Chtimes(file, when, when), f.Sync(), f.Close()); err != nil {
			t.Fatal(err)
		}
		syncFolder(t, m.Disk(0).Path())
		m.CutPower()
		m.Reboot()
		if got := read(t, file); got != "kept" {
			t.Fatalf("seed %d: a synced file reads %q", seed, got)
		}
		if info, err := os.Stat(file); err != nil || !info.ModTime().Equal(when) {
			t.Fatalf("seed %d: a synced time is lost: %v, %v", seed, info.ModTime(), err)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name   string
		fault  func(m *durabletest.Machine) durabletest.Fault
		create [2]error // of the operation that meets it, on disk 0, and of the next, on disk 1
		over   error    // of overwriting on disk 0 after that
	}{
		{"power cut", func(*durabletest.Machine) durabletest.Fault { return durabletest.PowerCut() }, [2]error{syscall.EIO, syscall.EIO}, syscall.EIO},
		{"one disk pulled out", func(m *durabletest.Machine) durabletest.Fault { return durabletest.PowerCut(m.Disk(1)) }, [2]error{nil, syscall.EIO}, nil},
		{"kill", func(*durabletest.Machine) durabletest.Fault { return durabletest.Kill() }, [2]error{syscall.EIO, syscall.EIO}, syscall.EIO},
		{"one error", func(*durabletest.Machine) durabletest.Fault { return durabletest.Once(syscall.EIO) }, [2]error{syscall.EIO, nil}, nil},
		{"errors from then", func(*durabletest.Machine) durabletest.Fault { return durabletest.From(syscall.EROFS) }, [2]error{syscall.EROFS, syscall.EROFS}, syscall.EROFS},
		{"full", func(*durabletest.Machine) durabletest.Fault { return durabletest.Full() }, [2]error{syscall.ENOSPC, syscall.ENOSPC}, nil},
		{"one full", func(m *durabletest.Machine) durabletest.Fault { return durabletest.Full(m.Disk(0)) }, [2]error{syscall.ENOSPC, nil}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := durabletest.Boot(t, 2)
			file := filepath.Join(m.Disk(0).Path(), "file")
			write(t, file, []byte("there"), true)
			f, err := os.OpenFile(file, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			m.Arm(1, test.fault(m))
			if m.Struck() != nil {
				t.Error("struck before any operation")
			}
			for i, want := range test.create {
				g, err := os.Create(filepath.Join(m.Disk(i).Path(), "new"))
				if err == nil {
					defer g.Close()
				}
				if !errors.Is(err, want) {
					t.Errorf("disk %d: %v instead of %v", i, err, want)
				}
			}
			if m.Struck() != m.Disk(0) {
				t.Error("it did not strike where the operation was")
			}
			if _, err := f.WriteAt([]byte("T"), 0); !errors.Is(err, test.over) {
				t.Errorf("overwriting: %v instead of %v", err, test.over)
			}
		})
	}
}

func TestKillForgetsNothing(t *testing.T) {
	m := durabletest.Boot(t, 1)
	file := filepath.Join(m.Disk(0).Path(), "file")
	content := bytes.Repeat([]byte("k"), 5000)
	for n := 1; ; n++ {
		write(t, file, content, false)
		m.Arm(1, durabletest.Kill())
		if err := os.Remove(file); !errors.Is(err, syscall.EIO) {
			t.Fatalf("removing after a kill: %v", err)
		}
		m.Reboot()
		if read(t, file) != string(content) {
			t.Fatal("a killed program took unsynced data with it")
		}
		if n == 10 {
			return
		}
	}
}

func TestNamesKeepTheirRules(t *testing.T) {
	m := durabletest.Boot(t, 1)
	dir := filepath.Join(m.Disk(0).Path(), "dir")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "a"), []byte("a"), true)
	if err := os.Remove(dir); err == nil {
		t.Error("a folder that is not empty was removed")
	}
	before := m.Count()
	if err := os.Rename(filepath.Join(dir, "a"), filepath.Join(m.Disk(0).Path(), "b")); err != nil {
		t.Fatal(err)
	}
	if m.Count() != before+1 {
		t.Errorf("a rename counts as %d operations", m.Count()-before)
	}
	if err := os.Remove(dir); err != nil {
		t.Error(err)
	}
}
