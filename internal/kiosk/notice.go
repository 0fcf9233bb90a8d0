package kiosk

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/stationlog"
)

// A Notice is one thing that poll workers should know. A front end with words of
// its own finds them by the Code, which is one of Codes; What and Do are in English,
// for a console, and for a Code without words.
type Notice struct {
	Code  string
	Args  map[string]string // what the words name: "switch", "number", "how"
	What  string            // what happened
	Do    string            // what to do; "": nothing that is known
	Grave bool              // nothing goes on before it is dealt with
}

// Unknown is the Code of an error for which there are no words.
const Unknown = "unknown"

// Errors that have no other name.
var (
	errKeyAbsent   = errors.New("the station's key is not there")
	errKeyDamaged  = errors.New("the station's key is damaged")
	errPackage     = errors.New("the package is not right")
	errMissingCopy = errors.New("a copy is not there")
)

// A marked error is known by a name, and keeps its own words.
type marked struct{ name, err error }

func (m *marked) Error() string   { return m.err.Error() }
func (m *marked) Unwrap() []error { return []error{m.name, m.err} }

// mark gives an error a name.
func mark(name, err error) error {
	if err == nil {
		return nil
	}
	return &marked{name, err}
}

// A printerError says which printer it is.
type printerError struct {
	part stationlog.Part
	err  error
}

func (e *printerError) Error() string { return e.err.Error() }
func (e *printerError) Unwrap() error { return e.err }

func ofPrinter(part stationlog.Part, err error) error {
	if err == nil {
		return nil
	}
	return &printerError{part, err}
}

// printers are the codes' words for the two.
var printers = map[stationlog.Part]string{stationlog.Printer: "slip-printer-", stationlog.FrontPrinter: "receipt-printer-"}

// faultWords are the codes' words for what is wrong with a printer.
var faultWords = map[printer.Fault]string{
	printer.NoFault: "not-ready", printer.PaperOut: "paper-out", printer.CoverOpen: "cover-open", printer.CutterStuck: "cutter", printer.Offline: "offline",
	printer.Silent: "silent", printer.Garbage: "garbage", printer.Unplugged: "unplugged", printer.Broken: "broken", printer.Refused: "refused",
}

// stuckCodes are the codes of a slip that did not go its way.
var stuckCodes = map[panel.Stuck]string{
	panel.StuckInWindow: "slip-stuck-window", panel.StuckExit: "slip-stuck-window", panel.StuckBetween: "slip-stuck-between",
	panel.StuckGate: "slip-stuck-between", panel.StuckWrongBin: "slip-wrong-bin",
}

// faultCodes are the codes of what has stopped a station, where the error behind it
// says no more.
var faultCodes = map[station.Fault]string{
	station.PrinterFault: "printer-not-ready", station.MachineFault: "machine-fault", station.StorageFault: "storage", station.SlipFault: "slip-stuck-between",
	station.Impossible: "impossible",
}

// clockWords are the values of "how" of a wrong clock, those of the log.
var clockWords = map[stationlog.ClockError]string{
	stationlog.BeforeBuild: "before-build", stationlog.WentBack: "went-back", stationlog.WrongDay: "wrong-day", stationlog.Stopped: "stopped",
}

// refusedCodes are the codes of a voter who may not vote.
var refusedCodes = map[station.Reason]string{station.NotOnRoll: "not-on-roll", station.HasVoted: "has-voted"}

// ofViews are the codes that no error has.
var ofViews = []string{"paper-low-slips", "paper-low-receipts", "tampered", "owed", "on-battery", "worker-called", "clock-wrong", "signed-already", "switch-open", Unknown}

// Codes returns every code that a Notice can have, in alphabetical order. A front
// end has words for each.
func Codes() []string {
	all := slices.Clone(ofViews)
	for _, k := range known {
		all = append(all, k.code)
	}
	for _, name := range printers {
		for _, fault := range faultWords {
			all = append(all, name+fault)
		}
	}
	all = slices.AppendSeq(all, maps.Values(stuckCodes))
	all = slices.AppendSeq(all, maps.Values(faultCodes))
	all = slices.AppendSeq(all, maps.Values(refusedCodes))
	slices.Sort(all)
	return slices.Compact(all)
}

// light are the codes of what stops nothing: it is done again, or another card or
// medium is taken.
var light = []string{
	"wrong-card", "card-gone", "card-not-official", "signed-already", "passphrase-wrong", "passphrase-needed", "not-on-roll", "has-voted", "not-now", "clock-wrong",
	"medium-absent", "medium-own-disk", "medium-protected", "medium-no-room", "medium-not-labelled", "medium-other-label", "medium-in-use", "medium-pulled", "medium-faulty",
	"medium-divided", "medium-same", "medium-format", "medium-not-empty", "medium-virtual", "voice-lost", Unknown,
}

// Explain says an error as a Notice: that of nil is the zero Notice.
func Explain(err error) Notice {
	if err == nil {
		return Notice{}
	}
	n := explain(err)
	n.Grave = !slices.Contains(light, n.Code)
	return n
}

