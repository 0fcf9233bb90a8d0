package main

import (
	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally/office"
)

func beginCommand() *cobra.Command {
	var exchange, dir string
	c := &cobra.Command{
		Use:   "begin --exchange FOLDER --record FOLDER",
		Short: "begin the count: take over manifest, joint key and transcript of the key ceremony",
		Long: `begin checks the whole transcript of a finished key ceremony and makes the folder of
the record with it. Compare the election's identifier that it prints with the one
on the stations' zero tapes.`,
		Example: "    tally begin --exchange usb --record record",
		Args:    cobra.NoArgs,
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		e, err := record.ReadElection(durable.RegularFiles(exchange))
		if err != nil {
			return explain(err)
		}
		m := e.Manifest
		o, err := office.Begin(exchange, dir)
		if err != nil {
			return terminal.About(m.Kind, explain(err))
		}
		v := terminal.NewVoice(c.OutOrStdout(), m.Kind)
		v.Say("%s", title(m))
		v.Say("election:  %v", o.Election().ID)
		v.Say("trustees:  %d of %d decrypt", m.Threshold, len(m.Trustees))
		v.Say("stations:  %d", len(m.Stations))
		v.Say("written:   %s", dir)
		v.Say("next:      tally import")
		return nil
	}
	terminal.Require(c, &exchange, "exchange", "the finished key ceremony: a `folder`")
	terminal.Require(c, &dir, "record", "the count: a `folder`, new or interrupted")
	return c
}
