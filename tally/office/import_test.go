package office_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
	"github.com/openreferendum/referendum/tally/office"
	"github.com/openreferendum/referendum/tally/tallytest"
)

// begun furnishes a room and begins the count there.
func (r *room) begun(t testing.TB) (dir string, o *office.Office) {
	t.Helper()
	dir = r.furnish(t)
	o, err := office.Begin(filepath.Join(dir, "exchange"), filepath.Join(dir, "record"))
	if err != nil {
		t.Fatal(err)
	}
	return dir, o
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	r := aRoom(t)
	elsewhere := tallytest.New(tallytest.Config{Stations: []string{"z-9"}})
	rehearsal := tallytest.New(tallytest.Config{Kind: record.Rehearsal})
	for _, c := range []struct {
		name   string
		change func(bundle string) error
		want   string
	}{
		{"no folder", os.RemoveAll, "the bundle is refused:\n  stat "},
		{"a file", func(b string) error { return errors.Join(os.RemoveAll(b), os.WriteFile(b, nil, 0o644)) }, "not a folder"},
		{"a FIFO", func(b string) error { return errors.Join(os.RemoveAll(b), syscall.Mkfifo(b, 0o644)) }, "not a folder"},
		{"empty", func(b string) error { return errors.Join(os.RemoveAll(b), os.Mkdir(b, 0o755)) }, "ballots: no such file"},
		{"ballots are a FIFO", replace(record.BallotsFile, func(p string) error { return syscall.Mkfifo(p, 0o644) }), `"ballots" does not belong in a bundle`},
		{"closing statement is a FIFO", replace(record.ClosingFile, func(p string) error { return syscall.Mkfifo(p, 0o644) }), `"closing.json" does not belong in a bundle`},
		{"checkpoint is a folder", replace(record.CheckpointFile, func(p string) error { return os.Mkdir(p, 0o755) }), `"checkpoint" does not belong in a bundle`},
		{"a link to a good file", replace(record.ChallengedFile, func(p string) error { return os.Symlink("../b-1/challenged", p) }), `"challenged" does not belong in a bundle`},
		{"a link out", replace(record.ChallengedFile, func(p string) error { return os.Symlink("/dev/zero", p) }), `"challenged" does not belong in a bundle`},
		{"thousands of files", func(b string) error {
			var errs []error
			for i := range 500 {
				errs = append(errs, os.WriteFile(filepath.Join(b, strings.Repeat("x", 1+i%99)+string(rune('a'+i/99))), nil, 0o644))
			}
			return errors.Join(errs...)
		}, "does not belong in a bundle"},
		{"ballots that never end", func(b string) error { return os.Truncate(filepath.Join(b, record.BallotsFile), 1<<40) },
			"ballots: 1099511627776 bytes, by the closing statement it has 4032"},
		{"a checkpoint that never ends", func(b string) error { return os.Truncate(filepath.Join(b, record.CheckpointFile), 1<<40) },
			"reading checkpoint: larger than 4096 bytes"},
		{"a closing statement that never ends", func(b string) error { return os.Truncate(filepath.Join(b, record.ClosingFile), 1<<40) },
			"reading closing.json: larger than 16384 bytes"},
		{"both files of ballots too short", func(b string) error {
			return errors.Join(os.Truncate(filepath.Join(b, record.BallotsFile), 1), os.Truncate(filepath.Join(b, record.ChallengedFile), 1))
		}, "challenged: 1 bytes, by the closing statement it has 0"},
		{"an unknown station", func(b string) error { return elsewhere.Bundle("z-9", nil, nil).Write(b) }, `the bundle of station "z-9" is refused:` + "\n  the manifest has no such station"},
		{"a rehearsal's", func(b string) error { return rehearsal.Bundle("a-1", rehearsal.Votes(1), nil).Write(b) }, "it is of another election: another referendum, or a rehearsal"},
	} {
		dir, o := r.begun(t)
		before := contents(o.FS())
		bundle := filepath.Join(dir, "media/a-1")
		if err := c.change(bundle); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		b, err := o.Import(bundle, nil)
		if _, refused := errors.AsType[*tally.Refusal](err); !refused || b != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want a refusal with %q", c.name, err, c.want)
		}
		if d := difference(contents(o.FS()), before); d != "" {
			t.Errorf("%s: left behind: %s", c.name, d)
		}
	}
}

// replace makes a change that puts something else in a file's place.
func replace(name string, with func(path string) error) func(bundle string) error {
	return func(bundle string) error {
		path := filepath.Join(bundle, name)
		return errors.Join(os.Remove(path), with(path))
	}
}

// TestImportAnother: of two bundles of one station, the first stays, whatever
// the second is.
func TestImportAnother(t *testing.T) {
	r := aRoom(t)
	dir, o := r.begun(t)
	if _, err := o.Import(filepath.Join(dir, "media/a-1"), nil); err != nil {
		t.Fatal(err)
	}
	before := contents(o.FS())
	second := filepath.Join(dir, "second")
	if err := r.Bundle("a-1", r.Votes(4), nil).Write(second); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Import(second, nil); !errors.Is(err, office.ErrSignedTwice) {
		t.Errorf("the station signed two: %v", err)
	}
	if _, err := o.CheckBundle(second, nil); !errors.Is(err, office.ErrSignedTwice) {
		t.Errorf("checked, it is not seen that the station signed two: %v", err)
	}
	b := r.bundles["a-1"].Clone()
	b[record.BallotsFile].Data[80] ^= 1
	if err := b.Write(second); err != nil {
		t.Fatal(err)
	}
	_, err := o.Import(second, nil)
	if _, refused := errors.AsType[*tally.Refusal](err); !refused || !strings.HasSuffix(err.Error(), "a good bundle of this station was imported before, and stays") {
		t.Errorf("the medium is damaged: %v", err)
	}
	if _, err := o.CheckBundle(filepath.Join(dir, "media/a-1"), nil); !errors.Is(err, office.ErrTwice) {
		t.Errorf("checking what is imported: %v", err)
	}
	if b, err := o.CheckBundle(filepath.Join(dir, "media/b-1"), nil); err != nil || b.Station != "b-1" {
		t.Errorf("checking what is not: %v, %v", b, err)
	}
	if d := difference(contents(o.FS()), before); d != "" {
		t.Error(d)
	}
}

