package logbook_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"

	"github.com/openreferendum/referendum/internal/durable/durabletest"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/stationlog"
)

// A mishap is what befalls the two media in the middle of something.
type mishap struct {
	name  string
	fault func(m *durabletest.Machine) durabletest.Fault
	after bool // the power of both goes as well when it is over
	lost  int  // the medium that never comes back, counted from 1; 0: none
}

func all(f durabletest.Fault) func(*durabletest.Machine) durabletest.Fault {
	return func(*durabletest.Machine) durabletest.Fault { return f }
}

func on(disk int, f func(...*durabletest.Disk) durabletest.Fault) func(*durabletest.Machine) durabletest.Fault {
	return func(m *durabletest.Machine) durabletest.Fault { return f(m.Disk(disk)) }
}

var mishaps = []mishap{
	{"power cut", all(durabletest.PowerCut()), false, 0},
	{"power cut, torn sectors", all(durabletest.Torn()), false, 0},
	{"kill", all(durabletest.Kill()), false, 0},
	{"first goes and comes back", on(0, durabletest.PowerCut), false, 0},
	{"second goes and comes back", on(1, durabletest.PowerCut), false, 0},
	{"power cut and first is lost", all(durabletest.PowerCut()), false, 1},
	{"power cut and second is lost", all(durabletest.PowerCut()), false, 2},
	{"one error", all(durabletest.Once(syscall.EIO)), false, 0},
	{"one error, then a power cut", all(durabletest.Once(syscall.EIO)), true, 0},
	{"both full, then a power cut", all(durabletest.Full()), true, 0},
	{"first full", on(0, durabletest.Full), false, 0},
	{"second full", on(1, durabletest.Full), false, 0},
}

// A deed is something that a mishap can meet: it runs from an image, and
// reports whether it succeeded.
type deed struct {
	name    string
	prepare func(t *testing.T, paths [2]string) // makes the image
	run     func(paths [2]string) (told bool)
	before  int  // lines before it
	adds    int  // and how many it adds
	single  bool // the last line before it is on one medium alone, and never was reported
}

var deeds = []deed{
	{"write", func(t *testing.T, paths [2]string) { fill(t, paths) }, appendOne, 3, 1, false},
	{"write the first line", func(t *testing.T, paths [2]string) {
		if err := open(t, paths).Close(); err != nil {
			t.Fatal(err)
		}
	}, appendOne, 0, 1, false},
	{"make", func(*testing.T, [2]string) {}, appendOne, 0, 1, false},
	{"mend the first", func(t *testing.T, paths [2]string) { leaveBehind(t, paths[0], paths) }, openOnly, 3, 0, true},
	{"mend the second", func(t *testing.T, paths [2]string) { leaveBehind(t, paths[1], paths) }, openOnly, 3, 0, true},
}

// appendOne opens the log and writes one line.
func appendOne(paths [2]string) bool {
	b, err := logbook.Open(paths, election, station)
	if err != nil {
		return false
	}
	defer b.Close()
	return b.Write(morning, stationlog.PrinterFailed, stationlog.With(stationlog.PaperOut)) == nil
}

func openOnly(paths [2]string) bool {
	b, err := logbook.Open(paths, election, station)
	return err == nil && b.Close() == nil
}

// leaveBehind takes most of the last line off a file.
func leaveBehind(t *testing.T, path string, paths [2]string) {
	fill(t, paths)
	content := read(t, path)
	put(t, path, content[:len(content)-60])
}

// TestMishaps lets every mishap happen at every operation of every deed.
// Afterwards the log opens, both files are the same, it has every line that
// was reported, and it goes on.
//
// In this short sweep the plain and the torn power cut meet every operation,
// and the others every third.
func TestMishaps(t *testing.T) { sweep(t, 1, 3) }

// TestSoakMishaps is TestMishaps with many throws of the dice.
func TestSoakMishaps(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
	sweep(t, 10, 1)
}

func sweep(t *testing.T, seeds uint64, stride int) {
	m := durabletest.Boot(t, 2)
	empty := m.Image()
	paths := two(m.Disk(0).Path(), m.Disk(1).Path())
	for _, d := range deeds {
		m.Restore(empty, 0)
		d.prepare(t, paths)
		image := m.Image()
		made := map[int]int{}
		for i, mishap := range mishaps {
			t.Run(d.name+", "+mishap.name, func(t *testing.T) {
				first, stride := 1+i%stride, stride
				if i < 2 {
					first, stride = 1, 1
				}
				for seed := range seeds {
					for n := first; ; n += stride {
						m.Restore(image, seed<<32+uint64(n))
						lines, struck := mishap.befall(t, m, d, paths, n)
						if t.Failed() {
							t.Fatalf("at operation %d with seed %d", n, seed)
						}
						made[lines-d.before]++
						if !struck {
							break
						}
					}
				}
			})
		}
		if made[d.adds] == 0 || made[0] == 0 {
			t.Errorf("%s: lines made, and how often: %v: nothing was tested", d.name, made)
		}
	}
}

// befall lets a deed meet the mishap at its n-th operation, and returns how many
// lines the log has afterwards.
func (p mishap) befall(t *testing.T, m *durabletest.Machine, d deed, paths [2]string, n int) (lines int, struck bool) {
	m.Arm(n, p.fault(m))
	told := d.run(paths)
	struck = m.Struck() != nil
	if p.after {
		m.CutPower()
	}
	m.Reboot()
	if p.lost != 0 {
		recreate(t, paths, p.lost-1)
	}
	b, err := logbook.Open(paths, election, station)
	if err != nil {
		t.Fatalf("the next start: %v", err)
	}
	lines = b.Len()
	least := d.before
	if d.single && p.lost != 0 {
		least--
	}
	if lines < least || lines > d.before+d.adds || told && lines != d.before+d.adds {
		t.Errorf("%d lines instead of %d to %d; reported: %v", lines, least, d.before+d.adds, told)
	}
	write(t, b, stationlog.MachineStopped)
	want := b.Bytes()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	for _, path := range paths {
		if !bytes.Equal(read(t, path), want) {
			t.Errorf("%s is not what the book says", path)
		}
	}
	if _, entries, err := stationlog.Read(stationlog.Start(election, station), want); err != nil || len(entries) != lines+1 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	return lines, struck
}

// recreate takes a lost medium's file away and makes it again from the other,
// if that one was made yet.
func recreate(t *testing.T, paths [2]string, lost int) {
	t.Helper()
	if err := os.Remove(paths[lost]); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if _, err := os.Lstat(paths[1-lost]); errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err := logbook.Recreate(paths[1-lost], paths[lost], election, station); err != nil {
		t.Fatalf("making the lost copy again: %v", err)
	}
}
