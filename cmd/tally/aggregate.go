package main

import (
	"crypto"
	"errors"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally/office"
)

func aggregateCommand() *cobra.Command {
	var workers int
	var withoutMissing, checkOnly bool
	key := new(authority)
	c := &cobra.Command{
		Use:   "aggregate --record FOLDER --authority FILE",
		Short: "add up the ballots and sign the decryption request",
		Long: `aggregate compares every imported bundle with what its station signed, adds the
ballots up, prints what the trustees are asked to decrypt, and signs the request.

It refuses while bundles are missing, and names them. With --without-missing it goes
on without them: their ballots are not in the result, and the record says so. A
request is signed once. With --check, nothing is signed.`,
		Example: "    tally aggregate --record record --authority authority.age",
	}
	counting(c, func(o *office.Office, v terminal.Voice, _ []string) error {
		missing, err := missingOf(o, v, withoutMissing)
		if err != nil {
			return err
		}
		there, err := o.Status()
		if err != nil {
			return err
		}
		progress := terminal.NewProgress(c.ErrOrStderr(), terminal.Mark(there.Kind)+"stations")
		if checkOnly {
			a, err := o.Sums(withoutMissing, workers, progress.Report)
			progress.Finish()
			if err != nil {
				return err
			}
			describe(v, a)
			v.Say("nothing was signed")
			return nil
		}
		var signer crypto.Signer // none is needed for a request that is there
		if there.Requested == nil {
			secret, err := key.open(o.Election())
			if err != nil {
				return err
			}
			signer = secret.Signer()
		}
		a, err := o.Aggregate(signer, withoutMissing, workers, progress.Report)
		progress.Finish()
		if err != nil {
			return err
		}
		describe(v, a)
		return signedRequest(o, v, there.Requested != nil, missing)
	})
	c.Flags().BoolVar(&withoutMissing, "without-missing", false, "go on without the stations whose bundles are missing: their ballots are not counted")
	c.Flags().BoolVar(&checkOnly, "check", false, "only add up; sign nothing")
	c.Flags().IntVar(&workers, "workers", runtime.NumCPU(), "how many stations are added up at a time")
	key.flags(c)
	return c
}

// missingOf names the missing stations, one a line, and refuses unless it is
// told to go on, or the request is signed already.
func missingOf(o *office.Office, v terminal.Voice, withoutMissing bool) (int, error) {
	s, err := o.Status()
	if err != nil || len(s.Missing) == 0 {
		return 0, err
	}
	for _, id := range s.Missing {
		v.Say("missing:   station %s (%s) has no bundle", id, nameOf(o, id))
	}
	if len(s.Stations) == 0 {
		return 0, terminal.Bad(errors.New("no bundle is imported"), "see: tally import")
	}
	if s.Requested == nil && !withoutMissing {
		return 0, fmt.Errorf("%w: %d of %d", office.ErrMissing, len(s.Missing), len(o.Election().Manifest.Stations))
	}
	return len(s.Missing), nil
}

func nameOf(o *office.Office, id string) string {
	m := o.Election().Manifest
	s, _ := o.Election().Station(id)
	return s.Name[m.Languages[0]]
}

func describe(v terminal.Voice, a *record.Aggregates) {
	var ballots uint64
	for _, g := range a.Aggregates {
		v.Say("to be decrypted together: %s of %s, %s", count(g.Cast, "ballot"), count(uint64(len(g.Stations)), "station"), g.ID)
		ballots += g.Cast
	}
	v.Say("in all: %s of %s", count(uint64(len(a.Aggregates)), "sum"), count(ballots, "ballot"))
}

func signedRequest(o *office.Office, v terminal.Voice, before bool, missing int) error {
	s, err := o.Status()
	if err != nil {
		return err
	}
	if missing > 0 {
		v.Say("NOT COUNTED: the stations named above as missing (%d of %d); the record says so", missing, len(o.Election().Manifest.Stations))
	}
	word := "signed:"
	if before {
		word = "unchanged:"
	}
	v.Say("%-10s %s", word, record.AggregatesFile)
	v.Say("request:   %v", *s.Requested)
	v.Say("next:      tally request, for each trustee")
	return nil
}
