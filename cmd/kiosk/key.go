package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/tpm"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

func keyCommand() *cobra.Command {
	return group("key", "keys that the machine's TPM seals: of its encrypted file systems, and the station's", measureCommand(), sealCommand(), openCommand(), stationCommand())
}

// Hints for whoever stands before the machine.
const (
	hintTPM   = "docs/hardware/tpm.md says under \"What goes wrong\" what each of these means and what to do"
	hintNoTPM = "without a TPM, file systems and the station's key are opened with a passphrase"
)

// tpmOf opens the TPM of the configuration.
func tpmOf(c *kiosk.Config, e *record.Election) (*tpm.TPM, error) {
	if c.Key.TPM == "" {
		return nil, terminal.Unusable(kiosk.ErrNoTPM, hintNoTPM)
	}
	t, err := tpm.Open(c.Key.TPM, e.Manifest.Kind != record.Live)
	if err != nil {
		return nil, terminal.Unusable(err, hintTPM)
	}
	return t, nil
}

func measureCommand() *cobra.Command {
	var s setup
	c := &cobra.Command{
		Use: "measure --config FILE", Args: cobra.NoArgs,
		Short: "show what was measured when this machine was started",
		Long: `measure prints one number over what keys are sealed to: the registers of the
configuration. Machines that were started from the same firmware and the same system
print the same. It is compared with the commission's before anything is sealed.`,
		Example: "    kiosk key measure --config kiosk.json",
		RunE: func(c *cobra.Command, _ []string) error {
			config, e, err := s.read()
			if err != nil {
				return err
			}
			return terminal.About(e.Manifest.Kind, measure(c, config, e))
		},
	}
	s.add(c)
	return c
}

func measure(c *cobra.Command, config *kiosk.Config, e *record.Election) error {
	t, err := tpmOf(config, e)
	if err != nil {
		return err
	}
	m, err := t.Measurement(config.Key.PCRs)
	if err := errors.Join(err, t.Close()); err != nil {
		return terminal.Bad(err, hintTPM)
	}
	terminal.NewVoice(c.OutOrStdout(), e.Manifest.Kind).Say("measured: %x, PCRs %v", m, config.Key.PCRs)
	return nil
}

func sealCommand() *cobra.Command {
	var s setup
	c := &cobra.Command{
		Use: "seal --config FILE SEALED", Args: cobra.ExactArgs(1),
		Short: "seal a key to the machine as it was started",
		Long: `seal reads a key of at most 128 bytes from its input and writes what the TPM made of
it to the new file SEALED. It is for the encrypted file systems of the database's two
folders and of the media (cryptsetup).`,
		Example: "    head -c 64 /dev/urandom | kiosk key seal --config kiosk.json database.sealed",
		RunE: func(c *cobra.Command, args []string) error {
			config, e, err := s.read()
			if err != nil {
				return err
			}
			secret, err := readSecret(c.InOrStdin())
			if err != nil {
				return err
			}
			t, err := tpmOf(config, e)
			if err != nil {
				return err
			}
			sealed, err := t.Seal(secret, config.Key.PCRs)
			if err := errors.Join(err, t.Close()); err != nil {
				return terminal.Bad(err, hintTPM)
			}
			if err := durable.WriteFile(args[0], sealed, 0o600); err != nil {
				return terminal.Unusable(err, "SEALED is a new file")
			}
			return nil
		},
	}
	s.add(c)
	return c
}

func readSecret(r io.Reader) (tpm.Secret, error) {
	b, err := io.ReadAll(io.LimitReader(r, tpm.MaxSecret+1))
	defer clear(b)
	if err != nil {
		return tpm.Secret{}, fmt.Errorf("reading the key: %w", err)
	}
	s, err := tpm.NewSecret(b)
	if err != nil {
		return tpm.Secret{}, terminal.Unusable(err, "the key is what is on the input, such as 64 bytes of /dev/urandom")
	}
	return s, nil
}

