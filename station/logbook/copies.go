package logbook

import (
	"errors"
	"fmt"
	"os"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationlog"
)

// A Reading is a log as it is in its files.
type Reading struct {
	Content []byte // the lines
	Entries []stationlog.Entry
	Behind  int // the file that the next Open will make good, as Book.Mended counts them; -1: none
}

// Read reads the log and changes nothing: for a self-test, and for people. It
// judges the files as Open does. While a program has them open, it returns what
// is on both media, which grows meanwhile. A log that was never begun is an
// error that wraps fs.ErrNotExist.
func Read(paths [2]string, election record.Hash, station string) (Reading, error) {
	r, err := readBoth(paths, stationlog.Start(election, station))
	if err != nil {
		return Reading{}, fmt.Errorf("reading the station's log: %w", err)
	}
	return r, nil
}

func readBoth(paths [2]string, start stationlog.Head) (Reading, error) {
	var contents [2][]byte
	inUse := false
	// The second first: a line that is written meanwhile is in the first by
	// then, so what is whole in the second is in both.
	for _, i := range []int{1, 0} {
		f, err := openFile(paths[i], os.O_RDONLY)
		if err != nil {
			return Reading{}, err
		}
		defer f.f.Close()
		if err := lock(f.f); errors.Is(err, ErrInUse) {
			inUse = true
		} else if err != nil {
			return Reading{}, err
		}
		if contents[i], err = f.read(); err != nil {
			return Reading{}, err
		}
	}
	if inUse {
		contents[1] = contents[1][:stationlog.Complete(contents[1])]
		contents[0] = contents[0][:min(len(contents[0]), len(contents[1]))]
	}
	p, err := reconcile(start, contents)
	if err != nil {
		return Reading{}, err
	}
	_, entries, err := stationlog.Read(start, p.whole)
	return Reading{p.whole, entries, p.behind}, err
}

// Recreate makes a lost file again from the one that is left, under a path at
// which there is nothing. People decide before which one is right, and no
// program has the log open meanwhile. A torn last line is left out.
func Recreate(from, to string, election record.Hash, station string) error {
	if err := recreate(from, to, stationlog.Start(election, station)); err != nil {
		return fmt.Errorf("making the station's log again: %w", err)
	}
	return nil
}

func recreate(from, to string, start stationlog.Head) error {
	f, err := openLocked(from, os.O_RDONLY) // it may be evidence on a medium that is write-protected
	if err != nil {
		return err
	}
	defer f.f.Close()
	b, err := f.read()
	if err != nil {
		return err
	}
	n, err := sound(start, b)
	if err != nil {
		return err
	}
	return durable.WriteFile(to, b[:n], 0o600)
}
