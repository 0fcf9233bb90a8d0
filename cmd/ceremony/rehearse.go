package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

func rehearseCommand() *cobra.Command {
	var exchange, out string
	var alone bool
	var keys terminal.Keyring
	c := run(&cobra.Command{
		Use:   "rehearse --exchange FOLDER --out FOLDER",
		Short: "make the folder of a rehearsal of a ceremony",
		Long: `rehearse takes the manifest of a referendum and makes another one that says that
it is a rehearsal, in a new folder. The same trustees go through the same steps with
the same private folders; everything they make there belongs to the rehearsal's own
identifier and is worth nothing in the referendum.

With --alone the rehearsal is played on this computer, with new trustees that are
thrown away afterwards: their private folders are in the new folder, all under one
passphrase.`,
		Example: "    ceremony rehearse --exchange usb --out rehearsal",
	}, func(c *cobra.Command, _ []string) error {
		f := keygen.Folder(exchange)
		b, err := f.Manifest()
		if err != nil {
			return err
		}
		m, err := record.ParseManifest(b)
		if err != nil {
			return err
		}
		m = provisioning.Rehearsal(m)
		v := speak(c, record.Rehearsal)
		if alone {
			return terminal.About(record.Rehearsal, explain(rehearseAlone(v, m, out, &keys)))
		}
		enrolments, err := f.Enrolments(len(m.Trustees))
		if err == nil {
			err = beginCeremony(keygen.Folder(out), m, enrolments)
		}
		if err != nil {
			return terminal.About(record.Rehearsal, explain(err))
		}
		v.Say("%s", title(m))
		v.Say("written:  %s", out)
		v.Say("next:     the trustees commit, reveal and confirm with --exchange %s", out)
		return nil
	})
	terminal.Require(c, &exchange, "exchange", exchangeHelp)
	terminal.Require(c, &out, "out", "the new `folder`")
	c.Flags().BoolVar(&alone, "alone", false, "play all trustees here, with secrets that are thrown away")
	keys.Flag(c)
	return c
}

// beginCeremony writes manifest and enrolments to an exchange folder.
func beginCeremony(f keygen.Folder, m *record.Manifest, enrolments []record.Signed[record.Enrolment]) error {
	for i := range enrolments {
		if err := record.CheckEnrolment(m, i+1, &enrolments[i]); err != nil {
			return err
		}
	}
	if err := f.Publish(record.ManifestFile, m); err != nil {
		return err
	}
	for i := range enrolments {
		if err := f.Publish(record.EnrolmentFile(i+1), enrolments[i]); err != nil {
			return err
		}
	}
	return nil
}

func rehearseAlone(v terminal.Voice, m *record.Manifest, out string, keys *terminal.Keyring) error {
	exchange := keygen.Folder(filepath.Join(out, "exchange"))
	if exists(out, "exchange") {
		return terminal.Unusable(fmt.Errorf("%s is there already", exchange), "choose a new folder")
	}
	passphrase, err := keys.Ask("a passphrase for the rehearsal's trustees", false)
	if err != nil {
		return err
	}
	rehearsed := *m
	rehearsed.Trustees = nil
	var enrolments []record.Signed[record.Enrolment]
	for i, t := range m.Trustees {
		e, err := throwaway(out, i).Enrol(rand.Reader, t.Name, passphrase.Export(), workFactor)
		if err != nil {
			return err
		}
		enrolments = append(enrolments, *e)
		rehearsed.Trustees = append(rehearsed.Trustees, record.Trustee{Name: e.Body.Name, SigningKey: e.Body.SigningKey, EncryptionKey: e.Body.EncryptionKey})
		v.Say("trustee %d: enrolled", i+1)
	}
	if err := beginCeremony(exchange, &rehearsed, enrolments); err != nil {
		return err
	}
	if err := playRounds(v, out, exchange, len(enrolments), passphrase.Export()); err != nil {
		return err
	}
	if _, err := exchange.Finish(); err != nil {
		return err
	}
	e, err := record.ReadElection(exchange.FS())
	if err != nil {
		return err
	}
	v.Say("joint key: %v", e.Key.Element())
	v.Say("election:  %v", e.ID)
	return nil
}

func throwaway(out string, i int) keygen.Trustee {
	return keygen.Trustee{Dir: filepath.Join(out, fmt.Sprintf("trustee-%d", i+1))}
}

func playRounds(v terminal.Voice, out string, exchange keygen.Folder, n int, passphrase string) error {
	var secrets []keygen.SecretTrustee
	for i := range n {
		secret, err := throwaway(out, i).Open(passphrase)
		if err != nil {
			return err
		}
		secrets = append(secrets, secret)
	}
	rounds := []func(*keygen.Desk) (keygen.Published, error){
		(*keygen.Desk).Commit,
		(*keygen.Desk).Reveal,
		func(d *keygen.Desk) (keygen.Published, error) {
			p, _, err := d.Confirm()
			return p, err
		},
	}
	for _, round := range rounds {
		for i, secret := range secrets {
			d, err := throwaway(out, i).Join(exchange, secret)
			if err != nil {
				return err
			}
			p, err := round(d)
			if err != nil {
				return errors.Join(fmt.Errorf("trustee %d", i+1), err)
			}
			published(v, p)
		}
	}
	return nil
}
