package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/simulation"
	"github.com/openreferendum/referendum/simulation/cec"
)

// TestRoom refuses a rehearsal that would fill any disk, and says beforehand what
// it takes.
func TestRoom(t *testing.T) {
	p := &simulation.Plan{
		Questions: []record.Question{{Options: make([]record.Option, 3)}},
		Stations:  []simulation.StationPlan{{ID: "s", Results: []cec.Counts{{Votes: 1 << 40}}}},
	}
	var out bytes.Buffer
	s := &stage{voice: terminal.NewVoice(&out, record.Rehearsal)}
	err := s.room(p, filepath.Join(t.TempDir(), "out"))
	if err == nil || !strings.Contains(err.Error(), "and 1477743.6 GB are needed") {
		t.Errorf("2^40 ballots of 672 bytes, twice: %v", err)
	}
	if want := "REHEARSAL: on the disk: 1477743.6 GB"; !strings.HasPrefix(out.String(), want) {
		t.Errorf("%q, not %q", out.String(), want)
	}
	p.Stations[0].Results[0].Votes = 1
	if err := s.room(p, filepath.Join(t.TempDir(), "out")); err != nil {
		t.Errorf("one ballot: %v", err)
	}
}
