package record_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
)

func TestManifestRefuses(t *testing.T) {
	type M = record.Manifest
	for _, tt := range []struct {
		name   string
		change func(*M)
		err    string
	}{
		{"version", func(m *M) { m.Version = "referendum-v2" }, `version: "referendum-v2" instead of "referendum-v1"`},
		{"kind", func(m *M) { m.Kind = "practice" }, `kind: "practice" is none of live, rehearsal, test-deck`},
		{"no languages", func(m *M) { m.Languages = []string{} }, "languages: 0"},
		{"too many languages", func(m *M) { m.Languages = make([]string, 33) }, "languages: 33"},
		{"no language tag", func(m *M) { m.Languages = []string{"EN"} }, `languages: "EN" is no language tag, or given twice`},
		{"language twice", func(m *M) { m.Languages = []string{"en", "en"} }, `languages: "en" is no language tag, or given twice`},
		{"title in other language", func(m *M) { m.Title = record.Text{"fr": "x"} }, `title: no text in "en"`},
		{"title in more languages", func(m *M) { m.Title["fr"] = "x" }, "title: text in 2 languages instead of 1"},
		{"empty title", func(m *M) { m.Title = text("") }, `title: no text in "en"`},
		{"title too long", func(m *M) { m.Title = text(strings.Repeat("a", 65537)) }, `title: text in "en": 65537 bytes, allowed are 65536`},
		{"control character", func(m *M) { m.Title = text("a\tb") }, "character U+0009 is not allowed"},
		{"bidirectional override", func(m *M) { m.Title = text("a\u202eb") }, "character U+202E is not allowed"},
		{"zero-width space", func(m *M) { m.Title = text("a\u200bb") }, "character U+200B is not allowed"},
		{"no-break space", func(m *M) { m.Title = text("a\u00a0b") }, "character U+00A0 is not allowed"},
		{"line separator", func(m *M) { m.Title = text("a\u2028b") }, "character U+2028 is not allowed"},
		{"private use", func(m *M) { m.Title = text("\ue000") }, "character U+E000 is not allowed"},
		{"replacement character", func(m *M) { m.Title = text("\ufffd") }, "character U+FFFD is not allowed"},
		{"time with seconds", func(m *M) { m.Opens = "2021-12-18T00:00:30Z" }, `opens: "2021-12-18T00:00:30Z" is not a time such as`},
		{"time with offset", func(m *M) { m.Closes = "2021-12-18T08:00:00+08:00" }, `closes: "2021-12-18T08:00:00+08:00" is not a time`},
		{"no such day", func(m *M) { m.Opens = "2021-02-29T00:00:00Z" }, "opens: "},
		{"closes when it opens", func(m *M) { m.Closes = m.Opens }, "closes: not after opens"},
		{"no threshold", func(m *M) { m.Threshold = 0 }, "trustees: quorum: 0 of 3 trustees"},
		{"threshold above trustees", func(m *M) { m.Threshold = 4 }, "trustees: quorum: 4 of 3 trustees"},
		{"too many trustees", func(m *M) { m.Trustees = make([]record.Trustee, 33) }, "trustees: quorum: 2 of 33 trustees"},
		{"trustee without name", func(m *M) { m.Trustees[1].Name = "" }, "trustee 2: name: missing, longer than 256 bytes, or not one line"},
		{"trustee's name too long", func(m *M) { m.Trustees[1].Name = strings.Repeat("a", 257) }, "trustee 2: name: missing, longer than"},
		{"trustee's name on two lines", func(m *M) { m.Trustees[1].Name = "a\nb" }, "trustee 2: name: missing, longer than 256 bytes, or not one line"},
		{"trustee's name unprintable", func(m *M) { m.Trustees[0].Name = "a\u0007" }, "trustee 1: name: character U+0007 is not allowed"},
		{"trustees of one name", func(m *M) { m.Trustees[2].Name = "Trustee 1" }, "trustee 3: a name or key is given twice"},
		{"trustees of one signing key", func(m *M) { m.Trustees[2].SigningKey = m.Trustees[0].SigningKey }, "trustee 3: a name or key is given twice"},
		{"half of the trustees decrypt", func(m *M) { m.Threshold, m.Trustees = 1, m.Trustees[:2] }, "trustees: quorum: 1 of 2 trustees is not more than half"},
		{"trustee's name in space", func(m *M) { m.Trustees[0].Name = "a\u3000" }, "trustee 1: name: white space around it"},
		{"trustee's signing key forgeable", func(m *M) { m.Trustees[0].SigningKey = record.Hash{1} }, "trustee 1: signing key: of small order"},
		{"trustee's encryption key open", func(m *M) { m.Trustees[0].EncryptionKey = record.Hash{1} }, "trustee 1: encryption key: of small order"},
		{"authority's key forgeable", func(m *M) { m.Authority = record.Hash{} }, "authority: signing key: of small order"},
		{"station's key forgeable", func(m *M) { m.Stations[1].Key = record.Hash{1} }, `station "a-2": signing key: of small order`},
		{"official's key in another encoding", func(m *M) { m.Stations[1].Officials[0] = record.Hash(bytes.Repeat([]byte{0xff}, 32)) }, `station "a-2": signing key: not the canonical encoding`},
		{"the year zero", func(m *M) { m.Opens = "0000-12-18T00:00:00Z" }, `opens: "0000-12-18T00:00:00Z" is not a time`},
		{"a tag character", func(m *M) { m.Title = text("a\U000e0041b") }, "character U+E0041 is not allowed"},
		{"a variation selector", func(m *M) { m.Title = text("a\ufe0fb") }, "character U+FE0F is not allowed"},
		{"trustees of one encryption key", func(m *M) { m.Trustees[2].EncryptionKey = m.Trustees[0].EncryptionKey }, "trustee 3: a name or key is given twice"},
		{"one trustee's keys equal", func(m *M) { m.Trustees[2].EncryptionKey, m.Trustees[2].SigningKey = record.Hash{9}, record.Hash{9} }, "trustee 3: a name or key is given twice"},
		{"no card authorities", func(m *M) { m.CardAuthorities = nil }, "cardAuthorities: missing"},
		{"no questions", func(m *M) { m.Questions = []record.Question{} }, "questions: ballot shape: 0 questions, allowed are 1 to 64"},
		{"too many questions", func(m *M) { m.Questions = make([]record.Question, 65) }, "questions: ballot shape: 65 questions"},
		{"one option", func(m *M) { m.Questions[1].Options = m.Questions[1].Options[:1] }, "questions: ballot shape: question 2 has 1 options"},
		{"17 options", func(m *M) { m.Questions[1].Options = make([]record.Option, 17) }, "questions: ballot shape: question 2 has 17 options"},
		{"question's id", func(m *M) { m.Questions[0].ID = "Q 1" }, `question 1: "Q 1" is not an identifier`},
		{"questions of one id", func(m *M) { m.Questions[1].ID = "q1" }, `question 2: id "q1" given twice`},
		{"question without title", func(m *M) { m.Questions[0].Title = record.Text{} }, "question 1: title: text in 0 languages instead of 1"},
		{"question without text", func(m *M) { m.Questions[0].Text = record.Text{} }, "question 1: text: text in 0 languages instead of 1"},
		{"question without proposer", func(m *M) { m.Questions[1].Proposer = record.Text{} }, "question 2: proposer: text in 0 languages instead of 1"},
		{"option's id", func(m *M) { m.Questions[0].Options[1].ID = "" }, `question 1: option 2: "" is not an identifier`},
		{"options of one id", func(m *M) { m.Questions[0].Options[1].ID = "agree" }, `question 1: option 2: id "agree" given twice`},
		{"option's kind", func(m *M) { m.Questions[0].Options[1].Kind = "invalid" }, `question 1: option 2: kind "invalid" is neither valid nor blank`},
		{"option without label", func(m *M) { m.Questions[0].Options[2].Label = record.Text{} }, "question 1: option 3: text in 0 languages"},
		{"no rule", func(m *M) { m.Questions[0].Rule = rules.Rule{} }, `question "q1": rule: 0 conditions, allowed are 1 to 32`},
		{"rule of another question", func(m *M) { m.Questions[1].Rule = m.Questions[0].Rule }, `question "q2": rule: condition 1: comparison 1: "option:agree" is no count of this question`},
		{"rule for unknown district", func(m *M) {
			m.Questions[1].Rule = rules.DoubleMajority("yes", "no", []rules.Weight{{District: "c", Weight: "1"}}, "1/2")
		}, `district "c" is unknown or given twice`},
		{"tie-break", func(m *M) { m.TieBreaks = []rules.TieBreak{{Between: [2]string{"q1", "q2"}, By: "q3"}} }, `tie-break: no question "q3"`},
		{"no districts", func(m *M) { m.Districts = []record.District{} }, "districts: 0"},
		{"too many districts", func(m *M) { m.Districts = make([]record.District, 1<<16+1) }, "districts: 65537"},
		{"district's id", func(m *M) { m.Districts[1].ID = "-a" }, `district 2: "-a" is not an identifier`},
		{"districts of one id", func(m *M) { m.Districts[2].ID = "a" }, `district 3: id "a" given twice`},
		{"nation within itself", func(m *M) { m.Districts[0].Parent = "nation" }, `district 1: parent "nation" does not come before it`},
		{"second nation", func(m *M) { m.Districts[1].Parent = "" }, `district 2: parent "" does not come before it`},
		{"parent after child", func(m *M) { m.Districts[1].Parent = "b" }, `district 2: parent "b" does not come before it`},
		{"district its own parent", func(m *M) { m.Districts[1].Parent = "a" }, `district 2: parent "a" does not come before it`},
		{"districts too deep", func(m *M) {
			for i := range 16 {
				m.Districts = append(m.Districts, record.District{ID: fmt.Sprint("d", i), Name: text("D"), Parent: m.Districts[len(m.Districts)-1].ID})
			}
		}, "district 18: more than 16 districts around one another"},
		{"district without name", func(m *M) { m.Districts[1].Name = record.Text{} }, "district 2: text in 0 languages instead of 1"},
		{"no stations", func(m *M) { m.Stations = []record.Station{} }, "stations: 0"},
		{"too many stations", func(m *M) { m.Stations = make([]record.Station, 1<<17+1) }, "stations: 131073"},
		{"station's id", func(m *M) { m.Stations[0].ID = "A1" }, `station "A1": "A1" is not an identifier`},
		{"stations out of order", func(m *M) { m.Stations[1], m.Stations[2] = m.Stations[2], m.Stations[1] }, `station "a-2": stations are not in ascending order of their ids`},
		{"station twice", func(m *M) { m.Stations[1] = m.Stations[0] }, `station "a-1": stations are not in ascending order`},
		{"station's district", func(m *M) { m.Stations[3].District = "c" }, `station "b-2": no district "c"`},
		{"too many registered", func(m *M) { m.Stations[0].Registered = 100_001 }, `station "a-1": 100001 registered voters, allowed are 100000`},
		{"one official", func(m *M) { m.Stations[0].Officials = m.Stations[0].Officials[:1] }, `station "a-1": 1 officials, allowed are 2 to 16`},
		{"17 officials", func(m *M) { m.Stations[0].Officials = make([]record.Key, 17) }, `station "a-1": 17 officials`},
		{"stations of one key", func(m *M) { m.Stations[2].Key = m.Stations[0].Key }, `station "a-1" and station "b-1" have the same key`},
		{"official at two stations", func(m *M) { m.Stations[2].Officials[0] = m.Stations[0].Officials[1] }, `official 2 of station "a-1" and official 1 of station "b-1" have the same key`},
		{"official twice", func(m *M) { m.Stations[0].Officials[1] = m.Stations[0].Officials[0] }, `official 1 of station "a-1" and official 2 of station "a-1" have the same key`},
		{"station its own official", func(m *M) { m.Stations[0].Officials[0] = m.Stations[0].Key }, `station "a-1" and official 1 of station "a-1" have the same key`},
		{"authority's key for a trustee", func(m *M) { m.Trustees[2].SigningKey = m.Authority }, "the authority and trustee 3 have the same key"},
		{"authority's key for a station", func(m *M) { m.Stations[1].Key = m.Authority }, `the authority and station "a-2" have the same key`},
		{"trustee's key for a station", func(m *M) { m.Stations[3].Key = m.Trustees[0].SigningKey }, `trustee 1 and station "b-2" have the same key`},
		{"trustee's key for an official", func(m *M) { m.Stations[1].Officials[1] = m.Trustees[1].SigningKey }, `trustee 2 and official 2 of station "a-2" have the same key`},
		{"station without name", func(m *M) { m.Stations[0].Name = record.Text{} }, `station "a-1": text in 0 languages instead of 1`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newManifest()
			tt.change(m)
			if err := m.Validate(); err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if len(m.Stations)+len(m.Districts) > 1000 {
				return // megabytes of zero hashes
			}
			got, err := record.ParseManifest(must(record.Marshal(m)))
			if err == nil || !strings.HasPrefix(err.Error(), "manifest: ") || got != nil {
				t.Errorf("parses as %v, error %v", got, err)
			}
		})
	}
}

