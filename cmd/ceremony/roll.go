package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

func rollCommand() *cobra.Command {
	var exchange, authority, out string
	var keys terminal.Keyring
	sign := run(&cobra.Command{
		Use:   "sign --exchange FOLDER --authority FILE --out FOLDER LIST…",
		Short: "sign the rolls of stations",
		Long: `sign makes the signed roll of each station from a list of its voters: a text file
named after the station, such as a-1.txt, with the identifier of one card holder in
each line. The roll holds digests of the identifiers; it is not published, and
neither are the lists.`,
		Example: "    ceremony roll sign --exchange usb --authority authority.age --out rolls a-1.txt",
		Args:    cobra.MinimumNArgs(1),
	}, func(c *cobra.Command, args []string) error {
		e, err := record.ReadElection(durable.RegularFiles(exchange))
		if err != nil {
			return err
		}
		return terminal.About(e.Manifest.Kind, explain(signRolls(speak(c, e.Manifest.Kind), e, args, authority, out, &keys)))
	})
	terminal.Require(sign, &exchange, "exchange", "the finished ceremony: a `folder`")
	terminal.Require(sign, &authority, "authority", "the authority's private key: a `file`")
	terminal.Require(sign, &out, "out", "the `folder` for the rolls")
	keys.Flag(sign)
	return group("roll", "the lists of who may vote where", sign)
}

// maxList bounds a list of voters, in bytes.
const maxList = 16 << 20

func signRolls(v terminal.Voice, e *record.Election, lists []string, authority, out string, keys *terminal.Keyring) error {
	key, err := openKey(authority, keys)
	if err != nil {
		return err
	}
	if key.Public() != e.Manifest.Authority {
		return fmt.Errorf("%s is not the key of the manifest's authority", authority)
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	for _, path := range lists {
		b, err := readInput(path, maxList)
		if err != nil {
			return err
		}
		holders, err := provisioning.ParseHolders(b)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		station := strings.TrimSuffix(filepath.Base(path), ".txt")
		roll, err := provisioning.Roll(e, station, holders, key)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if b, err = record.Marshal(roll); err != nil {
			return err
		}
		if err := durable.PutFile(rollPath(out, station), b, 0o600); err != nil {
			return err
		}
		v.Say("station %s: %d voters", station, len(holders))
	}
	return nil
}

func rollPath(dir, station string) string { return filepath.Join(dir, station+".json") }
