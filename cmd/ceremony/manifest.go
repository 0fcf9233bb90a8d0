package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
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
	terminal.Require(c, &draft, "draft", "the draft: a `file`")
	terminal.Require(c, &out, "out", "the new exchange `folder`")
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
		describeManifest(speak(c, m.Kind), m, b)
		return nil
	})
}
