package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/verifier"
)

const recordHint = "RECORD is the folder that contains " + record.ManifestFile

// openRecord opens a record's folder. What is in it is the verifier's to judge;
// here it only has to look like one.
func openRecord(path string) (*os.Root, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, terminal.Unusable(fmt.Errorf("opening the record: there is no %q", path), recordHint)
	case err != nil:
		return nil, terminal.Unusable(fmt.Errorf("opening the record: %w", err), recordHint)
	case !info.IsDir():
		return nil, terminal.Unusable(fmt.Errorf("opening the record: %q is not a folder", path), recordHint)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, terminal.Unusable(fmt.Errorf("opening the record: %w", err), recordHint)
	}
	if _, err := root.Lstat(record.ManifestFile); err != nil {
		return nil, terminal.Unusable(errors.Join(fmt.Errorf("opening the record: %q has no %s", path, record.ManifestFile), root.Close()), recordHint)
	}
	return root, nil
}

func (f *recordFlags) run(c *cobra.Command, args []string) (err error) {
	o := verifier.Options{Workers: f.workers, Part: f.part, Random: rand.Reader}
	if f.workers < 1 {
		return terminal.Unusable(fmt.Errorf("--workers %d: at least one is needed", f.workers), "")
	}
	if f.oneByOne {
		if f.hints != "" || f.notebook != "" {
			return terminal.Unusable(errors.New("--one-by-one does without --hints and --notebook"), "hints are for many ballots at a time, and notes may be of such a run: leave them out")
		}
		o.Random = nil
	}
	if f.election != "" {
		h, err := record.ParseHash(f.election)
		if err != nil {
			return terminal.Unusable(fmt.Errorf("--election: %w", err), "the identifier has 64 hexadecimal digits, in lower case; it stands on the zero tape of every station")
		}
		o.Election = &h
	}
	root, err := openRecord(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	measured := &meter{FS: root.FS()}
	if err := f.checkPart(measured); err != nil {
		return err
	}
	if o.Hints, err = f.openHints(); err != nil {
		return err
	}
	notes, err := f.openNotebook(measured)
	if err != nil {
		return err
	}
	if notes != nil {
		o.Notebook = notes
	}
	progress := terminal.NewProgress(c.ErrOrStderr(), "ballots")
	o.Progress = progress.Report
	begun := time.Now()
	report := verifier.Verify(measured, o)
	progress.Finish()
	fmt.Fprintln(c.ErrOrStderr(), measured.speed(report.Ballots, time.Since(begun), f.workers))
	if notes != nil {
		if err := notes.close(); err != nil {
			fmt.Fprintf(c.ErrOrStderr(), "the notebook is not complete: %v\n", err)
		}
	}
	// Printed only now and as a whole: whatever happened above, there is no half
	// report.
	if f.json {
		err = printJSON(c, report)
	} else {
		err = page(c, report.Kind, func(v terminal.Voice) error {
			printReport(v, report, o.Election != nil)
			return nil
		})
	}
	if err != nil {
		return err
	}
	return terminal.About(report.Kind, verdict(report))
}

// checkPart refuses a part that the manifest does not have. A manifest that
// cannot be read is the report's to tell of.
func (f *recordFlags) checkPart(fsys fs.FS) error {
	if f.part == "" {
		return nil
	}
	e, err := readElection(fsys)
	if err == nil && len(e.Manifest.StationsIn(f.part)) == 0 {
		return terminal.Unusable(fmt.Errorf("--part: the manifest has no station and no district %q", f.part), "identifiers of stations and districts stand in "+record.ManifestFile)
	}
	return nil
}

// openHints opens the folder of hints, if one is given.
func (f *recordFlags) openHints() (fs.FS, error) {
	if f.hints == "" {
		return nil, nil
	}
	if info, err := os.Stat(f.hints); err != nil || !info.IsDir() {
		return nil, terminal.Unusable(fmt.Errorf("--hints: there is no folder %q", f.hints), "verify hints makes one; without hints the record is checked as well")
	}
	return durable.RegularFiles(f.hints), nil
}

// openNotebook opens the notebook, if one is given. Of a record without an
// election there is nothing to note.
func (f *recordFlags) openNotebook(fsys fs.FS) (*notebook, error) {
	if f.notebook == "" {
		return nil, nil
	}
	e, err := readElection(fsys)
	if err != nil {
		return nil, nil
	}
	return openNotebook(f.notebook, e)
}

func printJSON(c *cobra.Command, report *verifier.Report) error {
	b, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return printAll(c, append(b, '\n'))
}

// page prints what write says, all at once, and returns its error. An answer
// that could not be printed is no answer, so that goes first.
func page(c *cobra.Command, kind string, write func(terminal.Voice) error) error {
	var b bytes.Buffer
	answer := terminal.About(kind, write(terminal.NewVoice(&b, kind)))
	if err := printAll(c, b.Bytes()); err != nil {
		return err
	}
	return answer
}

func printAll(c *cobra.Command, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if _, err := c.OutOrStdout().Write(b); err != nil {
		return terminal.Internal(fmt.Errorf("printing the answer: %w", err), "")
	}
	return nil
}

func verdict(report *verifier.Report) error {
	if report.OK() {
		return nil
	}
	failed, notRun := 0, 0
	for _, c := range report.Checks {
		switch c.Status {
		case verifier.Failed:
			failed++
		case verifier.NotRun:
			notRun++
		}
	}
	return terminal.Bad(fmt.Errorf("the record does not verify: %s failed, %s could not run", count(failed, "check"), count(notRun, "check")),
		"docs/verification.md says what each check means")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
