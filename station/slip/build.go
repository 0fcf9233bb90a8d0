package slip

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/code"
)

// begin starts a page with what every page has: the mark of what is not a live
// vote, the referendum, the kind of paper and the station.
func begin(m *record.Manifest, s record.Station, kind string) Page {
	p := Page{Kind: kind}
	if m.Kind != record.Live {
		p.add(Block{Kind: Mark, Text: say(m, m.Kind)})
	}
	p.add(
		Block{Kind: Heading, Text: show(m, m.Title)},
		Block{Kind: Text, Text: say(m, kind)},
		Block{Kind: Row, Label: say(m, "station"), Text: show(m, s.Name)},
		Block{Kind: Rule},
	)
	return p
}

func (p *Page) add(bs ...Block) { p.Blocks = append(p.Blocks, bs...) }

// end closes a page: the mark again, so that no half of it can be mistaken.
func (p *Page) end(m *record.Manifest) Page {
	if m.Kind != record.Live {
		p.add(Block{Kind: Mark, Text: say(m, m.Kind)})
	}
	return *p
}

// Slip is the paper that shows the choices in words. It carries nothing that
// orders or identifies it: no time, number or code, so equal choices give equal
// slips.
func Slip(m *record.Manifest, s record.Station, selections []int) (Page, error) {
	p := begin(m, s, KindSlip)
	if err := p.choices(m, selections); err != nil {
		return Page{}, err
	}
	p.add(Block{Kind: Rule}, Block{Kind: Text, Text: say(m, "slip-note")})
	return p.end(m), nil
}

func (p *Page) choices(m *record.Manifest, selections []int) error {
	if len(selections) != len(m.Questions) {
		return fmt.Errorf("describing a page: %d selections for %d questions", len(selections), len(m.Questions))
	}
	for i, q := range m.Questions {
		chosen := say(m, "not-taken")
		switch k := selections[i]; {
		case k < 0 || k > len(q.Options):
			return fmt.Errorf("describing a page: question %d has no option %d", i+1, k)
		case k > 0:
			chosen = show(m, q.Options[k-1].Label)
		}
		p.add(Block{Kind: Choice, Label: show(m, q.Title), Text: chosen})
	}
	return nil
}

// Void is the mark printed over a slip that must not count.
func Void(m *record.Manifest) Block { return Block{Kind: Mark, Text: say(m, "void")} }

// Receipt is the paper the voter takes home: the confirmation code, and nothing
// of the choices.
func Receipt(e *record.Election, s record.Station, c record.Hash) Page {
	m := e.Manifest
	p := begin(m, s, KindReceipt)
	p.add(
		Block{Kind: Row, Label: say(m, "election"), Text: e.ID.String()[:16]},
		Block{Kind: Code, Label: say(m, "code"), Text: code.Format(c)},
		Block{Kind: QR, Text: "referendum-v1:receipt:" + e.ID.String()[:16] + ":" + code.Format(c)},
		Block{Kind: Text, Text: say(m, "receipt-note")},
	)
	return p.end(m)
}

// Challenge is the paper of an opened ballot: what the machine says it
// encrypted, and the seed that proves it. The receipt printed before has the
// code.
func Challenge(e *record.Election, s record.Station, c *record.ChallengedBallot) (Page, error) {
	m := e.Manifest
	p := begin(m, s, KindChallenge)
	if err := p.choices(m, c.Selections); err != nil {
		return Page{}, err
	}
	seed := hex.EncodeToString(c.Seed[:])
	selections := ""
	for i, k := range c.Selections {
		if i > 0 {
			selections += ","
		}
		selections += strconv.Itoa(k)
	}
	p.add(
		Block{Kind: Rule},
		Block{Kind: Code, Label: say(m, "code"), Text: code.Format(c.Code)},
		Block{Kind: Code, Label: say(m, "seed"), Text: seed},
		Block{Kind: QR, Text: "referendum-v1:challenge:" + code.Format(c.Code) + ":" + seed + ":" + selections},
		Block{Kind: Text, Text: say(m, "challenge-note")},
	)
	return p.end(m), nil
}

// ZeroTape is printed when the polls open: an empty box, and what the station
// is.
func ZeroTape(e *record.Election, s record.Station, counts record.Counts, software record.Hash, checkpoint []byte) Page {
	m := e.Manifest
	p := begin(m, s, KindZeroTape)
	p.add(Block{Kind: Text, Text: say(m, "empty")})
	p.tape(e, counts, software, checkpoint)
	return p.end(m)
}

// ClosingTape is printed when the polls close. Watchers take it home: from then
// on nobody changes a ballot unseen.
func ClosingTape(e *record.Election, s record.Station, counts record.Counts, software record.Hash, checkpoint []byte) Page {
	p := begin(e.Manifest, s, KindClosing)
	p.tape(e, counts, software, checkpoint)
	return p.end(e.Manifest)
}

func (p *Page) tape(e *record.Election, c record.Counts, software record.Hash, checkpoint []byte) {
	m := e.Manifest
	for _, row := range []struct {
		word  string
		count uint32
	}{
		{"registered", c.Registered}, {"attendances", c.Attendances}, {"sessions", c.Sessions}, {"cast", c.Cast},
		{"challenged", c.Challenged}, {"abandoned", c.Abandoned}, {"slipsPrinted", c.SlipsPrinted}, {"slipsVoided", c.SlipsVoided},
	} {
		p.add(Block{Kind: Row, Label: say(m, row.word), Text: strconv.FormatUint(uint64(row.count), 10)})
	}
	p.add(
		Block{Kind: Rule},
		Block{Kind: Code, Label: say(m, "election"), Text: e.ID.String()},
		Block{Kind: Code, Label: say(m, "software"), Text: software.String()},
		Block{Kind: Text, Text: say(m, "checkpoint") + "\n" + string(checkpoint)},
		Block{Kind: QR, Text: string(checkpoint)},
		Block{Kind: Signature, Label: say(m, "official")},
		Block{Kind: Signature, Label: say(m, "official")},
	)
}
