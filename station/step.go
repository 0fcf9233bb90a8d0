package station

// Step is the whole behaviour of a session, and total: docs/spec/station.md,
// Section 3, has the table. Three kinds of event are told apart.
//
// What a card or a hand does late is no fault: a touch on a screen that is gone
// is answered with the screen that is there, and a card that leaves while
// something short is going on is remembered. What answers an effect is expected
// in one place only. Everything else halts the station, because then something
// is not as we think, and a ballot more or less is worse than a station less.
func Step(s State, e Event) (State, []Effect) {
	if s.At == Halted || s.At == Closed {
		return s, nil
	}
	next, effects, ok := step(s, e)
	if !ok || s.At < Unopened || s.At > Halted {
		return halt(Impossible)
	}
	if next.CardOut && next.At.rests() {
		next.CardOut = false
		last, more, _ := cardGone(next)
		return last, append(effects, more...)
	}
	return next, effects
}

// rests reports whether the station waits for people there, and not for an
// answer to an effect.
func (p Place) rests() bool {
	switch p {
	case Checking, Encrypting, Printing, Casting, Dropping, Opening, Voiding:
		return false
	}
	return true
}

func step(s State, e Event) (State, []Effect, bool) {
	switch e := e.(type) {
	case StorageFailed:
		// What the disk holds is not known: going on could count twice.
		next, effects := halt(StorageFault)
		return next, effects, true
	case SlipStuck:
		// It answers DropSlip, VoidSlip, and Abandon, after which the station is
		// Idle or Suspended.
		next, effects := halt(SlipFault)
		return next, effects, s.At == Dropping || s.At == Voiding || s.At == Idle || s.At == Suspended
	case PollsSuspended:
		return suspended(s)
	case CardInserted:
		return cardInserted(s)
	case CardRemoved:
		return cardGone(s)
	case SessionTimedOut:
		return timedOut(s)
	case ChoicesMade, CastChosen, ChallengeChosen:
		return touched(s, e)
	case PollsOpened, PollsResumed, PollsClosed:
		return polls(s, e)
	case VoterRefused:
		return State{At: Refused, Refusal: e.Reason, CardOut: s.CardOut}, []Effect{Forget, ShowScreen}, s.At == Checking && e.Reason != NoReason
	}
	if s.At <= Printing {
		return toPapers(s, e)
	}
	return fromPapers(s, e)
}

// polls handles opening, resuming and closing. Nobody's session is going on.
func polls(s State, e Event) (State, []Effect, bool) {
	switch e.(type) {
	case PollsOpened:
		return State{At: Idle}, []Effect{ShowScreen}, s.At == Unopened
	case PollsResumed:
		return State{At: Idle}, []Effect{ShowScreen}, s.At == Suspended
	case PollsClosed:
		return State{At: Closed}, []Effect{ShowScreen}, s.At == Idle || s.At == Suspended
	}
	return s, nil, false
}

// touched handles the voter's touches. A touch from a screen that is gone (a
// finger that bounced, or met the time limit) changes nothing.
func touched(s State, e Event) (State, []Effect, bool) {
	switch e.(type) {
	case ChoicesMade:
		if s.At == Choosing {
			return s.to(Encrypting), []Effect{ShowScreen, MakeBallot}, true
		}
	case CastChosen:
		if s.At == Deciding {
			return s.to(Casting), []Effect{ShowScreen, CastBallot}, true
		}
	case ChallengeChosen:
		if s.At == Deciding && s.Challenges < MaxChallenges {
			// The ballot is stored as challenged before its seed is printed: a
			// seed once out, the ballot can never be cast.
			return s.to(Opening), []Effect{ShowScreen, OpenBallot}, true
		}
	}
	return s, []Effect{ShowScreen}, true
}

