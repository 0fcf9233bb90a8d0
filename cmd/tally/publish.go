package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
	"github.com/openreferendum/referendum/tally/office"
)

func publishCommand() *cobra.Command {
	var workers int
	var checkOnly, asJSON bool
	key := new(authority)
	c := &cobra.Command{
		Use:   "publish --record FOLDER --authority FILE",
		Short: "combine the answers, decide every question, and complete the record",
		Long: `publish combines the trustees' answers, prints the counts and every comparison that
decides a question with its numbers, and writes the signed result and the inventory
over the whole record. Before, it compares every file with what was signed.

With --check it stops after printing, and needs no key.`,
		Example: "    tally publish --record record --authority authority.age",
	}
	counting(c, func(o *office.Office, v terminal.Voice, _ []string) error {
		r, err := o.Decide()
		if err != nil {
			return err
		}
		say := func(format string, args ...any) {
			if !asJSON {
				v.Say(format, args...)
			}
		}
		printResult(say, o.Election().Manifest, r)
		if checkOnly {
			say("nothing was signed or written")
			return resultJSON(c, asJSON, r)
		}
		secret, err := key.open(o.Election())
		if err != nil {
			return err
		}
		progress := terminal.NewProgress(c.ErrOrStderr(), terminal.Mark(o.Election().Manifest.Kind)+"stations")
		o.Workers, o.Progress = workers, progress.Report
		r, err = o.Publish(secret.Signer())
		progress.Finish()
		if err != nil {
			return err
		}
		say("signed:    %s and %s", record.ResultFile, record.InventoryFile)
		say("next:      the record is complete; everybody: verify")
		return resultJSON(c, asJSON, r)
	})
	c.Flags().BoolVar(&checkOnly, "check", false, "only combine, decide and print; sign and write nothing")
	c.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON, as it stands in result.json")
	c.Flags().IntVar(&workers, "workers", runtime.NumCPU(), "how many stations are compared at a time")
	key.flags(c)
	return c
}

func resultJSON(c *cobra.Command, wanted bool, r *record.Result) error {
	if !wanted {
		return nil
	}
	return printJSON(c, r)
}

func printResult(say func(string, ...any), m *record.Manifest, r *record.Result) {
	say("%s", title(m))
	say("election:  %v", r.Election)
	say("answers:   of %s", trustees(r.Trustees))
	for _, id := range r.Missing {
		say("NOT COUNTED: station %s has no bundle", id)
	}
	for i, q := range r.Questions {
		say("")
		say("question %s: %s", q.ID, m.Questions[i].Title[m.Languages[0]])
		say("    registered %d, ballots cast %d, papers issued %d, valid %d, blank %d", q.Registered, q.Cast, q.Issued, q.Valid, q.Blank)
		for _, o := range q.Options {
			say("    %-12s %d", o.ID, o.Count)
		}
		printDecision(say, q.Decision)
	}
	for _, t := range r.TieBreaks {
		say("")
		say("tie-break between %s and %s: %s", t.Between[0], t.Between[1], stands(t))
		for _, x := range t.Numbers {
			printCompared(say, x)
		}
	}
	say("")
}

func printDecision(say func(string, ...any), d rules.Decision) {
	for i, f := range d.Conditions {
		for _, x := range f.AnyOf {
			printCompared(say, x)
		}
		if len(f.AnyOf) > 1 {
			say("    condition %d, any of the %d above: %s", i+1, len(f.AnyOf), holds(f.Holds))
		}
	}
	if d.Passes {
		say("    the question PASSES")
		return
	}
	say("    the question DOES NOT PASS")
}

func printCompared(say func(string, ...any), x rules.Compared) {
	say("    %s", x)
	for _, d := range x.Districts {
		say("        district %s, weight %s: %s against %s %s", d.District, d.Weight, d.Left, d.Right, holds(d.Holds))
	}
}

func holds(b bool) string {
	if b {
		return "holds"
	}
	return "does not hold"
}

func stands(t rules.TieBreakDecision) string {
	switch {
	case !t.Needed:
		return "not needed"
	case t.Stands == "":
		return "neither stands"
	}
	return fmt.Sprintf("%s stands", t.Stands)
}
