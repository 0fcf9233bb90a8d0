package gallerytest

import (
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/station"
)

// at says that the station is at a place.
func at(place station.Place) step {
	return is(func(s *flow.Situation) { s.Phase, s.State.At = flow.Running, place })
}

// The way of a voter, as far as the name says.
var (
	open      = way(at(station.Idle))
	woken     = way(open, press("begin"))
	spoken    = way(woken, speak())
	pinAsked  = way(spoken, is(func(s *flow.Situation) { s.CardIn, s.Ask, s.Tries = true, flow.VoterPIN, -1 }))
	pinTyped  = way(pinAsked, typed("123456"), press("enter"))
	checking  = way(pinTyped, is(func(s *flow.Situation) { s.Ask, s.State.At = flow.Nothing, station.Checking }))
	choosing  = way(checking, at(station.Choosing))
	second    = way(choosing, press("take", "answer:1"))
	third     = way(second, press("leave"))
	fourth    = way(third, press("take", "answer:2"))
	reviewing = way(fourth, press("take", "answer:3", "blank-yes"))
	printing  = way(reviewing, press("print"), at(station.Encrypting), at(station.Printing))
	deciding  = way(printing, at(station.Deciding))
	casting   = way(deciding, press("cast"), at(station.Casting))
	opening   = way(deciding, press("challenge", "challenge-yes"), at(station.Opening))
	voiding   = way(opening, at(station.Voiding))
	again     = way(voiding, is(func(s *flow.Situation) { s.State.At, s.State.Challenges = station.Choosing, 1 }))
	late      = is(func(s *flow.Situation) { s.Late = true })
	gone      = is(func(s *flow.Situation) { s.CardIn, s.Ask, s.State.At = false, flow.Nothing, station.Idle })
	notLate   = is(func(s *flow.Situation) { s.Late = false })
)

// speak chooses the language that the scene is played in.
func speak() step {
	return func(p *play) error { return press("lang:" + p.language)(p) }
}

// wrongPIN says that the card has refused a PIN.
func wrongPIN(tries int) step {
	return is(func(s *flow.Situation) { s.WrongPIN, s.Tries = true, tries })
}

// refused says that the card's holder may not vote.
func refused(why station.Reason) []step {
	return way(checking, is(func(s *flow.Situation) { s.State.At, s.State.Refusal = station.Refused, why }))
}

// stopped says that the station has stopped.
func stopped(place station.Place, fault station.Fault) step {
	return is(func(s *flow.Situation) { s.State = station.State{At: place, Fault: fault} })
}

