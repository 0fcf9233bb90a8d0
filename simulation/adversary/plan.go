package adversary

import (
	"fmt"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
)

// A Plan says what happens in a referendum.
type Plan struct {
	Name      string
	Kind      string
	Languages []string
	Privacy   uint32
	Threshold int
	Trustees  int
	Answering []int
	Questions []record.Question
	TieBreaks []rules.TieBreak
	Districts []record.District
	Stations  []StationPlan

	// Shift, if not zero, is a key that somebody has added to the joint key.
	Shift uint64

	// Variant says that this is not the valid record of this name, but an
	// attacker's own from the start.
	Variant bool
}

// A StationPlan says who votes how at one station.
type StationPlan struct {
	ID, District string
	Registered   uint32
	Votes        [][]int
	Challenges   [][]int
	Missing      bool
}

func trusteeName(i int) string { return fmt.Sprintf("Trustee %d", i+1) }

func (w *World) text(en, zh string) record.Text {
	t := record.Text{}
	for _, l := range w.plan.Languages {
		t[l] = map[string]string{"en": en, "zh-Hant": zh}[l]
	}
	return t
}

func (w *World) newManifest() *record.Manifest {
	p := w.plan
	m := &record.Manifest{
		Version: record.Version, Kind: p.Kind, Title: w.text("Referendum of "+p.Name, p.Name+"公投"), Languages: p.Languages,
		Opens: "2021-12-18T00:00:00Z", Closes: "2021-12-18T08:00:00Z", PrivacyThreshold: p.Privacy, Threshold: p.Threshold,
		Authority: Key("authority").Public(), CardAuthorities: []record.Hash{record.FileHash([]byte("a card authority"))},
		Questions: p.Questions, TieBreaks: p.TieBreaks, Districts: p.Districts,
	}
	for i, t := range w.trustees {
		e := must(t.Enrol(trusteeName(i))).Body
		m.Trustees = append(m.Trustees, record.Trustee(e))
	}
	for _, s := range p.Stations {
		station := record.Station{
			ID: s.ID, Name: w.text("Station "+s.ID, s.ID+"投票所"), District: s.District, Registered: s.Registered,
			Key: Key("station " + s.ID).Public(),
		}
		for i := range 3 {
			station.Officials = append(station.Officials, Key(official(i+1, s.ID)).Public())
		}
		m.Stations = append(m.Stations, station)
	}
	return m
}

func official(i int, station string) string { return fmt.Sprintf("official %d of %s", i, station) }

func both(en, zh string) record.Text { return record.Text{"en": en, "zh-Hant": zh} }

func english(en string) record.Text { return record.Text{"en": en} }

// paper is a question with the usual options.
func paper(text func(en, zh string) record.Text, id string, rule rules.Rule) record.Question {
	return record.Question{
		ID: id, Title: text("Question "+id, "第"+id+"案"), Text: text("Do you agree?", "你是否同意？"), Proposer: text("A proposer", "領銜人"),
		Options: []record.Option{
			{ID: "agree", Label: text("agree", "同意"), Kind: record.ValidOption},
			{ID: "disagree", Label: text("disagree", "不同意"), Kind: record.ValidOption},
			{ID: "blank", Label: text("left blank", "空白"), Kind: record.BlankOption},
		},
		Rule: rule,
	}
}

// options replaces the options of a question; the last is blank.
func options(q record.Question, ids ...string) record.Question {
	q.Options = nil
	for i, id := range ids {
		kind := record.ValidOption
		if i == len(ids)-1 {
			kind = record.BlankOption
		}
		q.Options = append(q.Options, record.Option{ID: id, Label: both(id, id), Kind: kind})
	}
	return q
}

// County is the record that most attackers begin with: five stations, of which
// three are small, one even empty.
func County() Plan {
	return Plan{
		Name: "county", Kind: record.Live, Languages: []string{"zh-Hant", "en"}, Privacy: 3,
		Threshold: 2, Trustees: 3, Answering: []int{1, 3},
		Questions: []record.Question{
			paper(both, "q1", rules.Article29("agree", "disagree")),
			paper(both, "q2", rules.Article29("agree", "disagree")),
		},
		Districts: []record.District{
			{ID: "nation", Name: both("The nation", "全國")},
			{ID: "t-1", Name: both("Town 1", "一鎮"), Parent: "nation"},
			{ID: "t-2", Name: both("Town 2", "二鎮"), Parent: "nation"},
			{ID: "t-3", Name: both("Town 3", "三鎮"), Parent: "nation"},
		},
		Stations: []StationPlan{
			{ID: "a-1", District: "t-1", Registered: 6, Votes: [][]int{{1, 1}, {2, 1}, {1, 3}, {0, 2}}, Challenges: [][]int{{1, 2}, {3, 0}}},
			{ID: "a-2", District: "t-1", Registered: 5, Votes: [][]int{{1, 1}, {2, 2}, {3, 2}}, Challenges: [][]int{{2, 2}}},
			{ID: "b-1", District: "t-2", Registered: 3, Votes: [][]int{{2, 1}}},
			{ID: "b-2", District: "t-2", Registered: 4, Votes: [][]int{{1, 2}, {1, 0}}},
			{ID: "c-1", District: "t-3", Registered: 2},
		},
	}
}

