package flow

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/kiosk-ui/locale"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

func newWorkersFlow(t testing.TB) *Flow {
	t.Helper()
	words, err := locale.Open()
	if err != nil {
		t.Fatal(err)
	}
	return New(Setup{
		Title: Text{"en": "Vote"}, Station: "S1", Place: Text{"en": "Hall"}, Languages: []string{"en", "zh-Hant"}, Holder: "A999999999",
		Questions: []Question{{Title: Text{"en": "Q"}, Options: []Option{{Label: Text{"en": "yes"}}, {Label: Text{"en": "no"}}}}},
	}, words)
}

func at(p station.Place) Situation {
	return Situation{Phase: Running, State: station.State{At: p}, Counts: &Counts{Registered: 9, Challenged: -1, Abandoned: -1}}
}

// inMenu is a flow whose poll workers' screens are open in a place.
func inMenu(t testing.TB, s Situation) *Flow {
	t.Helper()
	f := newWorkersFlow(t)
	f.Update(s)
	if got := f.Press("workers"); len(got) != 1 || got[0] != (AnswerCall{}) {
		t.Errorf("whoever comes to the poll workers' screens has answered a call: %v", got)
	}
	if got := f.Screen(); got.Party != screen.Workers {
		t.Fatalf("at %v the tool leads to %q", s.State.At, got.ID)
	}
	return f
}

