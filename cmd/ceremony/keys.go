package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/terminal"
)

// group makes a command that has only subcommands.
func group(name, short string, subcommands ...*cobra.Command) *cobra.Command {
	c := run(&cobra.Command{Use: name, Short: short}, func(c *cobra.Command, _ []string) error {
		return terminal.Unusable(errors.New("no command given"), "see "+c.CommandPath()+" --help")
	})
	c.AddCommand(subcommands...)
	return c
}

func authorityCommand() *cobra.Command {
	return group("authority", "keys of the election authority", keyCommand(provisioning.RoleAuthority, &cobra.Command{
		Use:     "new --private FILE --name NAME --out FILE",
		Short:   "make the authority's signing key",
		Example: "    ceremony authority new --private authority.age --name Commission --out authority.json",
	}))
}

func officialCommand() *cobra.Command {
	return group("official", "keys of the stations' officials", keyCommand(provisioning.RoleOfficial, &cobra.Command{
		Use:     "new --private FILE --station ID --name NAME --out FILE",
		Short:   "make an official's signing key",
		Example: "    ceremony official new --private lee.age --station a-1 --name Lee --out lee.json",
	}))
}

func newStationCommand() *cobra.Command {
	return keyCommand(provisioning.RoleStation, &cobra.Command{
		Use:     "new --private FILE --station ID --name NAME --out FILE",
		Short:   "make a station's signing key, on the station's machine",
		Example: "    ceremony station new --private station.age --station a-1 --name School --out station.json",
	})
}

// keyCommand makes the command that makes the signing key of a role.
func keyCommand(role string, c *cobra.Command) *cobra.Command {
	var private, station, name, out string
	var keys terminal.Keyring
	c.Long = `new makes a signing key in a new private file, under a new passphrase, and writes a
request for it to stand in the manifest, signed with the key itself. Run again with
the same private file, it writes the same request again.`
	run(c, func(c *cobra.Command, _ []string) error {
		key, err := makeKey(private, &keys)
		if err != nil {
			return err
		}
		r, err := provisioning.NewKeyRequest(role, station, name, key.Signer())
		if err != nil {
			return err
		}
		if err := putDocument(out, r); err != nil {
			return err
		}
		v := speak(c, "")
		v.Say("key:      %v", r.Key)
		v.Say("written:  %s", out)
		v.Say("next:     give this file to the authority; keep %s to yourself", filepath.Base(private))
		return nil
	})
	terminal.Require(c, &private, "private", "the key's own `file`")
	terminal.Require(c, &name, "name", "who holds the key: a `name`")
	terminal.Require(c, &out, "out", "the `file` for the authority")
	if role != provisioning.RoleAuthority {
		terminal.Require(c, &station, "station", "the station's `id` in the manifest")
	}
	keys.Flag(c)
	return c
}

// makeKey makes a key's file, or opens it when it is there: an interrupted
// command goes on.
func makeKey(path string, keys *terminal.Keyring) (provisioning.SecretKey, error) {
	there := exists(filepath.Dir(path), filepath.Base(path))
	passphrase, err := keys.Ask("the passphrase of "+filepath.Base(path), there)
	if err != nil {
		return provisioning.SecretKey{}, err
	}
	if there {
		return provisioning.ReadKey(path, passphrase.Export())
	}
	key, err := provisioning.GenerateKey(rand.Reader)
	if err != nil {
		return key, err
	}
	return key, provisioning.WriteKey(path, key, passphrase.Export(), workFactor)
}

func openKey(path string, keys *terminal.Keyring) (provisioning.SecretKey, error) {
	if !exists(filepath.Dir(path), filepath.Base(path)) {
		return provisioning.SecretKey{}, terminal.Unusable(fmt.Errorf("opening the key %s: no such file", path), "")
	}
	passphrase, err := keys.Ask("the passphrase of "+filepath.Base(path), true)
	if err != nil {
		return provisioning.SecretKey{}, err
	}
	key, err := provisioning.ReadKey(path, passphrase.Export())
	if err != nil {
		return key, fmt.Errorf("opening %s: %w", path, err)
	}
	return key, nil
}
