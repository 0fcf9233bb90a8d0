package kiosk

import (
	"errors"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/stationlog"
)

// A View is everything that a front end shows. It holds no choice and nothing
// of who the voter is.
type View struct {
	State station.State

	// CardIn says that a card is in the reader.
	CardIn bool

	// SlipDue says where the slip belongs that a halted station could not move:
	// people put it there when they find it anywhere else.
	SlipDue Due

	// Problem is what is behind the fault of a station that has stopped, or nil.
	Problem error

	// Ask is what the kiosk waits for beside what the State says.
	Ask Ask

	// Tries is how often a wrong PIN may still be entered, -1 if the card does
	// not say. WrongPIN and Blocked say what became of the last one.
	Tries    int
	WrongPIN bool
	Blocked  bool

	// NoCard says that the voter was identified by poll workers: there is no card to
	// take, and Leave ends the session of one who has cast.
	NoCard bool

	// Late says that the voter has done nothing for so long that the session ends
	// soon; Touch goes on.
	Late bool

	// Act is what poll workers have begun, Need how many of them it takes, and Have
	// which of them have shown their cards for it. With Ask Nothing it is being done.
	Act  Act
	Need int
	Have []int

	// Troubles are the devices that do not work now: Printer (behind the
	// window), FrontPrinter, CardReader, Panel.
	Troubles map[stationlog.Part]Trouble

	// Tampered are the switches that have opened and were not cleared.
	Tampered []panel.Line

	// Owed says that a voter waits for an opened ballot: resuming prints it first.
	Owed bool

	// OnBattery says that the mains have failed.
	OnBattery bool

	// WorkerCalled says that somebody has pressed the button that calls a poll
	// worker, or that a voter has gone in the middle; the next act answers it.
	WorkerCalled bool

	// PaperLow says which printers' rolls are near their ends.
	PaperLow map[stationlog.Part]bool

	// Exported says which of the two media hold the bundle.
	Exported [2]bool

	// Clock is what is wrong with the clock, or nil.
	Clock error

	// Done is the last act, when it was done: "" before it, and when it failed.
	Done Act

	// Said is why the last act was not done, for the poll workers, or nil.
	Said error
}

// An Ask is what the kiosk waits for.
type Ask int

const (
	Nothing      Ask = iota
	VoterPIN         // the voter's card wants its PIN
	OfficialCard     // a poll worker's card, or key
	OfficialPIN      // its PIN
)

// A Due is where a slip belongs that did not move.
type Due int

const (
	NotDue       Due = iota
	DueInBox         // its ballot is cast
	DueInSpoiled     // it must not count
)

// Lost reports whether the card reader or the panel does not answer.
func (v View) Lost() bool {
	_, reader := v.Troubles[stationlog.CardReader]
	_, panel := v.Troubles[stationlog.Panel]
	return reader || panel
}

// A Trouble is a device that does not work: what people see and do.
type Trouble struct {
	Fault printer.Fault // of a printer
	Err   error
}

func (k *Kiosk) show() {
	if k.machine != nil {
		k.view.State = k.machine.State()
		k.view.SlipDue = k.paper.due
		if k.view.Problem = nil; k.view.State.Fault != station.NoFault {
			k.view.Problem = k.machine.Problem()
		}
		k.view.Owed = k.machine.Owes()
		k.view.NoCard = k.withoutCard()
	}
	if k.options.Show != nil {
		k.options.Show(k.view)
	}
}

// View returns what is to be shown now.
func (k *Kiosk) View() View { return k.view }

// Problem returns what is behind the machine's last fault, for the poll
// workers.
func (k *Kiosk) Problem() error { return k.machine.Problem() }

// light sets the light tower to what the station does. A panel that does not
// take it has told so by an event.
func (k *Kiosk) light() {
	l := panel.Dark
	switch at := k.view.State.At; {
	case at == station.Suspended || at == station.Halted || len(k.view.Troubles) > 0 || len(k.view.Tampered) > 0 || k.view.WorkerCalled:
		l = panel.CallWorker
	case at == station.Unopened || at == station.Closed:
	case at == station.Idle && k.view.Ask == Nothing:
		l = panel.Free
	default:
		l = panel.InUse
	}
	if err := k.panel.Light(l); err != nil {
		k.trouble(stationlog.Panel, Trouble{Err: err})
	}
}

// trouble notes that a device does not work, and logs it once.
func (k *Kiosk) trouble(p stationlog.Part, t Trouble) {
	if k.view.Troubles == nil {
		k.view.Troubles = map[stationlog.Part]Trouble{}
	}
	_, known := k.view.Troubles[p]
	k.view.Troubles[p] = t
	if !known {
		event, details := failedEvent(p, t)
		k.note(event, details...)
	}
}

// mended notes that a device works again.
func (k *Kiosk) mended(p stationlog.Part) {
	if _, known := k.view.Troubles[p]; !known {
		return
	}
	delete(k.view.Troubles, p)
	k.note(mendedEvent(p))
}

// noticeClock says what is wrong with the clock, and logs it. It stops nothing:
// a wrong clock must not end a vote.
func (k *Kiosk) noticeClock() {
	k.view.Clock = station.CheckClock(k.options.Clock(), k.options.Built, k.logged, k.election.Manifest)
	var wrong *station.ClockError
	if errors.As(k.view.Clock, &wrong) {
		k.note(stationlog.ClockWrong, stationlog.Clock(wrong.What))
	}
}
