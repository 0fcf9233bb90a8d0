// Command tally is the count of a referendum, on an offline computer: it takes
// the stations' bundles into a record, adds up what may be added up, asks the
// trustees to decrypt the sums, and publishes what the rules decide.
//
// It has no network code in it. Everything travels in files, carried by hand.
package main

import (
	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
)

const help = `Usage:
    tally COMMAND --record FOLDER [FLAGS]

tally counts a referendum. The count is a record that grows in one folder: begin
makes it from the key ceremony, and each command adds something to it:

    begin       manifest, joint key and transcript of the ceremony
    import      a station's bundle, checked completely, every proof of every ballot
    aggregate   the signed sums that the trustees are asked to decrypt
    accept      a trustee's answer
    publish     the result, and the inventory over the whole record

request copies to a medium what a trustee needs. At any time, status says what is
there, what is missing and what to do next. Every command can be interrupted and
run again; nothing is ever overwritten. Commands that would disturb each other
wait for each other.

Every line about a rehearsal or a test deck begins with REHEARSAL or TEST DECK.

Exit status: 0 done; 1 the tally refuses (a bundle or an answer is wrong, bundles
or answers are missing); 2 wrong usage or unusable input; 3 a fault of the program
or of this computer.`

func command() *cobra.Command {
	root := terminal.Command("tally", terminal.BuildVersion(), help)
	root.AddCommand(
		beginCommand(), importCommand(), statusCommand(), aggregateCommand(), requestCommand(), acceptCommand(), publishCommand(),
	)
	return root
}

func main() { terminal.Main(command()) }
