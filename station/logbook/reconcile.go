package logbook

import (
	"bytes"
	"fmt"

	"github.com/openreferendum/referendum/station/stationlog"
)

// A plan says what makes both files hold the same log.
type plan struct {
	whole  []byte // the log
	behind int    // index of the file to mend; -1: none
	keep   int64  // how many of its bytes stay
}

// reconcile compares the contents of both files. A power cut, or an error after
// which nothing more was written, leaves one of these, and nothing else:
//
//   - both the same;
//   - one lacks the other's last line, and may have a part of it;
//   - one has a part of a line after what both have.
//
// Everything else wraps ErrDiffer.
func reconcile(start stationlog.Head, contents [2][]byte) (plan, error) {
	var whole [2][]byte
	var torn [2]bool
	for i, b := range contents {
		n, err := sound(start, b)
		if err != nil {
			return plan{}, fmt.Errorf("file %d: %w: %w", i+1, ErrDiffer, err)
		}
		whole[i], torn[i] = b[:n], n < len(b)
	}
	short, long := 0, 1
	if len(whole[0]) > len(whole[1]) || len(whole[0]) == len(whole[1]) && torn[1] {
		short, long = 1, 0
	}
	more, ok := bytes.CutPrefix(whole[long], whole[short])
	switch {
	case !ok:
		return plan{}, fmt.Errorf("%w: they part at line %d", ErrDiffer, parting(whole)+1)
	case bytes.Count(more, newline) > 1:
		return plan{}, fmt.Errorf("%w: file %d has %d lines more than file %d", ErrDiffer, long+1, bytes.Count(more, newline), short+1)
	case torn[long]:
		return plan{}, fmt.Errorf("%w: half a line follows in file %d, which has what file %d lacks", ErrDiffer, long+1, short+1)
	case len(more) == 0 && !torn[short]:
		return plan{whole: whole[long], behind: -1}, nil
	}
	return plan{whole: whole[long], behind: short, keep: int64(len(whole[short]))}, nil
}

var newline = []byte("\n")

// sound returns how many bytes of a file are a good log. Behind them may be one
// torn line: one without an end, or with zeros where a sector was not
// written. Anything else is an error.
func sound(start stationlog.Head, b []byte) (int, error) {
	n := stationlog.Complete(b)
	if len(b)-n >= stationlog.MaxLine {
		return 0, fmt.Errorf("%d bytes follow the last line", len(b)-n)
	}
	_, _, err := stationlog.Read(start, b[:n])
	if err == nil {
		return n, nil
	}
	if n < len(b) || n == 0 {
		return 0, err
	}
	last := stationlog.Complete(b[:n-1])
	if n-last > stationlog.MaxLine || bytes.IndexByte(b[last:n], 0) < 0 {
		return 0, err
	}
	if _, _, before := stationlog.Read(start, b[:last]); before != nil {
		return 0, before
	}
	return last, nil
}

// parting returns how many lines both have before they part.
func parting(whole [2][]byte) int {
	same := 0
	for same < len(whole[0]) && same < len(whole[1]) && whole[0][same] == whole[1][same] {
		same++
	}
	return bytes.Count(whole[0][:same], newline)
}
