package media_test

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/hardware/media/mediatest"
)

// TestMishaps: what happens between opening a medium and reading it back is said,
// and never passes for a good copy.
func TestMishaps(t *testing.T) {
	s, c := labelled(t)
	image := s.Image()
	other := mediatest.Insert(t, size)
	blank := other.Image()
	// with returns what is on another stick.
	with := func(t *testing.T, content ...func(dir string) error) []byte {
		again(t, other, blank)
		for _, f := range content {
			edit(t, other.Path(), f)
		}
		return other.Image()
	}
	during := func(f func(s *mediatest.Stick)) func(*testing.T, *mediatest.Stick, *media.Medium) error {
		return func(_ *testing.T, s *mediatest.Stick, m *media.Medium) error {
			return m.Write(func(dir string) error {
				f(s)
				return write(dir)
			})
		}
	}
	between := func(f func(t *testing.T, s *mediatest.Stick)) func(*testing.T, *mediatest.Stick, *media.Medium) error {
		return func(t *testing.T, s *mediatest.Stick, m *media.Medium) error {
			if err := m.Write(write); err != nil {
				t.Fatal(err)
			}
			f(t, s)
			return m.ReadBack(compare)
		}
	}
	exchange := func(t *testing.T, s *mediatest.Stick, image []byte) {
		if err := s.Exchange(image); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		happen func(t *testing.T, s *mediatest.Stick, m *media.Medium) error
		want   error // one of the sentinels, or
		other  error
	}{
		"pulled before writing": {func(_ *testing.T, s *mediatest.Stick, m *media.Medium) error {
			s.Pull()
			return m.Write(write)
		}, media.ErrPulled, nil},
		"pulled at the first operation": {during(func(s *mediatest.Stick) { s.At(1, s.Pull) }), media.ErrPulled, nil},
		"pulled in the middle":          {during(func(s *mediatest.Stick) { s.At(9, s.Pull) }), media.ErrPulled, nil},
		"pulled after the last file": {func(_ *testing.T, s *mediatest.Stick, m *media.Medium) error {
			return m.Write(func(dir string) error {
				err := write(dir)
				s.Pull()
				return err
			})
		}, media.ErrPulled, nil},
		"worn out in the middle":        {during(func(s *mediatest.Stick) { s.At(9, func() { s.Wear(true) }) }), media.ErrFaulty, nil},
		"write-protected in the middle": {during(func(s *mediatest.Stick) { s.Wear(true); _ = s.Protect(true) }), media.ErrWriteProtected, nil},
		"full in the middle":            {full, media.ErrNoRoom, nil},
		"the writer fails": {func(_ *testing.T, _ *mediatest.Stick, m *media.Medium) error {
			return m.Write(func(string) error { return errDiffers })
		}, nil, errDiffers},
		"pulled before reading back": {between(func(_ *testing.T, s *mediatest.Stick) { s.Pull() }), media.ErrPulled, nil},
		"label taken off before reading": {between(func(t *testing.T, s *mediatest.Stick) {
			exchange(t, s, with(t, write))
		}), media.ErrNotLabelled, nil},
		"exchanged for another station's": {between(func(t *testing.T, s *mediatest.Stick) { exchange(t, s, with(t, labelledAs("station a-2"), write)) }), media.ErrOtherLabel, nil},
		"exchanged for its empty copy": {between(func(t *testing.T, s *mediatest.Stick) {
			exchange(t, s, with(t, labelledAs("election 1, station a-1, medium 1")))
		}), nil, fs.ErrNotExist},
		"exchanged for one with other files": {between(func(t *testing.T, s *mediatest.Stick) {
			exchange(t, s, with(t, labelledAs("election 1, station a-1, medium 1"), write, func(dir string) error {
				return os.WriteFile(filepath.Join(dir, name, "ballots"), nil, 0o644)
			}))
		}), nil, errDiffers},
		"exchanged for a blank one": {between(func(t *testing.T, s *mediatest.Stick) { exchange(t, s, make([]byte, size)) }), media.ErrFormat, nil},
		"a byte turned over": {between(func(t *testing.T, s *mediatest.Stick) {
			image := s.Image()
			at := bytes.Index(image, bundle["ballots"][:1000])
			if at < 0 {
				t.Fatal("the bundle is not on the stick")
			}
			image[at+500] ^= 1
			exchange(t, s, image)
		}), nil, errDiffers},
	} {
		t.Run(name, func(t *testing.T) {
			again(t, s, image)
			m := open(t, s.Path(), c)
			err := test.happen(t, s, m)
			is(t, err, test.want, s.Path())
			if err == nil || test.other != nil && !errors.Is(err, test.other) {
				t.Errorf("%v, not %v", err, test.other)
			}
			unmounted(t, s)
			if err := m.Close(); err != nil {
				t.Errorf("not safe to remove: %v", err)
			}
		})
	}
}

// full writes more than there is room for.
func full(_ *testing.T, _ *mediatest.Stick, m *media.Medium) error {
	return m.Write(func(dir string) error {
		return errors.Join(fill(dir), write(dir))
	})
}

// labelledAs writes a label.
func labelledAs(label string) func(dir string) error {
	return func(dir string) error { return text(label)(filepath.Join(dir, media.LabelFile)) }
}