// touch presses what has to be there, and returns the one command, or nil.
func touch(t *testing.T, f *Flow, names ...string) Command {
	t.Helper()
	var all []Command
	for _, name := range names {
		if s := f.Screen(); !s.Offers(name) {
			t.Fatalf("screen %q offers no %q", s.ID, name)
		}
		all = f.Press(name)
	}
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

func wantScreen(t *testing.T, f *Flow, id screen.ID) screen.Screen {
	t.Helper()
	s := f.Screen()
	if s.ID != id {
		t.Fatalf("screen %q, want %q", s.ID, id)
	}
	return s
}

func typeOn(t *testing.T, f *Flow, keys string) {
	t.Helper()
	for _, k := range keys {
		touch(t, f, screen.KeyPrefix+string(k))
	}
}

// shown is every word on a screen.
func shown(s screen.Screen) string {
	return fmt.Sprintf("%+v", s)
}

// TestVoterSeesNoWorkersScreen: a session that begins while the menu is open
// belongs to its voter, and nothing of the menu comes back afterwards.
func TestVoterSeesNoWorkersScreen(t *testing.T) {
	for _, pages := range [][]string{{}, {"counts"}, {"close"}, {"identify"}, {"paper"}} {
		f := inMenu(t, at(station.Idle))
		touch(t, f, pages...)
		for p := station.Checking; p <= station.Leaving; p++ {
			f.Update(at(p))
			if s := f.Screen(); s.Party != screen.Voter {
				t.Errorf("%v: at %v the voter sees %q", pages, p, s.ID)
			}
			if got := f.Press("close-yes"); got != nil {
				t.Errorf("%v: at %v close-yes gives %v", pages, p, got)
			}
		}
		f.Update(at(station.Idle))
		if s := f.Screen(); s.Party != screen.Voter {
			t.Errorf("%v: after the session %q is up", pages, s.ID)
		}
	}
	f := inMenu(t, at(station.Idle))
	pin := at(station.Idle)
	pin.Ask = VoterPIN
	f.Update(pin)
	if s := f.Screen(); s.Party != screen.Voter {
		t.Errorf("a voter's PIN is asked for on %q", s.ID)
	}
}

// TestClosingIsAskedAbout: no way to Begin(Close) but over the screen that says
// that it is for good, and its leading button leaves the polls as they are.
func TestClosingIsAskedAbout(t *testing.T) {
	for _, p := range []station.Place{station.Idle, station.Suspended} {
		f := inMenu(t, at(p))
		if got := f.Press("close-yes"); got != nil {
			t.Errorf("%v: close-yes without being asked: %v", p, got)
		}
		if got := touch(t, f, "close"); got != nil {
			t.Errorf("%v: close gives %v", p, got)
		}
		s := wantScreen(t, f, "workers-close")
		if s.Buttons[0].Press != "close-no" || s.Buttons[1].Role != screen.Grave {
			t.Errorf("%v: buttons %+v", p, s.Buttons)
		}
		touch(t, f, "close-no")
		if got := f.Press("close-yes"); got != nil {
			t.Errorf("%v: close-yes after close-no: %v", p, got)
		}
		if got := touch(t, f, "close", "close-yes"); got != (Begin{Close}) {
			t.Errorf("%v: close, close-yes gives %v", p, got)
		}
	}
	// A question that is left open does not wait for another place.
	f := inMenu(t, at(station.Idle))
	touch(t, f, "close")
	f.Update(at(station.Suspended))
	if got := f.Press("close-yes"); got != nil {
		t.Errorf("the question outlived its place: %v", got)
	}
}

func TestActFromCardsToResult(t *testing.T) {
	f := inMenu(t, at(station.Unopened))
	if got := touch(t, f, "open"); got != (Begin{Open}) {
		t.Fatalf("open gives %v", got)
	}
	s := at(station.Unopened)
	s.Act, s.Need, s.Ask = Open, 2, OfficialCard
	f.Update(s)
	if got := wantScreen(t, f, "workers-card"); !strings.Contains(shown(got), "First of two") {
		t.Errorf("the first card is asked for by %+v", got.Parts)
	}
	s.Ask, s.CardIn = OfficialPIN, true
	f.Update(s)
	typeOn(t, f, "123")
	if got := shown(wantScreen(t, f, "workers-pin")); strings.Contains(got, "123") {
		t.Errorf("the PIN is on the screen: %s", got)
	}
	entered, ok := touch(t, f, "enter").(EnterPIN)
	if !ok || entered.Digits.Export() != "123" {
		t.Errorf("enter gives %v", entered)
	}
	if f.workers.typed.len() != 0 {
		t.Error("the PIN is kept after it was given out")
	}
	s.Ask, s.Have, s.Said = OfficialCard, []int{2}, &Notice{Code: "signed-already", Args: map[string]string{"number": "2"}}
	f.Update(s)
	if got := shown(wantScreen(t, f, "workers-card")); !strings.Contains(got, "Poll worker 2 has signed") || !strings.Contains(got, "Another poll worker") {
		t.Errorf("the second card is asked for by %s", got)
	}
	failed := at(station.Unopened)
	failed.Said = &Notice{Code: "receipt-printer-paper-out"}
	f.Update(failed)
	if got := wantScreen(t, f, "workers-not-done"); got.Mood == screen.Done || !strings.Contains(shown(got), "no paper") {
		t.Errorf("what failed is told by %+v", got)
	}
	touch(t, f, "back")
	wantScreen(t, f, "workers-unopened")
	f.Update(failed) // what was read is not told again
	wantScreen(t, f, "workers-unopened")

	touch(t, f, "open")
	s.Said = nil
	f.Update(s)
	open := at(station.Idle)
	open.Done = Open
	f.Update(open)
	wantScreen(t, f, "workers-done")
	touch(t, f, "leave-workers")
	if got := f.Screen(); got.Party != screen.Voter {
		t.Errorf("after opening %q is up", got.ID)
	}
}

// TestFailedIsNeverDone: whatever was done before, an act that failed shows no
// success.
func TestFailedIsNeverDone(t *testing.T) {
	for _, act := range []Act{Open, Resume, Restart, Clear, Close, Reprint, Export, Identify} {
		f := newWorkersFlow(t)
		s := at(station.Closed)
		s.Done = act // of an act before
		f.Update(s)
		s.Act, s.Need, s.Ask, s.Done = act, 1, OfficialCard, NoAct
		f.Update(s)
		s = at(station.Closed)
		s.Said = &Notice{Code: "storage"}
		f.Update(s)
		if got := f.Screen(); got.ID != "workers-not-done" {
			t.Errorf("%s: failed, and %q is up", act, got.ID)
		}
	}
}

func TestIdentify(t *testing.T) {
	f := inMenu(t, at(station.Idle))
	touch(t, f, "identify")
	typeOn(t, f, "a12345678")
	if f.Screen().Offers("enter") {
		t.Error("a number that is too short is taken")
	}
	typeOn(t, f, "99999")
	s := wantScreen(t, f, "workers-identify")
	if !strings.Contains(shown(s), "A123456789") {
		t.Errorf("the number is shown as %s", shown(s))
	}
	touch(t, f, "enter", "reason:card-blocked")
	if got := shown(wantScreen(t, f, "workers-identify-check")); !strings.Contains(got, "A123456789") || !strings.Contains(got, "The card is blocked") {
		t.Errorf("to check: %s", got)
	}
	got, is := touch(t, f, "identify-yes").(IdentifyVoter)
	if printed := fmt.Sprintf("%v %+v", got, got); !is || got.Reason != CardBlocked || strings.Contains(printed, "A123456789") || got.Holder.Export() != "A123456789" {
		t.Errorf("identify-yes gives %v", got)
	}
	if f.workers.typed.len() != 0 {
		t.Error("the number is kept after it was given out")
	}
}

// TestNumberIsWiped wherever its pages are left.
func TestNumberIsWiped(t *testing.T) {
	unattended := at(station.Idle)
	unattended.Unattended = true
	for name, leave := range map[string]func(*Flow){
		"back":       func(f *Flow) { f.Press("back") },
		"session":    func(f *Flow) { f.Update(at(station.Checking)) },
		"suspended":  func(f *Flow) { f.Update(at(station.Suspended)) },
		"unattended": func(f *Flow) { f.Update(unattended) },
		"restart":    func(f *Flow) { f.Update(Situation{Phase: Starting}) },
	} {
		f := inMenu(t, at(station.Idle))
		touch(t, f, "identify")
		typeOn(t, f, "A1234")
		held := (*f.workers.typed.bytes())[:5]
		leave(f)
		if f.workers.typed.len() != 0 || string(held) != "\x00\x00\x00\x00\x00" {
			t.Errorf("%s: the number is still there: %q", name, held)
		}
	}
}

func TestNumberShapes(t *testing.T) {
	for _, test := range []struct {
		shape, typed string
		want         bool
	}{
		{"A999", "a123", false}, {"A999", "A12", false}, {"A999", "A1234", false}, {"A999", "1123", false}, {"A999", "A12B", false}, {"A-99", "A+12", false},
		{"A999", "A123", true}, {"A-99", "A-12", true}, {"9999", "0000", true}, {"", "", true},
	} {
		if got := fits(test.shape, []byte(test.typed)); got != test.want {
			t.Errorf("%q fits %q: %v", test.typed, test.shape, got)
		}
	}
}

func TestNoNumberWithoutShape(t *testing.T) {
	f := inMenu(t, at(station.Idle))
	f.setup.Holder = ""
	if f.Screen().Offers("identify") {
		t.Error("identifying by hand is offered where it is not allowed")
	}
}

func TestLocked(t *testing.T) {
	f := newWorkersFlow(t)
	f.Update(Situation{Phase: Locked})
	typeOn(t, f, "Ab3")
	f.Update(Situation{Phase: Locked}) // nothing new
	if s := wantScreen(t, f, "workers-locked"); strings.Contains(shown(s), "Ab3") || s.Parts[len(s.Parts)-1].(screen.Entry).Filled != 3 {
		t.Errorf("typed: %+v", s.Parts)
	}
	unlock, ok := touch(t, f, "enter").(Unlock)
	if !ok || unlock.Passphrase.Export() != "Ab3" {
		t.Errorf("enter gives %v", unlock)
	}
	f.Update(Situation{Phase: Locked, Said: &Notice{Code: "passphrase-wrong"}})
	if got := shown(wantScreen(t, f, "workers-locked")); !strings.Contains(got, "The passphrase is wrong") {
		t.Errorf("a wrong one is told by %s", got)
	}
	f.Update(Situation{Phase: Starting})
	f.Update(at(station.Unopened))
	wantScreen(t, f, "workers-unopened") // who has unlocked is still there
}

func TestExport(t *testing.T) {
	f := inMenu(t, at(station.Closed))
	if got := touch(t, f, "export:2"); got != (Look{}) {
		t.Errorf("export:2 gives %v", got)
	}
	if f.Screen().Offers("medium:1") {
		t.Error("a medium is offered where none is plugged in")
	}
	s := at(station.Closed)
	s.Media = []Medium{{Source: "/dev/sdb1"}, {Source: "/dev/sdc1", Protected: true}}
	f.Update(s)
	if got := touch(t, f, "medium:2"); got != (ExportTo{2, "/dev/sdc1"}) {
		t.Errorf("medium:2 gives %v", got)
	}
	s.Exported = [2]bool{true, true}
	f = inMenu(t, s)
	if got := shown(f.Screen()); !strings.Contains(got, "may be switched off") || !f.Screen().Offers("export:1") {
		t.Errorf("with both written: %s", got)
	}
}

// TestHiddenCounts: while the polls are open, what would say of one voter what
// became of a ballot is not shown, and it is said why.
func TestHiddenCounts(t *testing.T) {
	f := inMenu(t, at(station.Idle))
	touch(t, f, "counts")
	s := wantScreen(t, f, "workers-counts")
	if got := shown(s); strings.Contains(got, "opened for a test") || strings.Contains(got, "-1") || !strings.Contains(got, "not shown while") {
		t.Errorf("counts: %s", got)
	}
	all := at(station.Suspended)
	all.Counts = &Counts{Challenged: 4, Abandoned: 5}
	f = inMenu(t, all)
	touch(t, f, "counts")
	if got := shown(f.Screen()); !strings.Contains(got, "opened for a test") || strings.Contains(got, "not shown while") {
		t.Errorf("counts while suspended: %s", got)
	}
}

// TestOpenedSwitchComesFirst: it is cleared before anything goes on.
func TestOpenedSwitchComesFirst(t *testing.T) {
	for p := range menus {
		s := at(p)
		s.Notices = []Notice{{Code: "tampered", Args: map[string]string{"switch": "box-door"}}}
		f := inMenu(t, s)
		if b := f.Screen().Buttons; b[0].Press != "clear" {
			t.Errorf("%v: the first button is %q", p, b[0].Press)
		}
	}
}

// TestEveryFaultHasWords in every language, in both places.
func TestEveryFaultHasWords(t *testing.T) {
	for fault := station.NoFault; fault <= station.WorkerStopped+1; fault++ {
		for _, p := range []station.Place{station.Suspended, station.Halted} {
			s := at(p)
			s.State.Fault, s.SlipDue = fault, DueInSpoiled
			f := inMenu(t, s)
			for range f.languages() {
				if got := shown(f.Screen()); strings.Contains(got, "fault.") || strings.Contains(got, "workers.due") {
					t.Errorf("%v at %v: %s", fault, p, got)
				}
				f.Press("language")
			}
		}
	}
}

func TestUnattendedMenuCloses(t *testing.T) {
	f := inMenu(t, at(station.Idle))
	touch(t, f, "language", "contrast")
	s := at(station.Idle)
	s.Unattended = true
	f.Update(s)
	if got := f.Screen(); got.Party != screen.Voter {
		t.Errorf("%q is still up", got.ID)
	}
	f.Update(at(station.Idle))
	touch(t, f, "begin", "workers")
	if got := f.Screen(); got.Language != "en" || got.Look.Contrast {
		t.Errorf("settings of somebody before: %q %+v", got.Language, got.Look)
	}
}

// FuzzWorkers: whatever happens and whatever is touched, nothing panics, no
// screen is without a way on, and the polls are closed over the screen that
// asks only.
func FuzzWorkers(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 0x80, 3, 7, 0x82, 9, 200, 14, 31, 8, 90, 77, 1, 2, 3})
	f.Add([]byte("suspend, close, look again, and once more from the beginning"))
	flow := newWorkersFlow(f)
	f.Fuzz(func(t *testing.T, script []byte) { play(t, New(flow.setup, flow.words), script) })
}

