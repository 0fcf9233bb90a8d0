package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/openreferendum/referendum/hardware/tpm"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

func keyCommand() *cobra.Command {
	return group("key", "keys of the machine's encrypted file systems, sealed by its TPM", sealCommand(), openCommand())
}

// tpmOf opens the TPM of the configuration.
func tpmOf(c *kiosk.Config, e *record.Election) (*tpm.TPM, error) {
	if c.Key.TPM == "" {
		return nil, terminal.Unusable(errors.New("the configuration names no TPM"), "without a TPM, file systems are opened with a passphrase")
	}
	t, err := tpm.Open(c.Key.TPM, e.Manifest.Kind != record.Live)
	return t, terminal.Unusable(err, "")
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
			b, err := io.ReadAll(io.LimitReader(c.InOrStdin(), tpm.MaxSecret+1))
			if err != nil {
				return err
			}
			secret, err := tpm.NewSecret(b)
			if err != nil {
				return terminal.Unusable(err, "")
			}
			t, err := tpmOf(config, e)
			if err != nil {
				return err
			}
			sealed, err := t.Seal(secret, config.Key.PCRs)
			if err := errors.Join(err, t.Close()); err != nil {
				return terminal.Internal(fmt.Errorf("sealing: %w", err), "")
			}
			return durable.WriteFile(args[0], sealed, 0o600)
		},
	}
	s.add(c)
	return c
}

func openCommand() *cobra.Command {
	var s setup
	c := &cobra.Command{
		Use: "open --config FILE SEALED", Args: cobra.ExactArgs(1),
		Short: "hand a sealed key to another program",
		Long: `open writes the key of the file SEALED to its output, which is a pipe: never a
terminal, never a file.`,
		Example: "    kiosk key open --config kiosk.json database.sealed | cryptsetup open --key-file=- /dev/sda3 database",
		RunE: func(c *cobra.Command, args []string) error {
			if err := onlyPipe(c.OutOrStdout()); err != nil {
				return terminal.Unusable(err, "keys go into a pipe to the program that needs them")
			}
			config, e, err := s.read()
			if err != nil {
				return err
			}
			sealed, err := durable.ReadFile(args[0], kiosk.MaxKeyFile)
			if err != nil {
				return terminal.Unusable(err, "")
			}
			t, err := tpmOf(config, e)
			if err != nil {
				return err
			}
			secret, err := t.Unseal(sealed)
			if err := errors.Join(err, t.Close()); err != nil {
				return terminal.Bad(err, "docs/hardware/tpm.md says what each of these means")
			}
			_, err = c.OutOrStdout().Write(secret.Export())
			return err
		},
	}
	s.add(c)
	return c
}

func onlyPipe(w io.Writer) error {
	f, ok := w.(*os.File)
	if !ok {
		return nil // a program's buffer
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if term.IsTerminal(int(f.Fd())) || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return errors.New("the output is no pipe")
	}
	return nil
}
