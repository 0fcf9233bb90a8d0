package front

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/stationtest"
)

// A stage is a started machine behind screens, without a window.
type stage struct {
	*Front
	hands *kiosktest.Hands
	m     *kiosktest.Machine
	seen  []screen.ID
}

func newStage(t *testing.T) *stage {
	t.Helper()
	m := kiosktest.New(t, record.Rehearsal, 5)
	m.Provision(t, record.Hash{})
	s := &stage{m: m}
	f, err := New(Options{Config: m.Config, Election: m.World.Election, Kiosk: m.Options(), Show: func(up screen.Screen) { s.seen = append(s.seen, up.ID) }})
	if err != nil {
		t.Fatal(err)
	}
	s.Front = f
	f.start()
	t.Cleanup(func() {
		if err := f.end(); err != nil {
			t.Error(err)
		}
	})
	if f.k == nil {
		t.Fatalf("the machine did not start: %+v", f.now.Said)
	}
	s.hands = &kiosktest.Hands{K: f.k, Booth: m.Booth, Officials: m.Officials}
	return s
}

// touch presses things, one after the other, each on the screen that is up.
func (s *stage) touch(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		up := s.flow.Screen()
		if !up.Offers(name) {
			t.Fatalf("%q is not on the screen %s (%s): %+v", name, up.ID, up.Title, up)
		}
		s.press(touch{name, of(up)})
	}
}

