package terminal

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestProgressLines: without a terminal, a line at every tenth and no more.
func TestProgressLines(t *testing.T) {
	var w bytes.Buffer
	p := NewProgress(&w, "verifying")
	now := time.Unix(0, 0)
	p.now, p.begun = func() time.Time { return now }, now
	p.Report(0, 0) // nothing known yet
	p.Report(-1, 100)
	p.Report(5, 0)
	for i := range int64(1001) {
		now = time.Unix(i*2, 0)
		p.Report(i, 1000)
	}
	p.Report(2000, 1000) // more than all
	p.Finish()
	want := `verifying: 10% (100 of 1000), about 30 min left
verifying: 20% (200 of 1000), about 27 min left
verifying: 30% (300 of 1000), about 23 min left
verifying: 40% (400 of 1000), about 20 min left
verifying: 50% (500 of 1000), about 17 min left
verifying: 60% (600 of 1000), about 13 min left
verifying: 70% (700 of 1000), about 10 min left
verifying: 80% (800 of 1000), about 7 min left
verifying: 90% (900 of 1000), about 3 min left
verifying: 100% (1000 of 1000)
`
	if w.String() != want {
		t.Errorf("%s\nwant\n%s", w.String(), want)
	}
}

func TestProgressLargeSteps(t *testing.T) {
	var w bytes.Buffer
	p := NewProgress(&w, "x")
	now := time.Unix(0, 0)
	p.now, p.begun = func() time.Time { return now }, now
	now = time.Unix(3, 0)
	p.Report(1, 4)
	now = time.Unix(7200, 0)
	p.Report(2, 4)
	p.Report(1<<62, 1<<62) // another total: begins again, and does not overflow
	if want := "x: 20% (1 of 4), about 9 s left\nx: 50% (2 of 4), about 2 h 0 min left\n"; !strings.HasPrefix(w.String(), want) || strings.Count(w.String(), "\n") != 3 {
		t.Errorf("%s", w.String())
	}
}

// TestProgressConcurrent is for the race detector.
func TestProgressConcurrent(t *testing.T) {
	var w bytes.Buffer
	p := NewProgress(&w, "x")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range int64(1000) {
				p.Report(i+1, 1000)
			}
		})
	}
	wg.Wait()
	if n := strings.Count(w.String(), "\n"); n != 10 {
		t.Errorf("%d lines", n)
	}
}