// voterScenes are what a voter can see, in the order in which it can happen.
func voterScenes() []Scene {
	scenes := []Scene{
		{Name: "out-of-order", way: way(open, is(func(s *flow.Situation) { s.Notices = []flow.Notice{{Code: "receipt-printer-paper-out", Grave: true}} }))},
		{Name: "unopened", way: way(at(station.Unopened))},
		{Name: "begin", way: open},
		{Name: "language", way: woken},
		{Name: "insert", way: spoken},
		{Name: "insert-early", ID: "insert", way: way(checking, gone)},
		{Name: "pin", way: pinAsked},
		{Name: "pin-typed", ID: "pin", way: way(pinAsked, typed("123456"))},
		{Name: "pin-no-pin", ID: "pin", way: way(pinAsked, typed("1"), press("enter"), is(func(s *flow.Situation) { s.NoPIN = true }))},
		{Name: "pin-wrong", ID: "pin", way: way(pinTyped, wrongPIN(-1))},
		{Name: "pin-wrong-tries", ID: "pin", way: way(pinTyped, wrongPIN(2))},
		{Name: "pin-wrong-last", ID: "pin", way: way(pinTyped, wrongPIN(1))},
		{Name: "pin-blocked", way: way(pinTyped, is(func(s *flow.Situation) { s.WrongPIN, s.Blocked, s.Tries = true, true, 0 }))},
		{Name: "busy-checking", way: checking},
		{Name: "question", way: choosing},
		{Name: "question-aloud", ID: "question", way: way(choosing, press("voice"))},
		{Name: "question-answer", way: way(choosing, press("take"))},
		{Name: "question-second", ID: "question", way: second},
		{Name: "question-fourth", ID: "question", way: fourth},
		{Name: "question-blank", way: way(fourth, press("take", "answer:3"))},
		{Name: "question-long", ID: "question", setup: long, way: choosing},
		{Name: "question-long-answer", ID: "question-answer", setup: long, way: way(choosing, press("take"))},
		{Name: "question-one-language", ID: "question", setup: chineseOnly, way: choosing},
		{Name: "review", way: reviewing},
		{Name: "question-changed", ID: "question", way: way(reviewing, press("change:1"))},
		{Name: "question-changed-answer", ID: "question-answer", way: way(reviewing, press("change:1", "take"))},
		{Name: "review-no-papers", ID: "review", way: way(choosing, press("leave", "leave", "leave", "leave"))},
		{Name: "no-papers", way: way(choosing, press("leave", "leave", "leave", "leave", "print"))},
		{Name: "review-ten", ID: "review", setup: ten, way: way(choosing, answerTen())},
		{Name: "busy-printing", way: printing},
		{Name: "deciding", way: deciding},
		{Name: "deciding-ten", ID: "deciding", setup: ten, way: way(choosing, answerTen(), press("print"), at(station.Printing), at(station.Deciding))},
		{Name: "deciding-no-more-tests", ID: "deciding", way: way(printing, is(func(s *flow.Situation) { s.State.At, s.State.Challenges = station.Deciding, station.MaxChallenges }))},
		{Name: "challenge", way: way(deciding, press("challenge"))},
		{Name: "busy-opening", way: opening},
		{Name: "busy-voiding", way: voiding},
		{Name: "question-again", ID: "question", way: again},
		{Name: "busy-casting", way: casting},
		{Name: "busy-dropping", way: way(casting, at(station.Dropping))},
		{Name: "done", way: way(casting, at(station.Dropping), at(station.Leaving))},
		{Name: "late", way: way(choosing, late)},
		{Name: "ended", way: way(choosing, gone)},
		{Name: "ended-late", ID: "ended", way: way(deciding, late, notLate, at(station.Idle))},
		{Name: "ended-unknown", ID: "ended", way: way(deciding, press("cast"), gone)},
		{Name: "take-card", way: way(deciding, late, notLate, at(station.Idle), press("begin"))},
		{Name: "help", way: way(choosing, press("help"))},
		{Name: "help-at-pin", ID: "help", way: way(pinAsked, press("help"))},
		{Name: "void", way: way(choosing, press("help", "void"))},
		{Name: "language-later", ID: "language", way: way(choosing, press("language"))},
		{Name: "stopped", way: way(open, stopped(station.Suspended, station.WorkerStopped))},
		{Name: "stopped-nothing-cast", ID: "stopped", way: way(printing, stopped(station.Suspended, station.PrinterFault))},
		{Name: "stopped-in-cast", ID: "stopped", way: way(casting, stopped(station.Halted, station.StorageFault))},
		{Name: "stopped-cast", ID: "stopped", way: way(casting, at(station.Dropping), is(func(s *flow.Situation) {
			s.State, s.SlipDue = station.State{At: station.Halted, Fault: station.SlipFault}, flow.DueInBox
		}))},
		{Name: "closed", way: way(at(station.Closed))},
		{Name: "begin-rehearsal", ID: "begin", setup: rehearsal, way: open},
		{Name: "question-rehearsal", ID: "question", setup: rehearsal, way: choosing},
		{Name: "question-test-deck", ID: "question", setup: deck, way: choosing},
		{Name: "done-no-card", ID: "done", way: way(casting, at(station.Dropping), at(station.Leaving), is(func(s *flow.Situation) { s.CardIn, s.NoCard = false, true }))},
		{Name: "done-rehearsal", ID: "done", setup: rehearsal, way: way(casting, at(station.Dropping), at(station.Leaving))},
	}
	for _, r := range refusals {
		scenes = append(scenes, Scene{Name: "refused-" + r.name, ID: "refused", way: refused(r.why)})
	}
	return scenes
}

var refusals = []struct {
	name string
	why  station.Reason
}{
	{"unreadable", station.UnreadableCard}, {"untrusted", station.UntrustedCard}, {"expired", station.ExpiredCard}, {"revoked", station.RevokedCard},
	{"unfit", station.UnfitCard}, {"wrong-signature", station.WrongSignature}, {"not-on-roll", station.NotOnRoll}, {"has-voted", station.HasVoted},
	{"unreachable", station.CardUnreachable},
}

// ten asks ten questions: as many as a day has had.
func ten() flow.Setup {
	s := live()
	for len(s.Questions) < 10 {
		s.Questions = append(s.Questions, s.Questions...)
	}
	s.Questions = s.Questions[:10]
	return s
}

func answerTen() []step {
	var w []step
	for i := range 10 {
		w = append(w, press("take", []string{"answer:1", "answer:2"}[i%2]))
	}
	return w
}
