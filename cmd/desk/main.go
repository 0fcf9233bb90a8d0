// Command desk lets anyone try the kiosk without hardware: it starts the real
// program in a window of its own, and shows the devices, which are emulated, in
// a second one. Nothing of it is installed on a machine for voting.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/simulation/desk"
)

const help = `Usage:
    desk [--kiosk PROGRAM] [--out FOLDER]

desk starts the kiosk on a desk: the voters' window, and a window with cards, paper,
plugs and doors to click. The election is a rehearsal of four Taiwanese referendums;
every PIN is 123456, and no secret of it is one.

It ends when either window is closed, or with Ctrl-C. The folder is removed then, but
for the one given by --out.

Exit status: 0 it was tried; 2 something that it needs is missing; 3 a fault of the
program or of this computer.`

func command() *cobra.Command {
	var program, out string
	c := terminal.Command("desk", terminal.BuildVersion(), help)
	c.Args = cobra.NoArgs
	c.Flags().StringVar(&program, "kiosk", "", "the kiosk's `program` (default: kiosk beside this one)")
	c.Flags().StringVar(&out, "out", "", "keep everything in this new `folder`")
	c.RunE = func(c *cobra.Command, _ []string) error { return run(c, program, out) }
	return c
}

func run(c *cobra.Command, program, out string) error {
	if os.Getenv("DISPLAY") == "" {
		return terminal.Unusable(errors.New("there is no display"), "start it in an X session, or under Xvfb")
	}
	if program == "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		program = filepath.Join(filepath.Dir(self), "kiosk")
	}
	if _, err := os.Stat(program); err != nil {
		return terminal.Unusable(err, "make build makes it, beside desk")
	}
	keep := out != ""
	if !keep {
		dir, err := os.MkdirTemp("", "desk-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		out = dir
	}
	d, err := desk.New(desk.Config{Dir: out, Program: program, Arguments: []string{"--window", "1024x768"}, Output: c.ErrOrStderr(), Paced: true})
	if errors.Is(err, os.ErrExist) {
		return terminal.Unusable(err, "name a folder that is not there yet")
	}
	if err != nil {
		return terminal.Unusable(err, "the Debian packages pcscd, vsmartcard-vpcd and swtpm are needed, and root or user namespaces "+
			"(kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)")
	}
	w := open(d)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	go func() {
		<-signals
		w.close()
	}()
	if err := d.Start(); err != nil {
		return errors.Join(err, d.Close())
	}
	w.run()
	err = d.Close()
	if keep {
		fmt.Fprintf(c.OutOrStdout(), "kept:       %s\npassphrase: %s\n", out, desk.Passphrase)
	}
	return err
}

func main() { terminal.Main(command()) }
