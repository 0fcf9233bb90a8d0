package slip

import (
	"encoding/hex"
	"fmt"
	"slices"
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
		Block{Kind: Heading, Text: say(m, kind)},
		Block{Kind: Row, Label: say(m, "station"), Text: show(m, s.Name)},
		Block{Kind: Rule},
	)
	return p
}

func (p *Page) add(bs ...Block) { p.Blocks = append(p.Blocks, bs...) }

// end closes a page: the mark again, so that no half of it can be mistaken, and
// the cut.
func (p *Page) end(m *record.Manifest) Page {
	if m.Kind != record.Live {
		p.add(Block{Kind: Mark, Text: say(m, m.Kind)})
	}
	if p.Kind != KindSlip {
		p.add(Block{Kind: Cut})
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
		p.add(Block{Kind: Choice, Number: i + 1, Label: show(m, q.Title), Text: chosen})
	}
	return nil
}

// Void is printed below a slip that must not count, before it is cut: the slip
// of a challenge, or of a session that was abandoned.
func Void(m *record.Manifest) Page {
	p := Page{Kind: KindVoid}
	p.add(Block{Kind: Mark, Text: say(m, "void")}, Block{Kind: Text, Text: say(m, "void-note")})
	return p.end(m)
}

// Reprint marks, at its beginning and its end, a page of which an earlier copy may
// be on paper, whole or in part: an opened ballot or a tape. No other page has a
// second copy, and a slip nothing that tells it from its like.
func Reprint(m *record.Manifest, p Page) (Page, error) {
	if p.Kind != KindChallenge && p.Kind != KindZeroTape && p.Kind != KindClosing {
		return Page{}, fmt.Errorf("describing a page: a %s is not printed again", p.Kind)
	}
	first, last := 0, len(p.Blocks)-1 // the cut
	if m.Kind != record.Live {
		first, last = first+1, last-1 // that it is not live stays the first and the last
	}
	if last < first {
		return Page{}, fmt.Errorf("describing a page: a %s of %d blocks", p.Kind, len(p.Blocks))
	}
	mark := []Block{{Kind: Mark, Text: say(m, "reprint")}}
	p.Blocks = slices.Concat(p.Blocks[:first], mark, p.Blocks[first:last], mark, p.Blocks[last:])
	return p, nil
}

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
		Block{Kind: Code, Label: say(m, "seed"), Text: groups(seed)},
		Block{Kind: QR, Text: "referendum-v1:challenge:" + code.Format(c.Code) + ":" + seed + ":" + selections},
		Block{Kind: Text, Text: say(m, "challenge-note")},
	)
	return p.end(m), nil
}
