// Command verify is the observers' program: it checks a published record, finds
// the ballot of a receipt in it, and checks a ballot that was challenged.
//
// It needs no network, no key and no trust in whoever made the record, and it
// changes nothing.
package main

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
)

const help = `Usage:
    verify RECORD
    verify receipt CODE --record RECORD
    verify challenge FILE --record RECORD
    verify hints --record RECORD --out FOLDER

verify checks the published record of a referendum in the folder RECORD: every
signature, every proof of every ballot, every sum and every decision, in 28
numbered checks. It never stops at the first thing that is wrong, and reports all
by number and place. docs/verification.md says what each check shows. A check
that could not run counts as a check that failed. The result is printed only if
everything holds.

verify receipt looks for the ballot with the confirmation code on a receipt, and
verify challenge checks whether a machine encrypted what it showed.

--part checks the stations of one district, or one station, and leaves out what
only the whole record can show. --notebook keeps a note of every station whose
ballots were checked, so that a long run that was interrupted goes on from there.

--one-by-one does without the arithmetic that checks thousands of ballots in one
sum, and takes many times as long. The report is the same.

A record of a rehearsal or a test deck is marked as one in every line.

Exit status: 0 it verifies, the ballot is there, the machine was right; 1 it does
not, it is not, it was not; 2 wrong usage, or input that cannot be used; 3 a fault
of the program or of this computer.`

const example = `    verify record
    verify --json record >report.json
    verify --election 3b1f…9c record
    verify --part 09007-010 record
    verify --notebook verified.txt record`

type recordFlags struct {
	json     bool
	election string
	part     string
	notebook string
	hints    string
	oneByOne bool
	workers  int
}

func command() *cobra.Command {
	root := terminal.Command("verify", terminal.BuildVersion(), help)
	f := new(recordFlags)
	root.Use = "verify RECORD"
	root.Example = example
	root.Args = oneRecord
	root.RunE = f.run
	root.ValidArgsFunction = folders
	root.Flags().BoolVar(&f.json, "json", false, "print the report as JSON (docs/observers/verify.md)")
	root.Flags().StringVar(&f.election, "election", "", "the election's `identifier` that you expect: 64 hexadecimal digits, from the zero tape")
	root.Flags().StringVar(&f.part, "part", "", "check only this `station or district` of the manifest")
	root.Flags().StringVar(&f.notebook, "notebook", "", "keep notes of verified stations in this `file`, and go on from what it has")
	root.Flags().StringVar(&f.hints, "hints", "", "a `folder` that verify hints wrote: faster by a third")
	root.Flags().BoolVar(&f.oneByOne, "one-by-one", false, "check every ballot alone, with the curve library: many times slower, for who trusts nothing else")
	workersFlag(root, &f.workers)
	root.AddCommand(receiptCommand(), challengeCommand(), hintsCommand())
	return root
}

func workersFlag(c *cobra.Command, n *int) {
	c.Flags().IntVar(n, "workers", runtime.NumCPU(), "how many stations are checked at a time")
}

// oneRecord takes exactly one folder. A word that was meant as a command gets
// the list of commands.
func oneRecord(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return errors.New("no record given")
	case 1:
		return nil
	}
	return fmt.Errorf("%d arguments where one record is due; commands are receipt, challenge and hints", len(args))
}

// folders completes names of folders.
func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func main() { terminal.Main(command()) }
