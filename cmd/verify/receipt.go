package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/code"
	"github.com/openreferendum/referendum/verifier"
)

const receiptHelp = `receipt looks for the ballot with the confirmation code on a receipt. If the ballot
was cast, it says at which station, and checks an inclusion proof: that the ballot
is under the checkpoint that the station signed at the close of polls. If it was
challenged, it says what was opened.

CODE is the code as it stands on the receipt, with or without spaces and dashes, or
what the receipt's QR code says. The last symbol may mean something to a shell: put
the code in single quotes. Nobody sees from the code how somebody voted.

The rest of the record is not checked: see verify RECORD.`

func receiptCommand() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:     "receipt CODE --record RECORD",
		Short:   "is my ballot in the record?",
		Long:    receiptHelp,
		Example: "    verify receipt '4XKQ-0M2B-…-9TZ1-7' --record record",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("no code given")
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			return receipt(c, strings.Join(args, " "), path)
		},
	}
	recordFlag(c, &path)
	return c
}

func recordFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "record", "", "the published record: a `folder`")
	if err := c.MarkFlagDirname("record"); err != nil {
		panic("verify: internal error: " + err.Error())
	}
}

func receipt(c *cobra.Command, text, path string) (err error) {
	if path == "" {
		return terminal.Unusable(errors.New("no record given"), "add --record RECORD")
	}
	election, sought, err := parseCode(text)
	if err != nil {
		return err
	}
	root, e, err := openElection(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if !strings.HasPrefix(e.ID.String(), election) {
		return terminal.About(e.Manifest.Kind, terminal.Bad(fmt.Errorf("the receipt is of election %s…, this record of %s…", election, e.ID.String()[:16]), "each referendum and each rehearsal has a record of its own"))
	}
	progress := terminal.NewProgress(c.ErrOrStderr(), "stations")
	r, err := verifier.FindReceipt(e, root.FS(), sought, progress.Report)
	progress.Finish()
	if err != nil {
		return terminal.About(e.Manifest.Kind, notFound(e, root.FS(), err))
	}
	return page(c, e.Manifest.Kind, func(v terminal.Voice) error {
		if r.Challenged != nil {
			return challengedReceipt(v, e, r)
		}
		castReceipt(v, e, r, path)
		return nil
	})
}

func castReceipt(v terminal.Voice, e *record.Election, r *verifier.Receipt, path string) {
	v.Say("YOUR BALLOT IS IN THE RECORD, cast at station %s (%s).", r.Station.ID, show(e.Manifest, r.Station.Name))
	v.Say("  code        %s", code.Format(r.Code))
	v.Say("  place       ballot %s of %s, in the order of the codes", digits(uint64(r.Number)), digits(uint64(r.Of)))
	v.Say("  checkpoint  root %v, signed by the station", r.Root)
	v.Say("  inclusion   %s from the code to the root: checked", count(len(r.Path), "hash step"))
	v.Say("Is the rest of the record right? See: verify %s", line(path))
}

func challengedReceipt(v terminal.Voice, e *record.Election, r *verifier.Receipt) error {
	v.Say("THIS BALLOT WAS CHALLENGED at station %s (%s). It was opened, and is not counted.", r.Station.ID, show(e.Manifest, r.Station.Name))
	v.Say("  code        %s", code.Format(r.Code))
	v.Say("  place       challenged ballot %s of %s", digits(uint64(r.Number)), digits(uint64(r.Of)))
	return opened(v, e, r.Station, r.Challenged)
}

// openElection opens a record, and reads which election it is of.
func openElection(path string) (*os.Root, *record.Election, error) {
	root, err := openRecord(path)
	if err != nil {
		return nil, nil, err
	}
	e, err := readElection(root.FS())
	if err != nil {
		return nil, nil, errors.Join(err, root.Close())
	}
	return root, e, nil
}

func readElection(fsys fs.FS) (*record.Election, error) {
	e, err := verifier.OpenElection(fsys)
	if err != nil {
		return nil, terminal.Unusable(fmt.Errorf("reading the record: %w", err), "verify RECORD says what is wrong with it")
	}
	return e, nil
}

// qrPrefix begins what a receipt's QR code says: docs/spec/paper.md.
const qrPrefix = "referendum-v1:receipt:"

// parseCode reads a code as it was typed, or the content of a receipt's QR code,
// which names the beginning of the election's identifier as well.
func parseCode(text string) (election string, c record.Hash, err error) {
	typed := strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(typed, qrPrefix); ok {
		election, typed, ok = strings.Cut(rest, ":")
		if !ok || len(election) != 16 || strings.Trim(election, "0123456789abcdef") != "" {
			return "", c, terminal.Unusable(errors.New("reading the code: not what the QR code of a receipt says"), "type the code that stands beside it")
		}
	}
	b, err := code.Parse(typed)
	if err != nil {
		return "", c, terminal.Unusable(fmt.Errorf("reading the code: %w", err), "compare it with the receipt, group by group: 13 groups of four symbols, and one symbol; put it in single quotes")
	}
	return election, record.Hash(b), nil
}

// notFound explains why there is no answer that a voter could be content with.
func notFound(e *record.Election, fsys fs.FS, err error) error {
	if _, ok := errors.AsType[*verifier.NotCovered](err); ok {
		return terminal.Bad(err, "the ballot was put there after the closing: keep the receipt, and show it to observers and to the election commission")
	}
	if !errors.Is(err, verifier.ErrNoSuchBallot) {
		return terminal.Bad(err, "the record is damaged there, and the ballot could be in that part: verify RECORD says what is wrong")
	}
	hint := "the check symbol fits, so the code was typed right: keep the receipt, and show it to observers and to the election commission; a ballot that was cast must be in the record"
	if missing := missing(e, fsys); len(missing) > 0 {
		hint = fmt.Sprintf("%s of the manifest are not in this record, such as %s: if you voted there, your ballot was not counted; else keep the receipt, and show it to observers and to the election commission", count(len(missing), "station"), missing[0])
	}
	return terminal.Bad(err, hint)
}

func missing(e *record.Election, fsys fs.FS) []string {
	var ids []string
	for _, s := range e.Manifest.Stations {
		if _, err := fs.Stat(fsys, record.StationFile(s.ID, "")); err != nil {
			ids = append(ids, s.ID)
		}
	}
	return ids
}
