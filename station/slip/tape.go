package slip

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/openreferendum/referendum/record"
)

// ZeroTape is printed when the polls open: an empty box, and what the station
// is.
func ZeroTape(e *record.Election, s record.Station, counts record.Counts, software record.Hash, checkpoint []byte) Page {
	m := e.Manifest
	p := begin(m, s, KindZeroTape)
	p.add(Block{Kind: Text, Text: say(m, "empty")})
	p.counts(m, counts)
	p.add(Block{Kind: Rule})
	p.identity(e, s, software, checkpoint)
	return p.end(m)
}

// ClosingTape is printed when the polls close. Watchers take it home: from then
// on nobody changes a ballot unseen.
func ClosingTape(e *record.Election, s record.Station, counts record.Counts, software record.Hash, checkpoint []byte) Page {
	m := e.Manifest
	p := begin(m, s, KindClosing)
	p.counts(m, counts)
	p.reconcile(m, counts)
	p.identity(e, s, software, checkpoint)
	p.add(Block{Kind: Text, Text: say(m, "watchers")})
	for i := range s.Officials {
		p.add(Block{Kind: Signature, Label: oneLine(say(m, "official")) + " " + strconv.Itoa(i+1)})
	}
	return p.end(m)
}

// counts are all counts of a station, in the order of record.Counts.
func (p *Page) counts(m *record.Manifest, c record.Counts) {
	for _, row := range []struct {
		word  string
		count uint32
	}{
		{"registered", c.Registered}, {"attendances", c.Attendances}, {"sessions", c.Sessions}, {"cast", c.Cast},
		{"challenged", c.Challenged}, {"abandoned", c.Abandoned}, {"slipsPrinted", c.SlipsPrinted}, {"slipsVoided", c.SlipsVoided},
	} {
		p.add(Block{Kind: Row, Label: say(m, row.word), Text: strconv.FormatUint(uint64(row.count), 10)})
	}
}

// reconcile shows the identities of docs/spec/record.md, Section 6.2, with
// their numbers, so that a person can follow them with a pencil.
func (p *Page) reconcile(m *record.Manifest, c record.Counts) {
	verdict := "reconciles"
	if c.Reconcile() != nil {
		verdict = "does-not-reconcile"
	}
	p.add(Block{Kind: Rule}, Block{Kind: Text, Text: say(m, verdict)})
	for _, line := range []struct{ words, numbers string }{
		{"attendances = cast ≤ registered", fmt.Sprintf("%d = %d ≤ %d", c.Attendances, c.Cast, c.Registered)},
		{"sessions = cast + abandoned", fmt.Sprintf("%d = %d + %d", c.Sessions, c.Cast, c.Abandoned)},
		{"slipsPrinted = cast + slipsVoided", fmt.Sprintf("%d = %d + %d", c.SlipsPrinted, c.Cast, c.SlipsVoided)},
		{"challenged ≤ slipsVoided ≤ challenged + abandoned", fmt.Sprintf("%d ≤ %d ≤ %d + %d", c.Challenged, c.SlipsVoided, c.Challenged, c.Abandoned)},
	} {
		p.add(Block{Kind: Row, Label: formula(m, line.words), Text: line.numbers})
	}
	p.add(Block{Kind: Rule})
}

// formula says an identity in every language: its words are phrases, the rest
// are signs.
func formula(m *record.Manifest, words string) string {
	s := ""
	for i, language := range phrases(m) {
		var parts []string
		for w := range strings.FieldsSeq(words) {
			if phrase, ok := language[w]; ok {
				w = phrase
			}
			parts = append(parts, w)
		}
		if line := strings.Join(parts, " "); i == 0 {
			s = line
		} else {
			s = below(s, line)
		}
	}
	return s
}

// identity is what makes a tape worth keeping: which election, which software,
// and the signed checkpoint over the ballots.
func (p *Page) identity(e *record.Election, s record.Station, software record.Hash, checkpoint []byte) {
	m := e.Manifest
	p.add(
		Block{Kind: Row, Label: say(m, "station-id"), Text: s.ID},
		Block{Kind: Code, Label: say(m, "election"), Text: groups(e.ID.String())},
		Block{Kind: Code, Label: say(m, "software"), Text: groups(software.String())},
	)
	if root := rootOf(checkpoint); root != "" {
		p.add(Block{Kind: Code, Label: say(m, "ballots-root"), Text: groups(root)})
	}
	p.add(
		Block{Kind: Text, Text: say(m, "checkpoint") + "\n" + strings.TrimRight(string(checkpoint), "\n")},
		Block{Kind: QR, Text: string(checkpoint)},
	)
}

// rootOf returns the root in a checkpoint (its third line, in base64) in
// hexadecimal, as the closing statement has it, or "" if there is none.
func rootOf(checkpoint []byte) string {
	lines := strings.SplitN(string(checkpoint), "\n", 4)
	if len(lines) < 4 {
		return ""
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(record.Hash{}) {
		return ""
	}
	return hex.EncodeToString(root)
}

// groups puts a space after every four symbols, for the eye.
func groups(s string) string {
	var b strings.Builder
	for i, r := range []byte(s) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(r)
	}
	return b.String()
}

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", " ") }
