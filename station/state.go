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

	// CardOut says that the card left while something short was going on. It is
	// acted on where the station next rests.
	CardOut bool
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
	NoFault       Fault = iota
	PrinterFault        // a page was not surely printed
	MachineFault        // the ballot made does not verify, or no ballot was made
	StorageFault        // a transaction was not surely written
	SlipFault           // the slip did not drop or was not voided
	Impossible          // an event that cannot come here
	WorkerStopped       // a poll worker suspended the polls
)

// MaxChallenges is how many ballots a voter may challenge in one session.
const MaxChallenges = 3

// An Event is what happened. The program feeds one at a time, and what answers
// an effect before anything else.
type Event interface{ event() }

// The events. Those in the first group come from people and cards, at any time;
// those in the second answer effects.
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

	VoterIdentified struct{} // by two officials, without a card
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
func (VoterIdentified) event() {}
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

var placeNames = [...]string{
	"Unopened", "Idle", "Checking", "Refused", "Choosing", "Encrypting", "Printing", "Deciding", "Casting", "Dropping", "Opening", "Voiding", "Leaving", "Suspended", "Closed", "Halted",
}

// String returns the name of docs/spec/station.md, Section 2.
func (p Place) String() string {
	if p < 0 || int(p) >= len(placeNames) {
		return "unknown"
	}
	return placeNames[p]
}
