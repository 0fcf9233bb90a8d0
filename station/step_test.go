package station

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// allEvents is one of every kind.
var allEvents = []Event{
	PollsOpened{}, PollsSuspended{}, PollsResumed{}, PollsClosed{}, CardInserted{}, CardRemoved{}, SessionTimedOut{},
	ChoicesMade{}, CastChosen{}, ChallengeChosen{}, VoterIdentified{}, VoterAccepted{}, VoterRefused{NotOnRoll}, BallotReady{}, BallotFaulty{},
	PapersPrinted{}, PrinterFailed{}, BallotCast{}, ChallengeStored{}, ChallengeRefused{}, StorageFailed{}, SlipDropped{},
	SlipVoided{}, SlipStuck{},
}

func eventName(e Event) string { return reflect.TypeOf(e).Name() }

// A row is what docs/spec/station.md, Section 3, says of one place and event.
type row struct {
	next    string
	effects []string
}

// readTable reads the rows of Section 3, keyed by place, event and (where it
// matters) whether all challenges are used up.
func readTable(t *testing.T) map[string]row {
	t.Helper()
	b, err := os.ReadFile("../docs/spec/station.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(b), "\n## 3.")
	text, _, _ = strings.Cut(text, "\n## 4.")
	table := map[string]row{}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 6 || strings.HasPrefix(cells[1], "---") || strings.TrimSpace(cells[1]) == "in" {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		for _, place := range placesOf(t, cells[1]) {
			for _, event := range strings.Split(cells[2], ", ") {
				for _, used := range []int{0, MaxChallenges} {
					kind, condition, conditional := strings.Cut(event, " (")
					if conditional && strings.HasPrefix(condition, "fewer") != (used == 0) {
						continue
					}
					key := fmt.Sprint(place, " ", kind, " ", used)
					if _, ok := table[key]; ok {
						t.Errorf("%s stands twice in the table", key)
					}
					table[key] = row{strings.Replace(cells[3], "same", place, 1), list(cells[4])}
				}
			}
		}
	}
	return table
}

func placesOf(t *testing.T, cell string) []string {
	var places []string
	for _, name := range list(cell) {
		known := slices.Contains(placeNames[:], name)
		for p := Unopened; p < Closed; p++ {
			if name == p.String() || name == "all" || (name == "short" && !p.rests()) || (name == "rest" && p.rests()) {
				places, known = append(places, p.String()), true
			}
		}
		if !known {
			t.Errorf("the table has a place %q", name)
		}
	}
	return places
}

func list(cell string) []string {
	if cell == "" {
		return nil
	}
	return strings.Split(cell, ", ")
}

// effectNames are those of docs/spec/station.md, Section 3.
var effectNames = [...]string{
	"CheckCard", "MakeBallot", "PrintPapers", "CastBallot", "OpenBallot", "DropSlip", "VoidSlip", "BeginSession", "Abandon", "Forget", "ShowScreen", "CallWorker",
}

func names(effects []Effect) []string {
	var s []string
	for _, f := range effects {
		s = append(s, effectNames[f])
	}
	return s
}

// TestNames: Section 3.5 has every fault, and Section 4.1 every reason.
func TestNames(t *testing.T) {
	spec, err := os.ReadFile("../docs/spec/station.md")
	if err != nil {
		t.Fatal(err)
	}
	for kind, section := range map[string]string{"Fault": "### 3.5 ", "Reason": "**4.1 "} {
		_, text, _ := strings.Cut(string(spec), "\n"+section)
		text, _, _ = strings.Cut(text, "\n**4.2 ")
		text, _, _ = strings.Cut(text, "\n## ")
		var said []string
		for _, row := range regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\|").FindAllStringSubmatch(text, -1) {
			said = append(said, row[1])
		}
		want := constants(t, kind)
		slices.Sort(said)
		slices.Sort(want)
		if !slices.Equal(said, want) {
			t.Errorf("each %s: docs/spec/station.md has %q, state.go has %q", kind, said, want)
		}
	}
}

