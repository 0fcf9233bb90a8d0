package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/decryption"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

type decryptFlags struct {
	record, private, out string
	workers              int
	checkOnly            bool
	keys                 terminal.Keyring
}

func decryptCommand() *cobra.Command {
	f := new(decryptFlags)
	c := run(&cobra.Command{
		Use:   "decrypt --record FOLDER --private FOLDER --out FILE",
		Short: "answer a decryption request, after checking the whole record",
		Long: `decrypt checks for this trustee everything behind the request aggregates.json: the
ceremony, every station's signatures and counts, every proof of every ballot, and
every sum; and that exactly the sums of the plan are asked for. Then it prints what
would be decrypted, asks for the passphrase, and writes the trustee's answer.

A trustee answers one request for an election. It refuses a second, different one.
With --check-only it stops before it asks for the passphrase.`,
		Example: "    ceremony decrypt --record record --private me --out answer-kim.json",
	}, f.run)
	terminal.Require(c, &f.record, "record", "the record so far: a `folder`")
	terminal.Require(c, &f.private, "private", privateHelp)
	terminal.Require(c, &f.out, "out", "the `file` for the tally")
	c.Flags().IntVar(&f.workers, "workers", runtime.NumCPU(), "how many stations are checked at a time")
	c.Flags().BoolVar(&f.checkOnly, "check-only", false, "only check; decrypt nothing")
	f.keys.Flag(c)
	return c
}

func (f *decryptFlags) run(c *cobra.Command, _ []string) error {
	fsys := durable.RegularFiles(f.record)
	manifest, err := record.ReadFile(fsys, record.ManifestFile, record.MaxDocument)
	if err != nil {
		return err
	}
	m, err := record.ParseManifest(manifest)
	if err != nil {
		return err
	}
	return terminal.About(m.Kind, explain(f.decrypt(c, m.Kind)))
}

func (f *decryptFlags) decrypt(c *cobra.Command, kind string) error {
	if f.workers < 1 {
		return terminal.Unusable(fmt.Errorf("%d workers", f.workers), "as many as there are processors is a good number")
	}
	// Before the long check, and the passphrase: nothing is ever overwritten.
	if _, err := os.Lstat(f.out); err == nil && !f.checkOnly {
		return terminal.Unusable(fmt.Errorf("writing %s: there already", f.out), "nothing is ever overwritten; choose another name")
	}
	v := speak(c, kind)
	progress := terminal.NewProgress(c.ErrOrStderr(), terminal.Mark(kind)+"ballots")
	request, err := decryption.Check(durable.RegularFiles(f.record), decryption.Options{Workers: f.workers, Progress: progress.Report, Random: rand.Reader})
	progress.Finish()
	if err != nil {
		return err
	}
	f.describe(v, request)
	if f.checkOnly {
		v.Say("nothing was decrypted")
		return nil
	}
	// Whoever was asked something else before is told so before the passphrase.
	answered, err := decryption.Answered(f.private, request.Election.ID)
	if err != nil {
		return err
	}
	if answered != nil && *answered != request.Hash {
		return decryption.ErrAnswered
	}
	secret, err := openTrustee(f.private, &f.keys)
	if err != nil {
		return err
	}
	answer, err := request.Answer(rand.Reader, secret, answered)
	if err != nil {
		return err
	}
	if err := decryption.Remember(f.private, request.Election.ID, request.Hash); err != nil {
		return err
	}
	b, err := record.Marshal(answer)
	if err != nil {
		return err
	}
	// Not putDocument: the proof is drawn afresh, so an answer that is there
	// already differs, and serves as well.
	if err := durable.WriteFile(f.out, b, 0o644); err != nil {
		return err
	}
	v.Say("written:  %s", f.out)
	v.Say("next:     carry this file to the tally")
	return nil
}

func (f *decryptFlags) describe(v terminal.Voice, r *decryption.Request) {
	v.Say("%s", title(r.Election.Manifest))
	v.Say("election: %v", r.Election.ID)
	v.Say("request:  %v", r.Hash)
	v.Say("every ballot, proof, signature and sum of the record was checked")
	var ballots uint64
	for _, l := range r.Lines() {
		v.Say("to be decrypted together: %s of %s, %s", count(l.Cast, "ballot"), count(uint64(l.Stations), "station"), l.Aggregate)
		ballots += l.Cast
	}
	v.Say("in all: %s of %s", count(uint64(len(r.Lines())), "group"), count(ballots, "ballot"))
	for _, id := range r.Aggregates.Missing {
		v.Say("missing:  station %s has sent no ballots, and is not counted", id)
	}
}