// toPapers leads from an inserted card to slip and receipt.
func toPapers(s State, e Event) (State, []Effect, bool) {
	switch e.(type) {
	case VoterIdentified:
		// Only where nobody votes; there is no card whose leaving ends the session.
		return State{At: Choosing}, []Effect{BeginSession, ShowScreen}, s.At == Idle
	case VoterAccepted:
		// The session is counted before the voter sees a question, so that a
		// power cut from here on leaves a session abandoned, never one unknown.
		return s.to(Choosing), []Effect{BeginSession, ShowScreen}, s.At == Checking
	case BallotReady:
		return s.to(Printing), []Effect{PrintPapers}, s.At == Encrypting
	case BallotFaulty:
		// A machine that makes wrong ballots makes no more.
		next, effects := halt(MachineFault)
		return next, effects, s.At == Encrypting
	case PapersPrinted:
		return s.to(Deciding), []Effect{ShowScreen}, s.At == Printing
	case PrinterFailed:
		next, effects := printerFailed()
		return next, effects, s.At == Printing
	}
	return s, nil, false
}

// fromPapers leads from the printed slip to a ballot cast or challenged.
func fromPapers(s State, e Event) (State, []Effect, bool) {
	switch e.(type) {
	case BallotCast:
		// The transaction first, the slip after it: a power cut between the two
		// leaves a ballot whose slip still has to drop, which the next start
		// sees. The other order would leave paper without a ballot.
		return s.to(Dropping), []Effect{Forget, DropSlip}, s.At == Casting
	case SlipDropped:
		return State{At: Leaving, CardOut: s.CardOut}, []Effect{ShowScreen}, s.At == Dropping
	case ChallengeRefused:
		return State{At: Deciding, Challenges: MaxChallenges, CardOut: s.CardOut}, []Effect{ShowScreen}, s.At == Opening
	case ChallengeStored:
		return s.to(Voiding), []Effect{Forget, VoidSlip}, s.At == Opening
	case SlipVoided:
		next := s.to(Choosing)
		next.Challenges++
		return next, []Effect{ShowScreen}, s.At == Voiding
	case PrinterFailed:
		next, effects := printerFailed()
		return next, effects, s.At == Opening
	}
	return s, nil, false
}

// printerFailed: perhaps printed is not printed. The slip is voided, and the
// voter begins again at a station that prints.
func printerFailed() (State, []Effect) {
	return State{At: Suspended, Fault: PrinterFault}, []Effect{Forget, Abandon, ShowScreen, CallWorker}
}

// cardInserted begins a session where one can begin. Elsewhere the reader has
// missed that the last card left.
func cardInserted(s State) (State, []Effect, bool) {
	switch s.At {
	case Unopened, Suspended:
		return s, []Effect{ShowScreen}, true // the screen says that the polls are not open
	case Idle, Refused, Leaving:
		return State{At: Checking}, []Effect{Forget, ShowScreen, CheckCard}, true
	}
	return cardGone(s)
}

// cardGone: the session's card is not in the reader any more. While something
// short is going on, its answer decides first.
func cardGone(s State) (State, []Effect, bool) {
	switch s.At {
	case Refused, Leaving:
		return State{At: Idle}, []Effect{Forget, ShowScreen}, true
	case Choosing, Deciding:
		return abandon(State{At: Idle})
	}
	s.CardOut = !s.At.rests()
	return s, nil, true
}

func timedOut(s State) (State, []Effect, bool) {
	switch s.At {
	case Choosing, Deciding:
		return abandon(State{At: Idle})
	}
	return s, nil, true
}

// suspended: a poll worker stops. A session that can still be abandoned is.
func suspended(s State) (State, []Effect, bool) {
	next := State{At: Suspended, Fault: WorkerStopped}
	switch s.At {
	case Idle, Refused, Leaving:
		return next, []Effect{Forget, ShowScreen}, true
	case Choosing, Deciding:
		return abandon(next)
	}
	return s, nil, true // not open, or in the middle of something short: the worker asks again
}

func abandon(next State) (State, []Effect, bool) {
	return next, []Effect{Forget, Abandon, ShowScreen}, true
}

func (s State) to(p Place) State {
	return State{At: p, Challenges: s.Challenges, CardOut: s.CardOut}
}

func halt(f Fault) (State, []Effect) {
	return State{At: Halted, Fault: f}, []Effect{Forget, ShowScreen, CallWorker}
}