// TestRandomWorkers plays what the fuzzer would, from fixed seeds.
func TestRandomWorkers(t *testing.T) {
	f := newWorkersFlow(t)
	r := rand.New(rand.NewPCG(4, 2))
	for range 25 {
		script := make([]byte, 120)
		for i := range script {
			script[i] = byte(r.Uint32())
		}
		play(t, New(f.setup, f.words), script)
	}
}

// play feeds a flow situations and touches that a script says.
func play(t *testing.T, flow *Flow, script []byte) {
	t.Helper()
	for i, b := range script {
		if i%3 == 0 {
			flow.Update(fuzzSituation(b, i))
			continue
		}
		before := flow.Screen()
		names := offered(before)
		if len(names) == 0 {
			if before.Mood == screen.Plain && before.Party == screen.Workers {
				t.Fatalf("screen %q has no way on", before.ID)
			}
			continue
		}
		name := names[int(b)%len(names)]
		for _, c := range flow.Press(name) {
			if c == (Begin{Close}) && (before.ID != "workers-close" || name != "close-yes") {
				t.Fatalf("%q on %q closes the polls", name, before.ID)
			}
			if _, ends := c.(Choose); ends && before.Party == screen.Workers {
				t.Fatalf("%q on %q chooses for a voter", name, before.ID)
			}
		}
		if s := shown(flow.Screen()); noWords.MatchString(s) {
			t.Fatalf("words are missing: %s", s)
		}
	}
}

