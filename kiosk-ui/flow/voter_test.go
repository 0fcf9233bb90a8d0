package flow

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/kiosk-ui/locale"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

func both(zh, en string) Text { return Text{"zh-Hant": zh, "en": en} }

// election has three questions of three answers, the last of them blank.
func election(kind Kind) Setup {
	s := Setup{Kind: kind, Title: both("公投", "Vote"), Place: both("第一投票所", "Station 1"), Languages: []string{"zh-Hant", "en"}}
	for i := range 3 {
		n := fmt.Sprint(i + 1)
		s.Questions = append(s.Questions, Question{
			Title: both("第"+n+"案", "Case "+n), Text: both("主文", "Text"), Proposer: both("領銜人", "Proposer"),
			Options: []Option{{Label: both("同意", "agree")}, {Label: both("不同意", "disagree")}, {Label: both("空白", "blank"), Blank: true}},
		})
	}
	return s
}

// A hand plays a voter at the screens.
type hand struct {
	*testing.T
	*Flow
	s Situation
}

func newHand(t *testing.T, s Setup) *hand {
	t.Helper()
	words, err := locale.Open()
	if err != nil {
		t.Fatal(err)
	}
	h := &hand{t, New(s, words), Situation{Phase: Running, State: station.State{At: station.Idle}, Tries: -1}}
	h.Update(h.s)
	return h
}

func (h *hand) at(p station.Place, change ...func(*Situation)) {
	h.s.State = station.State{At: p, Challenges: h.s.State.Challenges}
	for _, c := range change {
		c(&h.s)
	}
	h.Update(h.s)
}

func (h *hand) is(id screen.ID) {
	h.Helper()
	if got := h.Screen().ID; got != id {
		h.Fatalf("the screen is %q, not %q", got, id)
	}
}

// press presses what must be on the screen, and returns the commands of the
// last press.
func (h *hand) press(names ...string) (commands []Command) {
	h.Helper()
	for _, name := range names {
		if s := h.Screen(); !s.Offers(name) {
			h.Fatalf("%q is not on the screen %q", name, s.ID)
		}
		commands = h.Press(name)
	}
	return commands
}

func card(in bool) func(*Situation) { return func(s *Situation) { s.CardIn = in } }

func fault(f station.Fault) func(*Situation) { return func(s *Situation) { s.State.Fault = f } }

// choose brings a voter to the first question.
func (h *hand) choose() {
	h.Helper()
	h.press("begin", "lang:en")
	h.is("insert")
	h.at(station.Checking, card(true))
	h.is("busy-checking")
	h.at(station.Choosing)
	h.is("question")
}

// decide brings a voter to the slip, with agree, not taken, disagree.
func (h *hand) decide() {
	h.Helper()
	h.choose()
	h.press("take", "answer:1", "leave", "take", "answer:2")
	h.is("review")
	h.press("print")
	h.at(station.Encrypting)
	h.at(station.Deciding)
	h.is("deciding")
}

// words are all words of a screen.
func words(s screen.Screen) string { return fmt.Sprintf("%+v", s) }

func TestVote(t *testing.T) {
	h := newHand(t, election(Live))
	h.is("begin")
	h.choose()
	if got := h.Screen(); got.Title != "Case 1" || !strings.Contains(got.Step, "1") || !strings.Contains(words(got), "Proposer") {
		t.Errorf("the first question is %+v", got)
	}
	h.press("take", "answer:1", "leave", "take", "answer:2")
	if got := words(h.Screen()); !strings.Contains(got, "agree") || !strings.Contains(got, "Paper not taken") || !strings.Contains(got, "disagree") {
		t.Errorf("the review is %s", got)
	}
	commands := h.press("print")
	if len(commands) != 1 || !slices.Equal(commands[0].(Choose).Selections.Export(), []int{1, 0, 2}) {
		t.Fatal("the choices are others")
	}
	h.at(station.Encrypting)
	h.is("busy-printing")
	h.at(station.Deciding)
	if got := words(h.Screen()); !strings.Contains(got, "disagree") || !strings.Contains(got, "Paper not taken") {
		t.Errorf("the slip is read back as %s", got)
	}
	if got := h.press("cast"); !reflect.DeepEqual(got, []Command{Cast{}}) {
		t.Fatalf("casting asks for %v", got)
	}
	h.at(station.Casting)
	h.is("busy-casting")
	h.at(station.Leaving)
	h.is("done")
	h.at(station.Idle, card(false))
	h.is("begin")
	if got := h.Screen().Language; got != "zh-Hant" {
		t.Errorf("the next voter's language is %s", got)
	}
}