// up returns the screen that is up, after the kiosk has told everything.
func (s *stage) up() screen.Screen {
	s.look()
	return s.flow.Screen()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pin types the PIN of a voter's card.
func (s *stage) pin(t *testing.T) {
	t.Helper()
	for _, digit := range eidtest.DefaultPIN {
		s.touch(t, screen.KeyPrefix+string(digit))
	}
	s.touch(t, "enter")
}

// TestVoteBehindScreens takes a voter through the screens with real devices'
// stacks: what is touched is what falls into the box.
func TestVoteBehindScreens(t *testing.T) {
	s := newStage(t)
	must(t, s.hands.Do(kiosk.Open))
	if !slices.Contains(s.seen, "workers-working") {
		t.Errorf("nothing was shown while the tape was printed: %q", s.seen)
	}
	if s.up(); s.now.State.At != station.Idle {
		t.Fatalf("the polls are %v", s.now.State.At)
	}
	must(t, s.hands.Insert(s.m.Voter(1)))
	s.up()
	s.touch(t, "lang:en")
	s.pin(t)
	for range s.m.World.Election.Manifest.Questions {
		s.touch(t, "take", "answer:1")
	}
	if up := s.up(); up.ID != "review" {
		t.Fatalf("after the last question: %s", up.ID)
	}
	s.touch(t, "print")
	if !slices.Contains(s.seen, "busy-printing") {
		t.Errorf("nothing was shown while the slip was printed: %q", s.seen)
	}
	if up := s.up(); up.ID != "deciding" {
		t.Fatalf("after printing: %s, %v", up.ID, s.k.Problem())
	}
	s.touch(t, "cast")
	if s.up(); s.now.State.At != station.Leaving {
		t.Fatalf("after casting: %v, %v", s.now.State.At, s.k.Problem())
	}
	must(t, s.hands.Leave())
	if n := len(s.m.Booth.Box()); n != 1 {
		t.Errorf("slips in the box: %d", n)
	}
	if s.up(); s.now.Counts == nil || s.now.Counts.Cast != 1 || s.now.Counts.Challenged != -1 {
		t.Errorf("counts while the polls are open: %+v", s.now.Counts)
	}
}

// TestTouchOfAScreenThatIsGone does nothing: a finger that was meant for
// "print" never meets "cast".
func TestTouchOfAScreenThatIsGone(t *testing.T) {
	s := newStage(t)
	must(t, s.hands.Do(kiosk.Open))
	must(t, s.hands.Insert(s.m.Voter(1)))
	s.up()
	s.touch(t, "lang:en")
	old := of(s.up())
	s.pin(t)
	s.up()
	s.touch(t, "take")
	before := s.flow.Screen()
	s.press(touch{"answer:1", old})
	if after := s.flow.Screen(); after.ID != before.ID || after.Step != before.Step {
		t.Errorf("a touch of the screen before took %s to %s", before.ID, after.ID)
	}
}

// TestRefusalStays: what could not even begin is said until the next touch, and
// not in words that nobody has.
func TestRefusalStays(t *testing.T) {
	s := newStage(t)
	s.m.Booth.Panel.Set(panel.RearDoor, true)
	must(t, s.hands.Until("the door is open", func(v kiosk.View) bool { return len(v.Tampered) > 0 }))
	s.up()
	s.touch(t, "workers", "open")
	s.up()
	if up := s.up(); up.ID != "workers-not-done" || s.now.Said == nil || s.now.Said.Code != "switch-open" {
		t.Fatalf("opening with an open door: %s, %+v", up.ID, s.now.Said)
	}
	s.touch(t, "back")
	if up := s.up(); up.ID == "workers-not-done" || s.now.Said != nil {
		t.Errorf("after another touch: %s, %+v", up.ID, s.now.Said)
	}
}

// TestDigitsThatAreNoPIN are not tried, and the voter is told.
func TestDigitsThatAreNoPIN(t *testing.T) {
	s := newStage(t)
	must(t, s.hands.Do(kiosk.Open))
	must(t, s.hands.Insert(s.m.Voter(1)))
	s.up()
	s.touch(t, "lang:en", "key:1", "enter")
	if up := s.up(); up.ID != "pin" || up.Mood != screen.Warning || !s.now.NoPIN || s.now.WrongPIN {
		t.Fatalf("after one digit: %s, %+v", up.ID, s.now)
	}
	s.pin(t)
	if up := s.up(); up.ID != "question" || s.now.NoPIN {
		t.Errorf("after the PIN: %s", up.ID)
	}
}

// TestIdentifiedVoter votes without a card, and goes.
func TestIdentifiedVoter(t *testing.T) {
	s := newStage(t)
	must(t, s.hands.Do(kiosk.Open))
	s.k.CallWorker()
	s.up()
	s.touch(t, "leave-workers", "workers")
	if s.k.View().WorkerCalled {
		t.Error("a poll worker has come, and is still called")
	}
	s.touch(t, "identify")
	for _, c := range stationtest.HolderOf(2) {
		s.touch(t, screen.KeyPrefix+string(c))
	}
	s.touch(t, "enter", "reason:card-damaged", "identify-yes")
	must(t, s.hands.Come(kiosk.Identify))
	s.up()
	s.touch(t, "lang:en")
	for range s.m.World.Election.Manifest.Questions {
		s.touch(t, "take", "answer:1")
	}
	s.touch(t, "print")
	s.up()
	s.touch(t, "cast")
	if up := s.up(); up.ID != "done" || len(up.Buttons) != 1 {
		t.Fatalf("after casting: %+v, %v", up, s.k.Problem())
	}
	s.touch(t, "finish")
	if s.up(); s.now.State.At != station.Idle {
		t.Errorf("after the voter has gone: %v", s.now.State.At)
	}
	if n, err := s.k.Identified(); err != nil || n != 1 {
		t.Errorf("identified: %d, %v", n, err)
	}
}

// TestPassphraseOnTheScreen: a wrong one is typed again, and one that was typed
// is asked for at every start.
func TestPassphraseOnTheScreen(t *testing.T) {
	m := kiosktest.New(t, record.Rehearsal, 5)
	m.Provision(t, record.Hash{})
	o := m.Options()
	o.Passphrase = nil
	f, err := New(Options{Config: m.Config, Election: m.World.Election, Kiosk: o, Show: func(screen.Screen) {}})
	must(t, err)
	s := &stage{Front: f, m: m}
	typed := func(words string) {
		t.Helper()
		for _, c := range words {
			s.touch(t, screen.KeyPrefix+string(c))
		}
		s.touch(t, "enter")
	}
	f.start()
	typed("another one")
	if f.k != nil || f.now.Phase != flow.Locked || f.now.Said == nil || f.now.Said.Code != "passphrase-wrong" {
		t.Fatalf("a wrong passphrase: phase %v, %+v", f.now.Phase, f.now.Said)
	}
	typed(kiosktest.Passphrase)
	if f.k == nil || f.now.Phase != flow.Running {
		t.Fatalf("the right one: phase %v, %+v", f.now.Phase, f.now.Said)
	}
	f.carryOut(flow.TestSelf{})
	if f.k != nil || f.now.Phase != flow.Locked {
		t.Errorf("tested again without asking: phase %v", f.now.Phase)
	}
}

// TestPlugged: folders of a desk are plugged in while they are there.
func TestPlugged(t *testing.T) {
	there := t.TempDir()
	found := plugged([]string{filepath.Join(there, "away"), there})
	i := slices.IndexFunc(found, func(m flow.Medium) bool { return m.Source == there })
	if i < 0 || found[i].Bytes <= 0 || slices.ContainsFunc(found, func(m flow.Medium) bool { return m.Name == "away" }) {
		t.Errorf("plugged in: %+v", found)
	}
}

// TestEveryNoticeHasWords: what the kiosk can say, poll workers can read.
func TestEveryNoticeHasWords(t *testing.T) {
	for _, code := range kiosk.Codes() {
		if !slices.Contains(flow.NoticeCodes(), code) {
			t.Errorf("no words for %s", code)
		}
	}
}

// TestVoiceLost: poll workers see that voters do not hear anything.
func TestVoiceLost(t *testing.T) {
	m := kiosktest.New(t, record.Rehearsal, 5)
	m.Provision(t, record.Hash{})
	lost, stop, ended := make(chan error), make(chan struct{}), make(chan error)
	f, err := New(Options{Config: m.Config, Election: m.World.Election, Kiosk: m.Options(), VoiceLost: lost, Show: func(screen.Screen) {}})
	must(t, err)
	go func() { ended <- f.Run(stop) }()
	lost <- errors.New("the player has ended")
	close(stop)
	must(t, <-ended)
	if n := f.now.Notices; len(n) != 1 || n[0].Code != "voice-lost" || n[0].Grave {
		t.Errorf("notices: %+v", n)
	}
}

// TestNotStarted: a machine that does not start says so on its screen, and is
// started again from there.
func TestNotStarted(t *testing.T) {
	m := kiosktest.New(t, record.Rehearsal, 5)
	f, err := New(Options{Config: m.Config, Election: m.World.Election, Kiosk: m.Options(), Show: func(screen.Screen) {}})
	must(t, err)
	f.start()
	if f.k != nil || f.now.Phase != flow.NotStarted || f.now.Said == nil || len(f.now.Report) == 0 {
		t.Fatalf("a machine that was not provisioned: %+v", f.now)
	}
	m.Provision(t, record.Hash{})
	f.carryOut(flow.Start{})
	if f.k == nil || f.now.Phase != flow.Running {
		t.Fatalf("started again: %+v", f.now)
	}
	must(t, f.end())
}
