package database_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/internal/durable/durabletest"
)

// A mishap is what befalls the two media in the middle of a transaction.
type mishap struct {
	name  string
	fault func(m *durabletest.Machine) durabletest.Fault
	after bool // the power of both goes as well when the transaction is over
	lost  int  // the medium that never comes back, counted from 1; 0: none
	alone int  // the medium that goes while the station goes on, counted from 1
}

func all(f durabletest.Fault) func(*durabletest.Machine) durabletest.Fault {
	return func(*durabletest.Machine) durabletest.Fault { return f }
}

func on(disk int, f func(...*durabletest.Disk) durabletest.Fault) func(*durabletest.Machine) durabletest.Fault {
	return func(m *durabletest.Machine) durabletest.Fault { return f(m.Disk(disk)) }
}

var mishaps = []mishap{
	{"power cut", all(durabletest.PowerCut()), false, 0, 0},
	{"power cut, torn sectors", all(durabletest.Torn()), false, 0, 0},
	{"kill", all(durabletest.Kill()), false, 0, 0},
	{"main goes and comes back", on(0, durabletest.PowerCut), false, 0, 1},
	{"mirror goes and comes back", on(1, durabletest.PowerCut), false, 0, 2},
	{"main is lost", on(0, durabletest.PowerCut), false, 1, 0},
	{"mirror is lost", on(1, durabletest.PowerCut), false, 2, 0},
	{"power cut and main is lost", all(durabletest.PowerCut()), false, 1, 0},
	{"power cut and mirror is lost", all(durabletest.PowerCut()), false, 2, 0},
	{"one error", all(durabletest.Once(syscall.EIO)), false, 0, 0},
	{"one error, then a power cut", all(durabletest.Once(syscall.EIO)), true, 0, 0},
	{"both full, then a power cut", all(durabletest.Full()), true, 0, 0},
	{"mirror full", on(1, durabletest.Full), false, 0, 0},
}

// TestMishaps lets every mishap happen at every operation of a transaction on
// both media. Afterwards the transaction was made or not made, on both; and it
// was made if it was reported.
//
// In this short sweep the plain power cut meets every third operation, and
// the others every ninth.
func TestMishaps(t *testing.T) { sweep(t, 1, 9) }

// TestSoakMishaps is TestMishaps with many throws of the dice.
func TestSoakMishaps(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
	sweep(t, 10, 1)
}

func sweep(t *testing.T, seeds uint64, stride int) {
	m := durabletest.Boot(t, 2)
	c := config(m.Disk(0).Path(), m.Disk(1).Path())
	if err := create(t, c).Close(); err != nil {
		t.Fatal(err)
	}
	before := m.Image()
	for i, mishap := range mishaps {
		t.Run(mishap.name, func(t *testing.T) {
			made := map[int]int{}
			first, stride := 1+i%stride, stride
			if i == 0 {
				stride = (stride + 3) / 4
			}
			for seed := range seeds {
				for n := first; ; n += stride {
					m.Restore(before, seed<<32+uint64(n))
					got, struck := mishap.befall(t, m, c, n)
					if t.Failed() {
						t.Fatalf("at operation %d with seed %d", n, seed)
					}
					made[got]++
					if !struck {
						break
					}
				}
			}
			if made[0] == 0 || made[1] == 0 {
				t.Errorf("the transaction was made %d times and not made %d times: nothing was tested", made[1], made[0])
			}
		})
	}
}

// befall makes a transaction that meets the mishap at its n-th operation, and
// returns how often it was made.
func (p mishap) befall(t *testing.T, m *durabletest.Machine, c database.Config, n int) (made int, struck bool) {
	db, err := database.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	m.Arm(n, p.fault(m))
	told := add(db)
	struck = m.Struck() != nil
	if !struck {
		m.Arm(1, durabletest.Fault{}) // closing is not what is tested
	}
	if p.after {
		m.CutPower()
	}
	db.Close() // its error is the mishap's
	m.Reboot()
	if p.lost != 0 {
		replace(t, m, p.lost, c)
	}
	again, err := database.Open(c)
	if p.alone != 0 && err != nil && tellsApart(err) {
		replace(t, m, p.alone, c)
		again, err = database.Open(c)
	}
	if err != nil {
		t.Fatalf("the next start: %v", err)
	}
	made = sum(t, again)
	if told == nil && made != 1 {
		t.Errorf("reported and lost")
	}
	if err := add(again); err != nil || sum(t, again) != made+1 {
		t.Errorf("the next transaction: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	for _, path := range []string{c.Main, c.Mirror} { // what a journal of before could still undo
		one, err := database.OpenAlone(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := sum(t, one); got != made+1 {
			t.Errorf("%s alone says %d instead of %d", path, got, made+1)
		}
		one.Close()
	}
	return made, struck
}

// replace takes everything from a lost medium and makes its copy again from the
// other.
func replace(t *testing.T, m *durabletest.Machine, lost int, c database.Config) {
	t.Helper()
	dir := m.Disk(lost - 1).Path()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := database.Open(c); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opening with an empty medium: %v", err)
	}
	left, gone := c.Mirror, c.Main
	if lost == 2 {
		left, gone = c.Main, c.Mirror
	}
	if err := database.Recreate(left, gone); err != nil {
		t.Fatal(err)
	}
}

// tellsApart reports whether Open says that the copies are not the same, or
// that one is half written. It must, after one medium went away alone: SQLite,
// going on with the other, deletes the super-journal, and does not find the
// journal that still needs it.
func tellsApart(err error) bool {
	return errors.Is(err, database.ErrDiffer) || strings.Contains(err.Error(), "malformed")
}
