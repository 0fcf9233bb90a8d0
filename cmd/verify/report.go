package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/verifier"
)

// line makes one harmless line of a text that comes from the record: whoever
// made it must not be able to write lines of this report.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case !unicode.IsPrint(r) && r != '\u3000':
			return '\uFFFD'
		}
		return r
	}, s)
}

// show returns a text in the manifest's first language, which is authoritative.
func show(m *record.Manifest, t record.Text) string { return line(t[m.Languages[0]]) }

// digits writes a number with its thousands apart: 19,825,468.
func digits(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func printReport(v terminal.Voice, r *verifier.Report, compared bool) {
	printHead(v, r)
	v.Say("")
	v.Say("CHECKS")
	for _, c := range r.Checks {
		v.Say("  %s  %-22s %-8s %s", c.ID, c.Title, status(c), looked(c))
	}
	printFailures(v, r)
	if r.Result != nil {
		printResult(v, r)
	}
	printEnd(v, r, compared)
}

func printHead(v terminal.Voice, r *verifier.Report) {
	v.Say("RECORD")
	m := r.Manifest
	if m == nil {
		v.Say("  its manifest cannot be read, so nothing else can be checked")
		return
	}
	v.Say("  referendum  %s", show(m, m.Title))
	if r.Election != (record.Hash{}) {
		v.Say("  election    %v", r.Election)
	}
	v.Say("  kind        %s", r.Kind)
	v.Say("  polls       %s to %s (UTC)", minute(m.Opens), minute(m.Closes))
	v.Say("  trustees    %d of %d can decrypt", m.Threshold, len(m.Trustees))
	v.Say("  privacy     at least %s decrypted together", count(int(m.PrivacyThreshold), "ballot"))
	if r.Part != nil {
		v.Say("  ONLY        %s: this is not the check of a whole record", line(r.Part.Area))
	}
	v.Say("  stations    %s of %s", digits(uint64(r.Stations)), digits(uint64(len(m.Stations))))
	v.Say("  ballots     %s", digits(uint64(r.Ballots)))
	for i, s := range r.Software {
		if i == maxListed {
			v.Say("  software    and %s more programs", digits(uint64(len(r.Software)-i)))
			break
		}
		v.Say("  software    %v\n              at %s", s.Hash, count(s.Stations, "station")) // 80 columns
	}
	printMissing(v, r)
}

// maxListed is how many missing stations, or programs, are listed.
const maxListed = 50

func printMissing(v terminal.Voice, r *verifier.Report) {
	if r.Election == (record.Hash{}) {
		return
	}
	names := map[string]string{}
	for _, s := range r.Manifest.Stations {
		names[s.ID] = show(r.Manifest, s.Name)
	}
	for i, id := range r.Missing {
		if i == maxListed {
			v.Say("  MISSING     and %s more stations", digits(uint64(len(r.Missing)-i)))
			return
		}
		v.Say("  MISSING     station %s (%s): its ballots are not in this record", id, names[id])
	}
}

// minute writes the manifest's time as people do.
func minute(s string) string { return strings.NewReplacer("T", " ", ":00Z", "").Replace(s) }

func status(c verifier.CheckResult) string {
	switch c.Status {
	case verifier.Failed:
		return "FAILED"
	case verifier.NotRun:
		return "NOT RUN"
	case verifier.NotAsked:
		return "–"
	}
	return c.Status
}

// looked says what a check looked at, and how much of it was wrong.
func looked(c verifier.CheckResult) string {
	s := fmt.Sprintf("%s %s", digits(uint64(c.Done)), c.Of)
	if c.Done == 1 {
		s = strings.TrimSuffix(s, "s")
	}
	if c.Done == 0 && c.Status != verifier.Passed {
		s = ""
	}
	if c.Status == verifier.NotAsked {
		return "only of a whole record"
	}
	if c.Failed > 0 {
		s = strings.TrimLeft(s+", ", ", ") + digits(uint64(c.Failed)) + " wrong"
	}
	return s
}

func printFailures(v terminal.Voice, r *verifier.Report) {
	if len(r.Failures) == 0 {
		return
	}
	v.Say("")
	v.Say("WHAT IS WRONG")
	listed := map[string]int64{}
	for _, f := range r.Failures {
		v.Say("  %s  %s", f.Check, line(f.Where))
		v.Say("       %s", line(f.Why))
		listed[f.Check]++
	}
	for _, c := range r.Checks {
		if more := c.Failed - listed[c.ID]; more > 0 {
			v.Say("  %s  and %s more", c.ID, digits(uint64(more)))
		}
	}
}

func printEnd(v terminal.Voice, r *verifier.Report, compared bool) {
	v.Say("")
	if !r.OK() {
		if r.Part != nil {
			v.Say("THIS PART OF THE RECORD DOES NOT VERIFY.")
			return
		}
		v.Say("THE RECORD DOES NOT VERIFY. Whatever it says was decided is not shown.")
		return
	}
	if r.Part != nil {
		v.Say("THIS PART HOLDS: %s of %s, in all checks that can be made of a part. What the", count(r.Stations, "station"), line(r.Part.Area))
		v.Say("record says was decided was not checked: that takes the whole record.")
		return
	}
	v.Say("THE RECORD VERIFIES: all %d checks passed.", len(r.Checks))
	if len(r.Missing) > 0 {
		v.Say("It names %s as missing: the result is without the ballots cast there, but with the voters registered there.", count(len(r.Missing), "station"))
	}
	if !compared {
		v.Say("Its identifier was not compared: is %v… on your station's tape or receipt? See --election.", r.Election.String()[:16])
	}
	if r.Kind != record.Live {
		v.Say("It is the record of a %s: it decides nothing.", strings.ReplaceAll(r.Kind, "-", " "))
	}
}
