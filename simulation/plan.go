package simulation

import (
	"fmt"
	"math/rand/v2"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
	"github.com/openreferendum/referendum/simulation/cec"
)

// A Plan is a referendum to play: where, about what, and how everybody votes.
type Plan struct {
	Kind      string // of the manifest
	Title     record.Text
	Questions []record.Question
	Districts []record.District
	Stations  []StationPlan

	Trustees, Threshold int
	PrivacyThreshold    uint32
	Seed                uint64
	ChallengeShare      float64 // of voters who test the machine first
	AbandonShare        float64 // of voters who leave once and come back
}

// A StationPlan is one station with its voters' choices.
type StationPlan struct {
	ID, District string
	Name         record.Text
	Registered   uint32
	Votes        [][]int // by voter and question: 0, or an option
	Code         cec.Code
}

// Options of every question of a Taiwanese referendum, in the manifest's order.
const (
	Agree    = 1
	Disagree = 2
	Blank    = 3
)

var languages = []string{"zh-Hant", "en"}

func both(zh, en string) record.Text { return record.Text{"zh-Hant": zh, "en": en} }

// FromData makes the plan of a referendum whose counts are the Commission's, in
// an area. Papers that the Commission counted as invalid are blank here.
func FromData(d *cec.Data, area string, seed uint64) (*Plan, []string, error) {
	places, leftOut, err := d.Select(area)
	if err != nil {
		return nil, nil, err
	}
	p := &Plan{
		Kind: record.Live, Title: both("全國性公民投票 2021-12-18", "National referendums of 18 December 2021"),
		Trustees: 5, Threshold: 3, PrivacyThreshold: 20, Seed: seed, ChallengeShare: 0.03, AbandonShare: 0.01,
	}
	for _, c := range d.Cases {
		p.Questions = append(p.Questions, question(c.Number))
	}
	p.addDistricts(d, places)
	chance := rand.New(rand.NewPCG(seed, 1))
	for _, place := range places {
		name := place.Station + " " + d.Name(place.Code)
		p.Stations = append(p.Stations, StationPlan{
			ID: place.ID(), District: parent(place.Code).ID(), Name: both("第"+place.Station+"投票所 "+d.Name(place.Code), "Polling station "+name),
			Registered: uint32(place.Votable), Votes: spread(place.Results, chance), Code: place.Code,
		})
	}
	return p, leftOut, nil
}

func parent(c cec.Code) cec.Code {
	p, _ := c.Parent()
	return p
}

func question(number int) record.Question {
	text, ok := cec.Questions2021[number]
	if !ok {
		title := fmt.Sprintf("Case %d", number)
		text = cec.Question{Title: both(fmt.Sprintf("第%d案", number), title), Text: both(fmt.Sprintf("第%d案", number), title), Proposer: both("—", "—")}
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
			name := d.Name(c)
			if name == "" {
				name = "全國"
			}
			area := record.District{ID: c.ID(), Name: both(name, name)}
			if up, ok := c.Parent(); ok {
				area.Parent = up.ID()
			}
			p.Districts = append(p.Districts, area)
		}
	}
}

// spread makes voters whose papers add up to the counts of every case. Who
// takes which papers is not known; each case is dealt out on its own.
func spread(results []cec.Counts, chance *rand.Rand) [][]int {
	voters := uint64(0)
	for _, r := range results {
		voters = max(voters, r.Votes)
	}
	votes := make([][]int, voters)
	for i := range votes {
		votes[i] = make([]int, len(results))
	}
	for q, r := range results {
		papers := make([]int, 0, voters)
		for range r.Agree {
			papers = append(papers, Agree)
		}
		for range r.Disagree {
			papers = append(papers, Disagree)
		}
		for range r.Invalid {
			papers = append(papers, Blank)
		}
		papers = append(papers, make([]int, voters-uint64(len(papers)))...) // not taken
		chance.Shuffle(len(papers), func(i, j int) { papers[i], papers[j] = papers[j], papers[i] })
		for i := range votes {
			votes[i][q] = papers[i]
		}
	}
	return votes
}

// Voters returns the number of voters who come.
func (p *Plan) Voters() int {
	n := 0
	for _, s := range p.Stations {
		n += len(s.Votes)
	}
	return n
}
