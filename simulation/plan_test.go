package simulation

import (
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/openreferendum/referendum/simulation/cec"
)

func TestLienchiang(t *testing.T) {
	_, d := lienchiang(t)
	p := plan(t, d, "連江縣")
	if len(p.Stations) != 10 || p.Registered() != 11673 || p.Voters() != 3118 || len(p.Questions) != 4 {
		t.Errorf("%d stations, %d registered, %d voters, %d questions", len(p.Stations), p.Registered(), p.Voters(), len(p.Questions))
	}
	if p.Districts[0].ID != "tw" || p.Districts[0].Parent != "" {
		t.Errorf("the first district is %+v", p.Districts[0])
	}
}

// TestPrivateCharacters: a name that only its makers can read becomes one that
// a manifest takes.
func TestPrivateCharacters(t *testing.T) {
	_, d := lienchiang(t)
	for c := range d.Names {
		d.Names[c] += "\U000fb56f\ue001"
	}
	p := plan(t, d, "09007-040")
	if got := p.Stations[0].Name["zh-Hant"]; !strings.HasSuffix(got, "〓〓") || strings.ContainsAny(got, "\U000fb56f\ue001") {
		t.Errorf("name %q", got)
	}
	if got := p.Districts[0].Name["zh-Hant"]; got != "全國" {
		t.Errorf("the nation is %q", got)
	}
	if p.RootName != "東引鄉〓〓" {
		t.Errorf("area %q", p.RootName)
	}
}

func TestFromDataRefuses(t *testing.T) {
	_, d := lienchiang(t)
	for area, text := range map[string]string{
		"臺北市":   `no area "臺北市"`,
		"09008": `no area "09008"`,
		"南竿":    `no area "南竿"`,
	} {
		if _, _, err := FromData(d, area, 1); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", area, err)
		}
	}
}

// TestVotes: papers add up to every question's counts, whatever these are, and
// follow from the seed alone.
func TestVotes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &StationPlan{ID: rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "id")}
		for range rapid.IntRange(1, 5).Draw(t, "questions") {
			c := cec.Counts{
				Agree: rapid.Uint64Range(0, 40).Draw(t, "agree"), Disagree: rapid.Uint64Range(0, 40).Draw(t, "disagree"), Invalid: rapid.Uint64Range(0, 5).Draw(t, "invalid"),
			}
			c.Valid = c.Agree + c.Disagree
			c.Votes = c.Valid + c.Invalid
			s.Results = append(s.Results, c)
		}
		seed := rapid.Uint64().Draw(t, "seed")
		votes, again := s.votes(s.chance(seed)), s.votes(s.chance(seed))
		got := make([][4]uint64, len(s.Results))
		for i := range votes {
			for q, v := range votes[i] {
				got[q][v]++
				if again[i][q] != v {
					t.Fatal("another vote with the same seed")
				}
			}
		}
		for q, c := range s.Results {
			want := [4]uint64{uint64(len(votes)) - c.Votes, c.Agree, c.Disagree, c.Invalid}
			if got[q] != want {
				t.Fatalf("question %d: %v, want %v", q+1, got[q], want)
			}
		}
	})
}

func TestShare(t *testing.T) {
	for _, test := range []struct {
		n    int
		of   float64
		want int
	}{{0, 0.5, 0}, {100, 0, 0}, {100, 0.03, 3}, {3, 0.01, 1}, {1, 1, 1}, {10, 1, 10}} {
		if got := share(test.n, test.of); got != test.want {
			t.Errorf("share(%d, %v) = %d, want %d", test.n, test.of, got, test.want)
		}
	}
}

func TestInventRefuses(t *testing.T) {
	for _, test := range []struct {
		v    Invention
		text string
	}{
		{Invention{0, 1, 1, 1}, "0 stations"},
		{Invention{9991, 1, 1, 1}, "9991 stations"},
		{Invention{1, 0, 1, 1}, "0 voters at a station"},
		{Invention{1, 1, 0, 1}, "0 questions"},
		{Invention{1, 1, 65, 1}, "65 questions"},
	} {
		dir := t.TempDir()
		err := Invent(dir, test.v)
		if err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%+v: %v", test.v, err)
		}
		if entries, _ := os.ReadDir(dir); len(entries) > 0 {
			t.Errorf("%+v left %v", test.v, entries)
		}
	}
}

// TestInventedFilesAreGood reads invented files with the eyes that look for
// contradictions.
func TestInventedFilesAreGood(t *testing.T) {
	for _, v := range []Invention{{1, 1, 1, 1}, {41, 30, 10, 7}, {25, 5000, 2, 9}} {
		d := invention(t, v)
		if len(d.Problems) > 0 || len(d.Cases) != v.Questions {
			t.Errorf("%+v: %d cases, %v", v, len(d.Cases), d.Problems)
		}
		p := plan(t, d, "模擬縣")
		if len(p.Stations) != v.Stations {
			t.Errorf("%+v: %d stations", v, len(p.Stations))
		}
	}
}