// TestLiars: sticks that say "written" and have not. Nothing but reading back
// finds them; and that nothing of this computer's memory comes between.
func TestLiars(t *testing.T) {
	s, c := labelled(t)
	image := s.Image()
	for name, lie := range map[string]func(s *mediatest.Stick){
		"throws all away":                 func(s *mediatest.Stick) { s.Lose(true) },
		"throws away after some":          func(s *mediatest.Stick) { s.At(9, func() { s.Lose(true) }) },
		"is smaller than it says":         func(s *mediatest.Stick) { s.Holds(2 << 20) },
		"loses what comes after the sync": func(s *mediatest.Stick) { s.At(20, func() { s.Lose(true) }) },
	} {
		t.Run(name, func(t *testing.T) {
			again(t, s, image)
			m := open(t, s.Path(), c)
			lie(s)
			written := m.Write(write)
			if err := m.ReadBack(compare); err == nil {
				t.Errorf("read back whole (and written: %v)", written)
			}
			if err := m.ReadBack(compare); err == nil {
				t.Error("read back whole the second time")
			}
			unmounted(t, s)
		})
	}
}

// A state is what a mishap left of a bundle.
type state string

const (
	present    state = "present"    // whole
	absent     state = "absent"     // nothing of it under its name
	unreadable state = "unreadable" // the file system cannot be mounted: a superblock of two sectors may be torn
)

// left fails unless the bundle is absent or whole on a stick with this content.
func left(t *testing.T, s *mediatest.Stick, image []byte, what ...any) state {
	t.Helper()
	if err := s.Exchange(image); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	err := unix.Mount(s.Path(), dir, "ext4", 0, "") // plays the journal back, as any computer would
	if errors.Is(err, unix.EBADMSG) || errors.Is(err, unix.EUCLEAN) {
		return unreadable
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	if _, err := os.Lstat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
		return absent
	}
	if err := compare(dir); err != nil {
		t.Errorf("half a bundle: %v, after %v", err, what)
	}
	return present
}

// TestPulledOut: whenever a stick is pulled out while a bundle is written, the
// bundle is on it whole or not at all; and it is, once Write has returned nil.
func TestPulledOut(t *testing.T) { pulledOut(t, 1) }

// TestSoakPulledOut tries many throws of the dice for what the stick had not
// written yet.
func TestSoakPulledOut(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
	pulledOut(t, 40)
}

func pulledOut(t *testing.T, throws uint64) {
	s, c := labelled(t)
	m := open(t, s.Path(), c)
	trace := s.Record()
	if err := m.Write(write); err != nil {
		t.Fatal(err)
	}
	s.StopRecording()
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if trace.Len() < 20 {
		t.Fatalf("only %d operations: does the stick still see them?", trace.Len())
	}
	t.Logf("%d operations", trace.Len())
	found := map[state]int{}
	for n := 0; n <= trace.Len(); n++ {
		for seed := range throws {
			found[left(t, s, trace.Cut(n, rand.New(rand.NewPCG(seed, uint64(n)))), n, "operations with dice", seed)]++
		}
	}
	t.Log(found)
	if found[present] == 0 || found[absent] == 0 {
		t.Error("not both came about")
	}
	if got := left(t, s, trace.Cut(trace.Len(), rand.New(rand.NewPCG(0, 0)))); got != present {
		t.Errorf("written, and %s", got)
	}
}

// TestLinkInItsPlace: a stick on which the bundle's name leads to a whole bundle
// somewhere else holds none.
func TestLinkInItsPlace(t *testing.T) {
	elsewhere := t.TempDir()
	if err := write(elsewhere); err != nil {
		t.Fatal(err)
	}
	s, c := labelled(t)
	edit(t, s.Path(), func(dir string) error { return os.Symlink(filepath.Join(elsewhere, name), filepath.Join(dir, name)) })
	m := open(t, s.Path(), c)
	if err := m.Write(write); !errors.Is(err, fs.ErrExist) {
		t.Errorf("written over: %v", err)
	}
	if err := m.ReadBack(compare); !errors.Is(err, unix.ELOOP) {
		t.Errorf("read elsewhere: %v", err)
	}
	unmounted(t, s)
}

// TestPulledWhileRunning pulls the stick out under the running kernel, and plugs
// it in again: Write says so, unless all was written before.
func TestPulledWhileRunning(t *testing.T) { pulledWhileRunning(t, 6) }

func TestSoakPulledWhileRunning(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
	pulledWhileRunning(t, 1)
}

func pulledWhileRunning(t *testing.T, step int) {
	s, c := labelled(t)
	before := s.Image()
	// try pulls the stick out before operation n, and returns how many there were.
	try := func(n int) int {
		again(t, s, before)
		m := open(t, s.Path(), c)
		struck, ops := false, s.Ops()
		s.At(n, func() {
			struck = true
			s.Pull()
		})
		err := m.Write(write)
		ops = s.Ops() - ops
		s.Plug()
		if struck {
			is(t, err, media.ErrPulled)
		} else if err != nil {
			t.Error(err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		unmounted(t, s)
		if got := left(t, s, s.Image(), n, "operations"); !struck && got != present {
			t.Errorf("written, and %s", got)
		}
		return ops
	}
	all := try(1 << 30)
	for n := 1; n < all; n += step {
		try(n)
	}
	for n := range 6 { // those of the unmounting, which itself reports no error
		try(all - n)
	}
}