// TestTwoTouches: ten questions take at most three minutes.
func TestTwoTouches(t *testing.T) {
	s := election(Live)
	for len(s.Questions) < 10 {
		s.Questions = append(s.Questions, s.Questions[0])
	}
	h := newHand(t, s)
	h.choose()
	for range s.Questions {
		h.press("take", "answer:1")
	}
	h.is("review")
}

func TestChange(t *testing.T) {
	h := newHand(t, election(Live))
	h.choose()
	h.press("take", "back", "take", "answer:1")
	h.press("back", "next") // to look at it again changes nothing
	h.press("leave", "take", "answer:2", "change:2")
	h.is("question")
	h.press("review", "change:2", "take", "answer:1", "change:3", "leave")
	if got := h.press("print")[0].(Choose).Selections.Export(); !slices.Equal(got, []int{1, 1, 0}) {
		t.Errorf("chosen: %v", got)
	}
}

func TestBlankIsAskedAboutOnce(t *testing.T) {
	h := newHand(t, election(Live))
	h.choose()
	h.press("take", "answer:3")
	h.is("question-blank")
	h.press("back", "answer:3") // asked before
	h.press("leave", "take", "answer:3", "blank-yes", "print")
	if c, ok := h.Press("print")[0].(Choose); !ok || !slices.Equal(c.Selections.Export(), []int{3, 0, 3}) {
		t.Error("a blank paper is refused")
	}
}

func TestNoPapersIsAskedAboutOnce(t *testing.T) {
	h := newHand(t, election(Live))
	h.choose()
	if got := h.press("leave", "leave", "leave", "print"); got != nil {
		t.Fatal("not asked about")
	}
	h.is("no-papers")
	h.press("back")
	h.is("review")
	if got := h.press("print"); len(got) != 1 {
		t.Error("asked about twice, or refused")
	}
}

func TestChallenge(t *testing.T) {
	for _, shown := range [][]station.Place{{station.Opening}, {station.Opening, station.Voiding}} {
		h := newHand(t, election(Live))
		h.decide()
		h.press("challenge", "challenge-no")
		h.is("deciding")
		if got := h.press("challenge", "challenge-yes"); !reflect.DeepEqual(got, []Command{Challenge{}}) {
			t.Fatalf("testing asks for %v", got)
		}
		for _, p := range shown {
			h.at(p)
		}
		h.s.State.Challenges = 1
		h.at(station.Choosing)
		h.is("question")
		if got := words(h.Screen()); !strings.Contains(got, "Choose again") || strings.Contains(got, "so far") {
			t.Errorf("after a test, the first question is %s", got)
		}
		h.press("leave", "leave", "take", "answer:1", "print")
		h.s.State.Challenges = station.MaxChallenges
		h.at(station.Deciding)
		if h.Screen().Offers("challenge") {
			t.Error("a fourth test is offered")
		}
	}
}

// TestNoRoomForTests: the machine refuses to open a ballot, and its slip is
// still read back.
func TestNoRoomForTests(t *testing.T) {
	h := newHand(t, election(Live))
	h.decide()
	h.press("challenge", "challenge-yes")
	h.at(station.Opening)
	h.s.State.Challenges = station.MaxChallenges
	h.at(station.Deciding)
	if s := h.Screen(); s.Offers("challenge") || !strings.Contains(words(s), "disagree") {
		t.Errorf("the slip's screen is %+v", s)
	}
}

func TestPIN(t *testing.T) {
	h := newHand(t, election(Live))
	h.press("begin", "lang:en")
	ask := func(change func(*Situation)) {
		h.s.CardIn, h.s.Ask = true, VoterPIN
		change(&h.s)
		h.Update(h.s)
	}
	ask(func(*Situation) {})
	h.is("pin")
	if h.Screen().Offers("enter") || h.Screen().Offers("key:a") {
		t.Error("no PIN, or a letter, is taken")
	}
	h.press("key:1", "key:9", "key:back", "key:2", "key:3")
	if got := h.press("enter")[0].(EnterPIN).Digits.Export(); got != "123" {
		t.Errorf("the PIN is %q", got)
	}
	ask(func(s *Situation) { s.WrongPIN, s.Tries = true, 2 })
	if got := words(h.Screen()); !strings.Contains(got, "Tries left: 2") || !strings.Contains(got, "Filled:0") {
		t.Errorf("after a wrong PIN: %s", got)
	}
	ask(func(s *Situation) { s.Tries = 1 })
	if got := words(h.Screen()); !strings.Contains(got, "One try is left") {
		t.Errorf("before the last try: %s", got)
	}
	ask(func(s *Situation) { s.Blocked, s.Tries = true, 0 })
	h.is("pin-blocked")
	h.s.Ask, h.s.Blocked, h.s.WrongPIN = Nothing, false, false
	h.at(station.Idle, card(false))
	h.is("ended")
	h.press("begin")
	h.is("begin")
}

