package machine

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/internal/durable/durabletest"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/stationtest"
)

// A rack is a machine with two disks on which one trial after the other runs.
type rack struct {
	*durabletest.Machine
	images map[*stage]durabletest.Image
	disks  database.Config
}

func newRack(t testing.TB) *rack {
	return &rack{Machine: durabletest.Boot(t, 2), images: map[*stage]durabletest.Image{}}
}

// trial starts a station from a stage. deadly says that the fault to come ends
// the program.
func (k *rack) trial(t testing.TB, s *stage, seed uint64, deadly bool) *trial {
	t.Helper()
	if _, ok := k.images[s]; !ok {
		k.Restore(k.empty(), 0)
		k.disks = s.write(t, k.Disk(0).Path(), k.Disk(1).Path())
		k.images[s] = k.Image()
	}
	k.Restore(k.images[s], seed)
	r := s.trial(t, k.disks)
	if deadly {
		r.lifeless = func() bool { return k.Struck() != nil }
	}
	return r
}

// empty is what is on the disks before the first stage.
func (k *rack) empty() durabletest.Image {
	if _, ok := k.images[nil]; !ok {
		k.images[nil] = k.Image()
	}
	return k.images[nil]
}

// A mishap is what befalls the disks in the middle of a play.
type mishap struct {
	name   string
	fault  func(k *rack) durabletest.Fault
	deadly bool // the program ends with it
	repair func(t *testing.T, k *rack)
	parts  bool // the two copies may differ afterwards
}

var mishaps = []mishap{
	{"power cut", func(*rack) durabletest.Fault { return durabletest.PowerCut() }, true, nil, false},
	{"kill", func(*rack) durabletest.Fault { return durabletest.Kill() }, true, nil, false},
	{"power cut, main lost", func(*rack) durabletest.Fault { return durabletest.PowerCut() }, true, loseMain, false},
	{"power cut, mirror lost", func(*rack) durabletest.Fault { return durabletest.PowerCut() }, true, loseMirror, false},
	{"main pulled out", func(k *rack) durabletest.Fault { return durabletest.PowerCut(k.Disk(0)) }, false, nil, true},
	{"mirror pulled out", func(k *rack) durabletest.Fault { return durabletest.PowerCut(k.Disk(1)) }, false, nil, true},
	{"mirror broken and lost", func(k *rack) durabletest.Fault { return durabletest.From(syscall.EIO, k.Disk(1)) }, false, loseMirror, false},
	{"main broken and lost", func(k *rack) durabletest.Fault { return durabletest.From(syscall.EIO, k.Disk(0)) }, false, loseMain, false},
	{"one error", func(*rack) durabletest.Fault { return durabletest.Once(syscall.EIO) }, false, nil, false},
	{"disks full", func(*rack) durabletest.Fault { return durabletest.Full() }, false, nil, false},
	{"mirror full", func(k *rack) durabletest.Fault { return durabletest.Full(k.Disk(1)) }, false, nil, false},
}

func loseMain(t *testing.T, k *rack)   { lose(t, k.disks.Main, k.disks.Mirror) }
func loseMirror(t *testing.T, k *rack) { lose(t, k.disks.Mirror, k.disks.Main) }

// lose replaces a lost copy by one made from the copy that is left, as a person
// decides to.
func lose(t *testing.T, lost, left string) {
	t.Helper()
	os.Remove(lost + "-journal")
	if err := os.Remove(lost); err != nil {
		t.Fatal(err)
	}
	if err := database.Recreate(left, lost); err != nil {
		t.Fatal(err)
	}
}

// sweep lets the mishap befall the from-th write of a play, and every step-th
// after it, and each time looks whether the station survived.
func (k *rack) sweep(t *testing.T, p play, from, step int, m mishap) (trials int) {
	t.Helper()
	for n := from; ; n += step {
		r := k.trial(t, p.from, uint64(n), m.deadly)
		k.Arm(n, m.fault(k))
		if r.lives(t, func() { p.act(r) }) {
			if k.Struck() != nil {
				r.definite(t)
				r.deaths++
			}
			r.drop()
		}
		if k.Struck() == nil {
			return trials
		}
		trials++
		k.recovered(t, r, n, m)
	}
}

// writes returns how many writes a play makes.
func (k *rack) writes(t *testing.T, p play) int {
	t.Helper()
	r := k.trial(t, p.from, 0, false)
	before := k.Count()
	p.act(r)
	r.drop()
	return k.Count() - before
}

// recovered starts the station again on the same disks, with the same mishap
// once more in the middle of that if it was deadly, and then plays on the rest
// of the day: in memory, if nothing but the database matters.
func (k *rack) recovered(t *testing.T, r *trial, n int, m mishap) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("%s at write %d", m.name, n)
		}
	}()
	if m.deadly && m.repair == nil {
		k.Reboot()
		k.Arm(1+n%23, m.fault(k))
		var err error
		if r.lives(t, func() { err = r.boot() }) {
			if err != nil {
				t.Fatalf("starting again: %v", err)
			}
			r.drop()
		}
	}
	r.lifeless = func() bool { return false }
	k.Reboot()
	if m.repair != nil {
		m.repair(t, k)
	}
	err := r.boot()
	if errors.Is(err, database.ErrDiffer) && m.parts {
		// A medium that was pulled out may hold, or lack, a transaction that was
		// never reported. A person decides; either copy will do.
		r.drop()
		[]func(*testing.T, *rack){loseMain, loseMirror}[n%2](t, k)
		err = r.boot()
	}
	if err != nil {
		t.Fatalf("starting again: %v", err)
	}
	r.honest(t)
	closed := r.State().At == station.Closed
	r.drop()
	if !closed {
		r.move(t)
	}
	r.survived(t)
}

