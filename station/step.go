// Package station is the polling station: the voting session as a pure state
// machine, and who may vote with which card, as specified in
// docs/spec/station.md.
//
// It reads no clock, file or device. Package machine carries out its effects on
// a database, a printer and a card, and feeds back what happened.
package station

// A State says where the polls and the session are. The zero value is a station
// whose polls have not opened.
type State struct {
	At         Place
	Challenges int    // ballots challenged in this session
	Refusal    Reason // why the last card was refused; only at Refused
	Fault      Fault  // what stopped the station; only at Suspended and Halted
}

// A Place is where a station is. docs/spec/station.md, Section 2, has the
// picture.
type Place int

// The places.
const (
	Unopened   Place = iota
	Idle             // polls open, nobody votes
	Checking         // a card is in; may its holder vote?
	Refused          // the card's holder may not; waiting for the card to leave
	Choosing         // the voter chooses
	Encrypting       // the ballot is made and verified
	Printing         // slip and receipt are printed
	Deciding         // the voter reads the slip: cast or challenge?
	Casting          // voter and ballot are written in one transaction
	Dropping         // the slip drops into the box
	Opening          // the challenged ballot is written and opened
	Voiding          // the challenged slip is voided
	Leaving          // cast; waiting for the card to leave
	Suspended        // no session begins until a poll worker resumes
	Closed           // for good
	Halted           // for good, until a person has looked; nothing more is done
)

// A Reason is why a card's holder may not vote.
type Reason int

// The reasons. The voter sees a screen for each.
const (
	NoReason        Reason = iota
	UnreadableCard         // no certificate, or not one of a card
	UntrustedCard          // not issued under the manifest's card authorities
	ExpiredCard            // or not valid yet
	RevokedCard            //
	UnfitCard              // key too weak, or not for authentication
	WrongSignature         // the card did not prove its key
	NotOnRoll              // of this station
	HasVoted               //
	CardUnreachable        // pulled out or broken while it was checked
)

// A Fault is what stopped a station.
type Fault int

// The faults. The poll worker sees what to do for each.
const (
	NoFault        Fault = iota
	PrinterFault         // a page was not surely printed
	MachineFault         // the ballot made does not verify, or no ballot was made
	StorageFault         // a transaction was not surely written
	SlipFault            // the slip did not drop or was not voided
	Impossible           // an event that cannot come here
	WorkerStopped        // a poll worker suspended the polls
)

// MaxChallenges is how many ballots a voter may challenge in one session.
const MaxChallenges = 3

// An Event is what happened.
type Event interface{ event() }

// The events. Those in the first group come from people, those in the second
// answer effects.
type (
	PollsOpened     struct{}
	PollsSuspended  struct{}
	PollsResumed    struct{}
	PollsClosed     struct{}
	CardInserted    struct{}
	CardRemoved     struct{}
	SessionTimedOut struct{}
	ChoicesMade     struct{} // reviewed and final
	CastChosen      struct{}
	ChallengeChosen struct{}

	VoterAccepted   struct{}
	VoterRefused    struct{ Reason Reason }
	BallotReady     struct{} // made and verified
	BallotFaulty    struct{}
	PapersPrinted   struct{}
	PrinterFailed   struct{}
	BallotCast      struct{} // the transaction is on both media
	ChallengeStored struct{}
	StorageFailed   struct{}
	SlipDropped     struct{}
	SlipVoided      struct{}
	SlipStuck       struct{}

	ChallengeRefused struct{} // there is no room for another challenged ballot
)

func (PollsOpened) event()     {}
func (PollsSuspended) event()  {}
func (PollsResumed) event()    {}
func (PollsClosed) event()     {}
func (CardInserted) event()    {}
func (CardRemoved) event()     {}
func (SessionTimedOut) event() {}
func (ChoicesMade) event()     {}
func (CastChosen) event()      {}
func (ChallengeChosen) event() {}
func (VoterAccepted) event()   {}
func (VoterRefused) event()    {}
func (BallotReady) event()     {}
func (BallotFaulty) event()    {}
func (PapersPrinted) event()   {}
func (PrinterFailed) event()   {}
func (BallotCast) event()      {}
func (ChallengeStored) event() {}
func (StorageFailed) event()   {}
func (SlipDropped) event()     {}
func (SlipVoided) event()      {}
func (SlipStuck) event()       {}

func (ChallengeRefused) event() {}

// An Effect is something the program has to do. Effects are done in order; one
// that fails is answered by its event, and those after it are not done.
type Effect int

// The effects. Those in the first group are answered by an event.
const (
	CheckCard   Effect = iota // VoterAccepted, VoterRefused
	MakeBallot                // BallotReady, BallotFaulty
	PrintPapers               // PapersPrinted, PrinterFailed, StorageFailed
	CastBallot                // BallotCast, StorageFailed
	OpenBallot                // ChallengeStored, ChallengeRefused, StorageFailed, PrinterFailed
	DropSlip                  // SlipDropped, SlipStuck, StorageFailed
	VoidSlip                  // SlipVoided, SlipStuck, StorageFailed

	BeginSession // count it, durably; StorageFailed if not
	Abandon      // count it, durably; a slip behind the window is voided first. StorageFailed or SlipStuck if not
	Forget       // wipe choices, seed and voter from memory
	ShowScreen   // the screen of the new state
	CallWorker   // light and sound: a poll worker has to come
)

// Step is the whole behaviour of a session. It is total: an event that cannot
// come where the station is halts it, because then something is not as we think.
func Step(s State, e Event) (State, []Effect) {
	if s.At == Halted || s.At == Closed {
		return s, nil
	}
	if next, effects, ok := step(s, e); ok {
		return next, effects
	}
	return halt(s, Impossible)
}