// constants reads the names of a type's values from state.go, but for the zero
// value, which is none.
func constants(t *testing.T, kind string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "state.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range f.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST || !group.Lparen.IsValid() {
			continue
		}
		if first, ok := group.Specs[0].(*ast.ValueSpec).Type.(*ast.Ident); !ok || first.Name != kind {
			continue
		}
		for _, s := range group.Specs[1:] {
			all = append(all, s.(*ast.ValueSpec).Names[0].Name)
		}
	}
	return all
}

// TestTable looks at every place with every event.
func TestTable(t *testing.T) {
	table := readTable(t)
	seen := 0
	for p := Unopened; p <= Halted; p++ {
		for _, e := range allEvents {
			for _, used := range []int{0, MaxChallenges} {
				key := fmt.Sprint(p, " ", eventName(e), " ", used)
				want, ok := table[key]
				switch {
				case p == Closed || p == Halted:
					want = row{p.String(), nil}
				case !ok:
					want = row{"Halted", []string{"Forget", "ShowScreen", "CallWorker"}}
				default:
					seen++
				}
				got, effects := Step(State{At: p, Challenges: used}, e)
				if got.At.String() != want.next || !slices.Equal(names(effects), want.effects) {
					t.Errorf("%s: %s %v, the table says %s %v", key, got.At, names(effects), want.next, want.effects)
				}
				if !ok && p < Closed && got.Fault != Impossible {
					t.Errorf("%s: halted with fault %d", key, got.Fault)
				}
			}
		}
	}
	if seen != len(table) {
		t.Errorf("%d rows of the table name a place or event that does not exist", len(table)-seen)
	}
}

// TestUnknownPlaces makes states that no Step returns, and no event at all.
func TestUnknownPlaces(t *testing.T) {
	for _, s := range []State{{At: -1}, {At: Halted + 1}} {
		for _, e := range append(allEvents, nil) {
			if got, _ := Step(s, e); got.At != Halted {
				t.Errorf("place %d, %T: %v", s.At, e, got.At)
			}
		}
	}
	for p := Unopened; p < Closed; p++ {
		if got, _ := Step(State{At: p}, nil); got.At != Halted {
			t.Errorf("%v, no event: %v", p, got.At)
		}
	}
	if got, _ := Step(State{At: Checking}, VoterRefused{}); got.At != Halted {
		t.Errorf("refused for no reason: %v", got.At)
	}
}

// TestCardLeavesInTheMiddle takes the card out in every short place and gives
// every answer: where the station next rests, the session is over.
func TestCardLeavesInTheMiddle(t *testing.T) {
	tests := []struct {
		at      Place
		answers []Event
		next    Place
		effects string // of the last step
	}{
		{Checking, []Event{VoterRefused{HasVoted}}, Idle, "[Forget ShowScreen Forget ShowScreen]"},
		{Checking, []Event{VoterAccepted{}}, Idle, "[BeginSession ShowScreen Forget Abandon ShowScreen]"},
		{Encrypting, []Event{BallotReady{}, PapersPrinted{}}, Idle, "[ShowScreen Forget Abandon ShowScreen]"},
		{Printing, []Event{PapersPrinted{}}, Idle, "[ShowScreen Forget Abandon ShowScreen]"},
		{Printing, []Event{PrinterFailed{}}, Suspended, "[Forget Abandon ShowScreen CallWorker]"},
		{Casting, []Event{BallotCast{}, SlipDropped{}}, Idle, "[ShowScreen Forget ShowScreen]"},
		{Dropping, []Event{SlipDropped{}}, Idle, "[ShowScreen Forget ShowScreen]"},
		{Opening, []Event{ChallengeStored{}, SlipVoided{}}, Idle, "[ShowScreen Forget Abandon ShowScreen]"},
		{Opening, []Event{ChallengeRefused{}}, Idle, "[ShowScreen Forget Abandon ShowScreen]"},
		{Voiding, []Event{SlipVoided{}}, Idle, "[ShowScreen Forget Abandon ShowScreen]"},
	}
	for _, test := range tests {
		for _, left := range []Event{CardRemoved{}, CardInserted{}} {
			s, effects := Step(State{At: test.at, Challenges: 1}, left)
			if s.At != test.at || !s.CardOut || len(effects) != 0 {
				t.Errorf("%v, %s: %+v %v", test.at, eventName(left), s, effects)
			}
			for _, e := range test.answers {
				s, effects = Step(s, e)
			}
			if s.At != test.next || fmt.Sprint(names(effects)) != test.effects || s.CardOut {
				t.Errorf("%v, card out: %+v %v, want %v %s", test.at, s, effects, test.next, test.effects)
			}
		}
	}
}