// FuzzImport writes any bytes into the four files of a bundle on a medium. All
// but the good one are refused, and nothing is left of them.
func FuzzImport(f *testing.F) {
	r := aRoom(f)
	good := r.bundles["a-2"]
	files := func(b tallytest.Bundle) [4][]byte {
		return [4][]byte{b[record.BallotsFile].Data, b[record.ChallengedFile].Data, b[record.CheckpointFile].Data, b[record.ClosingFile].Data}
	}
	g := files(good)
	f.Add(g[0], g[1], g[2], g[3])
	for i := range g {
		cut, long := files(good.Clone()), files(good.Clone())
		cut[i], long[i] = cut[i][:len(cut[i])/2], append(long[i], 0)
		f.Add(cut[0], cut[1], cut[2], cut[3])
		f.Add(long[0], long[1], long[2], long[3])
	}
	f.Add([]byte{}, []byte{}, []byte{}, []byte{})
	dir, o := r.begun(f)
	empty := contents(o.FS())
	f.Fuzz(func(t *testing.T, ballots, challenged, checkpoint, closing []byte) {
		b := tallytest.Bundle{}
		b.Put(record.BallotsFile, ballots)
		b.Put(record.ChallengedFile, challenged)
		b.Put(record.CheckpointFile, checkpoint)
		b.Put(record.ClosingFile, closing)
		bundle := filepath.Join(dir, "fuzzed")
		if err := b.Write(bundle); err != nil {
			t.Fatal(err)
		}
		_, err := o.CheckBundle(bundle, nil)
		same := files(b)
		for i := range g {
			if err == nil && string(same[i]) != string(g[i]) {
				t.Errorf("file %d is another, and was accepted", i)
			}
		}
		if d := difference(contents(o.FS()), empty); d != "" {
			t.Errorf("left behind: %s", d)
		}
	})
}

// TestImportClearsUp: what an import that was killed has left goes with the
// next one, unless somebody is at work.
func TestImportClearsUp(t *testing.T) {
	r := aRoom(t)
	dir, o := r.begun(t)
	left := filepath.Join(dir, "record/stations/.importing-X")
	writeFile(t, filepath.Join(left, record.BallotsFile), "half")
	if _, err := o.Import(filepath.Join(dir, "media/b-1"), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(left); err == nil {
		t.Error("it is still there")
	}
	_, err := o.Import(filepath.Join(dir, "media/a-1"), func() {
		// One import is at work here; a second must not take its copy away.
		if _, err := o.Import(filepath.Join(dir, "media/a-2"), nil); err != nil && !errors.Is(err, office.ErrTwice) {
			t.Error(err)
		}
	})
	if err != nil {
		t.Errorf("its copy was taken away: %v", err)
	}
}

// TestImportDamaged: a station is not accused of having signed twice when it is
// our copy that has changed.
func TestImportDamaged(t *testing.T) {
	t.Parallel()
	r := aRoom(t)
	for name, change := range map[string]func(path string) error{
		"a ballot cut off":     func(p string) error { return os.Truncate(filepath.Join(p, record.BallotsFile), 9) },
		"a file gone":          func(p string) error { return os.Remove(filepath.Join(p, record.CheckpointFile)) },
		"an empty folder":      func(p string) error { return errors.Join(os.RemoveAll(p), os.Mkdir(p, 0o755)) },
		"a file in its place":  func(p string) error { return errors.Join(os.RemoveAll(p), os.WriteFile(p, nil, 0o644)) },
		"a link in its place":  func(p string) error { return errors.Join(os.RemoveAll(p), os.Symlink("a-2", p)) },
		"another station's":    func(p string) error { return errors.Join(os.RemoveAll(p), r.bundles["a-2"].Write(p)) },
		"a FIFO in its place":  func(p string) error { return errors.Join(os.RemoveAll(p), syscall.Mkfifo(p, 0o644)) },
		"ballots are a FIFO":   replace(record.BallotsFile, func(p string) error { return syscall.Mkfifo(p, 0o644) }),
		"ballots are a folder": replace(record.BallotsFile, func(p string) error { return os.Mkdir(p, 0o755) }),
	} {
		dir, o := r.begun(t)
		medium, taken := filepath.Join(dir, "media/a-1"), filepath.Join(dir, "record/stations/a-1")
		if _, err := o.Import(medium, nil); err != nil {
			t.Fatal(err)
		}
		if err := change(taken); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Import(medium, nil); !errors.Is(err, office.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := o.Aggregate(r.Authority.Signer(), true, 1, nil); err == nil {
			t.Errorf("%s: added up", name)
		}
	}
}
