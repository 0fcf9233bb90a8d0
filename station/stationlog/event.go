// Package stationlog is the log of a station's machine: a closed list of events
// about the machine and its poll workers, chained by hashes, whose head the
// station signs, as specified in docs/spec/paper.md, Section 6, and explained
// in docs/operators/log-events.md.
//
// The log cannot hold a voter, a choice or a ballot. No event happens once for
// each voter, so neither the log's length nor its order says anything about a
// session; times are cut to the hour; no detail has more than sixteen values,
// and there is no free text. docs/adr/0011-what-a-machine-may-log.md and
// docs/adr/0026-the-log-of-a-machine-with-devices.md say why.
//
// Package stationlog does not write files: station/logbook does.
package stationlog

import "slices"

// An Event is one of the things that a machine may log.
type Event int

// The events. Their names in the log, their meaning and their details are in
// the catalogue.
const (
	// The machine.
	LogStarted Event = iota + 1
	LogMended
	MachineStarted
	SoftwareVerified
	SoftwareMismatch
	KeyUnsealed
	KeyNotUnsealed
	KeySealed
	BooksOpened
	BooksRefused
	CopyRecreated
	DeviceRefused
	SelfTestPassed
	SelfTestFailed
	ClockWrong

	// The polls.
	ElectionLoaded
	KindLoaded
	ElectionRefused
	OpeningRefused
	ZeroTapePrinted
	PollsOpened
	PollsSuspended
	PollsResumed
	ClosingRefused
	PollsClosed
	ClosingTapePrinted
	TapeReprinted
	ClosingSigned

	// The poll workers.
	OfficialIdentified
	OfficialRefused
	WorkerCalled

	// The devices.
	PrinterFailed
	PrinterRestored
	FrontPrinterFailed
	FrontPrinterRestored
	PaperLow
	PaperReplaced
	CardReaderFailed
	CardReaderRestored
	SlipBoxFailed
	PanelFailed
	PanelRestored
	TamperDetected
	TamperCleared
	MainsLost
	MainsRestored

	// What must not happen.
	BallotNotVerified
	StorageFailed
	MachineHalted
	PowerCutRecovered

	// The removable media, and the end.
	MediumInserted
	MediumRefused
	MediumWritten
	MediumVerified
	MediumFailed
	MediumRemoved
	LogSigned
	LogExported
	MachineStopped
)

// A Severity says how soon somebody has to come.
type Severity int

// The severities.
const (
	Notice  Severity = iota // nothing to do
	Warning                 // look at it soon
	Alarm                   // no voting until it is dealt with
)

// String returns the severity in a word.
func (s Severity) String() string {
	switch s {
	case Notice:
		return "notice"
	case Warning:
		return "warning"
	case Alarm:
		return "alarm"
	}
	return "unknown"
}

// An Outcome says whether the event is a success or a failure of something that
// was tried, or neither.
type Outcome int

// The outcomes.
const (
	NoOutcome Outcome = iota // nothing was tried: something happened
	Success
	Failure
)

// Words are what a person is told of an event, in one language.
type Words struct {
	Meaning string // what happened
	Do      string // what a poll worker does
}

// A Description is what the catalogue says of an event.
type Description struct {
	Event    Event
	Name     string // in the log
	Severity Severity
	Outcome  Outcome
	Details  []string // the keys of its details, in order
	Answers  []Row    // the rows of VVSG 2.0, Table 15-1, that ask for it; the first gives its category
	English  Words
	Chinese  Words // Traditional, as written in Taiwan
}

// Catalogue returns the description of every event.
func Catalogue() []Description { return slices.Clone(catalogue) }

// Describe returns the description of an event.
func (e Event) Describe() (Description, bool) {
	if e < 1 || int(e) > len(catalogue) {
		return Description{}, false
	}
	return catalogue[e-1], true
}

// String returns the event's name in the log.
func (e Event) String() string {
	d, ok := e.Describe()
	if !ok {
		return "unknown-event"
	}
	return d.Name
}

// eventNamed finds an event by its name in the log.
func eventNamed(name string) (Event, bool) {
	for _, d := range catalogue {
		if d.Name == name {
			return d.Event, true
		}
	}
	return 0, false
}