// TestChallengesAreCounted follows one voter to the limit and the next voter
// from the beginning.
func TestChallengesAreCounted(t *testing.T) {
	challenge := []Event{ChoicesMade{}, BallotReady{}, PapersPrinted{}, ChallengeChosen{}, ChallengeStored{}, SlipVoided{}}
	s := State{At: Choosing}
	for i := 1; i <= MaxChallenges; i++ {
		for _, e := range challenge {
			s, _ = Step(s, e)
		}
		if s != (State{At: Choosing, Challenges: i}) {
			t.Fatalf("after %d challenges: %+v", i, s)
		}
	}
	for _, e := range challenge[:3] {
		s, _ = Step(s, e)
	}
	s, effects := Step(s, ChallengeChosen{})
	if s.At != Deciding || slices.Contains(effects, OpenBallot) {
		t.Errorf("one challenge too many: %+v %v", s, effects)
	}
	for _, e := range []Event{CastChosen{}, BallotCast{}, SlipDropped{}, CardRemoved{}, CardInserted{}, VoterAccepted{}} {
		s, _ = Step(s, e)
	}
	if s != (State{At: Choosing}) {
		t.Errorf("the next voter begins with %+v", s)
	}
}

// TestWaysOut finds, from every state that can be reached, a way to Idle,
// Closed or Halted: nobody is ever caught.
func TestWaysOut(t *testing.T) {
	reached := map[State]bool{{}: true}
	for queue := []State{{}}; len(queue) > 0; queue = queue[1:] {
		for _, e := range allEvents {
			if next, _ := Step(queue[0], e); !reached[next] {
				reached[next] = true
				queue = append(queue, next)
			}
		}
	}
	for s := range reached {
		if !s.At.rests() || s.At == Unopened || s.At == Closed || s.At == Halted {
			continue
		}
		if s.CardOut {
			t.Errorf("%+v rests without its card", s)
		}
		out := false
		for _, e := range []Event{CardRemoved{}, PollsResumed{}} {
			next, _ := Step(s, e)
			out = out || next.At == Idle
		}
		if !out {
			t.Errorf("%+v: neither taking the card nor resuming leads out", s)
		}
	}
	if len(reached) < 40 {
		t.Errorf("only %d states were reached", len(reached))
	}
}

// TestNothingBeforeItsTime looks at effects that must not come without what has
// to go before them, over every state that can be reached.
func TestNothingBeforeItsTime(t *testing.T) {
	only := map[Effect]string{
		CastBallot: "Deciding CastChosen", OpenBallot: "Deciding ChallengeChosen", PrintPapers: "Encrypting BallotReady",
		DropSlip: "Casting BallotCast", VoidSlip: "Opening ChallengeStored", BeginSession: "Checking VoterAccepted, Idle VoterIdentified",
		MakeBallot: "Choosing ChoicesMade",
	}
	for p := Unopened; p <= Halted; p++ {
		for _, e := range allEvents {
			_, effects := Step(State{At: p}, e)
			for _, f := range effects {
				if want, ok := only[f]; ok && !slices.Contains(list(want), fmt.Sprint(p, " ", eventName(e))) {
					t.Errorf("%v %s: %v", p, eventName(e), f)
				}
			}
			if i := slices.Index(effects, Abandon); i >= 0 && slices.Index(effects, Forget) > i {
				t.Errorf("%v %s: %v: choices outlive the session", p, eventName(e), effects)
			}
		}
	}
}