func step(s State, e Event) (State, []Effect, bool) {
	switch e := e.(type) {
	case StorageFailed:
		// What the disk holds is not known: going on could count twice.
		next, effects := halt(s, StorageFault)
		return next, effects, true
	case PollsSuspended:
		return suspended(s)
	case CardRemoved:
		return removed(s)
	case SessionTimedOut:
		return timedOut(s)
	case VoterRefused:
		return State{At: Refused, Refusal: e.Reason}, []Effect{Forget, ShowScreen}, s.At == Checking
	}
	switch s.At {
	case Unopened, Suspended, Idle:
		return polls(s, e)
	case Checking, Choosing, Encrypting, Printing:
		return toPapers(s, e)
	}
	return fromPapers(s, e)
}

// polls handles opening, resuming and closing, and the beginning of a session.
func polls(s State, e Event) (State, []Effect, bool) {
	switch e.(type) {
	case PollsOpened:
		return State{At: Idle}, []Effect{ShowScreen}, s.At == Unopened
	case PollsResumed:
		return State{At: Idle}, []Effect{ShowScreen}, s.At == Suspended
	case PollsClosed:
		return State{At: Closed}, []Effect{ShowScreen}, s.At != Unopened
	case CardInserted:
		if s.At != Idle {
			return s, []Effect{ShowScreen}, true // the screen says that the polls are not open
		}
		return State{At: Checking}, []Effect{ShowScreen, CheckCard}, true
	}
	return s, nil, false
}

// toPapers leads from an inserted card to slip and receipt.
func toPapers(s State, e Event) (State, []Effect, bool) {
	switch e.(type) {
	case VoterAccepted:
		// The session is counted before the voter sees a question, so that a
		// power cut from here on leaves a session abandoned, never one unknown.
		return State{At: Choosing}, []Effect{BeginSession, ShowScreen}, s.At == Checking
	case ChoicesMade:
		return at(s, Encrypting), []Effect{ShowScreen, MakeBallot}, s.At == Choosing
	case BallotReady:
		return at(s, Printing), []Effect{PrintPapers}, s.At == Encrypting
	case BallotFaulty:
		// A machine that makes wrong ballots makes no more.
		next, effects := halt(s, MachineFault)
		return next, effects, s.At == Encrypting
	case PapersPrinted:
		return at(s, Deciding), []Effect{ShowScreen}, s.At == Printing
	case PrinterFailed:
		// Perhaps printed is not printed: the slip is voided, the voter begins
		// again at a station that prints.
		return State{At: Suspended, Fault: PrinterFault}, []Effect{Forget, Abandon, ShowScreen, CallWorker}, s.At == Printing
	}
	return s, nil, false
}

// fromPapers leads from the printed slip to a ballot cast or challenged.
func fromPapers(s State, e Event) (State, []Effect, bool) {
	switch e.(type) {
	case CastChosen:
		return at(s, Casting), []Effect{ShowScreen, CastBallot}, s.At == Deciding
	case BallotCast:
		// The transaction first, the slip after it: a power cut between the two
		// leaves a ballot whose slip still has to drop, which the next start
		// sees. The other order would leave paper without a ballot.
		return at(s, Dropping), []Effect{Forget, DropSlip}, s.At == Casting
	case SlipDropped:
		return State{At: Leaving}, []Effect{ShowScreen}, s.At == Dropping
	case ChallengeChosen:
		if s.Challenges >= MaxChallenges {
			return s, []Effect{ShowScreen}, s.At == Deciding
		}
		// The ballot is stored as challenged before its seed is printed: a seed
		// once out, the ballot can never be cast.
		return at(s, Opening), []Effect{ShowScreen, OpenBallot}, s.At == Deciding
	case ChallengeRefused:
		return State{At: Deciding, Challenges: MaxChallenges}, []Effect{ShowScreen}, s.At == Opening
	case ChallengeStored:
		return at(s, Voiding), []Effect{Forget, VoidSlip}, s.At == Opening
	case SlipVoided:
		return State{At: Choosing, Challenges: s.Challenges + 1}, []Effect{ShowScreen}, s.At == Voiding
	case PrinterFailed:
		return State{At: Suspended, Fault: PrinterFault}, []Effect{Forget, Abandon, ShowScreen, CallWorker}, s.At == Opening
	case SlipStuck:
		next, effects := halt(s, SlipFault)
		return next, effects, s.At == Dropping || s.At == Voiding
	}
	return s, nil, false
}

// removed: the card leaves. While the ballot is being written nothing can be
// taken back, and what is being made or printed is decided by its own event.
func removed(s State) (State, []Effect, bool) {
	switch s.At {
	case Unopened, Idle, Suspended, Encrypting, Printing, Casting, Dropping, Opening, Voiding:
		return s, nil, true
	case Checking:
		return State{At: Refused, Refusal: CardUnreachable}, []Effect{Forget, ShowScreen}, true
	case Refused, Leaving:
		return State{At: Idle}, []Effect{Forget, ShowScreen}, true
	}
	return abandon(State{At: Idle})
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
	case Unopened, Suspended:
		return s, nil, true
	case Idle, Refused, Leaving:
		return next, []Effect{Forget, ShowScreen}, true
	case Choosing, Deciding:
		return abandon(next)
	}
	return s, nil, true // in the middle of something short: the worker asks again
}

func abandon(next State) (State, []Effect, bool) {
	return next, []Effect{Forget, Abandon, ShowScreen}, true
}

func at(s State, p Place) State { return State{At: p, Challenges: s.Challenges} }

func halt(_ State, f Fault) (State, []Effect) {
	return State{At: Halted, Fault: f}, []Effect{Forget, ShowScreen, CallWorker}
}