// Rehearsal is County's rehearsal: the same people, keys and papers.
func Rehearsal() Plan {
	p := County()
	p.Name, p.Kind = "county", record.Rehearsal
	p.Stations[0].Votes, p.Stations[0].Challenges = [][]int{{1, 1}, {1, 1}, {1, 1}}, nil
	p.Stations[1].Votes = [][]int{{2, 2}, {2, 2}, {0, 0}}
	p.Stations[2].Votes, p.Stations[3].Votes = nil, nil
	return p
}

// Missing lacks the bundle of one station, and says so. Its questions have two,
// three and four options.
func Missing() Plan {
	return Plan{
		Name: "missing", Kind: record.Live, Languages: []string{"en", "zh-Hant"}, Privacy: 3,
		Threshold: 2, Trustees: 3, Answering: []int{2, 3},
		Questions: []record.Question{
			options(paper(both, "q1", rules.ConstitutionalTaiwan("yes")), "yes", "blank"),
			paper(both, "q2", rules.DanishVeto("agree", "disagree")),
			options(paper(both, "q3", rules.SimpleMajority("red", "green")), "red", "green", "blue", "blank"),
		},
		Districts: []record.District{
			{ID: "nation", Name: both("The nation", "全國")},
			{ID: "north", Name: both("North", "北"), Parent: "nation"},
			{ID: "south", Name: both("South", "南"), Parent: "nation"},
		},
		Stations: []StationPlan{
			{ID: "n-1", District: "north", Registered: 9, Votes: [][]int{{1, 1, 1}, {1, 2, 3}, {0, 0, 4}}, Challenges: [][]int{{2, 3, 4}}},
			{ID: "n-2", District: "north", Registered: 4, Votes: [][]int{{1, 1, 2}}},
			{ID: "s-1", District: "south", Registered: 7, Missing: true},
			{ID: "s-2", District: "south", Registered: 5, Votes: [][]int{{2, 2, 1}, {1, 1, 1}, {1, 0, 0}}},
		},
	}
}

// Cantons asks four questions with a double majority and a tie-break.
func Cantons() Plan {
	weights := []rules.Weight{{District: "ai", Weight: "1/2"}, {District: "zh", Weight: "1"}, {District: "ju", Weight: "1"}}
	double := rules.DoubleMajority("agree", "disagree", weights, "5/4")
	return Plan{
		Name: "cantons", Kind: record.Live, Languages: []string{"en", "zh-Hant"}, Privacy: 2,
		Threshold: 2, Trustees: 3, Answering: []int{1, 2, 3},
		Questions: []record.Question{
			paper(both, "initiative", double), paper(both, "counter", double),
			options(paper(both, "prefer", rules.SimpleMajority("first", "second")), "first", "second", "blank"),
			paper(both, "repeal", rules.Abrogative("agree", "disagree")),
		},
		TieBreaks: []rules.TieBreak{{
			Between: [2]string{"initiative", "counter"}, By: "prefer", First: "first", Second: "second",
			Method: rules.ByPercentSum, Weights: weights,
		}},
		Districts: []record.District{
			{ID: "ch", Name: both("The federation", "聯邦")},
			{ID: "ai", Name: both("Canton 1", "一州"), Parent: "ch"},
			{ID: "zh", Name: both("Canton 2", "二州"), Parent: "ch"},
			{ID: "ju", Name: both("Canton 3", "三州"), Parent: "ch"},
		},
		Stations: []StationPlan{
			{ID: "ai-1", District: "ai", Registered: 4, Votes: [][]int{{1, 1, 1, 2}, {1, 2, 1, 0}}},
			{ID: "ju-1", District: "ju", Registered: 4, Votes: [][]int{{1, 1, 2, 1}, {2, 1, 2, 1}, {1, 1, 3, 3}}},
			{ID: "zh-1", District: "zh", Registered: 4, Votes: [][]int{{1, 1, 2, 1}, {1, 1, 1, 0}}, Challenges: [][]int{{2, 2, 3, 1}}},
		},
	}
}

// Hamlet is the smallest record that has one of everything. Every bit flip
// begins with it.
func Hamlet() Plan {
	text := func(en, _ string) record.Text { return english(en) }
	return Plan{
		Name: "hamlet", Kind: record.Live, Languages: []string{"en"}, Privacy: 2,
		Threshold: 2, Trustees: 2, Answering: []int{1, 2},
		Questions: []record.Question{paper(text, "q1", rules.SimpleMajority("agree", "disagree"))},
		Districts: []record.District{{ID: "hamlet", Name: english("The hamlet")}},
		Stations: []StationPlan{
			{ID: "h-1", District: "hamlet", Registered: 3, Votes: [][]int{{1}, {2}}, Challenges: [][]int{{1}}},
			{ID: "h-2", District: "hamlet", Registered: 2, Missing: true},
		},
	}
}
