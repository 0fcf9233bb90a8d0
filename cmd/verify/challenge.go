package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/code"
	"github.com/openreferendum/referendum/verifier"
)

const challengeHelp = `challenge checks a ballot that a voter challenged instead of casting it: whether its
proof holds, whether the printed seed opens it, and whether the choices that the
machine showed are what it had encrypted. FILE is the voter's challenge file
(docs/spec/record.md, Section 6.4).

With --record it also looks whether the ballot is among the challenged ballots that
were published. Before there is a record, --manifest and --joint-key are enough.`

type challengeFlags struct{ record, manifest, jointKey string }

func challengeCommand() *cobra.Command {
	f := new(challengeFlags)
	c := &cobra.Command{
		Use:   "challenge FILE --record RECORD",
		Short: "was the ballot that I challenged encrypted right?",
		Long:  challengeHelp,
		Example: `    verify challenge challenge.json --record record
    verify challenge challenge.json --manifest manifest.json --joint-key joint-key.json`,
		Args: cobra.ExactArgs(1),
		RunE: f.run,
	}
	recordFlag(c, &f.record)
	c.Flags().StringVar(&f.manifest, "manifest", "", "the election's manifest: a `file`")
	c.Flags().StringVar(&f.jointKey, "joint-key", "", "the election's joint key: a `file`")
	c.MarkFlagsRequiredTogether("manifest", "joint-key")
	c.MarkFlagsMutuallyExclusive("record", "manifest")
	c.MarkFlagsOneRequired("record", "manifest")
	return c
}

func (f *challengeFlags) run(c *cobra.Command, args []string) (err error) {
	b, err := readInput(args[0], 4<<20)
	if err != nil {
		return err
	}
	file, err := record.ParseChallenge(b)
	if err != nil {
		return terminal.Unusable(fmt.Errorf("reading %s: %w", args[0], err), "FILE is a challenge file (docs/spec/record.md, Section 6.4); with the paper alone: verify receipt CODE --record RECORD")
	}
	if f.record == "" {
		e, err := f.election()
		if err != nil {
			return err
		}
		return page(c, e.Manifest.Kind, func(v terminal.Voice) error { return check(v, e, file) })
	}
	root, e, err := openElection(f.record)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	return page(c, e.Manifest.Kind, func(v terminal.Voice) error {
		if err := check(v, e, file); err != nil {
			return err
		}
		r, err := verifier.FindReceipt(e, root.FS(), file.Code, nil)
		return published(v, r, err)
	})
}

// election reads the election from two files.
func (f *challengeFlags) election() (*record.Election, error) {
	m, err := readInput(f.manifest, record.MaxDocument)
	if err != nil {
		return nil, err
	}
	j, err := readInput(f.jointKey, record.MaxDocument)
	if err != nil {
		return nil, err
	}
	e, err := record.NewElection(m, j)
	return e, terminal.Unusable(err, "")
}

func check(v terminal.Voice, e *record.Election, file *record.Challenge) error {
	s, c, err := verifier.OpenChallenge(e, file)
	if err != nil {
		return terminal.Unusable(err, "the file belongs to another election, station or version; it says nothing about this one")
	}
	v.Say("CHALLENGE at station %s (%s)", s.ID, show(e.Manifest, s.Name))
	v.Say("  code        %s", code.Format(c.Code))
	return opened(v, e, s, c)
}

// opened checks an opening, and shows the choices in words.
func opened(v terminal.Voice, e *record.Election, s record.Station, c *record.ChallengedBallot) error {
	v.Say("  the machine said that it had encrypted:")
	for q, k := range c.Selections {
		question := e.Manifest.Questions[q]
		chosen := "paper not taken"
		if k > 0 {
			chosen = show(e.Manifest, question.Options[k-1].Label)
		}
		v.Say("    %s  %s: %s", question.ID, show(e.Manifest, question.Title), chosen)
	}
	if err := verifier.CheckOpened(e, s, c); err != nil {
		v.Say("THE MACHINE DID NOT ENCRYPT THIS.")
		return terminal.Bad(err, "compare the choices and the code with the paper; if they are the same, the machine is not to be trusted: show paper and file to observers and to the election commission")
	}
	v.Say("THE MACHINE ENCRYPTED EXACTLY THIS, and its code is that of this ballot.")
	return nil
}

// published says whether a challenged ballot is where it has to be.
func published(v terminal.Voice, r *verifier.Receipt, err error) error {
	switch {
	case errors.Is(err, verifier.ErrNoSuchBallot):
		return terminal.Bad(errors.New("the record does not have this challenged ballot"), "every ballot that was challenged is published: show paper and file to observers and to the election commission")
	case err != nil:
		return terminal.Bad(err, "the record is damaged there: verify RECORD says what is wrong")
	case r.Challenged == nil:
		return terminal.Bad(errors.New("this ballot was cast, though its seed is out: everybody can read it"), "show paper and file to observers and to the election commission")
	}
	v.Say("It is in the record, challenged ballot %s of %s at its station, and is not counted.", digits(uint64(r.Number)), digits(uint64(r.Of)))
	return nil
}

// readInput reads a file that a person named.
func readInput(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, terminal.Unusable(fmt.Errorf("reading %s: %w", path, err), "")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, terminal.Unusable(fmt.Errorf("reading %s: %w", path, err), "")
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, terminal.Internal(fmt.Errorf("reading %s: %w", path, err), "")
	}
	if int64(len(b)) > limit {
		return nil, terminal.Unusable(fmt.Errorf("reading %s: larger than %d bytes", path, limit), "")
	}
	return b, nil
}