// move copies the database to a folder in memory.
func (r *trial) move(t *testing.T) {
	t.Helper()
	dir := inMemory(t)
	to := database.Config{Main: filepath.Join(dir, "main.db"), Mirror: filepath.Join(dir, "mirror.db")}
	for from, to := range map[string]string{r.disk.Main: to.Main, r.disk.Mirror: to.Mirror} {
		b, err := os.ReadFile(from)
		if err := errors.Join(err, os.WriteFile(to, b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	r.scratch = dir
	r.disk, r.media = to, [2]string{filepath.Join(dir, "one"), filepath.Join(dir, "two")}
	if err := errors.Join(os.Mkdir(r.media[0], 0o755), os.Mkdir(r.media[1], 0o755)); err != nil {
		t.Fatal(err)
	}
}

// definite: a station whose disk failed has stopped, called a poll worker and
// can say why, or rests between two sessions as if nothing had been done.
func (r *trial) definite(t *testing.T) {
	t.Helper()
	switch s := r.State(); s.At {
	case station.Halted:
		if len(r.calls) == 0 || r.Problem() == nil {
			t.Fatalf("halted, and nobody was called or told why: %+v", s)
		}
	case station.Closed, station.Unopened, station.Idle, station.Suspended:
	default:
		t.Fatalf("in the middle of a session: %+v", s)
	}
}

// TestDisksFail lets the power go at a few writes of every kind of session, and
// every other mishap befall one write of every fourth kind. TestSoakDisksFail
// leaves no write out for power cuts and kills, and takes every fifth for the
// others.
func TestDisksFail(t *testing.T) {
	k := newRack(t)
	for i, m := range mishaps {
		t.Run(m.name, func(t *testing.T) {
			for j, p := range plays {
				if i > 0 && (i+j)%4 != 0 {
					continue
				}
				writes := k.writes(t, p)
				if writes == 0 {
					continue // a refused card writes nothing
				}
				step := writes // one write of the play
				if i == 0 {
					step = writes/2 + 1
				}
				from := 1 + (i*31+j*17)%step
				if n := k.sweep(t, p, from, step, m); n == 0 {
					t.Errorf("%s: no trial", p.name)
				}
			}
		})
	}
}

// TestWritesOfASession lets the power go at every fourth write of a session, from
// the card to the slip in the box, and the program be killed, which forgets less,
// at every sixteenth. TestSoakDisksFail leaves none out.
func TestWritesOfASession(t *testing.T) {
	k := newRack(t)
	session := plays[slices.IndexFunc(plays, func(p play) bool { return p.name == "cast" })]
	writes := k.writes(t, session)
	for i, step := range []int{4, 16} {
		m := mishaps[i]
		t.Run(m.name, func(t *testing.T) {
			if n := k.sweep(t, session, step, step, m); n != writes/step {
				t.Errorf("%d trials at %d writes", n, writes)
			}
		})
	}
}

func TestSoakDisksFail(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
	k := newRack(t)
	for i, m := range mishaps {
		t.Run(m.name, func(t *testing.T) {
			trials, step := 0, 5
			if i < 2 { // power cut and kill
				step = 1
			}
			for j, p := range plays {
				trials += k.sweep(t, p, 1+(i+j)%step, step, m)
			}
			t.Logf("%d trials", trials)
		})
	}
}

// TestProvisioningInterrupted: a database is provisioned or empty, and an empty
// one is provisioned again.
func TestProvisioningInterrupted(t *testing.T) {
	k := newRack(t)
	w := theWorld()
	disk := database.Config{Main: filepath.Join(k.Disk(0).Path(), "main.db"), Mirror: filepath.Join(k.Disk(1).Path(), "mirror.db")}
	db, err := database.Create(disk)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	empty := k.Image()
	provisionNow := func() (told bool) {
		db, err := database.Open(disk)
		if err != nil {
			return false
		}
		defer db.Close()
		return Provision(db, w.Election, stationtest.Station, w.Roll) == nil
	}
	for n, struck := 1, true; struck; n += 61 {
		k.Restore(empty, uint64(n))
		k.Arm(n, durabletest.PowerCut())
		told := provisionNow()
		struck = k.Struck() != nil
		k.Reboot()
		if again := provisionNow(); told && again {
			t.Fatalf("write %d: the database was provisioned, and is empty", n)
		}
		r := newTrial(disk, [2]string{})
		if err := r.boot(); err != nil {
			t.Fatalf("write %d: %v", n, err)
		}
		r.at(t, station.Unopened)
		r.drop()
	}
}