// noWords are the names of messages that nobody has.
var noWords = regexp.MustCompile(`\b(workers|act|notice|fault|part|count|reason)\.[a-z]|<no value>`)

func fuzzSituation(b byte, i int) Situation {
	s := at(station.Place(int(b) % (int(station.Halted) + 1)))
	s.Phase = []Phase{Running, Running, Running, Running, NotStarted, Locked, Starting, Running}[b>>5]
	s.State.Fault = station.Fault(i % 8)
	s.CardIn, s.Unattended, s.WrongPIN = b&1 != 0, b&0x11 == 0x11, b&4 != 0
	s.Media = []Medium{{Source: "/dev/sdb1"}}[:int(b>>2)%2]
	acts := []Act{NoAct, NoAct, Open, Close, Export, Identify, Clear, "no-such-act"}
	if s.Act = acts[i%len(acts)]; s.Act != NoAct {
		s.Ask, s.Need, s.Tries = []Ask{OfficialCard, OfficialPIN, Nothing}[int(b)%3], 2, int(b)%4-1
	}
	codes := NoticeCodes()
	n := Notice{Code: codes[(int(b)*7+i)%len(codes)], Args: map[string]string{"switch": "rear-door", "how": "stopped", "number": "2"}}
	if b&8 != 0 {
		s.Said = &n
	}
	if b&16 != 0 {
		s.Notices, s.Done = []Notice{n}, acts[int(b)%len(acts)]
		s.Report = []Finding{{Part: "slip printer", Notice: n}, {Part: "clock", OK: true}}
	}
	return s
}

