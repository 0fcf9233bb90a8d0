package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

// A setup is what every command takes: the configuration.
type setup struct {
	path string
	keys terminal.Keyring
}

func (s *setup) add(c *cobra.Command) {
	terminal.Require(c, &s.path, "config", "the kiosk's configuration: a `file`")
}

// read reads the configuration and the kind of its election, which marks every
// line.
func (s *setup) read() (*kiosk.Config, *record.Election, error) {
	c, err := kiosk.ReadConfig(s.path)
	if err != nil {
		return nil, nil, terminal.Unusable(plainly(err), "docs/operators/kiosk.md, Section 2, has a configuration to begin with")
	}
	e, err := record.ReadElection(durable.RegularFiles(c.Package))
	if err != nil {
		return nil, nil, terminal.Unusable(fmt.Errorf("reading the package %s: %w", c.Package, plainly(err)), "it is the folder that ceremony station package made for this station")
	}
	return c, e, nil
}

// options are those of the running program.
func (s *setup) options() (kiosk.Options, error) {
	software, built, err := program()
	if err != nil {
		return kiosk.Options{}, err
	}
	return kiosk.Options{Software: software, Built: built, Passphrase: s.passphrase}, nil
}

func (s *setup) passphrase() (string, error) {
	p, err := s.keys.Ask("the passphrase of the station's key", true)
	return p.Export(), err
}

// program returns the SHA-256 of the running program, and when its file was
// written.
func program() (record.Hash, time.Time, error) {
	path, err := os.Executable()
	if err != nil {
		return record.Hash{}, time.Time{}, fmt.Errorf("finding the program: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return record.Hash{}, time.Time{}, fmt.Errorf("finding the program: %w", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return record.Hash{}, time.Time{}, fmt.Errorf("reading the program: %w", err)
	}
	return sha256.Sum256(b), info.ModTime(), nil
}

// group makes a command that has only subcommands.
func group(name, short string, subcommands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: name, Short: short, RunE: func(c *cobra.Command, _ []string) error {
		return terminal.Unusable(errors.New("no command given"), "see "+c.CommandPath()+" --help")
	}}
	c.AddCommand(subcommands...)
	return c
}
