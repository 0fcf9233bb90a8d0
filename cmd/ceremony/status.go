package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
)

func title(m *record.Manifest) string {
	return fmt.Sprintf("referendum: %s", strings.ReplaceAll(m.Title[m.Languages[0]], "\n", " "))
}

func statusCommand() *cobra.Command {
	var exchange string
	c := run(&cobra.Command{
		Use:   "status --exchange FOLDER",
		Short: "what is there, what is missing, what to do next",
		Long: `status lists the documents of the ceremony that are there and bear their trustee's
signature, and says which step is next. It does not check proofs and shares: see
confirm and check. The exit status is 1 when a file is not what it should be, or
when somebody has complained.`,
		Example: "    ceremony status --exchange usb",
	}, func(c *cobra.Command, _ []string) error {
		s, err := keygen.Folder(exchange).Status()
		if err != nil {
			return err
		}
		v := speak(c, s.Manifest.Kind)
		printStatus(v, s)
		v.Say("next:       %s", next(s, exchange))
		for _, err := range s.Problems {
			v.Say("problem:    %v", err)
		}
		if len(s.Problems) > 0 {
			return terminal.About(s.Manifest.Kind, terminal.Bad(fmt.Errorf("not what it should be: %s", count(uint64(len(s.Problems)), "file")), repair))
		}
		return terminal.About(s.Manifest.Kind, terminal.Bad(s.Void(), "see: ceremony judge --help"))
	})
	terminal.Require(c, &exchange, "exchange", exchangeHelp)
	return c
}

func printStatus(v terminal.Voice, s *keygen.Status) {
	v.Say("%s", title(s.Manifest))
	v.Say("manifest:   %v", s.Hash)
	v.Say("quorum:     %d of %d trustees", s.Manifest.Threshold, len(s.Manifest.Trustees))
	for i, t := range s.Manifest.Trustees {
		var done []string
		for round, name := range keygen.Rounds {
			state := "-"
			if s.There[round][i] {
				state = name
			}
			done = append(done, fmt.Sprintf("%-12s", state))
		}
		v.Say("trustee %2d  %s  %s", i+1, strings.Join(done, " "), t.Name)
	}
	for _, d := range s.Disputes {
		answer := "no answer yet"
		if d.Defended {
			answer = "answered"
		}
		v.Say("complaint of trustee %d about trustee %d: %s", d.Accuser, d.Accused, answer)
	}
}

// next says what to do, and who.
func next(s *keygen.Status, exchange string) string {
	for _, d := range s.Disputes {
		if !d.Defended {
			return fmt.Sprintf("trustee %d: ceremony defend --exchange %s --private FOLDER --accuser %d", d.Accused, exchange, d.Accuser)
		}
	}
	if len(s.Disputes) > 0 {
		d := s.Disputes[0]
		return fmt.Sprintf("anybody: ceremony judge --exchange %s --accuser %d --accused %d", exchange, d.Accuser, d.Accused)
	}
	commands := [4]string{"enrol", "commit", "reveal", "confirm"}
	for round, command := range commands {
		if missing := s.Missing(round); len(missing) > 0 {
			if command == "enrol" {
				return fmt.Sprintf("the enrolment of %s is not there: it comes with the folder that ceremony manifest assemble has made", trustees(missing))
			}
			return fmt.Sprintf("%s: ceremony %s --exchange %s --private FOLDER", trustees(missing), command, exchange)
		}
	}
	if !s.JointKey {
		return "anybody: ceremony joint-key --exchange " + exchange
	}
	return "the ceremony is complete; everybody: ceremony check " + exchange
}

func trustees(numbers []int) string {
	if len(numbers) == 1 {
		return fmt.Sprintf("trustee %d", numbers[0])
	}
	var words []string
	for _, n := range numbers {
		words = append(words, fmt.Sprint(n))
	}
	return "trustees " + strings.Join(words, ", ")
}