// offered is what can be pressed on a screen.
func offered(s screen.Screen) []string {
	var names []string
	for _, b := range append(slices.Clone(s.Buttons), s.Tools...) {
		if !b.Off {
			names = append(names, b.Press)
		}
	}
	for _, p := range s.Parts {
		switch p := p.(type) {
		case screen.Options:
			for _, o := range p.Items {
				names = append(names, o.Press)
			}
		case screen.Facts:
			for _, r := range p.Rows {
				if r.Press != "" {
					names = append(names, r.Press)
				}
			}
		case screen.Entry:
			names = append(names, "key:7", "key:A", "key:back")
		}
	}
	return names
}

// TestNothingSecretIsPrinted: PIN, passphrase and number are in none of the
// ways in which a Flow can be printed.
func TestNothingSecretIsPrinted(t *testing.T) {
	f := inMenu(t, at(station.Idle))
	touch(t, f, "identify")
	typeOn(t, f, "Z987")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, what := range []any{f.workers, &f.workers, f} {
			if got := fmt.Sprintf(verb, what); strings.Contains(got, "Z987") || strings.Contains(got, "5a393837") || strings.Contains(got, "90 57 56 55") {
				t.Errorf("%s of %v: %s", verb, reflect.TypeOf(what), got)
			}
		}
	}
}

// TestNothingStandsBelow: words that point below have something below them.
func TestNothingStandsBelow(t *testing.T) {
	f := newWorkersFlow(t)
	for fault := station.NoFault; fault <= station.WorkerStopped; fault++ {
		for _, place := range []station.Place{station.Suspended, station.Halted} {
			for _, notices := range [][]Notice{nil, {{Code: "panel-lost", Grave: true}}} {
				s := at(place)
				s.State.Fault, s.Notices = fault, notices
				f.Update(at(station.Idle))
				f.Update(s)
				touch(t, f, "workers")
				var said string
				for _, p := range f.Screen().Parts {
					if text, is := p.(screen.Text); is {
						said += text.Words + "\n"
					}
				}
				if points := strings.Contains(said, "below"); points && notices == nil {
					t.Errorf("%v, fault %v: nothing stands below, and it says %q", place, fault, said)
				}
				touch(t, f, "leave-workers")
			}
		}
	}
}

// TestOffSaysWhatComesFirst: a button that is off says what is missing, and its
// own words when it is there.
func TestOffSaysWhatComesFirst(t *testing.T) {
	f := inMenu(t, at(station.Idle))
	touch(t, f, "identify")
	off := f.Screen().Buttons[0]
	typeOn(t, f, "a123456789")
	if on := f.Screen().Buttons[0]; !off.Off || on.Off || !strings.Contains(off.Label, "first") || on.Label == off.Label {
		t.Errorf("off %+v, on %+v", off, on)
	}
}

// TestMediaAtFaultAreNotAskedFor: before the polls open no medium is plugged in,
// and nobody is told to plug one in.
func TestMediaAtFaultAreNotAskedFor(t *testing.T) {
	f := newWorkersFlow(t)
	f.Update(Situation{Phase: NotStarted, Report: []Finding{{Part: "media", Notice: Notice{Code: "medium-absent", Plain: "media.fileSystems names no file system"}}}})
	got := shown(f.Screen())
	if strings.Contains(got, "Plug it in") || !strings.Contains(got, "names no file system") || !strings.Contains(got, "technical support") {
		t.Errorf("it says %s", got)
	}
}

// TestMenusAct: what a menu offers is no choice that is kept.
func TestMenusAct(t *testing.T) {
	for place := range menus {
		s := inMenu(t, at(place)).Screen()
		for _, p := range s.Parts {
			if o, is := p.(screen.Options); is && !o.Act {
				t.Errorf("%s draws circles", s.ID)
			}
		}
	}
}
