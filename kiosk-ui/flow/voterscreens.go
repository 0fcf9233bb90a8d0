package flow

import (
	"slices"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

// voterScreen is the voter's screen for where the station is.
func (f *Flow) voterScreen() screen.Screen {
	s := f.voterPlace()
	if f.now.Late && f.waitsForVoter() {
		s = f.page("late", screen.Warning)
		s.Title = f.say("late.title")
		s.Parts = []screen.Part{lead(f.say("late.text"))}
		s.Buttons = []screen.Button{{Press: "stay", Label: f.say("late.stay"), Role: screen.Next}}
	}
	if s.Mood != screen.Busy {
		s.Tools = f.tools()
	}
	return s
}

// waitsForVoter reports whether the station rests until the voter does
// something.
func (f *Flow) waitsForVoter() bool {
	return f.now.State.At == station.Choosing || f.now.State.At == station.Deciding || f.now.Ask == VoterPIN
}

func (f *Flow) voterPlace() screen.Screen {
	if f.voter.over != nothingOver {
		return f.overScreen()
	}
	switch {
	case f.now.Phase == Starting:
		return f.busy("starting")
	case f.now.Phase != Running:
		return f.told("out-of-order", screen.Stopped, "out-of-order")
	case f.asksLanguage():
		return f.languageScreen()
	case f.now.Ask == VoterPIN:
		return f.pinScreen()
	}
	switch f.now.State.At {
	case station.Idle:
		return f.idle()
	case station.Refused:
		return f.told("refused", screen.Warning, refusals[f.now.State.Refusal])
	case station.Choosing:
		return f.choosing()
	case station.Deciding:
		return f.deciding()
	case station.Leaving:
		return f.done()
	case station.Checking, station.Encrypting, station.Printing, station.Casting, station.Dropping, station.Opening, station.Voiding:
		return f.busy(busyWords[f.now.State.At])
	case station.Suspended, station.Halted:
		return f.stoppedScreen()
	case station.Closed:
		return f.told("closed", screen.Stopped, "closed")
	}
	return f.told("unopened", screen.Stopped, "unopened")
}

var busyWords = map[station.Place]string{
	station.Checking: "checking", station.Encrypting: "printing", station.Printing: "printing", station.Casting: "casting", station.Dropping: "dropping",
	station.Opening: "opening", station.Voiding: "voiding",
}

var refusals = map[station.Reason]string{
	station.UnreadableCard: "refused.unreadable", station.UntrustedCard: "refused.untrusted", station.ExpiredCard: "refused.expired",
	station.RevokedCard: "refused.revoked", station.UnfitCard: "refused.unfit", station.WrongSignature: "refused.wrong-signature",
	station.NotOnRoll: "refused.not-on-roll", station.HasVoted: "refused.has-voted", station.CardUnreachable: "refused.unreachable",
}

// told is a screen that says one thing: the words of id.title and id.text.
func (f *Flow) told(id screen.ID, mood screen.Mood, words string) screen.Screen {
	s := f.page(id, mood)
	s.Title = f.say(words + ".title")
	s.Parts = []screen.Part{lead(f.say(words + ".text"))}
	return s
}

func (f *Flow) busy(words string) screen.Screen {
	return f.told(screen.ID("busy-"+words), screen.Busy, "busy."+words)
}

// idle is what is up between two voters: what became of the last session, the
// first screen, the languages, the card.
func (f *Flow) idle() screen.Screen {
	switch {
	case f.voter.ended > tooEarly:
		return f.endedScreen()
	case slices.ContainsFunc(f.now.Notices, func(n Notice) bool { return n.Grave }):
		return f.told("out-of-order", screen.Stopped, "out-of-order")
	case f.now.CardIn:
		return f.told("take-card", screen.Warning, "take-card")
	case !f.voter.awake:
		return f.begin()
	case f.voter.over == overLanguage || !f.voter.spoke:
		return f.languageScreen()
	}
	s := f.told("insert", screen.Plain, "insert")
	if f.voter.ended == tooEarly {
		s.Mood = screen.Warning
		s.Parts = append([]screen.Part{lead(f.say("insert.early"))}, s.Parts...)
	}
	s.Buttons = []screen.Button{{Press: "back", Label: f.say("button.back"), Role: screen.Back}}
	return s
}

// endedScreen says what became of a session that ended before its time.
func (f *Flow) endedScreen() screen.Screen {
	words := map[ending]string{nothing: "ended", notKnown: "ended.unknown", ballotCast: "done"}[f.voter.ended]
	s := f.told("ended", screen.Warning, words)
	if f.voter.ended == ballotCast {
		s.Mood = screen.Done
	}
	if f.now.CardIn {
		s.Parts = append(s.Parts, screen.Text{Words: f.say("ended.card-in")})
	}
	s.Parts = append(s.Parts, f.receiptOfNothing()...)
	s.Buttons = []screen.Button{{Press: "begin", Label: f.say("ended.begin"), Role: screen.Next}}
	return s
}

// receiptOfNothing says that a receipt is of no ballot, where one may be out.
func (f *Flow) receiptOfNothing() []screen.Part {
	if f.voter.ended != nothing || !f.voter.printed {
		return nil
	}
	return []screen.Part{screen.Text{Words: f.say("ended.receipt")}}
}

func (f *Flow) done() screen.Screen {
	s := f.told("done", screen.Done, "done")
	if f.now.NoCard {
		s.Parts = []screen.Part{lead(f.say("done.no-card.text"))}
		s.Buttons = []screen.Button{{Press: "finish", Label: f.say("done.finish"), Role: screen.Next}}
	}
	s.Parts = append(s.Parts, screen.Text{Words: f.say("done.receipt"), Weight: screen.Small})
	return s
}

// begin is the first screen, in all languages. Its one button only wakes the
// screen: the first touch after a start can be taken at the wrong place.
func (f *Flow) begin() screen.Screen {
	s := f.page("begin", screen.Plain)
	s.Title, s.TitleLanguage = f.text(f.setup.Title)
	for _, tag := range f.languages() {
		s.Parts = append(s.Parts, screen.Text{Words: f.words.Say(tag, "begin.text", nil), Weight: screen.Lead, Language: tag})
	}
	s.Buttons = []screen.Button{{Press: "begin", Label: f.say("begin.button"), Role: screen.Next}}
	return s
}

func (f *Flow) languageScreen() screen.Screen {
	s := f.page("language", screen.Plain)
	s.Title = f.say("language.title")
	var o screen.Options
	for i, tag := range f.languages() {
		item := screen.Option{Press: "lang:" + tag, Label: f.words.Say(tag, "language", nil), Language: tag, Marked: f.voter.spoke && tag == f.voter.language}
		if i < 9 {
			item.Key = rune('1' + i)
		}
		o.Items = append(o.Items, item)
	}
	s.Parts = []screen.Part{o}
	s.Buttons = []screen.Button{{Press: "back", Label: f.say("button.back"), Role: screen.Back}}
	return s
}

func (f *Flow) pinScreen() screen.Screen {
	if f.now.Blocked {
		return f.told("pin-blocked", screen.Warning, "pin.blocked")
	}
	s := f.page("pin", screen.Plain)
	s.Title = f.say("pin.title")
	switch {
	case f.now.NoPIN:
		s.Mood, s.Parts = screen.Warning, []screen.Part{lead(f.say("pin.no-pin"))}
	case f.now.WrongPIN && f.now.Tries == 1:
		s.Mood, s.Parts = screen.Warning, []screen.Part{lead(f.say("pin.wrong-last"))}
	case f.now.WrongPIN && f.now.Tries > 1:
		s.Mood, s.Parts = screen.Warning, []screen.Part{lead(f.say("pin.wrong-tries", "N", f.now.Tries))}
	case f.now.WrongPIN:
		s.Mood, s.Parts = screen.Warning, []screen.Part{lead(f.say("pin.wrong"))}
	}
	n := f.voter.pin.len()
	s.Parts = append(s.Parts, screen.Entry{Kind: screen.Digits, Label: f.say("pin.label"), Filled: n})
	s.Buttons = []screen.Button{offUntil(n > 0, f.say("pin.first"), screen.Button{Press: "enter", Label: f.say("pin.enter"), Role: screen.Next})}
	return s
}

// offUntil is a button that is off until something is there, and says what.
func offUntil(there bool, first string, b screen.Button) screen.Button {
	if !there {
		b.Off, b.Label = true, first
	}
	return b
}

// deciding asks whether the slip is right, and reads back what must stand on
// it.
func (f *Flow) deciding() screen.Screen {
	s := f.page("deciding", screen.Plain)
	s.Title = f.say("deciding.title")
	s.Parts = []screen.Part{lead(f.say("deciding.text")), f.chosenFacts(false)}
	s.Buttons = []screen.Button{{Press: "cast", Label: f.say("deciding.cast"), Role: screen.Next}}
	if f.now.State.Challenges >= station.MaxChallenges {
		s.Parts = append(s.Parts, screen.Text{Words: f.say("deciding.no-more")})
		return s
	}
	s.Parts = append(s.Parts, screen.Text{Words: f.say("deciding.wrong")})
	s.Buttons = append(s.Buttons, screen.Button{Press: "challenge", Label: f.say("deciding.challenge"), Role: screen.Other})
	return s
}

// stoppedScreen is for the voter who was there when the station stopped, and
// for whoever comes then. It never says more of a ballot than is sure.
func (f *Flow) stoppedScreen() screen.Screen {
	words := map[ending]string{
		notEnded: "stopped", tooEarly: "stopped", nothing: "stopped.nothing-cast", notKnown: "stopped.in-cast", ballotCast: "stopped.cast",
	}[f.voter.ended]
	s := f.told("stopped", screen.Stopped, words)
	s.Parts = append(s.Parts, f.receiptOfNothing()...)
	return s
}

func (f *Flow) overScreen() screen.Screen {
	yes := func(id screen.ID, words, press string, role screen.Role, back string) screen.Screen {
		s := f.told(id, screen.Warning, words)
		s.Buttons = []screen.Button{{Press: press, Label: f.say(words + ".yes"), Role: role}, {Press: back, Label: f.say(words + ".no"), Role: screen.Back}}
		return s
	}
	switch f.voter.over {
	case overLanguage:
		return f.languageScreen()
	case overVoid:
		return yes("void", "void", "void-yes", screen.Grave, "void-no")
	case overChallenge:
		s := yes("challenge", "challenge", "challenge-yes", screen.Grave, "challenge-no")
		s.Parts = append(s.Parts, screen.Text{Words: f.say("challenge.left", "N", station.MaxChallenges-f.now.State.Challenges), Weight: screen.Small})
		return s
	case overNoPapers:
		return yes("no-papers", "no-papers", "print", screen.Next, "back")
	}
	s := f.told("help", screen.Warning, "help")
	s.Buttons = []screen.Button{{Press: "help-back", Label: f.say("help.back"), Role: screen.Next}}
	if f.now.State.At == station.Choosing || f.now.State.At == station.Deciding {
		s.Buttons = append(s.Buttons, screen.Button{Press: "void", Label: f.say("help.void"), Role: screen.Grave})
	}
	return s
}