func openCommand() *cobra.Command {
	var s setup
	c := &cobra.Command{
		Use: "open --config FILE SEALED", Args: cobra.ExactArgs(1),
		Short: "hand a file system's sealed key to another program",
		Long: `open writes the key of the file SEALED to its output, which is a pipe: never a
terminal, never a file. The station's own key is handed to no other program.`,
		Example: "    kiosk key open --config kiosk.json database.sealed | cryptsetup open --key-file=- /dev/sda3 database",
		RunE: func(c *cobra.Command, args []string) error {
			// The process's own output is looked at: the command's has a cover, which would hide what it is.
			if err := onlyPipe(os.Stdout); err != nil {
				return terminal.Unusable(err, "keys go into a pipe to the program that needs them")
			}
			config, e, err := s.read()
			if err != nil {
				return err
			}
			sealed, err := durable.ReadFile(args[0], kiosk.MaxKeyFile)
			if err != nil {
				return terminal.Unusable(err, "SEALED is a file that kiosk key seal wrote")
			}
			t, err := tpmOf(config, e)
			if err != nil {
				return err
			}
			secret, err := t.Unseal(sealed)
			if err := errors.Join(err, t.Close()); err != nil {
				return terminal.Bad(err, hintTPM)
			}
			return handOut(c.OutOrStdout(), secret)
		},
	}
	s.add(c)
	return c
}

// handOut writes a key, unless it is the station's.
func handOut(w io.Writer, secret tpm.Secret) error {
	b := secret.Export()
	defer clear(b)
	if _, err := provisioning.ParseKey(string(b)); err == nil {
		return terminal.Unusable(errors.New("this is the station's own key"), "SEALED is a file that kiosk key seal wrote")
	}
	_, err := w.Write(b)
	return err
}

func onlyPipe(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("looking at the output: %w", err)
	}
	if info.Mode()&os.ModeNamedPipe == 0 {
		return errors.New("the output is no pipe")
	}
	return nil
}

func stationCommand() *cobra.Command {
	var s setup
	var keyFile string
	c := &cobra.Command{
		Use: "station --config FILE --key FILE", Args: cobra.NoArgs,
		Short: "seal the station's key anew, after an update of what the machine starts from",
		Long: `station seals the key of a station that was provisioned to the machine as it was
started this time: after an update of firmware, boot loader or kernel, or with another
TPM. The former sealed file has to be moved away before. The database and the log stay.`,
		Example: "    kiosk key station --config kiosk.json --key station.age",
		RunE: func(c *cobra.Command, _ []string) error {
			config, e, err := s.read()
			if err != nil {
				return err
			}
			return terminal.About(e.Manifest.Kind, s.reseal(c, config, e.Manifest.Kind, keyFile))
		},
	}
	s.add(c)
	terminal.Require(c, &keyFile, "key", "the station's key, as ceremony station new wrote it: a `file`")
	s.keys.Flag(c)
	return c
}

func (s *setup) reseal(c *cobra.Command, config *kiosk.Config, kind, keyFile string) error {
	if config.Key.TPM == "" {
		return terminal.Unusable(kiosk.ErrNoTPM, hintNoTPM)
	}
	words, err := s.passphrase()
	if err != nil {
		return err
	}
	key, err := provisioning.ReadKey(keyFile, words)
	if err != nil {
		return terminal.Unusable(fmt.Errorf("opening the key %s: %w", keyFile, err), "")
	}
	err = config.Reseal(key, time.Now())
	if errors.Is(err, os.ErrExist) {
		return terminal.Unusable(err, "move the former sealed file away; destroy it when the new one has opened")
	}
	if err != nil {
		return terminal.Bad(err, hintTPM)
	}
	terminal.NewVoice(c.OutOrStdout(), kind).Say("sealed:   %s; now kiosk selftest", config.Key.File)
	return nil
}