// TestCardFirst: who inserts a card without touching anything is asked for a
// language all the same.
func TestCardFirst(t *testing.T) {
	h := newHand(t, election(Live))
	h.at(station.Checking, card(true))
	h.at(station.Choosing)
	h.is("language")
	h.press("lang:id")
	h.is("question")
	if s := h.Screen(); s.Language != "id" || s.TitleLanguage != "zh-Hant" || !strings.Contains(words(s), "hanya tersedia") {
		t.Errorf("a language without texts: %+v", s)
	}
}

func TestRefusals(t *testing.T) {
	seen := map[string]bool{}
	for r := station.UnreadableCard; r <= station.CardUnreachable; r++ {
		h := newHand(t, election(Live))
		h.press("begin", "lang:en")
		h.at(station.Checking, card(true))
		h.at(station.Refused, func(s *Situation) { s.State.Refusal = r })
		h.is("refused")
		s := h.Screen()
		if seen[s.Title] || strings.HasPrefix(s.Title, "refused.") || len(s.Buttons) > 0 {
			t.Errorf("reason %d: %+v", r, s)
		}
		seen[s.Title] = true
		h.at(station.Idle, card(false))
		if want := map[bool]screen.ID{true: "insert", false: "begin"}[r == station.CardUnreachable]; h.Screen().ID != want {
			t.Errorf("after reason %d: %q", r, h.Screen().ID)
		}
	}
}

// TestWhatMayBeTold: of a ballot nobody is told more than is sure.
func TestWhatMayBeTold(t *testing.T) {
	in := func(p ...station.Place) []station.Place { return p }
	casting := in(station.Casting)
	for _, c := range []struct {
		name  string
		way   []station.Place
		at    station.Place
		fault station.Fault
		due   Due
		want  string
	}{
		{"choosing, stopped", nil, station.Suspended, station.WorkerStopped, NotDue, "stopped.nothing-cast"},
		{"printer", in(station.Encrypting), station.Suspended, station.PrinterFault, NotDue, "stopped.nothing-cast"},
		{"ballot", in(station.Encrypting), station.Halted, station.MachineFault, NotDue, "stopped.nothing-cast"},
		{"deciding, disk", in(station.Encrypting, station.Deciding), station.Halted, station.StorageFault, NotDue, "stopped.nothing-cast"},
		{"void", in(station.Encrypting, station.Deciding, station.Opening), station.Halted, station.SlipFault, DueInSpoiled, "stopped.nothing-cast"},
		{"casting, disk", casting, station.Halted, station.StorageFault, NotDue, "stopped.in-cast"},
		{"casting, impossible", casting, station.Halted, station.Impossible, NotDue, "stopped.in-cast"},
		{"dropping, disk", in(station.Casting, station.Dropping), station.Halted, station.StorageFault, NotDue, "stopped.in-cast"},
		{"slip", casting, station.Halted, station.SlipFault, DueInBox, "stopped.cast"},
		{"slip of nowhere", casting, station.Halted, station.SlipFault, NotDue, "stopped.in-cast"},
		{"cast, stopped", in(station.Casting, station.Leaving), station.Suspended, station.WorkerStopped, NotDue, "stopped.cast"},
		{"cast, disk", in(station.Casting, station.Leaving), station.Halted, station.StorageFault, NotDue, "stopped.cast"},
		{"left", in(station.Encrypting, station.Deciding), station.Idle, station.NoFault, NotDue, "ended"},
		{"left while choosing", nil, station.Idle, station.NoFault, NotDue, "ended"},
		{"cast, card gone", casting, station.Idle, station.NoFault, NotDue, "done"},
	} {
		h := newHand(t, election(Live))
		h.choose()
		for _, p := range c.way {
			h.at(p)
		}
		h.at(c.at, fault(c.fault), card(false), func(s *Situation) { s.SlipDue = c.due })
		if want := h.sayIn("en", c.want+".text"); !strings.Contains(words(h.Screen()), want) {
			t.Errorf("%s: %s", c.name, words(h.Screen()))
		}
		if leaksChoices(h.Flow) {
			t.Errorf("%s: choices are left", c.name)
		}
	}
}

