package record_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/openreferendum/referendum/record"
)

// tree draws districts under one nation, and stations in them.
func tree(t *rapid.T) (*record.Manifest, map[string]uint32) {
	m := &record.Manifest{PrivacyThreshold: rapid.Uint32Range(0, 12).Draw(t, "threshold"), Districts: []record.District{{ID: "d0"}}}
	for i := range rapid.IntRange(0, 8).Draw(t, "districts") {
		parent := rapid.IntRange(0, i).Draw(t, "parent")
		m.Districts = append(m.Districts, record.District{ID: fmt.Sprint("d", i+1), Parent: m.Districts[parent].ID})
	}
	cast := map[string]uint32{}
	for i := range rapid.IntRange(0, 20).Draw(t, "stations") {
		d := rapid.IntRange(0, len(m.Districts)-1).Draw(t, "district")
		s := record.Station{ID: fmt.Sprintf("s%02d", i), District: m.Districts[d].ID}
		m.Stations = append(m.Stations, s)
		if rapid.IntRange(0, 9).Draw(t, "missing") > 0 {
			cast[s.ID] = rapid.Uint32Range(0, 15).Draw(t, "cast")
		}
	}
	return m, cast
}

func TestPlanLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, cast := tree(t)
		plan := m.Plan(cast)
		seen := map[string]bool{}
		for _, g := range plan {
			var ballots uint64
			for _, s := range g.Stations {
				if _, there := cast[s]; !there || seen[s] {
					t.Fatalf("station %s is in no bundle, or in two groups: %v", s, plan)
				}
				seen[s], ballots = true, ballots+uint64(cast[s])
			}
			if ballots != g.Cast || g.ID != g.Stations[0] || !slices.IsSorted(g.Stations) {
				t.Fatalf("group %v of %d ballots", g, ballots)
			}
			if g.Cast < uint64(m.PrivacyThreshold) && len(plan) > 1 {
				t.Fatalf("group %v is below the threshold %d, and not the nation as a whole", g, m.PrivacyThreshold)
			}
		}
		if len(seen) != len(cast) {
			t.Fatalf("%d stations in the plan, %d with a bundle", len(seen), len(cast))
		}
		if !slices.IsSortedFunc(plan, func(a, b record.Group) int { return cmpString(a.ID, b.ID) }) {
			t.Fatalf("not in ascending order: %v", plan)
		}
	})
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// TestPlanAgainstRecursion computes Algorithm 7.1 again, from the nation down.
func TestPlanAgainstRecursion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, cast := tree(t)
		want, rest := settled(m, cast, "d0")
		if len(rest) > 0 {
			want = append(want, rest)
		}
		slices.SortFunc(want, func(a, b []string) int { return cmpString(a[0], b[0]) })
		var got [][]string
		for _, g := range m.Plan(cast) {
			got = append(got, g.Stations)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("plan %q, computed again %q", got, want)
		}
	})
}

// settled returns the large groups of a district and of all within it, and the
// stations that are too few among themselves.
func settled(m *record.Manifest, cast map[string]uint32, district string) (large [][]string, small []string) {
	put := func(g []string) {
		if ballots(cast, g) < uint64(m.PrivacyThreshold) {
			small = append(small, g...)
			return
		}
		large = append(large, g)
	}
	for _, s := range m.Stations {
		if _, there := cast[s.ID]; there && s.District == district {
			put([]string{s.ID})
		}
	}
	for _, d := range m.Districts {
		if d.Parent == district {
			inner, rest := settled(m, cast, d.ID)
			large = append(large, inner...)
			if len(rest) > 0 {
				put(rest)
			}
		}
	}
	slices.Sort(small)
	if len(small) == 0 || len(large) == 0 && ballots(cast, small) < uint64(m.PrivacyThreshold) {
		return large, small
	}
	if ballots(cast, small) >= uint64(m.PrivacyThreshold) {
		return append(large, small), nil
	}
	least := slices.MinFunc(large, func(a, b []string) int {
		if x, y := ballots(cast, a), ballots(cast, b); x != y {
			return int(x) - int(y)
		}
		return cmpString(a[0], b[0])
	})
	i := slices.IndexFunc(large, func(g []string) bool { return g[0] == least[0] })
	large[i] = append(slices.Clone(large[i]), small...)
	slices.Sort(large[i])
	return large, nil
}

func ballots(cast map[string]uint32, stations []string) uint64 {
	var n uint64
	for _, s := range stations {
		n += uint64(cast[s])
	}
	return n
}

// TestPlanDoesNotDependOnSiblings: the plan follows from the tree, not from the
// order in which the manifest lists districts that lie side by side.
func TestPlanDoesNotDependOnSiblings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, cast := tree(t)
		want := m.Plan(cast)
		var shuffled []record.District
		placed, left := map[string]bool{"": true}, slices.Clone(m.Districts)
		for len(left) > 0 {
			i := rapid.IntRange(0, len(left)-1).Draw(t, "next")
			if d := left[i]; placed[d.Parent] {
				shuffled, placed[d.ID] = append(shuffled, d), true
				left = slices.Delete(left, i, i+1)
			}
		}
		m.Districts = shuffled
		if got := m.Plan(cast); !reflect.DeepEqual(got, want) {
			t.Fatalf("districts %v: %v instead of %v", shuffled, got, want)
		}
	})
}

func TestPlanExamples(t *testing.T) {
	m := newManifest() // threshold 3; a-1, a-2 in a; b-1, b-2 in b
	for _, tt := range []struct {
		name string
		cast map[string]uint32
		want string
	}{
		{"nothing there", nil, "[]"},
		{"all large", map[string]uint32{"a-1": 3, "a-2": 3, "b-1": 9, "b-2": 4}, "[{a-1 [a-1] 3} {a-2 [a-2] 3} {b-1 [b-1] 9} {b-2 [b-2] 4}]"},
		{"one below the threshold", map[string]uint32{"a-1": 3, "a-2": 2, "b-1": 3, "b-2": 3}, "[{a-1 [a-1 a-2] 5} {b-1 [b-1] 3} {b-2 [b-2] 3}]"},
		{"two small make one large", map[string]uint32{"a-1": 2, "a-2": 1, "b-1": 3, "b-2": 3}, "[{a-1 [a-1 a-2] 3} {b-1 [b-1] 3} {b-2 [b-2] 3}]"},
		{"a county too small joins the smallest elsewhere", map[string]uint32{"a-1": 1, "a-2": 1, "b-1": 4, "b-2": 3}, "[{a-1 [a-1 a-2 b-2] 5} {b-1 [b-1] 4}]"},
		{"of equals the first", map[string]uint32{"a-1": 1, "b-1": 4, "b-2": 4}, "[{a-1 [a-1 b-1] 5} {b-2 [b-2] 4}]"},
		{"the nation too small", map[string]uint32{"a-1": 1, "b-1": 1}, "[{a-1 [a-1 b-1] 2}]"},
		{"the nation silent", map[string]uint32{"a-1": 0, "b-2": 0}, "[{a-1 [a-1 b-2] 0}]"},
		{"an empty box among large ones", map[string]uint32{"a-1": 5, "b-2": 0}, "[{a-1 [a-1 b-2] 5}]"},
		{"a station nobody knows", map[string]uint32{"a-1": 5, "x-1": 5}, "[{a-1 [a-1] 5}]"},
		{"numbers that overflow 32 bits", map[string]uint32{"a-1": 1<<32 - 1, "a-2": 2}, "[{a-1 [a-1 a-2] 4294967297}]"},
	} {
		if got := fmt.Sprint(m.Plan(tt.cast)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
