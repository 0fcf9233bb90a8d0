// Package stationlog is the log of a station's machine: a closed list of events
// about the machine and its poll workers, chained by hashes, as specified in
// docs/spec/paper.md, Section 6, and explained in docs/operators/log-events.md.
//
// The log cannot hold a voter, a choice or a ballot. No event happens once for
// each voter, so neither the log's length nor its order says anything about a
// session; times are cut to the hour; no detail has more than sixteen values,
// and there is no free text. docs/adr/0011-what-a-machine-may-log.md says why.
//
// Package stationlog does not write files and does not sign: the program
// appends the lines to a file, and the head of the chain is signed with the
// closing of the polls.
package stationlog

// An Event is one of the things that a machine may log.
type Event int

// The events. Their names in the log, their meaning and their details are in
// the catalogue.
const (
	MachineStarted Event = iota + 1
	SelfTestPassed
	SelfTestFailed
	ElectionLoaded
	ElectionRefused
	ZeroTapePrinted
	PollsOpened
	PollsSuspended
	PollsResumed
	PollsClosed
	ClosingTapePrinted
	ClosingSigned
	OfficialIdentified
	OfficialRefused
	PrinterFailed
	PrinterRestored
	CardReaderFailed
	CardReaderRestored
	SlipBoxFailed
	SlipBoxRestored
	BallotNotVerified
	StorageFailed
	MachineHalted
	PowerCutRecovered
	MainsLost
	MainsRestored
	ClockWrong
	TamperDetected
	MediumInserted
	MediumWritten
	MediumVerified
	MediumFailed
	MediumRemoved
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

// A Description is what the catalogue says of an event.
type Description struct {
	Event    Event
	Name     string // in the log
	Severity Severity
	Meaning  string
	Do       string   // what a poll worker does
	Details  []string // the keys of its details, in order
}

// Catalogue returns the description of every event.
func Catalogue() []Description { return append([]Description(nil), catalogue...) }

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
