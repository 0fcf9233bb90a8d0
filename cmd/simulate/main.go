// Command simulate plays whole referendums on one machine: key ceremony,
// stations, voters, closing, transport, tally, decryption, record and
// verification, with the code that the installed programs consist of.
//
// It is the demo and the rehearsal of the system, and is installed nowhere.
package main

import (
	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
)

const help = `Usage:
    simulate COMMAND [FLAGS]

simulate plays a referendum from the key ceremony to the verified record. Votes are
those of the Central Election Commission's official counts, station by station; the
cryptography, the databases, the signatures and the files are real.

    demo      the referendums of 18 December 2021 in Lienchiang County (連江縣)
    run       any county, district or the nation, from the Commission's files
    check     which rows of the Commission's files contradict themselves
    areas     which areas the files have
    invent    files of a referendum that never was, with any number of questions

Exit status: 0 played, and our counts are the official ones; 1 they are not, or the
record does not verify, or the files contradict themselves; 2 wrong usage or unusable
input; 3 a fault of the program or of this computer.`

func command() *cobra.Command {
	root := terminal.Command("simulate", terminal.BuildVersion(), help)
	root.AddCommand(demoCommand(), runCommand(), checkCommand(), areasCommand(), inventCommand())
	return root
}

func main() { terminal.Main(command()) }