// TestTouchMeetsTheEnd: cast was touched, and the session is gone before
// anything of a ballot was seen.
func TestTouchMeetsTheEnd(t *testing.T) {
	h := newHand(t, election(Live))
	h.decide()
	h.press("cast")
	h.at(station.Idle, card(false))
	if got := words(h.Screen()); strings.Contains(got, "Nothing was cast") || strings.Contains(got, "is cast") {
		t.Errorf("told: %s", got)
	}
}

func leaksChoices(f *Flow) bool {
	a := f.voter.choices.held()
	return a.at != 0 || slices.ContainsFunc(a.chosen, func(n int) bool { return n != unseen })
}

// TestNothingStays: after each way in which a session ends, the next voter
// finds the first screen as it was at the start of the day.
func TestNothingStays(t *testing.T) {
	fresh := newHand(t, election(Live)).Screen()
	for name, end := range map[string]func(*hand){
		"cast": func(h *hand) {
			h.press("cast")
			h.at(station.Casting)
			h.at(station.Leaving)
			h.at(station.Idle, card(false))
		},
		"card": func(h *hand) { h.at(station.Idle, card(false)); h.press("begin") },
		"left": func(h *hand) {
			h.at(station.Idle, card(false))
			h.s.Unattended = true
			h.Update(h.s)
			h.s.Unattended = false
			h.Update(h.s)
		},
		"next card": func(h *hand) {
			h.at(station.Idle, card(false))
			h.at(station.Checking, card(true))
			if l := h.Screen().Look; l != (screen.Look{}) || h.Screen().Language != "zh-Hant" {
				h.Errorf("the next voter finds %+v", h.Screen())
			}
			h.at(station.Refused, func(s *Situation) { s.State.Refusal = station.HasVoted })
			h.at(station.Idle, card(false))
		},
	} {
		h := newHand(t, election(Live))
		h.decide()
		h.press("size", "contrast", "voice", "rate", "volume")
		end(h)
		if got := h.Screen(); !reflect.DeepEqual(got, fresh) || leaksChoices(h.Flow) || h.voter.pin.len() > 0 {
			t.Errorf("%s: the next voter finds %+v", name, got)
		}
	}
}

// TestLeftAtTheLanguage: a screen that was left alone goes back by itself, and a
// flag that stands does not do it again.
func TestLeftAtTheLanguage(t *testing.T) {
	h := newHand(t, election(Live))
	h.press("begin", "lang:id")
	h.s.Unattended = true
	h.Update(h.s)
	h.is("begin")
	h.press("begin")
	h.Update(h.s)
	h.is("language")
}

func TestLate(t *testing.T) {
	h := newHand(t, election(Live))
	h.choose()
	h.press("take", "answer:1", "take")
	h.s.Late = true
	h.Update(h.s)
	h.is("late")
	if h.Screen().Offers("answer:1") || h.Press("answer:2") != nil {
		t.Error("an answer is taken behind the warning")
	}
	h.press("stay")
	h.s.Late = false
	h.Update(h.s)
	h.is("question-answer")
}

func TestHelp(t *testing.T) {
	h := newHand(t, election(Live))
	h.decide()
	if got := h.press("help"); !reflect.DeepEqual(got, []Command{CallWorker{}}) {
		t.Fatalf("help asks for %v", got)
	}
	if got := words(h.Screen()); strings.Contains(got, "agree") {
		t.Errorf("choices are seen: %s", got)
	}
	h.press("void", "void-no", "help-back")
	h.is("deciding")
	if got := h.press("help", "void", "void-yes"); !reflect.DeepEqual(got, []Command{VoidSession{}}) {
		t.Fatalf("ending asks for %v", got)
	}
}

func TestCardIsLeft(t *testing.T) {
	h := newHand(t, election(Live))
	h.choose()
	h.at(station.Idle)
	h.is("ended")
	h.press("begin")
	h.is("take-card")
	h.at(station.Idle, card(false))
	h.is("begin")
}

