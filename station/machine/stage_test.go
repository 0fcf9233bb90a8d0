package machine

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/station"
)

// A stage is a station up to some point of its day, made once, for many trials
// to begin with.
type stage struct {
	act func(*trial) // what has happened since the station was provisioned

	once         sync.Once
	main, mirror []byte // the two files of the database
	after        trial
}

// The stages of the day.
var (
	unopened = &stage{act: func(*trial) {}}
	voting   = &stage{act: func(r *trial) { r.OpenPolls(1); r.enter(2, 3, 0); r.cast() }}
	over     = &stage{act: func(r *trial) { voting.act(r); r.close() }}
)

// reach plays the day up to the stage.
func (s *stage) reach(t testing.TB) {
	t.Helper()
	s.once.Do(func() {
		disk := provisioned(t, theWorld())
		r := newTrial(disk, [2]string{})
		if err := r.boot(); err != nil {
			t.Fatal(err)
		}
		s.act(r)
		s.after = *r
		r.drop()
		var err1, err2 error
		s.main, err1 = os.ReadFile(disk.Main)
		s.mirror, err2 = os.ReadFile(disk.Mirror)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
	})
}

// write puts the database into two folders, and says where it is.
func (s *stage) write(t testing.TB, one, two string) database.Config {
	t.Helper()
	s.reach(t)
	disk := database.Config{Main: filepath.Join(one, "main.db"), Mirror: filepath.Join(two, "mirror.db")}
	if err := errors.Join(os.WriteFile(disk.Main, s.main, 0o600), os.WriteFile(disk.Mirror, s.mirror, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{one, two} {
		if err := os.Mkdir(filepath.Join(dir, "medium"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return disk
}

// trial starts a station from this stage, whose database and media lie in two
// folders.
func (s *stage) trial(t testing.TB, disk database.Config) *trial {
	t.Helper()
	s.reach(t)
	r := newTrial(disk, [2]string{filepath.Join(filepath.Dir(disk.Main), "medium"), filepath.Join(filepath.Dir(disk.Mirror), "medium")})
	r.seed = "after the stage" // chance never repeats
	r.chose, r.told, r.closed = maps.Clone(s.after.chose), maps.Clone(s.after.told), s.after.closed
	r.paper.Printed, r.paper.Box = maps.Clone(s.after.paper.Printed), maps.Clone(s.after.paper.Box)
	r.paper.Pages, r.paper.Voided = s.after.paper.Pages, s.after.paper.Voided
	t.Cleanup(r.drop)
	if err := r.boot(); err != nil {
		t.Fatal(err)
	}
	if r.State().At == station.Suspended {
		if err := r.Resume(1); err != nil {
			t.Fatal(err)
		}
	}
	return r
}