func explain(err error) Notice {
	if failed, ok := errors.AsType[*printer.Error](err); ok && failed.Fault != printer.NoFault {
		n := Notice{Code: "printer-not-ready", What: PrinterWords(failed.Fault), Do: failed.Fault.Do()}
		if of, ok := errors.AsType[*printerError](err); ok {
			n.Code = printers[of.part] + faultWords[failed.Fault]
		}
		return n
	}
	if stuck, ok := errors.AsType[*panel.StuckError](err); ok {
		return Notice{Code: stuckCodes[stuck.Where], What: tidy(stuck), Do: stuck.Do()}
	}
	if signed, ok := errors.AsType[*signedError](err); ok {
		return Notice{Code: "signed-already", Args: map[string]string{"number": strconv.Itoa(signed.number)}, What: tidy(err)}
	}
	if open, ok := errors.AsType[*switchError](err); ok {
		return Notice{Code: "switch-open", Args: map[string]string{"switch": firstLine(open.lines)}, What: tidy(err), Do: "close it; if it is named below, two poll workers look and clear it"}
	}
	if wrong, ok := errors.AsType[*station.ClockError](err); ok {
		return clockNotice(wrong)
	}
	if refused, ok := errors.AsType[*station.Refusal](err); ok && refusedCodes[refused.Reason] != "" {
		return Notice{Code: refusedCodes[refused.Reason], What: tidy(err)}
	}
	for _, k := range known {
		if !errors.Is(err, k.err) {
			continue
		}
		n := Notice{Code: k.code, What: k.what, Do: k.do}
		if n.What == "" {
			n.What = tidy(err)
		}
		return n
	}
	return Notice{Code: Unknown, What: tidy(err)}
}

func clockNotice(wrong *station.ClockError) Notice {
	return Notice{
		Code: "clock-wrong", Args: map[string]string{"how": clockWords[wrong.What]}, What: wrong.Error(),
		Do: "two poll workers set the clock together; voting is possible all the same",
	}
}

func firstLine(lines []panel.Line) string {
	if len(lines) == 0 {
		return ""
	}
	return string(lines[0])
}

// Notices are what poll workers should know now, the gravest first. What is behind
// the fault of a station that has stopped is not among them: Behind has it.
func (v View) Notices() []Notice {
	var all []Notice
	for _, l := range v.Tampered {
		all = append(all, Notice{
			Code: "tampered", Args: map[string]string{"switch": string(l)}, What: "opened or moved: " + Lines([]panel.Line{l}),
			Do: "look, then two poll workers clear it", Grave: true,
		})
	}
	for _, part := range []stationlog.Part{stationlog.Panel, stationlog.CardReader, stationlog.Printer, stationlog.FrontPrinter} {
		if t, lost := v.Troubles[part]; lost {
			all = append(all, t.notice(part))
		}
	}
	for _, n := range []struct {
		is bool
		Notice
	}{
		{v.WorkerCalled, Notice{Code: "worker-called", What: "somebody has pressed the button, or a voter has gone", Do: "a poll worker goes there"}},
		{v.Owed, Notice{Code: "owed", What: "a voter waits for the page of an opened ballot", Do: "resuming prints it first"}},
		{v.OnBattery, Notice{Code: "on-battery", What: "the machine runs on its battery", Do: "look at the plug"}},
		{v.Clock != nil, Explain(v.Clock)},
		{v.PaperLow[stationlog.Printer], Notice{Code: "paper-low-slips", What: "the slips' roll is near its end", Do: "change it when nobody votes"}},
		{v.PaperLow[stationlog.FrontPrinter], Notice{Code: "paper-low-receipts", What: "the receipts' roll is near its end", Do: "change it when nobody votes"}},
	} {
		if n.is {
			all = append(all, n.Notice)
		}
	}
	return all
}

// notice says what is wrong with a device, which stops the station.
func (t Trouble) notice(part stationlog.Part) Notice {
	if name, is := printers[part]; is {
		n := Notice{Code: name + faultWords[t.Fault], What: PrinterWords(t.Fault), Do: t.Fault.Do(), Grave: true}
		if t.Fault == printer.NoFault {
			n.What = "it is not ready"
		}
		return n
	}
	n := Explain(t.Err)
	if n.Code == Unknown {
		n.Code = map[stationlog.Part]string{stationlog.Panel: "panel-lost", stationlog.CardReader: "card-reader-lost"}[part]
	}
	n.Grave = true
	return n
}

// Behind says what is behind the fault of a station that has stopped, if there is
// more to say than its Notices and the fault itself do.
func (v View) Behind() (Notice, bool) {
	if v.Problem == nil {
		return Notice{}, false
	}
	n := Explain(v.Problem)
	if code, is := faultCodes[v.State.Fault]; is && n.Code == Unknown {
		n.Code = code
	}
	n.Grave = true
	same := func(other Notice) bool { return other.Code == n.Code }
	return n, !slices.ContainsFunc(v.Notices(), same)
}
