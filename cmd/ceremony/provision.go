package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

func manifestCommand() *cobra.Command {
	return group("manifest", "make and look at the manifest", assembleCommand(), validateCommand())
}

func assembleCommand() *cobra.Command {
	var draft, out string
	var enrolments, requests []string
	c := run(&cobra.Command{
		Use:   "assemble --draft FILE --enrolment FILE… --request FILE… --out FOLDER",
		Short: "make the manifest and the exchange folder from a draft and everybody's keys",
		Long: `assemble puts the draft, the trustees' enrolments and the key requests of authority,
stations and officials together. The trustees are numbered in the order of their
enrolments. The new folder is the exchange folder of the key ceremony.`,
		Example: "    ceremony manifest assemble --draft draft.json --enrolment enrolment-kim.json --request authority.json,station.json,lee.json,roy.json --out usb",
	}, func(c *cobra.Command, _ []string) error {
		m, signed, err := assemble(draft, enrolments, requests)
		if err != nil {
			return err
		}
		if err := beginCeremony(keygen.Folder(out), m, signed); err != nil {
			return terminal.About(m.Kind, explain(err))
		}
		b, err := keygen.Folder(out).Manifest()
		if err != nil {
			return terminal.About(m.Kind, explain(err))
		}
		v := speak(c, m.Kind)
		describeManifest(v, m, b)
		v.Say("written:   %s", out)
		v.Say("next:      the trustees: ceremony commit --exchange %s", out)
		return nil
	})
	require(c, &draft, "draft", "the draft: a `file`")
	require(c, &out, "out", "the new exchange `folder`")
	list(c, &enrolments, "enrolment", "the trustees' enrolments: `files`, in the order of their numbers")
	list(c, &requests, "request", "the other keys' requests: `files`")
	return c
}

func list(c *cobra.Command, values *[]string, name, help string) {
	c.Flags().StringSliceVar(values, name, nil, help+" (required)")
	if err := c.MarkFlagRequired(name); err != nil {
		panic("ceremony: internal error: " + err.Error())
	}
}

func assemble(draft string, enrolments, requests []string) (*record.Manifest, []record.Signed[record.Enrolment], error) {
	b, err := readInput(draft, record.MaxDocument)
	if err != nil {
		return nil, nil, err
	}
	d, err := provisioning.ParseDraft(b)
	if err != nil {
		return nil, nil, terminal.Unusable(fmt.Errorf("%s: %w", draft, err), "a draft has the fields of the manifest, but no keys: docs/operators/ceremony.md, Section 2")
	}
	var signed []record.Signed[record.Enrolment]
	for _, path := range enrolments {
		b, err := readInput(path, 1<<20)
		if err != nil {
			return nil, nil, err
		}
		e, err := keygen.ParseEnrolment(b)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		signed = append(signed, *e)
	}
	var asked []*provisioning.KeyRequest
	for _, path := range requests {
		b, err := readInput(path, provisioning.MaxRequest)
		if err != nil {
			return nil, nil, err
		}
		r, err := provisioning.ParseKeyRequest(b)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		asked = append(asked, r)
	}
	m, err := d.Assemble(signed, asked)
	return m, signed, err
}

func describeManifest(v terminal.Voice, m *record.Manifest, b []byte) {
	v.Say("%s", title(m))
	v.Say("kind:      %s", m.Kind)
	v.Say("polls:     %s to %s", m.Opens, m.Closes)
	v.Say("questions: %d, in %s", len(m.Questions), strings.Join(m.Languages, ", "))
	var registered uint64
	for _, s := range m.Stations {
		registered += uint64(s.Registered)
	}
	v.Say("stations:  %d, with %d voters", len(m.Stations), registered)
	v.Say("privacy:   at least %d ballots are decrypted together", m.PrivacyThreshold)
	v.Say("trustees:  %d of %d decrypt", m.Threshold, len(m.Trustees))
	for i, t := range m.Trustees {
		v.Say("           %d  %s  %v", i+1, t.Name, t.SigningKey)
	}
	v.Say("manifest:  %v", record.ManifestHash(b))
}

func validateCommand() *cobra.Command {
	return run(&cobra.Command{
		Use:     "validate MANIFEST",
		Short:   "check a manifest, and say what it describes",
		Long:    `validate checks that a manifest can be carried out, and prints it in short.`,
		Example: "    ceremony manifest validate usb/manifest.json",
		Args:    cobra.ExactArgs(1),
	}, func(c *cobra.Command, args []string) error {
		b, err := readInput(args[0], record.MaxDocument)
		if err != nil {
			return err
		}
		m, err := record.ParseManifest(b)
		if err != nil {
			return terminal.Bad(err, "")
		}
		if err := provisioning.CheckManifest(m); err != nil {
			return terminal.About(m.Kind, terminal.Bad(err, ""))
		}
		describeManifest(speak(c, m.Kind), m, b)
		return nil
	})
}

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
	require(sign, &exchange, "exchange", "the finished ceremony: a `folder`")
	require(sign, &authority, "authority", "the authority's private key: a `file`")
	require(sign, &out, "out", "the `folder` for the rolls")
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
		if err := put(rollPath(out, station), b, 0o600); err != nil {
			return err
		}
		v.Say("station %s: %d voters", station, len(holders))
	}
	return nil
}

func rollPath(dir, station string) string { return filepath.Join(dir, station+".json") }

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
	require(c, &exchange, "exchange", "the finished ceremony: a `folder`")
	require(c, &rolls, "rolls", "the signed rolls: a `folder`")
	require(c, &out, "out", "the `folder` for the stations' folders")
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
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	return durable.WriteFolder(filepath.Join(out, station), files, 0o644)
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
		v.Say("cards:    %d authorities, %d revocation lists", len(p.Authorities), len(p.RevocationLists))
		warnUnlisted(v, p)
		v.Say("election: %v", p.Election.ID)
		return nil
	})
	require(c, &request, "request", "the station's key request: a `file`")
	return c
}
