package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

const hintsHelp = `hints computes what makes the next checks of a record's ballots faster by a
third or more, and writes it into a new folder, two thirds as large as the
ballots: one square root for every number in them.

verify --hints FOLDER checks each hint before it uses it. A hint that is wrong or
missing costs time and changes nothing, so hints may come from anybody.`

func hintsCommand() *cobra.Command {
	var path, out string
	var workers int
	c := &cobra.Command{
		Use:               "hints --record RECORD --out FOLDER",
		Short:             "make the next checks of a record faster",
		Long:              hintsHelp,
		Example:           "    verify hints --record record --out hints\n    verify --hints hints record",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, _ []string) error { return hints(c, path, out, workers) },
	}
	recordFlag(c, &path)
	terminal.Require(c, &out, "out", "the new `folder` for the hints")
	workersFlag(c, &workers)
	return c
}

func hints(c *cobra.Command, path, out string, workers int) (err error) {
	if path == "" {
		return terminal.Unusable(errors.New("no record given"), "add --record RECORD")
	}
	if workers < 1 {
		return terminal.Unusable(fmt.Errorf("--workers %d: at least one is needed", workers), "")
	}
	root, e, err := openElection(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if err := os.Mkdir(out, 0o755); err != nil {
		return terminal.Unusable(fmt.Errorf("making the folder for the hints: %w", err), "nothing is ever overwritten; choose another name")
	}
	w := &hintWriter{c: c, e: e, record: root.FS(), out: out}
	if err := w.all(workers); err != nil {
		return terminal.Unusable(err, "the hints in "+out+" are not complete; they may be used or removed")
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "written:  %s, hints of %s at %s\nnext:     verify --hints %s %s\n", out, count(int(w.done), "ballot"), count(w.stations, "station"), out, path)
	return err
}

// A hintWriter writes the hints of all stations, several at a time.
type hintWriter struct {
	c      *cobra.Command
	e      *record.Election
	record fs.FS
	out    string

	mu          sync.Mutex
	done, total int64
	stations    int
	errs        []error
}

func (w *hintWriter) all(workers int) error {
	var ids []string
	for _, s := range w.e.Manifest.Stations {
		if info, err := fs.Stat(w.record, record.StationFile(s.ID, record.BallotsFile)); err == nil {
			ids, w.total = append(ids, s.ID), w.total+info.Size()/int64(w.e.BallotSize())
		}
	}
	w.stations = len(ids)
	progress := terminal.NewProgress(w.c.ErrOrStderr(), "ballots")
	defer progress.Finish()
	queue := make(chan string)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			scanner := record.NewScanner(w.e, nil)
			for id := range queue {
				if err := w.station(scanner, id, progress); err != nil {
					w.mu.Lock()
					w.errs = append(w.errs, fmt.Errorf("station %s: %w", id, err))
					w.mu.Unlock()
				}
			}
		})
	}
	for _, id := range ids {
		queue <- id
	}
	close(queue)
	wg.Wait()
	return errors.Join(w.errs...)
}

func (w *hintWriter) station(scanner *record.Scanner, id string, progress *terminal.Progress) (err error) {
	dir, err := fs.Sub(w.record, record.StationFile(id, ""))
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(w.out, record.HintsFile(id)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	to := bufio.NewWriterSize(f, 1<<20)
	err = scanner.WriteHints(to, dir, id, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.done++
		progress.Report(w.done, max(w.done, w.total))
	})
	return errors.Join(err, to.Flush())
}
