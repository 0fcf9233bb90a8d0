package record_test

import (
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
)

func TestAggregatesRefuse(t *testing.T) {
	w := theWorld()
	good, _ := w.aggregates()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	type A = record.Aggregates
	for _, tt := range []struct {
		name   string
		change func(*A)
		err    string
	}{
		{"none", func(a *A) { a.Aggregates = []record.Aggregate{} }, "0 aggregates"},
		{"too many", func(a *A) { a.Aggregates = make([]record.Aggregate, 1<<17+1) }, "131073 aggregates"},
		{"missing: no id", func(a *A) { a.Missing = []string{"?"} }, `missing: "?" is not an identifier`},
		{"missing: order", func(a *A) { a.Missing = []string{"b", "a"} }, "missing: not in ascending order"},
		{"missing: twice", func(a *A) { a.Missing = []string{"a", "a"} }, "missing: not in ascending order"},
		{"no stations", func(a *A) { a.Aggregates[0].Stations = nil }, `aggregate "a-1": not named after its first station`},
		{"other name", func(a *A) { a.Aggregates[0].ID = "a-2" }, `aggregate "a-2": not named after its first station`},
		{"order", func(a *A) { a.Aggregates[0], a.Aggregates[1] = a.Aggregates[1], a.Aggregates[0] }, "aggregates: not in ascending order"},
		{"twice", func(a *A) { a.Aggregates[1] = a.Aggregates[0] }, "aggregates: not in ascending order"},
		{"station's id", func(a *A) { a.Aggregates[0].Stations[1] = "b/2" }, `aggregate: "b/2" is not an identifier`},
		{"stations' order", func(a *A) { a.Aggregates[0].Stations[1] = "a-0" }, `aggregate "a-1": stations not in ascending order`},
		{"station twice", func(a *A) { a.Aggregates[0].Stations[1] = "a-1" }, `aggregate "a-1": stations not in ascending order`},
		{"no sums", func(a *A) { a.Aggregates[0].Sums = nil }, `aggregate "a-1": no sums`},
		{"question without sums", func(a *A) { a.Aggregates[0].Sums[1] = nil }, `aggregate "a-1": question 2: no sums`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := copied(good.Body)
			tt.change(&a)
			if err := a.Validate(); err == nil || !strings.HasPrefix(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
	file := string(must(record.Marshal(good)))
	sum := good.Body.Aggregates[0].Sums[1][1]
	for _, bad := range []string{"null", `""`, `"` + strings.Repeat("ff", 64) + `"`} {
		doc := strings.Replace(file, `"`+string(must(sum.MarshalText()))+`"`, bad, 1)
		if _, err := record.ParseSigned[record.Aggregates]([]byte(doc)); err == nil {
			t.Errorf("a sum of %s parses", bad)
		}
	}
}

func TestCheckPlanAndSums(t *testing.T) {
	w := theWorld()
	good, _ := w.aggregates()
	if problems := record.CheckAggregates(w.election, good, w.cast, w.sums); problems != nil {
		t.Fatal(problems)
	}
	without := map[string]uint32{"a-1": 3, "a-2": 1, "b-1": 4}
	type A = record.Aggregates
	for _, tt := range []struct {
		name   string
		change func(*A)
		cast   map[string]uint32
		err    string
	}{
		{"other election", func(a *A) { a.Election[0] ^= 1 }, w.cast, "[aggregates: of another election]"},
		{"missing named, but there", func(a *A) { a.Missing = []string{"b-2"} }, w.cast, `[aggregates: stations named as missing are ["b-2"], without a bundle are []]`},
		{"missing, but not named", func(a *A) {}, without, `[aggregates: stations named as missing are [], without a bundle are ["b-2"] aggregate "b-1": stations ["b-1" "b-2"] with 4 ballots, the plan has ["b-1"] with 4]`},
		{"a group left out", func(a *A) { a.Aggregates = a.Aggregates[:1] }, w.cast, "[aggregates: 1 groups, the plan has 2]"},
		{"a small station alone", func(a *A) {
			a.Aggregates[1].Stations = []string{"b-1"}
		}, w.cast, `[aggregate "b-1": stations ["b-1"] with 4 ballots, the plan has ["b-1" "b-2"] with 4]`},
		{"other number of ballots", func(a *A) { a.Aggregates[0].Cast++ }, w.cast, `[aggregate "a-1": stations ["a-1" "a-2"] with 5 ballots, the plan has ["a-1" "a-2"] with 4]`},
		{"a sum off by one vote", func(a *A) {
			c := &a.Aggregates[1].Sums[0][0]
			c.Beta = c.Beta.Add(group.Generator())
		}, w.cast, `[aggregate "b-1": not the sum of its stations' ballots]`},
		{"two options exchanged", func(a *A) { s := a.Aggregates[0].Sums[0]; s[0], s[1] = s[1], s[0] }, w.cast, `[aggregate "a-1": not the sum of its stations' ballots]`},
		{"an option left out", func(a *A) { a.Aggregates[0].Sums[0] = a.Aggregates[0].Sums[0][:2] }, w.cast, `[aggregate "a-1": not the sum of its stations' ballots]`},
		{"a question left out", func(a *A) { a.Aggregates[0].Sums = a.Aggregates[0].Sums[:1] }, w.cast, `[aggregate "a-1": not the sum of its stations' ballots]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := copied(good.Body)
			tt.change(&a)
			problems := record.CheckAggregates(w.election, signAggregates(a), tt.cast, w.sums)
			if got := strings.ReplaceAll(sprint(problems), "\n", " "); got != tt.err {
				t.Errorf("%s, want %s", got, tt.err)
			}
		})
	}
	good.Signatures[0].Signature[0] ^= 1
	if got := sprint(record.CheckPlan(w.election, good, w.cast)); got != "[aggregates: signature of authority does not verify]" {
		t.Error(got)
	}
}

func TestSums(t *testing.T) {
	w := theWorld()
	m := w.election.Manifest
	empty := m.NewSum().Ciphertexts()
	if len(empty) != 2 || len(empty[0]) != 3 || len(empty[1]) != 2 {
		t.Fatalf("sums of %d questions", len(empty))
	}
	for _, row := range empty {
		for _, c := range row {
			if !c.Equal(elgamal.Zero()) {
				t.Error("the sum of no ballots is not (0, 0)")
			}
		}
	}
	// a + (b + empty) = (empty + b) + a: the order of stations does not matter.
	one, two := m.NewSum(), m.NewSum()
	for _, s := range []string{"a-1", "b-1", "b-2"} {
		one.AddSum(w.sums[s])
	}
	for _, s := range []string{"b-2", "b-1", "a-1"} {
		two.AddSum(w.sums[s])
	}
	if string(must(record.Marshal(one.Ciphertexts()))) != string(must(record.Marshal(two.Ciphertexts()))) {
		t.Error("the sum depends on the order of stations")
	}
}

// TestTooFewWithoutTheMissing: the only group is small. With every bundle there
// it is the sum over the nation, which is public; with one missing it is not.
func TestTooFewWithoutTheMissing(t *testing.T) {
	w := theWorld()
	complete := map[string]uint32{"a-1": 0, "a-2": 1, "b-1": 0, "b-2": 0}
	check := func(cast map[string]uint32) string {
		return sprint(record.CheckPlan(w.election, signAggregates(record.NewAggregates(w.election, cast, emptySums(w, cast))), cast))
	}
	if got := check(complete); got != "[]" {
		t.Errorf("the nation, complete: %s", got)
	}
	delete(complete, "b-2")
	if got := check(complete); !strings.Contains(got, "1 ballots are too few to be decrypted without the missing stations") {
		t.Errorf("one ballot, and a station missing: %s", got)
	}
}

// emptySums has a sum for every station in cast; of what does not matter here.
func emptySums(w *world, cast map[string]uint32) map[string]*record.Sum {
	sums := map[string]*record.Sum{}
	for id := range cast {
		sums[id] = w.election.Manifest.NewSum()
	}
	return sums
}