func TestOutOfOrder(t *testing.T) {
	h := newHand(t, election(Live))
	h.at(station.Idle, func(s *Situation) { s.Notices = []Notice{{Code: "x", Grave: true}} })
	h.is("out-of-order")
}

// TestSecretsDoNotPrint: neither PIN nor choices, whoever prints the flow or
// its commands.
func TestSecretsDoNotPrint(t *testing.T) {
	h := newHand(t, election(Live))
	h.press("begin", "lang:en")
	h.s.CardIn, h.s.Ask = true, VoterPIN
	h.Update(h.s)
	h.press("key:7", "key:3", "key:9", "key:1", "key:4", "key:6")
	printed := func(name string, v any, secret string) {
		t.Helper()
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, secret) {
				t.Errorf("%s prints %s by %s: %s", name, secret, verb, got)
			}
		}
	}
	for _, secret := range []string{"739146", "373339313436", "55 51 57", "0x37, 0x33", "37 33 39"} {
		printed("the flow", h.Flow, secret)
		printed("the flow's copy", *h.Flow, secret)
		printed("the voter", struct{ v voter }{h.voter}, secret)
	}
	pin := h.press("enter")[0]
	for _, secret := range []string{"739146", "373339313436", "55 51 57"} {
		printed("the command", pin, secret)
		printed("what holds it", struct{ c Command }{pin}, secret)
	}
	h.s.Ask = Nothing
	h.at(station.Checking)
	h.at(station.Choosing)
	h.press("take", "answer:1", "leave", "take", "answer:2")
	choices := h.press("print")[0]
	for _, secret := range []string{"1 0 2", "1, 0, 2"} {
		printed("the flow", *h.Flow, secret)
		printed("the command", choices, secret)
		printed("what holds it", struct{ c Command }{choices}, secret)
	}
	if got := choices.(Choose).Selections.Export(); !slices.Equal(got, []int{1, 0, 2}) {
		t.Errorf("the choices are %v", got)
	}
}

func TestBanner(t *testing.T) {
	for kind, want := range map[Kind]string{Rehearsal: "REHEARSAL", TestDeck: "TEST", Live: ""} {
		h := newHand(t, election(kind))
		h.choose()
		if got := h.Screen().Banner; !strings.HasPrefix(got, want) || (got == "") != (kind == Live) {
			t.Errorf("kind %d: %q", kind, got)
		}
	}
}

// TestLanguages: the manifest's first, in its order, each in its own name.
func TestLanguages(t *testing.T) {
	s := election(Live)
	s.Languages = []string{"ja", "en", "zh-TW"}
	h := newHand(t, s)
	h.press("begin")
	var got []string
	for _, o := range h.Screen().Parts[0].(screen.Options).Items {
		got = append(got, o.Press+" "+o.Label)
	}
	if want := []string{"lang:en English", "lang:zh-TW 繁體中文", "lang:id Bahasa Indonesia"}; !slices.Equal(got, want) {
		t.Errorf("offered: %q", got)
	}
}

// TestPoorSetups: poor manifests do not panic.
func TestPoorSetups(t *testing.T) {
	for _, s := range []Setup{{}, {Languages: []string{"xx"}}, {Questions: []Question{{}}}, {Languages: []string{"en"}, Questions: make([]Question, 3)}} {
		h := newHand(t, s)
		for at := station.Unopened - 1; at <= station.Halted+1; at++ {
			h.at(at)
			for _, b := range append(h.Screen().Buttons, h.Screen().Tools...) {
				h.Press(b.Press)
			}
		}
	}
}

