package stationlog

import "slices"

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

// Official returns the poll worker whom the detail names, if it names one.
func (d Detail) Official() (Official, bool) {
	i := slices.Index(vocabulary["official"], d.value)
	return Official(i + 1), d.key == "official" && i >= 0
}

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
	FrontPrinter // Printer is the slip printer
	RemovableMedia
	KeyStore // what holds the machine's key
	SystemClock
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
	PanelFault
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
	PrinterGarbage   // it answers, but not as a printer
	PrinterUnplugged // its port is gone
)

// With names what is wrong with the printer.
func With(s PrinterState) Detail { return pick("printer", int(s)) }

// A Medium is where something is written.
type Medium int

// The media.
const (
	Internal Medium = iota + 1
	First           // removable
	Second          // removable
	Mirror          // the second medium of the station's database
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
	Stopped                           // does not move
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

// A Kind is the election's, as in the manifest.
type Kind int

// The kinds.
const (
	Live Kind = iota + 1
	Rehearsal
	TestDeck
)

// For names a kind of election.
func For(k Kind) Detail { return pick("kind", int(k)) }

// A Seal is what guards the machine's key at rest.
type Seal int

// The seals.
const (
	TPM        Seal = iota + 1 // sealed to the measurement of the boot
	Passphrase                 // where there is no TPM
)

// Under names a seal.
func Under(s Seal) Detail { return pick("seal", int(s)) }

// A SealError is why the machine's key was not unsealed.
type SealError int

// The seal's errors.
const (
	OtherMeasurement SealError = iota + 1 // other software or settings were started
	OtherTPM                              // sealed by another machine
	SealDamaged                           // what was sealed is not there, or damaged
	TPMSilent                             // the TPM does not answer
	WrongPassphrase
)

// Sealed names why a key was not unsealed.
func Sealed(e SealError) Detail { return pick("unsealing", int(e)) }

// A BooksError is what is wrong with the station's database.
type BooksError int

// The errors of the database.
const (
	BooksMissing  BooksError = iota + 1 // a copy is not there
	BooksDiffer                         // the two copies are not the same
	BooksLocked                         // another program has them open
	BooksOfOther                        // of another station or election
	BooksDoNotFit                       // changed by others than the station
)

// Books names what is wrong with the station's database.
func Books(e BooksError) Detail { return pick("books", int(e)) }

// A MediumError is why a removable medium was refused.
type MediumError int

// The reasons to refuse a medium.
const (
	MediumAbsent MediumError = iota + 1
	MediumOwnDisk
	MediumWriteProtected
	MediumFull
	MediumOfOther // the label is of another station, election or number
	MediumNotLabelled
	MediumTwice // the other medium once more, or in use
	MediumPulled
	MediumFormat // a file system that is not allowed
)

// Refused names why a medium was refused.
func Refused(e MediumError) Detail { return pick("refusal", int(e)) }

// vocabulary is every value that a detail can have, by key; values are numbered
// from 1.
var vocabulary = map[string][]string{
	"official": {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"},
	"part": {"printer", "card-reader", "screen", "storage", "slip-box", "panel", "battery", "front-printer", "removable-media",
		"key-store", "clock"},
	"cause": {"worker-decided", "printer-fault", "card-reader-fault", "slip-fault", "storage-fault", "ballot-fault",
		"tamper-fault", "power-fault", "impossible-event", "panel-fault"},
	"printer":   {"paper-out", "cover-open", "cutter-stuck", "silent", "error", "garbage", "unplugged"},
	"medium":    {"internal", "first", "second", "mirror"},
	"clock":     {"before-build", "went-back", "wrong-day", "stopped"},
	"switch":    {"rear-door", "printer-cover", "box-door", "motion"},
	"kind":      {"live", "rehearsal", "test-deck"},
	"seal":      {"tpm", "passphrase"},
	"unsealing": {"other-measurement", "other-tpm", "damaged", "tpm-silent", "wrong-passphrase"},
	"books":     {"missing", "differ", "locked", "of-another", "do-not-fit"},
	"refusal":   {"absent", "own-disk", "write-protected", "full", "of-another", "not-labelled", "twice", "pulled", "format"},
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
