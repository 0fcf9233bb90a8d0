package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/terminal"
)

func provisionCommand() *cobra.Command {
	var s setup
	var keyFile string
	c := &cobra.Command{
		Use: "provision --config FILE --key FILE", Args: cobra.NoArgs,
		Short: "take in the station's package and key; write the database on both media",
		Long: `provision checks the package that was carried to this machine, seals the station's
key to the TPM if the configuration names one, and writes the station's empty
database into both folders. From then on the machine runs this program and no other.`,
		Example: "    kiosk provision --config kiosk.json --key station.age",
		RunE: func(c *cobra.Command, _ []string) error {
			config, e, err := s.read()
			if err != nil {
				return err
			}
			return terminal.About(e.Manifest.Kind, s.provision(c, config, e.Manifest.Kind, keyFile))
		},
	}
	s.add(c)
	terminal.Require(c, &keyFile, "key", "the station's key, as ceremony station new wrote it: a `file`")
	s.keys.Flag(c)
	return c
}

func (s *setup) provision(c *cobra.Command, config *kiosk.Config, kind, keyFile string) error {
	words, err := s.passphrase()
	if err != nil {
		return err
	}
	key, err := provisioning.ReadKey(keyFile, words)
	if err != nil {
		what, do := kiosk.Plain(err)
		return terminal.Unusable(fmt.Errorf("opening the key %s: %s", keyFile, what), do)
	}
	software, _, err := program()
	if err != nil {
		return err
	}
	p, err := kiosk.Provision(config, key, software, time.Now())
	if errors.Is(err, os.ErrExist) {
		return terminal.Unusable(plainly(err), "this machine was provisioned already, or a provisioning was interrupted; nothing was replaced"+
			" (docs/operators/kiosk.md, Section 1)")
	}
	if err != nil {
		if _, do := kiosk.Plain(err); do != "" {
			return terminal.Bad(plainly(err), do)
		}
		return terminal.Bad(plainly(err), "do not use this machine until this is understood")
	}
	v := terminal.NewVoice(c.OutOrStdout(), kind)
	v.Say("station:  %s, %d voters", p.Station.ID, len(p.Roll.Body.Voters))
	v.Say("election: %v", p.Election.ID)
	v.Say("program:  %v", software)
	for _, name := range p.Unlisted() {
		v.Say("warning:  no revocation list of %s: the station takes its revoked cards", name)
	}
	if config.Key.TPM != "" {
		v.Say("key:      sealed by the TPM; keep %s at a safe place, or destroy it, as the commission says", keyFile)
	}
	v.Say("next:     label the two media with kiosk medium, then kiosk selftest")
	return nil
}

// plainly is an error without what only programmers read.
func plainly(err error) error {
	what, _ := kiosk.Plain(err)
	return errors.New(what)
}

func mediumCommand() *cobra.Command {
	var s setup
	var number int
	c := &cobra.Command{
		Use: "medium --config FILE --number N MEDIUM", Args: cobra.ExactArgs(1),
		Short: "label a removable medium for this station's bundle",
		Long: `medium writes on an empty medium that it is this station's first or second one. Only
media with the right label are taken on the evening, so that no other is filled by
mistake. MEDIUM is a block device with a file system, or a folder.`,
		Example: "    kiosk medium --config kiosk.json --number 1 /dev/sdb1",
		RunE: func(c *cobra.Command, args []string) error {
			config, e, err := s.read()
			if err != nil {
				return err
			}
			m, err := config.MediumConfig(e, number)
			if err != nil {
				return terminal.About(e.Manifest.Kind, terminal.Unusable(err, "say --number 1 or --number 2"))
			}
			if err := media.Prepare(args[0], m); err != nil {
				what, do := kiosk.Plain(err)
				if do == "" {
					do = "take another medium"
				}
				return terminal.About(e.Manifest.Kind, terminal.Bad(errors.New(what), do))
			}
			terminal.NewVoice(c.OutOrStdout(), e.Manifest.Kind).Say("labelled: medium %d of station %s; safe to remove", number, config.Station)
			return nil
		},
	}
	s.add(c)
	c.Flags().IntVar(&number, "number", 0, "which of the two media it is: 1 or 2")
	return c
}

func recreateCommand() *cobra.Command {
	var s setup
	var lost int
	c := &cobra.Command{
		Use: "recreate --config FILE --lost N", Args: cobra.NoArgs,
		Short: "make the lost copies of database and log again, on a new medium",
		Long: `recreate copies database and log from the folder that is left to the one that is
lost: 1 is the first folder of the configuration, 2 the second. People decide which one
is lost (docs/operators/station.md, Section 6). A file that is there is never replaced.
The log gets a line for it.`,
		Example: "    kiosk recreate --config kiosk.json --lost 2",
		RunE: func(c *cobra.Command, _ []string) error {
			config, e, err := s.read()
			if err != nil {
				return err
			}
			if lost != 1 && lost != 2 {
				return terminal.Unusable(errors.New("it was not said which copy is lost"), "say --lost 1 or --lost 2")
			}
			written, err := kiosk.Recreate(config, e.ID, lost-1, time.Now())
			v := terminal.NewVoice(c.OutOrStdout(), e.Manifest.Kind)
			for _, path := range written {
				v.Say("written: %s", path)
			}
			if err != nil {
				return terminal.About(e.Manifest.Kind, terminal.Bad(plainly(err), "nothing was replaced; take the old medium out and seal it, then try again"))
			}
			return nil
		},
	}
	s.add(c)
	c.Flags().IntVar(&lost, "lost", 0, "which copy is lost: 1 or 2")
	return c
}