// playRandomly presses and moves the station at random, and holds every command
// against the screen that it came from.
func playRandomly(t *testing.T, seed uint64, steps int) {
	r := rand.New(rand.NewPCG(seed, 1)) // a test may be repeated
	h := newHand(t, election(Kind(r.IntN(3))))
	names := []string{"begin", "take", "leave", "answer:1", "answer:2", "answer:3", "answer:0", "answer:9", "answer:-1", "back", "next", "review", "change:1", "change:3", "change:0",
		"change:9", "print", "cast", "challenge", "challenge-yes", "challenge-no", "stay", "help", "help-back", "void", "void-yes", "void-no", "size", "contrast", "voice", "rate", "volume",
		"language", "lang:en", "lang:id", "lang:", "key:1", "key:", "key:back", "key:é", "enter", "blank-yes", "", "x"}
	for range steps {
		if r.IntN(4) == 0 {
			s := &h.s
			switch r.IntN(8) {
			case 0:
				s.State = station.State{At: station.Place(r.IntN(18) - 1), Fault: station.Fault(r.IntN(8)), Refusal: station.Reason(r.IntN(12)), Challenges: r.IntN(5)}
			case 1:
				s.Ask = Ask(r.IntN(5))
			case 2:
				s.CardIn, s.Late, s.Unattended = r.IntN(2) == 0, r.IntN(3) == 0, r.IntN(3) == 0
			case 3:
				s.WrongPIN, s.Blocked, s.Tries = r.IntN(2) == 0, r.IntN(4) == 0, r.IntN(5)-1
			case 4:
				s.Phase = []Phase{Running, Running, Running, Starting, Locked, NotStarted}[r.IntN(6)]
			default:
				s.State.At, s.Phase, s.Ask, s.Late = []station.Place{station.Choosing, station.Deciding}[r.IntN(2)], Running, Nothing, false
			}
			h.Update(*s)
		}
		before := h.Screen()
		if id := unsaid.FindString(words(before)); id != "" && before.Party == screen.Voter {
			t.Fatalf("screen %q has no words for %s", before.ID, id)
		}
		name := names[r.IntN(len(names))]
		if h.forWorkers() {
			continue
		}
		for _, c := range h.Press(name) {
			holds(t, h.s, before, name, c)
		}
	}
}

// unsaid is a message that no language has: its name is on the screen, or a
// place in it was left empty.
var unsaid = regexp.MustCompile(`:[a-z-]+(\.[a-z-]+)+[ }]|<no value>|\{\{`)

// holds checks that a command was on the screen that it came from.
func holds(t *testing.T, s Situation, before screen.Screen, name string, c Command) {
	t.Helper()
	if !before.Offers(name) {
		t.Fatalf("%q was not on %q and gave %T", name, before.ID, c)
	}
	switch c := c.(type) {
	case Cast:
		if before.ID != "deciding" || s.State.At != station.Deciding || name != "cast" {
			t.Fatalf("cast from %q at %v by %q", before.ID, s.State.At, name)
		}
	case Challenge:
		if before.ID != "challenge" || s.State.At != station.Deciding || s.State.Challenges >= station.MaxChallenges {
			t.Fatalf("challenge from %q at %v, %d", before.ID, s.State.At, s.State.Challenges)
		}
	case Choose:
		chosen := c.Selections.Export()
		if s.State.At != station.Choosing || slices.ContainsFunc(chosen, func(n int) bool { return n < 0 || n > 3 }) {
			t.Fatalf("chosen at %v: %v", s.State.At, chosen)
		}
		if none := !slices.ContainsFunc(chosen, func(n int) bool { return n > 0 }); before.ID != "review" && !(before.ID == "no-papers" && none) {
			t.Fatalf("chosen from %q", before.ID)
		}
		if before.ID == "review" {
			seen(t, before, chosen)
		}
	case EnterPIN:
		if before.ID != "pin" || s.Ask != VoterPIN {
			t.Fatalf("a PIN from %q", before.ID)
		}
	}
}

// seen checks that the review showed the answers that were given.
func seen(t *testing.T, s screen.Screen, chosen []int) {
	t.Helper()
	labels := map[string][]string{"en": {"Paper not taken", "agree", "disagree", "blank"}, "zh-Hant": {"未領票", "同意", "不同意", "空白"},
		"id": {"Surat suara tidak diambil", "同意", "不同意", "空白"}}[s.Language]
	for _, p := range s.Parts {
		f, is := p.(screen.Facts)
		if !is {
			continue
		}
		for i, row := range f.Rows {
			if row.Value != labels[chosen[i]] {
				t.Fatalf("question %d: seen %q, chosen %d", i+1, row.Value, chosen[i])
			}
		}
		if len(f.Rows) == len(chosen) {
			return
		}
	}
	t.Fatalf("choices that the review did not show: %+v", s)
}

func TestRandomTouches(t *testing.T) {
	for seed := range uint64(5) {
		playRandomly(t, seed, 800)
	}
}

// TestSoakRandomTouches plays longer: make soak.
func TestSoakRandomTouches(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("SOAK is not set: make soak")
	}
	for seed := range uint64(200) {
		playRandomly(t, 100+seed, 800)
	}
}

func FuzzTouches(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { playRandomly(t, seed, 300) })
}
