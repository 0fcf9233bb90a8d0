package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/internal/terminal"
)

const (
	exchangeHelp = "the ceremony's public documents: a `folder` that is carried around"
	privateHelp  = "the trustee's own `folder`"
)

// A trusteeFlags is what every step of a trustee takes.
type trusteeFlags struct {
	exchange, private string
	keys              terminal.Keyring
}

func (f *trusteeFlags) add(c *cobra.Command) {
	terminal.Require(c, &f.exchange, "exchange", exchangeHelp)
	terminal.Require(c, &f.private, "private", privateHelp)
	f.keys.Flag(c)
}

func (f *trusteeFlags) secret() (keygen.SecretTrustee, error) { return openTrustee(f.private, &f.keys) }

func openTrustee(private string, keys *terminal.Keyring) (keygen.SecretTrustee, error) {
	t := keygen.Trustee{Dir: private}
	if !exists(private, keygen.SecretFile) {
		return keygen.SecretTrustee{}, terminal.Unusable(fmt.Errorf("%s is no trustee's private folder: it has no %s", private, keygen.SecretFile), "a trustee begins with: ceremony enrol")
	}
	passphrase, err := keys.Ask("the passphrase of "+filepath.Base(private), true)
	if err != nil {
		return keygen.SecretTrustee{}, err
	}
	secret, err := t.Open(passphrase.Export())
	if err == nil {
		return secret, nil
	}
	err = fmt.Errorf("opening the trustee's secret: %w", err)
	if errors.Is(err, keygen.ErrPassphrase) {
		return keygen.SecretTrustee{}, err
	}
	return keygen.SecretTrustee{}, terminal.Unusable(err, "is the file damaged? take the copy that you keep of it")
}

func exists(dir, name string) bool {
	_, err := os.Lstat(dir + string(os.PathSeparator) + name)
	return err == nil
}

// run makes a command that explains its errors.
func run(c *cobra.Command, do func(c *cobra.Command, args []string) error) *cobra.Command {
	if c.Args == nil {
		c.Args = cobra.NoArgs
	}
	c.RunE = func(c *cobra.Command, args []string) error { return explain(do(c, args)) }
	return c
}
