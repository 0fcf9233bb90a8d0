package logbook

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationlog"
)

var start = stationlog.Start(record.Hash{7}, "s")

// lines are the first lines of a log.
func lines(t testing.TB) [][]byte {
	t.Helper()
	l := stationlog.New(start)
	var all [][]byte
	for _, e := range []stationlog.Event{stationlog.LogStarted, stationlog.MachineStarted, stationlog.MainsLost, stationlog.MainsRestored} {
		line, err := l.Append(stationlog.HourOf(time.Date(2021, 12, 18, 1, 0, 0, 0, time.UTC)), e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	return all
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestReconcile(t *testing.T) {
	l := lines(t)
	none, one, two3 := []byte{}, l[0], join(l[0], l[1], l[2])
	half, zeros := l[2][:40], make([]byte, 60)
	holed := join(zeros, l[2][60:]) // a line whose first sector is missing
	for name, c := range map[string]struct {
		a, b   []byte
		behind int // of a plan; -2: differ
		lines  int
		want   string
	}{
		"both empty":              {none, none, -1, 0, ""},
		"the same":                {two3, two3, -1, 3, ""},
		"first line torn":         {l[0][:9], none, 0, 0, ""},
		"second lacks a line":     {two3, join(l[0], l[1]), 1, 3, ""},
		"first lacks a line":      {join(l[0], l[1]), two3, 0, 3, ""},
		"second has half of it":   {two3, join(l[0], l[1], half), 1, 3, ""},
		"second has its end":      {two3, join(l[0], l[1], holed), 1, 3, ""},
		"second has zeros":        {two3, join(l[0], l[1], zeros), 1, 3, ""},
		"first has half a line":   {join(l[0], l[1], half), join(l[0], l[1]), 0, 2, ""},
		"first has a line's end":  {join(l[0], l[1], holed), join(l[0], l[1]), 0, 2, ""},
		"second alone has a half": {one, join(one, half), 1, 1, ""},
		"line changed":            {two3, join(l[0], bytes.Replace(l[1], []byte("started"), []byte("stopped"), 1), l[2]), -2, 0, "file 2: "},
		"last line changed":       {two3, join(l[0], l[1], bytes.Replace(l[2], []byte("T01Z"), []byte("T02Z"), 1)), -2, 0, "they part at line 3"},
		"last line's chain":       {two3, join(l[0], l[1], l[3]), -2, 0, "file 2: "},
		"two lines behind":        {two3, one, -2, 0, "file 1 has 2 lines more than file 2"},
		"three lines behind":      {one, join(two3, l[3]), -2, 0, "file 2 has 3 lines more than file 1"},
		"both torn":               {join(one, half), join(one, half), -2, 0, "half a line follows in file 1"},
		"torn and ahead":          {join(two3, half), join(l[0], l[1]), -2, 0, "half a line follows in file 1, which has what file 2 lacks"},
		"endless half":            {two3, join(two3, make([]byte, 600)), -2, 0, "600 bytes follow the last line"},
		"two half lines":          {two3, join(l[0], holed, half), -2, 0, "file 2: "},
		"zeros before the end":    {two3, join(l[0], zeros, l[1], l[2]), -2, 0, "file 2: "},
	} {
		p, err := reconcile(start, [2][]byte{c.a, c.b})
		if c.behind == -2 {
			if !errors.Is(err, ErrDiffer) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
			continue
		}
		if err != nil || p.behind != c.behind || bytes.Count(p.whole, newline) != c.lines {
			t.Errorf("%s: mends %d, %d lines, %v", name, p.behind, bytes.Count(p.whole, newline), err)
			continue
		}
		if p.behind >= 0 && !bytes.HasPrefix([2][]byte{c.a, c.b}[p.behind], p.whole[:p.keep]) {
			t.Errorf("%s: keeps %d bytes that are not the log's", name, p.keep)
		}
	}
}

// FuzzReconcile: whatever is in the files, a plan that is carried out leaves
// two equal good logs, which need no mending, and never loses a line that both
// had.
func FuzzReconcile(f *testing.F) {
	l := lines(f)
	f.Add(join(l...), join(l[:3]...))
	f.Add(join(l[:2]...), join(l[0], l[1], l[2][:50]))
	f.Add(join(l[0], l[1], make([]byte, 9), l[2][9:]), join(l[:2]...))
	f.Add([]byte{}, l[0][:5])
	f.Fuzz(func(t *testing.T, a, b []byte) {
		files := [2][]byte{a, b}
		p, err := reconcile(start, files)
		if err != nil {
			if !errors.Is(err, ErrDiffer) {
				t.Errorf("%v does not wrap ErrDiffer", err)
			}
			return
		}
		if p.behind >= 0 {
			files[p.behind] = join(files[p.behind][:p.keep], p.whole[p.keep:])
		}
		if !bytes.Equal(files[0], files[1]) || !bytes.Equal(files[0], p.whole) {
			t.Fatalf("after mending: %q, %q", files[0], files[1])
		}
		if _, _, err := stationlog.Read(start, p.whole); err != nil {
			t.Error(err)
		}
		common := 0
		for common < min(len(a), len(b)) && a[common] == b[common] {
			common++
		}
		if len(p.whole) < stationlog.Complete(a[:common]) {
			t.Error("a line that both had is lost")
		}
	})
}