func TestManifestAtItsBounds(t *testing.T) {
	m := newManifest()
	m.Trustees[0].Name = strings.Repeat("a", 256)
	m.Title = text("“同意” 100\u3000%\n✓ é e\u0301") // combining accent
	m.Stations[0].Registered = record.MaxRegistered
	for i := range 14 {
		m.Districts = append(m.Districts, record.District{ID: fmt.Sprint("d", i), Name: text("D"), Parent: m.Districts[len(m.Districts)-1].ID})
	}
	m.Threshold = 3
	b := must(record.Marshal(m))
	again, err := record.ParseManifest(b)
	if err != nil {
		t.Fatal(err)
	}
	if string(must(record.Marshal(again))) != string(b) {
		t.Error("does not come back")
	}
	if s, ok := again.Station("b-2"); !ok || s.District != "b" {
		t.Errorf("station b-2: %v, %v", s, ok)
	}
	if _, ok := again.Station("b-3"); ok {
		t.Error("a station that is not there")
	}
}

func TestManifestOfNothing(t *testing.T) {
	var m *record.Manifest
	if err := m.Validate(); err == nil || err.Error() != "missing" {
		t.Errorf("error %v", err)
	}
	if _, err := record.ParseManifest([]byte("null\n")); err == nil || err.Error() != "manifest: json: null" {
		t.Errorf("error %v", err)
	}
}
