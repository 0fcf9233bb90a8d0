package terminal

import (
	"errors"

	"github.com/spf13/cobra"
)

// A Keyring is where the passphrases of one command come from: the person at
// the terminal, or a file for rehearsals and scripts.
type Keyring struct{ file string }

// Flag adds --passphrase-file to a command.
func (k *Keyring) Flag(c *cobra.Command) {
	c.Flags().StringVar(&k.file, "passphrase-file", "", "read the passphrase from the first line of `file`, instead of asking on the terminal")
}

// Ask asks for the passphrase of what is there already, or, if it is not
// there, for a new one; what names it: "the passphrase of station.age".
func (k *Keyring) Ask(what string, there bool) (SecretPassphrase, error) {
	p, err := openPassphrases(k.file)
	if err != nil {
		return SecretPassphrase{}, err
	}
	ask := p.create
	if there {
		ask = p.ask
	}
	s, err := ask(what)
	return s, errors.Join(err, p.close())
}
