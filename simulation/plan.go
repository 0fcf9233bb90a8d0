// Package simulation plays a whole referendum: trustees, officials, voters with
// their cards, stations, tally and observers. It is the demo and the rehearsal
// of the system; nothing of it is installed anywhere.
//
// People and devices are played; everything between them is the real thing: the
// packages that the installed programs consist of, their files, signatures and
// databases.
package simulation

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
	"github.com/openreferendum/referendum/simulation/cec"
)

// A Plan is a referendum to play: where, about what, and how everybody votes.
type Plan struct {
	Kind      string // of the manifest
	Title     record.Text
	Day       time.Time // polls open at 00:00 UTC, which is 08:00 in Taipei
	Questions []record.Question
	Districts []record.District
	Stations  []StationPlan
	Cases     []int // numbers of the Commission's cases, by question

	Root        cec.Code            // the area
	RootName    string              // such as 連江縣
	Populations map[cec.Code]uint64 // inhabitants of areas, where known

	Trustees, Threshold int
	PrivacyThreshold    uint32
	Seed                uint64
	ChallengeShare      float64 // of voters who test the machine first
	AbandonShare        float64 // of voters who leave once and come back
}

// A StationPlan is one station, and what its voters will have voted together.
type StationPlan struct {
	ID, District string
	Name         record.Text
	Registered   uint32
	Code         cec.Code
	Results      []cec.Counts // by question
}

// Options of every question of a Taiwanese referendum, in the manifest's order.
// Papers that the Commission counted as invalid are left blank here: a machine
// takes no other invalid paper.
const (
	Agree    = 1
	Disagree = 2
	Blank    = 3
)

var languages = []string{"zh-Hant", "en"}

func both(zh, en string) record.Text { return record.Text{"zh-Hant": zh, "en": en} }

// FromData makes the plan of a referendum whose counts are the Commission's, in
// an area (see cec.Data.Select). leftOut names the stations whose rows
// contradict themselves.
func FromData(d *cec.Data, area string, seed uint64) (p *Plan, leftOut []string, err error) {
	places, leftOut, err := d.Select(area)
	if err != nil {
		return nil, leftOut, err
	}
	root, err := d.Find(area)
	if err != nil {
		return nil, leftOut, err
	}
	rootName := legible(d.Name(root))
	if rootName == "" {
		rootName = "全國"
	}
	p = &Plan{
		Kind: record.Live, Day: time.Date(2021, 12, 18, 0, 0, 0, 0, time.UTC), Root: root, RootName: rootName, Populations: d.Populations(),
		Trustees: 5, Threshold: 3, PrivacyThreshold: 20, Seed: seed, ChallengeShare: 0.03, AbandonShare: 0.01,
	}
	for _, c := range d.Cases {
		p.Questions, p.Cases = append(p.Questions, question(c.Number)), append(p.Cases, c.Number)
	}
	p.Title = p.title()
	p.addDistricts(d, places)
	for _, place := range places {
		area := legible(d.Name(place.Code))
		p.Stations = append(p.Stations, StationPlan{
			ID: place.ID(), District: parent(place.Code).ID(), Code: place.Code,
			Name:       both("第"+place.Station+"投票所 "+area, "Polling station "+place.Station+" "+area),
			Registered: uint32(place.Votable), Results: place.Results,
		})
	}
	return p, leftOut, nil
}

func parent(c cec.Code) cec.Code {
	p, _ := c.Parent()
	return p
}

// Official reports whether the counts are the Commission's: a case that it has
// not put on 18 December 2021 is somebody's invention.
func (p *Plan) Official() bool {
	for _, number := range p.Cases {
		if _, ok := cec.Questions2021[number]; !ok {
			return false
		}
	}
	return true
}

// title does not call a referendum national that never was.
func (p *Plan) title() record.Text {
	if !p.Official() {
		return both("模擬公民投票", "Simulated referendum")
	}
	return both("全國性公民投票 2021-12-18", "National referendums of 18 December 2021")
}

// legible writes a geta mark, as printers do for a type they lack, for
// characters in private use: some of the Commission's names have one, which a
// manifest refuses because nobody else can read it.
func legible(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Co, r) {
			return '〓'
		}
		return r
	}, name)
}

func question(number int) record.Question {
	text, ok := cec.Questions2021[number]
	if !ok {
		title := both(fmt.Sprintf("第%d案", number), fmt.Sprintf("Case %d", number))
		text = cec.Question{Title: title, Text: title, Proposer: both("—", "—")}
	}
	return record.Question{
		ID: fmt.Sprintf("case-%d", number), Title: text.Title, Text: text.Text, Proposer: text.Proposer,
		Options: []record.Option{
			{ID: "agree", Label: both("同意", "agree"), Kind: record.ValidOption},
			{ID: "disagree", Label: both("不同意", "disagree"), Kind: record.ValidOption},
			{ID: "blank", Label: both("空白", "left blank"), Kind: record.BlankOption},
		},
		Rule: rules.Article29("agree", "disagree"),
	}
}

// addDistricts lists the areas of the stations, every area after the one around
// it.
func (p *Plan) addDistricts(d *cec.Data, places []cec.Place) {
	seen := map[string]bool{}
	for _, place := range places {
		var chain []cec.Code
		for c, ok := place.Parent(); ok; c, ok = c.Parent() {
			chain = append(chain, c)
		}
		for i := len(chain) - 1; i >= 0; i-- {
			c := chain[i]
			if seen[c.ID()] {
				continue
			}
			seen[c.ID()] = true
			p.Districts = append(p.Districts, district(d, c))
		}
	}
}

func district(d *cec.Data, c cec.Code) record.District {
	name := legible(d.Name(c))
	if name == "" {
		name = "全國"
	}
	area := record.District{ID: c.ID(), Name: both(name, name)}
	if up, ok := c.Parent(); ok {
		area.Parent = up.ID()
	}
	return area
}

// Registered returns the number of voters on all rolls.
func (p *Plan) Registered() int {
	n := 0
	for _, s := range p.Stations {
		n += int(s.Registered)
	}
	return n
}

// Voters returns the number of voters who come.
func (p *Plan) Voters() int {
	n := 0
	for _, s := range p.Stations {
		n += s.Voters()
	}
	return n
}
