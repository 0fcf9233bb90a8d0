// Command ceremony is what trustees, the election authority and the people who
// prepare stations run on offline computers: the key ceremony of
// docs/spec/ceremony.md, a trustee's answer to a decryption request, and the
// making of keys, manifest, rolls and station packages.
//
// It has no network code in it. Everything travels in files, carried by hand.
package main

import (
	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/internal/terminal"
)

// workFactor is the scrypt work factor of everything this program encrypts.
// Only the tests of this package change it: there is no flag for it.
var workFactor = keygen.WorkFactor

const help = `Usage:
    ceremony COMMAND [FLAGS]

ceremony makes the key of a referendum with its trustees, and later decrypts its
sums with them. It runs on offline computers. Two folders are used:

    --private    a trustee's own: its secret under a passphrase, and a copy of
                 everything it has seen. It never leaves its owner.
    --exchange   the ceremony's public documents. It is carried from trustee to
                 trustee, on a USB stick for example.

A trustee runs, in this order: enrol, commit, reveal, confirm; each of the last
three when all trustees have finished the one before. Then joint-key. At any time,
status says what is there, what is missing and what to do next. Every command can
be interrupted and run again. Nothing is ever overwritten.

For the authority: authority, official, station and manifest make keys and the
manifest before the ceremony; roll and station package what stations need after it.

When a share is wrong, the trustee who got it runs complain, the accused runs
defend, and anybody runs judge, which names who cheated.

A rehearsal goes through the same steps, from the folder that rehearse makes.
Its manifest says that it is one, so nothing made in it counts in the referendum;
every line about it is marked REHEARSAL.

Exit status: 0 done; 1 what was checked is bad (somebody cheated, the record does
not verify); 2 wrong usage or unusable input; 3 a fault of the program or of this
computer.`

func command() *cobra.Command {
	root := terminal.Command("ceremony", terminal.BuildVersion(), help)
	root.AddCommand(
		enrolCommand(), commitCommand(), revealCommand(), confirmCommand(),
		complainCommand(), defendCommand(), judgeCommand(),
		statusCommand(), jointKeyCommand(), checkCommand(), decryptCommand(), rehearseCommand(),
		authorityCommand(), officialCommand(), stationCommand(), manifestCommand(), rollCommand(),
	)
	return root
}

func main() { terminal.Main(command()) }