func jointKeyCommand() *cobra.Command {
	var exchange string
	c := run(&cobra.Command{
		Use:   "joint-key --exchange FOLDER",
		Short: "end the ceremony: write the joint key that all trustees have confirmed",
		Long: `joint-key checks the whole transcript, and that all trustees have confirmed it, and
writes joint-key.json. It needs no secret; everybody who runs it writes the same
bytes. From manifest and joint key follows the election's identifier.`,
		Example: "    ceremony joint-key --exchange usb",
	}, func(c *cobra.Command, _ []string) error {
		f := keygen.Folder(exchange)
		s, err := f.Status()
		if err != nil {
			return err
		}
		kind := s.Manifest.Kind
		if err := s.Void(); err != nil {
			return terminal.About(kind, terminal.Bad(err, "see: ceremony status"))
		}
		if missing := s.Missing(3); len(missing) > 0 {
			return terminal.About(kind, terminal.Unusable(fmt.Errorf("%s: no confirmation is there", trustees(missing)), "next: "+next(s, exchange)))
		}
		if _, err := f.Finish(); err != nil {
			return terminal.About(kind, bad(err))
		}
		e, err := record.ReadElection(f.FS())
		if err != nil {
			return terminal.About(kind, explain(err))
		}
		v := speak(c, kind)
		v.Say("%s", title(s.Manifest))
		v.Say("joint key: %v", e.Key.Element())
		v.Say("election:  %v", e.ID)
		v.Say("written:   %s", record.JointKeyFile)
		v.Say("next:      everybody: ceremony check %s; write the election's identifier down", exchange)
		return nil
	})
	terminal.Require(c, &exchange, "exchange", exchangeHelp)
	return c
}

// bad says that a transcript does not hold, unless it could not be read.
func bad(err error) error {
	if terminal.Ours(err) || errors.Is(err, keygen.ErrOtherContent) {
		return explain(err)
	}
	return terminal.Bad(err, "the ceremony does not hold; do not use its key")
}

func checkCommand() *cobra.Command {
	c := run(&cobra.Command{
		Use:   "check FOLDER",
		Short: "check a finished ceremony: every signature, proof and confirmation, and the joint key",
		Long: `check checks everything that is public about a ceremony, in its exchange folder or
in a record. Observers and trustees get the same answer.`,
		Example: "    ceremony check usb",
		Args:    cobra.ExactArgs(1),
	}, func(c *cobra.Command, args []string) error {
		f := keygen.Folder(args[0])
		manifest, err := f.Manifest()
		if err != nil {
			return err
		}
		m, err := record.ParseManifest(manifest)
		if err != nil {
			return terminal.Bad(err, "")
		}
		e, err := checkCeremony(f, manifest, m)
		if err != nil {
			return terminal.About(m.Kind, err)
		}
		v := speak(c, m.Kind)
		v.Say("%s", title(m))
		v.Say("%d of %d trustees can decrypt; all %d have confirmed the same transcript", m.Threshold, len(m.Trustees), len(m.Trustees))
		v.Say("manifest:   %v", e.JointKey.Manifest)
		v.Say("transcript: %v", e.JointKey.Transcript)
		v.Say("joint key:  %v", e.Key.Element())
		v.Say("election:   %v", e.ID)
		v.Say("the ceremony holds")
		return nil
	})
	return c
}

func checkCeremony(f keygen.Folder, manifest []byte, m *record.Manifest) (*record.Election, error) {
	s, err := f.Status()
	if err != nil {
		return nil, explain(err)
	}
	if err := s.Void(); err != nil {
		return nil, terminal.Bad(err, "see: ceremony judge --help")
	}
	t, err := record.ReadCeremony(f.FS(), len(m.Trustees))
	if err != nil {
		return nil, bad(err)
	}
	j, problems := keygen.Check(manifest, t)
	if len(problems) > 0 {
		return nil, terminal.Bad(summary(problems), "the ceremony does not hold; do not use its key")
	}
	e, err := record.ReadElection(f.FS())
	if err != nil {
		return nil, bad(err)
	}
	want, err := record.Marshal(j)
	if err != nil {
		return nil, terminal.Internal(err, "")
	}
	if record.ElectionID(manifest, want) != e.ID {
		return nil, terminal.Bad(errors.New("joint-key.json: not what the transcript gives"), "do not use this key")
	}
	return e, nil
}
