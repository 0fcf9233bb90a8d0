package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

func stationCommand() *cobra.Command {
	return group("station", "keys and packages of stations", newStationCommand(), packageCommand(), checkPackageCommand())
}

func packageCommand() *cobra.Command {
	var exchange, rolls, out string
	var authorities, revoked []string
	c := run(&cobra.Command{
		Use:   "package --exchange FOLDER --rolls FOLDER --out FOLDER STATION…",
		Short: "make the folder that is carried to a station",
		Long: `package makes a folder for each station, named after it, with manifest, joint key,
the station's signed roll, the card authorities' certificates, and their revocation
lists.`,
		Example: "    ceremony station package --exchange usb --rolls rolls --out packages a-1",
		Args:    cobra.MinimumNArgs(1),
	}, func(c *cobra.Command, args []string) error {
		e, err := record.ReadElection(durable.RegularFiles(exchange))
		if err != nil {
			return err
		}
		kind := e.Manifest.Kind
		v := speak(c, kind)
		certificates, err := readAll(authorities)
		if err != nil {
			return terminal.About(kind, err)
		}
		lists, err := readAll(revoked)
		if err != nil {
			return terminal.About(kind, err)
		}
		for _, station := range args {
			if err := packStation(exchange, rolls, out, station, certificates, lists); err != nil {
				return terminal.About(kind, explain(fmt.Errorf("station %s: %w", station, err)))
			}
			p, err := readBack(e, out, station)
			if err != nil {
				return terminal.About(kind, explain(fmt.Errorf("station %s: reading back: %w", station, err)))
			}
			v.Say("written:  %s", filepath.Join(out, station))
			warnUnlisted(v, p)
		}
		v.Say("election: %v", e.ID)
		return nil
	})
	terminal.Require(c, &exchange, "exchange", "the finished ceremony: a `folder`")
	terminal.Require(c, &rolls, "rolls", "the signed rolls: a `folder`")
	terminal.Require(c, &out, "out", "the `folder` for the stations' folders")
	c.Flags().StringSliceVar(&authorities, "card-authority", nil, "the card authorities' certificates (DER): `files`")
	c.Flags().StringSliceVar(&revoked, "revoked", nil, "the card authorities' revocation lists (DER): `files`")
	return c
}

func readAll(paths []string) ([][]byte, error) {
	var all [][]byte
	for _, path := range paths {
		b, err := readInput(path, provisioning.MaxRevoked)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

func packStation(exchange, rolls, out, station string, certificates, lists [][]byte) error {
	roll, err := readInput(rollPath(rolls, station), record.MaxDocument)
	if err != nil {
		return err
	}
	packed, err := provisioning.Pack(durable.RegularFiles(exchange), station, roll, certificates, lists)
	if err != nil {
		return err
	}
	files := map[string]durable.Source{}
	for name, b := range packed {
		files[name] = durable.Content(b)
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	return durable.WriteFolder(filepath.Join(out, station), files, 0o600)
}

// readBack reads the package that was written, as the station will.
func readBack(e *record.Election, out, station string) (*provisioning.StationPackage, error) {
	s, _ := e.Station(station)
	return provisioning.ReadPackage(durable.RegularFiles(filepath.Join(out, station)), station, s.Key)
}

func warnUnlisted(v terminal.Voice, p *provisioning.StationPackage) {
	for _, name := range p.Unlisted() {
		v.Say("warning:  no revocation list of %s: the station takes its revoked cards", name)
	}
}

func checkPackageCommand() *cobra.Command {
	var request string
	c := run(&cobra.Command{
		Use:   "check --request FILE PACKAGE",
		Short: "check a station's package against the station's key",
		Long: `check makes the checks that the station makes when it takes the package in: it is
this station's, complete, signed, and has nothing else in it.`,
		Example: "    ceremony station check --request station.json packages/a-1",
		Args:    cobra.ExactArgs(1),
	}, func(c *cobra.Command, args []string) error {
		b, err := readInput(request, provisioning.MaxRequest)
		if err != nil {
			return err
		}
		r, err := provisioning.ParseKeyRequest(b)
		if err != nil {
			return err
		}
		if r.Role != provisioning.RoleStation {
			return errors.New("the key request is not a station's")
		}
		p, err := provisioning.ReadPackage(durable.RegularFiles(args[0]), r.Station, r.Key)
		if err != nil {
			return terminal.Bad(err, "do not take this package to the station")
		}
		v := speak(c, p.Election.Manifest.Kind)
		v.Say("%s", title(p.Election.Manifest))
		v.Say("station:  %s, with %d voters", p.Station.ID, len(p.Roll.Body.Voters))
		v.Say("cards:    authorities %d, revocation lists %d", len(p.Authorities), len(p.RevocationLists))
		warnUnlisted(v, p)
		v.Say("election: %v", p.Election.ID)
		return nil
	})
	terminal.Require(c, &request, "request", "the station's key request: a `file`")
	return c
}
