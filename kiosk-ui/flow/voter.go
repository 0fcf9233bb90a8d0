package flow

import (
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

// A voter is what the screens know of the voter at them. It is wiped when the
// session ends: nothing of it is there for the next one.
type voter struct {
	awake    bool   // somebody has touched the first screen
	language string // chosen, or the manifest's first
	spoke    bool   // it was chosen
	look     screen.Look
	over     overlay // in front of where the voter is

	pin     *digits
	choices *choices

	ended    ending // what became of the last session, until the next touch
	printed  bool   // a receipt may be out
	decided  bool   // has asked to cast
	again    bool   // the voter has tested the machine, and chooses again
	noPapers bool   // has been asked about taking no paper
}

// An overlay is a screen in front of where the voter is.
type overlay int

const (
	nothingOver overlay = iota
	overLanguage
	overHelp
	overVoid      // end the session?
	overChallenge // test the machine?
	overNoPapers  // take no paper at all?
)

// An ending is what became of a session, as far as it may be told.
type ending int

const (
	notEnded   ending = iota
	tooEarly          // the card left while it was checked: insert it again
	nothing           // nothing was cast
	notKnown          // whether the ballot is cast is not known yet
	ballotCast        // it is cast, and its slip or the polls have stopped
)

func (f *Flow) newVoter() voter {
	v := voter{pin: &digits{}, choices: newChoices(f.setup.Questions)}
	if tags := f.languages(); len(tags) > 0 {
		v.language = tags[0]
	}
	return v
}

// forget wipes what is known of the voter. What became of the session is still
// told, as its voter wanted to be told.
func (f *Flow) forget(how ending) {
	old := f.voter
	old.pin.wipe()
	old.choices.wipe()
	f.voter = f.newVoter()
	if how != notEnded {
		f.voter.ended, f.voter.printed = how, old.printed
		f.voter.language, f.voter.spoke, f.voter.look, f.voter.awake = old.language, old.spoke, old.look, true
	}
}

// inSession reports whether a voter is at the screens: from the card on.
func inSession(s Situation) bool {
	switch s.State.At {
	case station.Checking, station.Choosing, station.Encrypting, station.Printing, station.Deciding, station.Casting, station.Dropping,
		station.Opening, station.Voiding, station.Leaving, station.Refused:
		return true
	}
	return s.Ask == VoterPIN
}

// updateVoter follows the station from one place to the next. The station does
// not show every place: Printing, Dropping and Voiding may be left out.
func (f *Flow) updateVoter(before Situation) {
	was, is := before.State.At, f.now.State.At
	if f.now.Ask != VoterPIN || f.now.WrongPIN && !before.WrongPIN {
		f.voter.pin.wipe()
	}
	switch {
	case f.now.Phase != Running:
		if before.Phase == Running {
			f.forget(notEnded)
		}
	case !inSession(before) && f.now.Unattended && !before.Unattended && is != station.Suspended && is != station.Halted:
		f.forget(notEnded)
	case begins(before, f.now):
		if f.voter.ended > tooEarly || was == station.Refused || was == station.Leaving {
			f.forget(notEnded) // another voter's card, before the last one was seen to go
		}
		f.voter.ended, f.voter.awake = notEnded, true
	case ends(before, f.now):
		f.forget(f.became(before))
	case is == station.Choosing && was != station.Choosing:
		f.voter.choices.wipe()
		f.voter.again = was == station.Opening || was == station.Voiding
		f.voter.noPapers, f.voter.printed, f.voter.decided = false, false, false
	}
	f.follow(was, is)
}

// follow lets go of what does not belong to the place that the station is at.
func (f *Flow) follow(was, is station.Place) {
	switch is {
	case station.Encrypting, station.Printing, station.Deciding:
		f.voter.printed = true
	case station.Choosing, station.Opening, station.Voiding:
	default:
		f.voter.choices.wipe()
	}
	if is != was {
		f.voter.over = nothingOver
	}
}

// begins reports whether a card has begun a session, or has been asked for its
// PIN before one.
func begins(before, now Situation) bool {
	if now.Ask == VoterPIN {
		return before.Ask != VoterPIN
	}
	return now.State.At == station.Checking && before.State.At != station.Checking && before.Ask != VoterPIN
}

// ends reports whether a session has ended.
func ends(before, now Situation) bool {
	if now.Ask == VoterPIN || !inSession(before) {
		return false
	}
	switch now.State.At {
	case station.Unopened, station.Idle, station.Suspended, station.Closed, station.Halted:
		return true
	}
	return false
}

// became says what became of the session that has just ended. It says that
// nothing was cast, or that the ballot is, only where that is sure: from
// Casting on, a station that stops does not know before a person has looked.
func (f *Flow) became(before Situation) ending {
	was, is := before.State.At, f.now.State
	goesOn := is.At == station.Idle
	switch was {
	case station.Leaving:
		if goesOn {
			return notEnded // the card is taken: all is told
		}
		return ballotCast
	case station.Casting, station.Dropping:
		switch {
		case goesOn || is.Fault == station.WorkerStopped:
			return ballotCast
		case is.Fault == station.SlipFault && f.now.SlipDue == DueInBox:
			return ballotCast
		}
		return notKnown
	case station.Refused:
		if goesOn && before.State.Refusal == station.CardUnreachable {
			return tooEarly
		}
		return notEnded
	case station.Checking:
		if goesOn {
			return tooEarly
		}
	}
	if f.voter.decided {
		return notKnown // the touch and the end have met
	}
	return nothing
}

// pressVoter takes a touch on a voter's screen.
func (f *Flow) pressVoter(name string) []Command {
	if f.pressTool(name) {
		return nil
	}
	if name == "help" {
		f.voter.over = overHelp
		return []Command{CallWorker{}}
	}
	if f.now.Late {
		return nil // any touch says that the voter is there
	}
	if f.voter.over != nothingOver {
		return f.pressOver(name)
	}
	if f.asksLanguage() {
		f.pressLanguage(name)
		return nil
	}
	switch {
	case f.now.Ask == VoterPIN:
		return f.pressPIN(name)
	case f.now.State.At == station.Choosing:
		return f.pressChoosing(name)
	case f.now.State.At == station.Deciding:
		return f.pressDeciding(name)
	case name == "finish":
		return []Command{Leave{}}
	}
	return f.pressIdle(name)
}

// asksLanguage reports whether a voter has put the card in without choosing a
// language before.
func (f *Flow) asksLanguage() bool { return f.waitsForVoter() && !f.voter.spoke && !f.now.Blocked }

func (f *Flow) pressIdle(name string) []Command {
	switch {
	case name == "begin" && f.voter.ended > tooEarly:
		f.forget(notEnded)
	case name == "begin":
		f.voter.awake = true
	case name == "back":
		f.forget(notEnded)
	default:
		f.pressLanguage(name)
	}
	return nil
}

func (f *Flow) pressPIN(name string) []Command {
	switch {
	case name == "enter":
		typed := f.voter.pin.take()
		return []Command{EnterPIN{typed}}
	default:
		f.voter.pin.key(name)
	}
	return nil
}

func (f *Flow) pressDeciding(name string) []Command {
	switch name {
	case "cast":
		f.voter.decided = true
		return []Command{Cast{}}
	case "challenge":
		f.voter.over = overChallenge
	}
	return nil
}

func (f *Flow) pressOver(name string) []Command {
	over := f.voter.over
	f.voter.over = nothingOver
	switch {
	case over == overLanguage:
		f.pressLanguage(name)
	case over == overHelp && name == "void":
		f.voter.over = overVoid
	case over == overVoid && name == "void-yes":
		return []Command{VoidSession{}}
	case over == overVoid:
		f.voter.over = overHelp
	case over == overChallenge && name == "challenge-yes" && f.now.State.At == station.Deciding:
		return []Command{Challenge{}}
	case over == overNoPapers && name == "print" && f.now.State.At == station.Choosing:
		return []Command{f.voter.choices.command()}
	}
	return nil
}
