// Command kiosk is the program of a polling station's machine: it joins the
// station's core to card reader, printers, panel, removable media and TPM.
//
// It has no network code of its own. Voters and poll workers use it on its screen
// (internal/kiosk/front); a plain console is the other front end of the same
// package, internal/kiosk.
package main

import (
	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
)

const help = `Usage:
    kiosk COMMAND --config FILE [FLAGS]

kiosk runs a polling station's machine. FILE says where its election and its
devices are (docs/operators/kiosk.md). In the order of a station's life:

    provision   take in the station's package and key; write the database
    medium      label the two removable media of the transport
    selftest    look at every part and say what to do about those that fail
    run         open, vote, close and export, on the screen or at the console
    log         what the machine has logged, as a timeline or as NIST's JSON

recreate makes a lost copy of database and log again; key hands out keys that the TPM
has sealed; card asks for an official's card to stand in the manifest.

Every line about a rehearsal or a test deck begins with REHEARSAL or TEST DECK.
Virtual readers, benches and TPMs are refused when the vote is live.

Exit status: 0 done, or everything is ready; 1 something is not ready or not
right; 2 wrong usage or unusable input; 3 a fault of the program or of this
computer.`

func command() *cobra.Command {
	root := terminal.Command("kiosk", terminal.BuildVersion(), help)
	root.AddCommand(
		provisionCommand(), mediumCommand(), selftestCommand(), runCommand(), logCommand(), recreateCommand(), keyCommand(), cardCommand(),
	)
	return root
}

func main() { terminal.Main(command()) }
