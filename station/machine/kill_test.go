package machine

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// onFiles starts a trial on files of its own.
func onFiles(t testing.TB, s *stage) *trial {
	t.Helper()
	dir := inMemory(t)
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	if err := errors.Join(os.Mkdir(one, 0o755), os.Mkdir(two, 0o755)); err != nil {
		t.Fatal(err)
	}
	r := s.trial(t, s.write(t, one, two))
	r.scratch = dir
	return r
}

// inMemory returns a temporary folder, in memory where the system has such: a
// program that is killed forgets nothing on its disk, so syncing costs only time.
func inMemory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "station-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// TestKilledAtThePaper kills the program before and after every printed page
// and every movement of the slip, in every kind of session; and after every third
// of these deaths once more at every such moment of the next start.
// TestSoakKilledAtThePaper does so after every death.
func TestKilledAtThePaper(t *testing.T) { killAtThePaper(t, 3) }

func TestSoakKilledAtThePaper(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
	killAtThePaper(t, 1)
}

func killAtThePaper(t *testing.T, twice int) {
	for _, p := range plays {
		t.Run(p.name, func(t *testing.T) {
			for n := 1; ; n++ {
				r := onFiles(t, p.from)
				r.arm(n)
				alive := r.lives(t, func() { p.act(r) })
				r.drop() // switched off between two sessions, if it lived
				r.survived(t)
				if alive {
					return
				}
				if n%twice == 0 {
					killedTwice(t, p, n)
				}
			}
		})
	}
}

// killedTwice kills the program at moment n of the play, and then at every
// moment of its next start, one start after the other.
func killedTwice(t *testing.T, p play, n int) {
	t.Helper()
	r := onFiles(t, p.from)
	r.arm(n)
	r.lives(t, func() { p.act(r) })
	for again := 1; ; again++ {
		r.arm(again)
		var err error
		if r.lives(t, func() { err = r.boot() }) {
			if err != nil {
				t.Fatalf("moment %d, start %d: %v", n, again, err)
			}
			r.drop()
			r.survived(t)
			return
		}
	}
}
