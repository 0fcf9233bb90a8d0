package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/internal/terminal"
)

func enrolCommand() *cobra.Command {
	var private, name, out string
	var keys terminal.Keyring
	c := run(&cobra.Command{
		Use:   "enrol --private FOLDER --name NAME --out FILE",
		Short: "begin as a trustee: make a secret and publish its public keys",
		Long: `enrol makes a trustee's secret in the private folder, under a new passphrase,
and writes the trustee's public keys, signed, to a file for the authority.

Without the passphrase the secret is lost, and with it this trustee's part of every
decryption.`,
		Example: "    ceremony enrol --private me --name Kim --out enrolment-kim.json",
	}, func(c *cobra.Command, _ []string) error {
		passphrase, err := keys.Ask("the passphrase of "+filepath.Base(private), exists(private, keygen.SecretFile))
		if err != nil {
			return err
		}
		e, err := keygen.Trustee{Dir: private}.Enrol(rand.Reader, name, passphrase.Export(), workFactor)
		if err != nil {
			return err
		}
		if err := putDocument(out, e); err != nil {
			return err
		}
		v := speak(c, "")
		v.Say("enrolled:       %s", e.Body.Name)
		v.Say("signing key:    %v", e.Body.SigningKey)
		v.Say("encryption key: %v", e.Body.EncryptionKey)
		v.Say("written:        %s", out)
		v.Say("next:           give this file to the authority; keep a note of the two keys")
		return nil
	})
	terminal.Require(c, &private, "private", privateHelp)
	terminal.Require(c, &name, "name", "the trustee's `name`, as it will stand in the manifest")
	terminal.Require(c, &out, "out", "the `file` for the authority")
	keys.Flag(c)
	return c
}

// step makes the command of one step of a trustee at its desk.
func step(c *cobra.Command, do func(d *keygen.Desk, v terminal.Voice) error) *cobra.Command {
	f := new(trusteeFlags)
	run(c, func(c *cobra.Command, _ []string) error {
		status, err := keygen.Folder(f.exchange).Status()
		if err != nil {
			return err
		}
		kind := status.Manifest.Kind
		v := speak(c, kind)
		secret, err := f.secret()
		if err != nil {
			return terminal.About(kind, f.explain(err))
		}
		d, err := keygen.Trustee{Dir: f.private}.Join(keygen.Folder(f.exchange), secret)
		if err != nil {
			return terminal.About(kind, f.explain(err))
		}
		v.Say("%s", title(status.Manifest))
		v.Say("manifest:   %v", status.Hash)
		v.Say("you are:    trustee %d of %d, %s", d.Number(), len(status.Manifest.Trustees), status.Manifest.Trustees[d.Number()-1].Name)
		if err := do(d, v); err != nil {
			return terminal.About(kind, f.explain(err))
		}
		if status, err = keygen.Folder(f.exchange).Status(); err != nil {
			return terminal.About(kind, explain(err))
		}
		v.Say("next:       carry the folder on; %s", next(status, f.exchange))
		return nil
	})
	f.add(c)
	return c
}

// repair is what to do about a damaged document.
const repair = "if the file is damaged, remove it from the exchange folder; its trustee runs the same step again, which makes the same document again"

// explain is the function explain with this trustee's folders in its hints.
func (f *trusteeFlags) explain(err error) error {
	if _, ok := errors.AsType[*terminal.Error](err); ok {
		return err
	}
	if e, ok := errors.AsType[*keygen.Equivocation](err); ok {
		return terminal.Bad(err, fmt.Sprintf("both documents are kept in %s; show them to all trustees: trustee %d has cheated, or somebody has its secret", f.private, e.Trustee))
	}
	if cheat, ok := errors.AsType[*keygen.Cheat](err); ok {
		return terminal.Bad(err, fmt.Sprintf("do not confirm; run: ceremony complain --exchange %s --private %s --against %d", f.exchange, f.private, cheat.Dealer))
	}
	if _, ok := errors.AsType[*keygen.NoDocument](err); ok {
		return terminal.Unusable(err, repair)
	}
	if errors.Is(err, fs.ErrNotExist) {
		hint := "is this the right folder? see: ceremony status --exchange " + f.exchange
		if s, err := keygen.Folder(f.exchange).Status(); err == nil {
			hint = "first " + next(s, f.exchange)
		}
		return terminal.Unusable(err, hint)
	}
	return explain(err)
}

func published(v terminal.Voice, p keygen.Published) {
	if p.Already {
		v.Say("published:  %s (it was there already, the same)", p.File)
		return
	}
	v.Say("published:  %s", p.File)
}

func commitCommand() *cobra.Command {
	return step(&cobra.Command{
		Use:   "commit --exchange FOLDER --private FOLDER",
		Short: "round 1: bind yourself to your part of the key",
		Long: `commit publishes the digest of this trustee's part of the key. It needs the
manifest and all enrolments. Look at the manifest before (ceremony manifest validate),
and compare its digest, which commit prints, with the other trustees', aloud.`,
		Example: "    ceremony commit --exchange usb --private me",
	}, func(d *keygen.Desk, v terminal.Voice) error {
		p, err := d.Commit()
		if err != nil {
			return err
		}
		published(v, p)
		return nil
	})
}

func revealCommand() *cobra.Command {
	return step(&cobra.Command{
		Use:   "reveal --exchange FOLDER --private FOLDER",
		Short: "round 2: publish the commitments and a sealed share for each trustee",
		Long: `reveal needs the commitments of all trustees, so that nobody chooses a key after
seeing the others'.`,
		Example: "    ceremony reveal --exchange usb --private me",
	}, func(d *keygen.Desk, v terminal.Voice) error {
		p, err := d.Reveal()
		if err != nil {
			return err
		}
		published(v, p)
		return nil
	})
}

func confirmCommand() *cobra.Command {
	return step(&cobra.Command{
		Use:   "confirm --exchange FOLDER --private FOLDER",
		Short: "round 3: check everything, open your shares, agree to the joint key",
		Long: `confirm checks all documents, opens the shares sealed for this trustee, and checks
each against its dealer's commitments. If all are right, it publishes this trustee's
signature over the transcript and the joint key. If one is wrong, it names the
dealer and publishes nothing.`,
		Example: "    ceremony confirm --exchange usb --private me",
	}, func(d *keygen.Desk, v terminal.Voice) error {
		p, x, err := d.Confirm()
		if err != nil {
			return err
		}
		published(v, p)
		v.Say("transcript: %v", x.Transcript)
		v.Say("joint key:  %v", x.Key)
		v.Say("compare manifest, transcript and joint key with the other trustees, aloud")
		return nil
	})
}
