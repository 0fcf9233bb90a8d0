package verifier_test

import (
	"crypto/rand"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/verifier"
)

// TestPartOfNothing: an area that the manifest does not have is a failure.
func TestPartOfNothing(t *testing.T) {
	files := readFiles(t, testdata+"/valid/county")
	for _, area := range []string{"t-9", "a-11", "A-1", "Town 1"} {
		r := verifier.Verify(files, verifier.Options{Part: area, Random: rand.Reader})
		if got := statuses(r); r.OK() || r.Part.Holds || got["V10"] != verifier.Failed || r.Ballots != 0 {
			t.Errorf("%s: %v", area, got)
		}
	}
}

// TestParts: a part holds where the whole does, and says of the whole nothing.
func TestParts(t *testing.T) {
	files := readFiles(t, testdata+"/valid/county")
	stations := map[string]int{"a-1": 1, "t-1": 2, "t-3": 1, "nation": 5}
	for area, n := range stations {
		r := verifier.Verify(files, verifier.Options{Part: area, Random: rand.Reader})
		if !r.OK() || !r.Part.Holds || r.Part.Area != area || r.Verifies || r.Result != nil || r.Stations != n || r.Missing != nil {
			t.Errorf("%s: %+v", area, r)
		}
		for id, status := range statuses(r) {
			want := verifier.Passed
			if id >= "V23" {
				want = verifier.NotAsked
			}
			if status != want {
				t.Errorf("%s: %s is %q", area, id, status)
			}
		}
	}
}

// TestPartsFail: what is wrong at a station fails the parts with it, and no
// others; what is wrong with the ceremony or the inventory fails all.
func TestPartsFail(t *testing.T) {
	files := readFiles(t, testdata+"/valid/county")
	changed := func(name string, at int) fstest.MapFS {
		m := maps.Clone(files)
		b := append([]byte(nil), m[name].Data...)
		b[at] ^= 1
		m[name] = &fstest.MapFile{Data: b}
		return m
	}
	ballots := record.StationFile("a-1", record.BallotsFile)
	gone := maps.Clone(files)
	for name := range files {
		if strings.HasPrefix(name, record.StationFile("a-1", "")) {
			delete(gone, name)
		}
	}
	for _, c := range []struct {
		name  string
		files fstest.MapFS
		fails string
	}{
		{"a ballot", changed(ballots, 3), "a-1 t-1"},
		{"a commitment", changed(record.CommitmentFile(1), 20), "a-1 t-1 b-1 t-2"},
	} {
		for _, area := range []string{"a-1", "t-1", "b-1", "t-2"} {
			r := verifier.Verify(c.files, verifier.Options{Part: area, Random: rand.Reader})
			if want := strings.Contains(c.fails, area); r.OK() == want {
				t.Errorf("%s, %s: %+v", c.name, area, r.Failures)
			}
		}
	}
	if r := verifier.Verify(gone, verifier.Options{Part: "t-1"}); len(r.Missing) != 1 || r.Missing[0] != "a-1" {
		t.Errorf("missing are %v", r.Missing)
	}
}

// memory is a Notebook.
type memory struct {
	mu    sync.Mutex
	notes map[string]verifier.Note
	kept  []string
}

func (m *memory) Known(station string) (verifier.Note, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, ok := m.notes[station]
	return n, ok
}

func (m *memory) Keep(n verifier.Note) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notes[n.Station], m.kept = n, append(m.kept, n.Station)
}

// TestNotebook: what was verified is not verified again, unless it is not the
// same any more; and what was wrong is not kept.
func TestNotebook(t *testing.T) {
	files := readFiles(t, testdata+"/valid/county")
	m := &memory{notes: map[string]verifier.Note{}}
	o := verifier.Options{Notebook: m, Random: rand.Reader}
	first := verifier.Verify(files, o)
	if !first.OK() || len(m.kept) != 5 {
		t.Fatalf("%v, kept are %v", first.Failures, m.kept)
	}
	m.kept = nil
	if again := verifier.Verify(files, o); !again.OK() || m.kept != nil || again.Ballots != first.Ballots {
		t.Errorf("%v, verified again are %v", again.Failures, m.kept)
	}
	name := record.StationFile("a-1", record.BallotsFile)
	b := append([]byte(nil), files[name].Data...)
	b[len(b)-40] ^= 1
	changed := maps.Clone(files)
	changed[name] = &fstest.MapFile{Data: b}
	r := verifier.Verify(changed, o)
	if got := statuses(r); r.OK() || got["V18"] != verifier.Failed || got["V16"] != verifier.Failed || m.kept != nil {
		t.Errorf("a changed ballot: %v, kept are %v", got, m.kept)
	}
	// Ballots that are another's: the note does not stand for them.
	m.notes["a-1"] = m.notes["b-1"]
	if again := verifier.Verify(files, o); !again.OK() || len(m.kept) != 1 || m.kept[0] != "a-1" {
		t.Errorf("%v, verified again are %v", again.Failures, m.kept)
	}
}

// TestProgressOfKnownStations counts every ballot once, verified or known.
func TestProgressOfKnownStations(t *testing.T) {
	files := readFiles(t, testdata+"/valid/county")
	m := &memory{notes: map[string]verifier.Note{}}
	for range 2 {
		var last int64
		verifier.Verify(files, verifier.Options{Notebook: m, Progress: func(done, _ int64) { last = done }})
		if last != 10 {
			t.Errorf("%d ballots", last)
		}
	}
}
