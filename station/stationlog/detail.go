package stationlog

// A Detail is made only by the functions below. Each takes one value of a
// closed list of at most sixteen; none takes a voter, a choice, a ballot or free
// text, so none can reach the log. The zero value is no detail, and Append
// refuses it.
type Detail struct{ key, value string }

// maxValues is how many values a detail may have at most.
const maxValues = 16

// An Official is a poll worker by the number of the key in the manifest, from 1
// to 16.
type Official int

// By names the poll worker who acted.
func By(o Official) Detail { return pick("official", int(o)) }

// A Part is a part of the machine.
type Part int

// The parts.
const (
	Printer Part = iota + 1
	CardReader
	Screen
	Storage
	SlipBox
	Panel
	Battery
)

// Of names a part.
func Of(p Part) Detail { return pick("part", int(p)) }

// A Cause is why the polls were suspended or the machine halted.
type Cause int

// The causes.
const (
	WorkerDecided Cause = iota + 1
	PrinterFault
	CardReaderFault
	SlipFault
	StorageFault
	BallotFault
	TamperFault
	PowerFault
	ImpossibleEvent
)

// Because names a cause.
func Because(c Cause) Detail { return pick("cause", int(c)) }

// A PrinterState is what is wrong with the printer.
type PrinterState int

// The printer's states.
const (
	PaperOut PrinterState = iota + 1
	CoverOpen
	CutterStuck
	PrinterSilent
	PrinterError
)

// With names what is wrong with the printer.
func With(s PrinterState) Detail { return pick("printer", int(s)) }

// A Medium is where something is written.
type Medium int

// The media.
const (
	Internal Medium = iota + 1
	First
	Second
)

// On names a medium.
func On(m Medium) Detail { return pick("medium", int(m)) }

// A ClockError is what is wrong with the clock.
type ClockError int

// The clock's errors.
const (
	BeforeBuild ClockError = iota + 1 // earlier than the program itself
	WentBack                          // earlier than the last entry of the log
	WrongDay                          // not the day of the vote
)

// Clock names what is wrong with the clock.
func Clock(c ClockError) Detail { return pick("clock", int(c)) }

// A Switch is a sensor against tampering.
type Switch int

// The switches.
const (
	RearDoor Switch = iota + 1
	PrinterCover
	BoxDoor
	Motion
)

// At names a switch.
func At(s Switch) Detail { return pick("switch", int(s)) }

// vocabulary is every value that a detail can have, by key; values are numbered
// from 1.
var vocabulary = map[string][]string{
	"official": {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"},
	"part":     {"printer", "card-reader", "screen", "storage", "slip-box", "panel", "battery"},
	"cause": {"worker-decided", "printer-fault", "card-reader-fault", "slip-fault", "storage-fault", "ballot-fault",
		"tamper-fault", "power-fault", "impossible-event"},
	"printer": {"paper-out", "cover-open", "cutter-stuck", "silent", "error"},
	"medium":  {"internal", "first", "second"},
	"clock":   {"before-build", "went-back", "wrong-day"},
	"switch":  {"rear-door", "printer-cover", "box-door", "motion"},
}

// pick returns a detail, or the zero Detail for a value that is not in the
// vocabulary.
func pick(key string, n int) Detail {
	values := vocabulary[key]
	if n < 1 || n > len(values) {
		return Detail{}
	}
	return Detail{key, values[n-1]}
}

// known reports whether a detail is in the vocabulary.
func (d Detail) known() bool {
	for _, v := range vocabulary[d.key] {
		if v == d.value {
			return true
		}
	}
	return false
}
