package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/internal/terminal"
)

func complainCommand() *cobra.Command {
	var dealer int
	c := step(&cobra.Command{
		Use:   "complain --exchange FOLDER --private FOLDER --against TRUSTEE",
		Short: "instead of confirming: say that a trustee's share for you is wrong",
		Long: `complain publishes a signed complaint. It refuses when the share is right. The
ceremony is void from then on, whoever has cheated: a new one needs a new manifest.`,
		Example: "    ceremony complain --exchange usb --private me --against 2",
	}, func(d *keygen.Desk, v terminal.Voice) error {
		p, err := d.Complain(dealer)
		if err != nil {
			return err
		}
		published(v, p)
		return nil
	})
	number(c, &dealer, "against", "whose share is wrong: a trustee's `number`")
	return c
}

func defendCommand() *cobra.Command {
	var accuser int
	c := step(&cobra.Command{
		Use:   "defend --exchange FOLDER --private FOLDER --accuser TRUSTEE",
		Short: "answer a complaint about your share",
		Long: `defend publishes the share of the trustee who complains in clear, with the
randomness it was sealed with, so that anybody can seal it again and compare.`,
		Example: "    ceremony defend --exchange usb --private me --accuser 3",
	}, func(d *keygen.Desk, v terminal.Voice) error {
		p, err := d.Defend(accuser)
		if err != nil {
			return err
		}
		published(v, p)
		return nil
	})
	number(c, &accuser, "accuser", "who complained: a trustee's `number`")
	return c
}

func number(c *cobra.Command, value *int, name, help string) {
	c.Flags().IntVar(value, name, 0, help+" (required)")
	if err := c.MarkFlagRequired(name); err != nil {
		panic("ceremony: internal error: " + err.Error())
	}
}

func judgeCommand() *cobra.Command {
	var exchange string
	var accuser, accused int
	c := run(&cobra.Command{
		Use:   "judge --exchange FOLDER --accuser TRUSTEE --accused TRUSTEE",
		Short: "say who cheated, from the public documents",
		Long: `judge decides a complaint from public documents alone; everybody who runs it gets
the same answer. A complaint that is not answered is decided against the accused, so
give it time. Since somebody has cheated, the exit status of a verdict is 1.`,
		Example: "    ceremony judge --exchange usb --accuser 3 --accused 2",
	}, func(c *cobra.Command, _ []string) error {
		f := keygen.Folder(exchange)
		status, err := f.Status()
		if err != nil {
			return err
		}
		kind := status.Manifest.Kind
		cheater, why, err := f.Judge(accuser, accused)
		if err != nil {
			return terminal.About(kind, explain(err))
		}
		speak(c, kind).Say("trustee %d (%s) has cheated: %s", cheater, status.Manifest.Trustees[cheater-1].Name, why)
		hint := fmt.Sprintf("begin anew with another trustee in the place of trustee %d: ceremony manifest assemble", cheater)
		if slices.Contains(status.Disputes, keygen.Dispute{Accuser: accuser, Accused: accused}) && cheater == accused {
			hint = fmt.Sprintf("give it time to answer; trustee %d: ceremony defend --exchange %s --private FOLDER --accuser %d", accused, exchange, accuser)
		}
		return terminal.About(kind, terminal.Bad(errors.New("the ceremony is void"), hint))
	})
	terminal.Require(c, &exchange, "exchange", exchangeHelp)
	number(c, &accuser, "accuser", "who complained: a trustee's `number`")
	number(c, &accused, "accused", "who is accused: a trustee's `number`")
	return c
}
