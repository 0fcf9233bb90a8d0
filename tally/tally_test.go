package tally_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
	"github.com/openreferendum/referendum/tally/tallytest"
)

// A small world, made once: tests copy what they change.
var small = sync.OnceValue(func() *smallWorld {
	w := tallytest.New(tallytest.Config{})
	s := &smallWorld{World: w, bundles: map[string]tallytest.Bundle{}}
	for i, station := range w.Election.Manifest.Stations {
		s.bundles[station.ID] = w.Bundle(station.ID, w.Votes(2+i), w.Votes(i))
	}
	return s
})

type smallWorld struct {
	*tallytest.World
	bundles map[string]tallytest.Bundle
}

func (s *smallWorld) store(station string) (fs.FS, error) {
	b, ok := s.bundles[station]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return b.FS(), nil
}

func TestCheckRefuses(t *testing.T) {
	w := small()
	good := w.bundles["a-2"] // three ballots, one challenged
	size := w.Election.BallotSize()
	closing := must(record.ReadSigned[record.Closing](good.FS(), record.ClosingFile)).Body
	ballots, challenged := good[record.BallotsFile].Data, good[record.ChallengedFile].Data
	for _, c := range []struct {
		name   string
		change func(b tallytest.Bundle)
		want   string
	}{
		{"no closing statement", func(b tallytest.Bundle) { delete(b, record.ClosingFile) }, "reading closing.json: no such file"},
		{"no ballots", func(b tallytest.Bundle) { delete(b, record.BallotsFile) },
			"reading ballots: no such file\n  ballots: 0, the checkpoint says 3\n  ballots: not those the checkpoint was signed for"},
		{"no checkpoint", func(b tallytest.Bundle) { delete(b, record.CheckpointFile) }, "reading checkpoint: no such file"},
		{"a file too many", func(b tallytest.Bundle) { b.Put("note.txt", nil) }, `"note.txt" does not belong in a bundle`},
		{"a folder", func(b tallytest.Bundle) { b.Put("more/ballots", nil) }, `"more" does not belong in a bundle`},
		{"a symbolic link", func(b tallytest.Bundle) {
			b[record.BallotsFile] = &fstest.MapFile{Data: []byte("elsewhere"), Mode: fs.ModeSymlink}
		}, `"ballots" does not belong in a bundle`},
		{"cut inside a ballot", func(b tallytest.Bundle) { b.Put(record.BallotsFile, ballots[:size+5]) },
			"reading ballots: ballot 2: 5 bytes instead of 1344\n  ballots: 1, the checkpoint says 3"},
		{"a ballot dropped", func(b tallytest.Bundle) { b.Put(record.BallotsFile, ballots[size:]) },
			"ballots: 2, the checkpoint says 3\n  ballots: not those the checkpoint was signed for"},
		{"a ballot flipped and a challenge dropped", func(b tallytest.Bundle) {
			flipped := bytes.Clone(ballots)
			flipped[size+1] ^= 1
			b.Put(record.BallotsFile, flipped)
			b.Put(record.ChallengedFile, nil)
		}, "challenged ballots: not the file of the closing statement\n  ballot 2:"},
		{"another station's closing", func(b tallytest.Bundle) { b[record.ClosingFile] = w.bundles["a-1"][record.ClosingFile] },
			`closing: of station "a-1"`},
		{"counts that do not reconcile", func(b tallytest.Bundle) {
			c := closing
			c.Counts.Sessions++
			maps.Copy(b, w.Sign(c, ballots, challenged))
		}, "counts: 4 sessions, but 3 cast and 0 abandoned"},
		{"two things wrong", func(b tallytest.Bundle) {
			c := closing
			c.Counts.Registered++
			c.BallotsRoot[0] ^= 1
			maps.Copy(b, w.Sign(c, ballots, challenged))
		}, "counts: 11 registered voters, the manifest says 10\n  ballots: not those the checkpoint was signed for"},
	} {
		b := good.Clone()
		c.change(b)
		_, err := tally.Check(w.Election, rand.Reader, b.FS(), "a-2", nil)
		r, ok := errors.AsType[*tally.Refusal](err)
		if !ok || r.Station != "a-2" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// TestCheckTicks: once for every ballot, so that the time left can be told.
func TestCheckTicks(t *testing.T) {
	w, ticks := small(), 0
	b, err := tally.Check(w.Election, nil, w.bundles["b-1"].FS(), "b-1", func() { ticks++ })
	if err != nil || ticks != 4 || b.Closing.Counts.Cast != 4 || b.Closing.Counts.Challenged != 2 {
		t.Errorf("%d ticks, %+v, %v", ticks, b, err)
	}
}

// TestRefusalListsTen: everything is kept, ten are listed.
func TestRefusalListsTen(t *testing.T) {
	r := &tally.Refusal{Station: "a-1"}
	for range 12 {
		r.Problems = append(r.Problems, errors.New("a problem"))
	}
	want := `the bundle of station "a-1" is refused:` + strings.Repeat("\n  a problem", 10) + "\n  and 2 more"
	if r.Error() != want {
		t.Errorf("%s", r.Error())
	}
	if !errors.Is(&tally.Refusal{Problems: []error{tally.ErrUnknownStation}}, tally.ErrUnknownStation) {
		t.Error("a problem is not found in its refusal")
	}
}

func TestReadClosingRefuses(t *testing.T) {
	w := small()
	other := tallytest.New(tallytest.Config{Kind: record.Rehearsal})
	elsewhere := tallytest.New(tallytest.Config{Stations: []string{"z-9"}})
	good := w.bundles["a-1"]
	unsigned := must(record.ReadSigned[record.Closing](good.FS(), record.ClosingFile))
	unsigned.Signatures = unsigned.Signatures[:2]
	unsigned.Body.Counts.Cast = 1 << 31
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, "the bundle is refused:\n  reading closing.json: closing: json: ends in the middle"},
		{"no JSON", []byte("hello\n"), "reading closing.json: closing: invalid character"},
		{"too large", bytes.Repeat([]byte(" "), tally.MaxClosing+1), "the bundle is refused:\n  closing.json: larger than 16384 bytes"},
		{"a second spelling", append([]byte(" "), good[record.ClosingFile].Data...), "not the canonical encoding"},
		{"unknown station", elsewhere.Bundle("z-9", nil, nil)[record.ClosingFile].Data, `the bundle of station "z-9" is refused:` + "\n  the manifest has no such station"},
		{"a rehearsal's", other.Bundle("a-1", nil, nil)[record.ClosingFile].Data, "it is of another election: another referendum, or a rehearsal"},
		{"one official, and counts of nobody", must(record.Marshal(unsigned)), "closing: signed by 1 officials, needed are 2\n  counts: 2 attendances, but 2147483648 ballots cast"},
	} {
		_, err := tally.ReadClosing(w.Election, c.file)
		if _, ok := errors.AsType[*tally.Refusal](err); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	c, err := tally.ReadClosing(w.Election, good[record.ClosingFile].Data)
	if err != nil {
		t.Fatal(err)
	}
	for name, size := range tally.Sizes(w.Election, c) {
		if int64(len(good[name].Data)) != size {
			t.Errorf("%s has %d bytes, Sizes says %d", name, len(good[name].Data), size)
		}
	}
}

func TestCollectRefuses(t *testing.T) {
	w := small()
	replayed := maps.Clone(w.bundles)
	// Signed by a corrupt station, with ballots of another: no proof is looked at
	// here, so nothing but the ciphertexts tells.
	size := w.Election.BallotSize()
	replayed["b-1"] = w.Assemble("b-1", [][]byte{bytes.Clone(w.bundles["a-1"][record.BallotsFile].Data[:size])}, nil)
	// A machine of station b-1 that was cloned from one of a-1 casts with the seed
	// of a ballot that was challenged there.
	shape := w.Election.Manifest.Shape()
	opened := w.bundles["a-2"][record.ChallengedFile].Data
	cloned := maps.Clone(w.bundles)
	ballot := must(proof.Make(rand.Reader, w.Election.Context("b-1"), must(proof.NewSelections(shape, make([]int, len(shape)))),
		elgamal.SeedFromBytes([elgamal.SeedSize]byte(opened[size:size+elgamal.SeedSize]))))
	cloned["b-1"] = w.Assemble("b-1", [][]byte{ballot.Bytes()}, nil)
	damaged := maps.Clone(w.bundles)
	damaged["a-2"] = w.bundles["a-2"].Clone()
	damaged["a-2"][record.BallotsFile].Data[7] ^= 1
	for _, c := range []struct {
		name     string
		bundles  map[string]tallytest.Bundle
		stations []string
		want     string
	}{
		{"not there", w.bundles, []string{"a-1", "c-7"}, `opening the bundle of station "c-7": file does not exist`},
		{"damaged since", damaged, []string{"a-1", "a-2", "b-1"}, `the bundle of station "a-2" is refused:`},
		{"a ballot of another station", replayed, []string{"a-1", "a-2", "b-1"}, `a ciphertext stands in ballots of both station "a-1" and station "b-1"`},
		{"the seed of another station's challenge", cloned, []string{"a-1", "a-2", "b-1"}, `a ciphertext stands in ballots of both station "a-2" and station "b-1"`},
	} {
		world := &smallWorld{w.World, c.bundles}
		for _, workers := range []int{0, 3} {
			cast, sums, err := tally.Collect(w.Election, c.stations, world.store, workers, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) || cast != nil || sums != nil {
				t.Errorf("%s, %d workers: error %v, want %q", c.name, workers, err, c.want)
			}
		}
	}
}

// TestCollectAdds: the sums are those of the bundles one by one, whatever the
// number of workers.
func TestCollectAdds(t *testing.T) {
	w := small()
	for _, workers := range []int{1, 4} {
		var last, calls int64
		cast, sums, err := tally.Collect(w.Election, []string{"a-1", "a-2", "b-1"}, w.store, workers, func(done, total int64) {
			if last, calls = done, calls+1; total != 3 {
				t.Errorf("total %d", total)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(cast, map[string]uint32{"a-1": 2, "a-2": 3, "b-1": 4}) || last != 3 || calls != 3 {
			t.Errorf("%d workers: cast %v, progress %d in %d calls", workers, cast, last, calls)
		}
		for id := range cast {
			b, err := tally.Check(w.Election, rand.Reader, w.bundles[id].FS(), id, nil)
			if err != nil {
				t.Fatal(err)
			}
			x, y := must(record.Marshal(b.Sum.Ciphertexts())), must(record.Marshal(sums[id].Ciphertexts()))
			if !bytes.Equal(x, y) {
				t.Errorf("%d workers: the sum of %s differs", workers, id)
			}
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
