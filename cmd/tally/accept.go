package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally/office"
)

func acceptCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "accept --record FOLDER FILE...",
		Short: "check trustees' answers and take them into the record",
		Long: `accept checks each answer: who signed it, for which request, and the proof of every
partial decryption. A wrong answer is named by trustee, and the others' still serve.`,
		Example: "    tally accept --record record answer-kim.json answer-lee.json",
		Args:    cobra.MinimumNArgs(1),
	}
	return counting(c, func(o *office.Office, v terminal.Voice, files []string) error {
		refused := refusals{v: v}
		for _, file := range files {
			if err := accept(o, v, file); err != nil {
				refused.add(file, err)
			}
		}
		s, err := o.Status()
		if err != nil {
			return err
		}
		v.Say("answers:   %d of the %d needed", len(s.Answers), s.Threshold)
		v.Say("next:      %s", next(s))
		return refused.verdict(fmt.Sprintf("of %d answers are refused", len(files)), "the answers that were accepted serve; see the lines above")
	})
}

func accept(o *office.Office, v terminal.Voice, file string) error {
	b, err := durable.ReadFile(file, record.MaxDocument)
	if err != nil {
		return terminal.Unusable(err, "FILE is what ceremony decrypt has written")
	}
	s, err := o.Status()
	if err != nil {
		return err
	}
	if s.Requested == nil {
		return terminal.Unusable(errors.New("there is no request to answer yet"), "see: tally aggregate")
	}
	i, err := o.Accept(b)
	switch {
	case errors.Is(err, office.ErrAnswered):
		v.Say("unchanged: %v", err)
		return nil
	case err != nil && !terminal.Ours(err) && !errors.Is(err, office.ErrDecided):
		return terminal.Bad(err, "nothing was taken; ask this trustee to answer again, and see docs/operators/tally.md")
	case err != nil:
		return err
	}
	v.Say("accepted:  trustee %d, %s", i, o.Election().Manifest.Trustees[i-1].Name)
	return nil
}
