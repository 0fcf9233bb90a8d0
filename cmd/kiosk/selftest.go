package main

import (
	"errors"
	"fmt"

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
			p := newPage(c.OutOrStdout(), kind)
			const indent = "                             "
			report := kiosk.SelfTest(config, o)
			for _, f := range report {
				mark := "ready    "
				if !f.OK {
					mark = "NOT READY"
				}
				p.say(fmt.Sprintf("%s  %-16s %s", mark, f.Part, f.What), indent[:28])
				if !f.OK {
					p.say(indent[:28]+"do: "+f.Do, indent+"   ")
				}
			}
			if !kiosk.Ready(report) {
				return terminal.About(kind, terminal.Bad(errors.New("this machine is not ready"), "do what stands above, then test again"))
			}
			p.say("this machine is ready", "")
			return nil
		},
	}
	s.add(c)
	s.keys.Flag(c)
	return c
}
