package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
	"github.com/openreferendum/referendum/tally/office"
)

func importCommand() *cobra.Command {
	var workers int
	var checkOnly bool
	c := &cobra.Command{
		Use:   "import --record FOLDER BUNDLE...",
		Short: "check stations' bundles completely and take them into the record",
		Long: `import checks bundles: signatures, counts, every proof of every ballot, every
challenged ballot; and takes those that pass into the record. A BUNDLE is a station's
folder, or a medium: a folder in which there are such folders.

A refused bundle leaves nothing behind, and the others are imported nevertheless. A
bundle that was imported before is said so, and changes nothing. With --check,
nothing is taken.`,
		Example: "    tally import --record record /media/usb",
		Args:    cobra.MinimumNArgs(1),
	}
	counting(c, func(o *office.Office, v terminal.Voice, args []string) error {
		bundles, ignored, err := findBundles(o.Election(), args)
		if err != nil {
			return err
		}
		for _, path := range ignored {
			v.Say("ignored:   %s (no station of the manifest has this name)", shown(path))
		}
		i := &importing{o: o, v: v, checkOnly: checkOnly}
		mark := terminal.Mark(o.Election().Manifest.Kind)
		i.progress = terminal.NewProgress(c.ErrOrStderr(), mark+"ballots")
		i.total = ballotsIn(o.Election(), bundles)
		i.run(bundles, workers)
		return i.summary()
	})
	c.Flags().IntVar(&workers, "workers", runtime.NumCPU(), "how many bundles are checked at a time")
	c.Flags().BoolVar(&checkOnly, "check", false, "only check; take nothing")
	return c
}

// findBundles makes bundles of the arguments. In a medium, every folder with the
// name of a station, and every other one that looks like a bundle, is one.
func findBundles(e *record.Election, args []string) (bundles, ignored []string, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, nil, terminal.Unusable(fmt.Errorf("opening the bundle: %w", err), "BUNDLE is a station's folder, or a folder of them")
		}
		if !info.IsDir() {
			return nil, nil, terminal.Unusable(fmt.Errorf("opening the bundle: %s is not a folder", arg), "BUNDLE is a station's folder, or a folder of them")
		}
		if isBundle(arg) {
			bundles = append(bundles, arg)
			continue
		}
		entries, err := os.ReadDir(arg)
		if err != nil {
			return nil, nil, terminal.Unusable(fmt.Errorf("opening the bundle: %w", err), "")
		}
		found := false
		for _, entry := range entries {
			path := filepath.Join(arg, entry.Name())
			if _, ok := e.Station(entry.Name()); ok || isBundle(path) {
				bundles, found = append(bundles, path), true
			} else {
				ignored = append(ignored, path)
			}
		}
		if !found {
			return nil, nil, terminal.Unusable(fmt.Errorf("opening the bundle: %s is no bundle and has none in it", arg), "a bundle is a folder with closing.json, checkpoint, ballots and challenged")
		}
	}
	return bundles, ignored, nil
}

func isBundle(path string) bool {
	_, err := os.Lstat(filepath.Join(path, record.ClosingFile))
	return err == nil
}

// ballotsIn estimates the ballots from the files' sizes, for the progress.
func ballotsIn(e *record.Election, bundles []string) int64 {
	var total int64
	for _, b := range bundles {
		if info, err := os.Lstat(filepath.Join(b, record.BallotsFile)); err == nil && info.Mode().IsRegular() {
			total += info.Size() / int64(e.BallotSize())
		}
	}
	return total
}

// An importing is one run over several bundles.
type importing struct {
	o         *office.Office
	v         terminal.Voice
	checkOnly bool
	progress  *terminal.Progress

	mu          sync.Mutex
	done, total int64
	outcomes    []outcome
}

type outcome struct {
	path string
	b    *tally.Bundle
	err  error
}

func (i *importing) run(bundles []string, workers int) {
	i.outcomes = make([]outcome, len(bundles))
	queue := make(chan int)
	var wg sync.WaitGroup
	for range max(1, workers) {
		wg.Go(func() {
			for k := range queue {
				i.one(k, bundles[k])
			}
		})
	}
	for k := range bundles {
		queue <- k
	}
	close(queue)
	wg.Wait()
	i.progress.Finish()
}

func (i *importing) one(k int, path string) {
	take := i.o.Import
	if i.checkOnly {
		take = i.o.CheckBundle
	}
	b, err := take(path, i.tick)
	if b != nil {
		// The sum and the fingerprints are not needed any more.
		b = &tally.Bundle{Station: b.Station, Closing: b.Closing}
	}
	i.outcomes[k] = outcome{path, b, err}
}

func (i *importing) tick() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.done++
	i.progress.Report(i.done, max(i.done, i.total))
}

// summary says what became of each bundle, in the order they were given.
func (i *importing) summary() error {
	refused := refusals{v: i.v}
	for _, x := range i.outcomes {
		switch {
		case x.err == nil:
			i.v.Say("%-10s %s", i.word(), counts(x.b.Station, x.b.Closing.Counts))
		case errors.Is(x.err, office.ErrTwice):
			i.v.Say("unchanged: %s: %v", shown(x.path), x.err)
		default:
			refused.add(x.path, x.err)
		}
	}
	return refused.verdict(fmt.Sprintf("of %d bundles are not imported", len(i.outcomes)), "see the lines above, and: tally status")
}

func (i *importing) word() string {
	if i.checkOnly {
		return "checked:"
	}
	return "imported:"
}

func counts(station string, c record.Counts) string {
	return fmt.Sprintf("station %s: %d registered, %d cast, %d challenged, %d abandoned", station, c.Registered, c.Cast, c.Challenged, c.Abandoned)
}
