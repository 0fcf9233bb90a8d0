package e2etest

import (
	"image"
	"testing"
	"time"

	"github.com/openreferendum/referendum/record"
)

// patience is how long a person waits for the machine, which answers within
// a second where nothing else runs: less than until the machine takes its
// screens for left.
const patience = 45 * time.Second

// TestDisplay: what is on the display is in the file.
func TestDisplay(t *testing.T) {
	d := newDisplay(t, 1024, 768)
	must(t, d.touch(500, 400))
	m, err := d.look()
	must(t, err)
	if m.Bounds() != image.Rect(0, 0, 1024, 768) {
		t.Errorf("a display of %v", m.Bounds())
	}
	if _, err := parseXWD([]byte("no picture")); err == nil {
		t.Error("a file that is no picture was read")
	}
}

// TestElection: what the tests vote about is a referendum.
func TestElection(t *testing.T) {
	e := newElection(t, record.Rehearsal, 5, time.Now().Add(-time.Hour))
	if n := len(e.world.Election.Manifest.Questions); n != 3 || len(e.world.Roll.Body.Voters) != 5 {
		t.Errorf("%d questions, %d voters", n, len(e.world.Roll.Body.Voters))
	}
}
