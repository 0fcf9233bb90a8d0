package main

import (
	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/tally/office"
)

func requestCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "request --record FOLDER --out FOLDER",
		Short: "copy to a medium what a trustee needs to answer",
		Long: `request copies the record so far to a folder on a medium: a trustee checks all of it
before it answers. Other trustees' answers are not copied. What is there already is
compared, so an interrupted copy goes on. On the trustee's computer:

    ceremony decrypt --record FOLDER --private me --out answer.json`,
		Example: "    tally request --record record --out /media/usb/request",
	}
	counting(c, func(o *office.Office, v terminal.Voice, _ []string) error {
		progress := terminal.NewProgress(c.ErrOrStderr(), terminal.Mark(o.Election().Manifest.Kind)+"stations")
		hash, err := o.Carry(out, progress.Report)
		progress.Finish()
		if err != nil {
			return err
		}
		v.Say("%s", title(o.Election().Manifest))
		v.Say("election:  %v", o.Election().ID)
		v.Say("request:   %v", hash)
		v.Say("written:   %s", out)
		v.Say("next:      the trustee runs ceremony decrypt, and compares the two identifiers above")
		return nil
	})
	terminal.Require(c, &out, "out", "the `folder` on the medium")
	return c
}
