package flow

import "github.com/openreferendum/referendum/station"

// A Text is a text of the manifest in its languages, by language tag.
type Text map[string]string

// A Kind is what the vote is.
type Kind int

// The kinds. The zero value is the one that says so on every screen.
const (
	Rehearsal Kind = iota
	TestDeck
	Live
)

// A Setup is what screens show that does not change: words of the manifest, in
// its order. It is plain data, without keys.
type Setup struct {
	Kind      Kind
	Title     Text
	Station   string // its identifier
	Place     Text   // its name
	Election  string // the election identifier, in hexadecimal
	Languages []string
	Questions []Question

	// Holder is the shape of the number on an identity card, for the poll workers
	// who type it when a voter's card does not work; "" where that is not allowed.
	Holder string
}

// A Question is one paper.
type Question struct {
	Title, Text, Proposer Text
	Options               []Option
}

// An Option is what can become of a paper that was taken.
type Option struct {
	Label Text
	Blank bool // the paper is left blank
}

// A Phase is how far the program is.
type Phase int

// The phases.
const (
	Starting   Phase = iota // looking at the machine
	Locked                  // the station's key needs its passphrase
	NotStarted              // something is not ready: Report says what
	Running
)

// A Situation is what the station says of itself: docs/spec/station.md, Section
// 2, and what devices and poll workers do. It holds no choice, no voter, no key
// and no ciphertext.
type Situation struct {
	Phase  Phase
	State  station.State
	CardIn bool

	// Late says that the voter has done nothing for so long that the session will
	// be ended soon.
	Late bool

	// Unattended says that nobody has touched anything for a minute while nobody
	// votes: whatever screen was left there, the first one comes back.
	Unattended bool

	Ask      Ask
	Tries    int // how often a wrong PIN may still be entered; −1 if the card does not say
	WrongPIN bool
	Blocked  bool
	NoPIN    bool // what was entered cannot be the card's PIN, and was not tried

	// NoCard says that poll workers have identified the voter: there is no card to
	// take, and Leave ends the session of one who has cast.
	NoCard bool

	// Act is what poll workers have begun, Need how many have to show their
	// cards for it, and Have who has.
	Act  Act
	Need int
	Have []int
	Done Act // the last act, when it was done

	Said    *Notice // why the last act was not done
	Problem *Notice // what is behind the fault of a station that has stopped

	// Notices are what poll workers should know now: devices out of order, doors
	// that have opened, rolls near their end. The gravest comes first.
	Notices []Notice

	SlipDue  Due
	Exported [2]bool

	// Counts are nil where they are not to be shown. Those that would say of one
	// voter what became of a ballot, such as Challenged and Abandoned, are −1 while
	// the polls are open: a negative one is not shown.
	Counts *Counts

	Media  []Medium  // removable media that are plugged in
	Report []Finding // of the last self-test
}

// An Ask is what the station waits for beside what its State says.
type Ask int

// What may be asked for.
const (
	Nothing Ask = iota
	VoterPIN
	OfficialCard
	OfficialPIN
)

// A Due is where a slip belongs that did not move by itself.
type Due int

// Where it belongs.
const (
	NotDue Due = iota
	DueInBox
	DueInSpoiled
)

// An Act is what poll workers do with their cards.
type Act string

// The acts.
const (
	NoAct    Act = ""
	Open     Act = "open"
	Resume   Act = "resume"
	Restart  Act = "restart"
	Clear    Act = "clear"
	Close    Act = "close"
	Reprint  Act = "reprint"
	Export   Act = "export"
	Identify Act = "identify"
)

// A Notice is one thing that people should know. Its words are those of
// "notice.<Code>.what" and "notice.<Code>.do"; Plain stands in for a code
// without words, in English.
type Notice struct {
	Code  string
	Args  map[string]string
	Plain string
	Do    string
	Grave bool // nothing goes on before it is dealt with
}

// Counts are what the station has counted.
type Counts struct {
	Registered, Attended, Sessions, Cast, Challenged, Abandoned, SlipsPrinted, SlipsVoided int

	// Identified is how many of those who attended were identified by poll workers.
	Identified int
}

// A Medium is a removable medium that is plugged in.
type Medium struct {
	Source    string // how it is named to Export
	Name      string // how people know it
	Bytes     int64
	Protected bool
}

// A Finding is one line of the readiness report: its words are those of
// "part.<Part>", and of Notice.
type Finding struct {
	Part string
	OK   bool
	What string // what was found, in English: numbers, versions
	Notice
}
