package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/terminal"
)

func selftestCommand() *cobra.Command {
	var s setup
	c := &cobra.Command{
		Use: "selftest --config FILE", Args: cobra.NoArgs,
		Short: "look at every part of the machine and say what to do about those that fail",
		Long: `selftest is the readiness report before the polls open. It prints nothing on paper,
moves nothing, changes nothing but the log, and does not stop at the first part that
fails.`,
		Example: "    kiosk selftest --config kiosk.json",
		RunE: func(c *cobra.Command, _ []string) error {
			config, e, err := s.read()
			if err != nil {
				return err
			}
			o, err := s.options()
			if err != nil {
				return err
			}
			kind := e.Manifest.Kind
			v := terminal.NewVoice(c.OutOrStdout(), kind)
			report := kiosk.SelfTest(config, o)
			for _, f := range report {
				mark := "ready    "
				if !f.OK {
					mark = "NOT READY"
				}
				v.Say("%s  %-16s %s", mark, f.Part, f.What)
				if !f.OK {
					v.Say("%s  %-16s do: %s", "         ", "", f.Do)
				}
			}
			if !kiosk.Ready(report) {
				return terminal.About(kind, terminal.Bad(errors.New("this machine is not ready"), "do what stands above, then test again"))
			}
			v.Say("this machine is ready")
			return nil
		},
	}
	s.add(c)
	s.keys.Flag(c)
	return c
}
