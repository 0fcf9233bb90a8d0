package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/openreferendum/referendum/internal/terminal"
)

const draft = `{
 "kind": "live", "title": {"en": "Shall the bridge be built?"}, "languages": ["en"],
 "opens": "2027-03-06T00:00:00Z", "closes": "2027-03-06T08:00:00Z",
 "privacyThreshold": 3, "threshold": 2, "cardAuthorities": [],
 "questions": [{"id": "bridge", "title": {"en": "The bridge"}, "text": {"en": "Shall the bridge be built?"}, "proposer": {"en": "The county"},
  "options": [{"id": "agree", "label": {"en": "agree"}, "kind": "valid"}, {"id": "disagree", "label": {"en": "disagree"}, "kind": "valid"}, {"id": "blank", "label": {"en": "left blank"}, "kind": "blank"}],
  "rule": {"conditions": [{"anyOf": [{"left": [{"coefficient": "1", "of": "option:agree"}], "op": ">", "right": [{"coefficient": "1", "of": "option:disagree"}]}]}]}}],
 "districts": [{"id": "county", "name": {"en": "The county"}}],
 "stations": [
  {"id": "a-1", "name": {"en": "School"}, "district": "county", "registered": 4},
  {"id": "a-2", "name": {"en": "Hall"}, "district": "county", "registered": 3}]
}
`

// prepare makes, with the program's own commands, the state of a ceremony in the
// current folder: prepare STAGE [N], where N is the number of trustees (3) and
// the stage one of enrolled, begun, committed, revealed, confirmed, finished.
// Everybody has the passphrase in the file phrase.
func prepare(args []string) error {
	workFactor = 1
	n := 3
	if len(args) > 1 {
		var err error
		if n, err = strconv.Atoi(args[1]); err != nil {
			return err
		}
	}
	stages := []string{"enrolled", "begun", "committed", "revealed", "confirmed", "finished"}
	for i, stage := range stages {
		for _, line := range stageCommands(i, n) {
			var out strings.Builder
			if status := terminal.Run(command(), strings.Fields(line), nil, &out, &out); status != terminal.ExitOK {
				return fmt.Errorf("%s: %s", line, out.String())
			}
		}
		if stage == args[0] {
			return nil
		}
	}
	return fmt.Errorf("no stage %q", args[0])
}

func stageCommands(stage, n int) []string {
	var lines []string
	each := func(format string) {
		for i := 1; i <= n; i++ {
			lines = append(lines, strings.ReplaceAll(format, "#", strconv.Itoa(i)))
		}
	}
	switch stage {
	case 0:
		each("enrol --private trustee-# --name Trustee-# --out enrolment-#.json --passphrase-file phrase")
		lines = append(lines, "authority new --private authority.age --name Commission --out authority.json --passphrase-file phrase")
		for _, s := range []string{"a-1", "a-2"} {
			lines = append(lines, fmt.Sprintf("station new --private station-%s.age --station %s --name Machine --out station-%s.json --passphrase-file phrase", s, s, s))
			for _, o := range []string{"Lee", "Roy"} {
				lines = append(lines, fmt.Sprintf("official new --private %s-%s.age --station %s --name %s --out %s-%s.json --passphrase-file phrase", o, s, s, o, o, s))
			}
		}
	case 1:
		lines = append(lines, assembleLine(n))
	case 2, 3, 4:
		each([]string{"commit", "reveal", "confirm"}[stage-2] + " --exchange usb --private trustee-# --passphrase-file phrase")
	case 5:
		lines = append(lines, "joint-key --exchange usb")
	}
	return lines
}

func assembleLine(n int) string {
	var enrolments []string
	for i := 1; i <= n; i++ {
		enrolments = append(enrolments, fmt.Sprintf("enrolment-%d.json", i))
	}
	return "manifest assemble --draft draft.json --out usb --enrolment " + strings.Join(enrolments, ",") +
		" --request authority.json,station-a-1.json,station-a-2.json,Lee-a-1.json,Roy-a-1.json,Lee-a-2.json,Roy-a-2.json"
}

// phrase is the passphrase of everybody in these tests.
func phrase() (string, error) {
	b, err := os.ReadFile("phrase")
	return strings.TrimSuffix(string(b), "\n"), err
}
