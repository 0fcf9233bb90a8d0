package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/stationlog"
)

// describe says what the station does and what people do next, and in more
// lines what else they should know.
func describe(v kiosk.View, e *record.Election) (first string, lines []string) {
	first = fmt.Sprintf("[%v] %s", v.State.At, sentence(v, e))
	switch v.SlipDue {
	case kiosk.DueInBox:
		lines = append(lines, "the slip's ballot is cast: it belongs into the box")
	case kiosk.DueInSpoiled:
		lines = append(lines, "the slip must not count: it belongs to the spoiled ones")
	}
	if why := because(v.Problem); why != "" {
		lines = append(lines, why)
	}
	for _, part := range slices.Sorted(maps.Keys(v.Troubles)) {
		lines = append(lines, "out of order: "+trouble(part, v.Troubles[part]))
	}
	for _, part := range slices.Sorted(maps.Keys(v.PaperLow)) {
		if v.PaperLow[part] {
			lines = append(lines, parts[part]+": the roll is near its end; change it when nobody votes")
		}
	}
	if v.WorkerCalled {
		lines = append(lines, "somebody has pressed the button, or a voter has gone: a poll worker is called")
	}
	if len(v.Tampered) > 0 {
		lines = append(lines, fmt.Sprintf("opened or moved: %s; look, then two poll workers: clear", kiosk.Lines(v.Tampered)))
	}
	if v.Owed {
		lines = append(lines, "a voter waits for the page of an opened ballot: resuming prints it first")
	}
	if v.OnBattery {
		lines = append(lines, "the machine runs on its battery: look at the plug")
	}
	if v.Clock != nil {
		lines = append(lines, fmt.Sprintf("%v: two poll workers set it together; voting goes on", v.Clock))
	}
	if v.Done != "" {
		lines = append(lines, fmt.Sprintf("done: %s", v.Done))
	}
	if v.Said != nil {
		lines = append(lines, "not done: "+plain(v.Said))
	}
	return first, lines
}

func sentence(v kiosk.View, e *record.Election) string {
	switch v.Ask {
	case kiosk.VoterPIN, kiosk.OfficialPIN:
		return "card in: " + pinSentence(v)
	case kiosk.OfficialCard:
		if len(v.Have) == 0 {
			return fmt.Sprintf("to %s: a poll worker inserts a card, or: sign FILE", v.Act)
		}
		return fmt.Sprintf("to %s: %s signed; another one inserts a card, or: sign FILE", v.Act, officials(v.Have))
	}
	switch v.State.At {
	case station.Refused:
		return refusals[v.State.Refusal]
	case station.Closed:
		return closed(v.Exported)
	case station.Choosing:
		return "choose:\n" + questions(e)
	case station.Suspended, station.Halted:
		return faults[v.State.Fault]
	}
	return sentences[v.State.At]
}

func pinSentence(v kiosk.View) string {
	switch {
	case v.Blocked:
		return "the card is blocked: take it out; its issuer can unblock it"
	case v.WrongPIN && v.Tries == 1:
		return "the PIN is wrong; one try is left before the card is blocked; type it again"
	case v.WrongPIN && v.Tries >= 0:
		return fmt.Sprintf("the PIN is wrong; %d tries are left; type it again", v.Tries)
	case v.WrongPIN:
		return "the PIN is wrong; type it again"
	}
	return "type the PIN (it is not shown)"
}

// closed says what is left to do after the polls are closed.
func closed(exported [2]bool) string {
	left := ""
	switch exported {
	case [2]bool{true, true}:
		return "the polls are closed; the bundle is on both media, which are safe to remove"
	case [2]bool{}:
		left = "export 1 MEDIUM, export 2 MEDIUM"
	case [2]bool{true, false}:
		left = "export 2 MEDIUM"
	default:
		left = "export 1 MEDIUM"
	}
	return "the polls are closed; poll workers: " + left
}

var sentences = map[station.Place]string{
	station.Unopened:   "the polls are not open; poll workers: open",
	station.Idle:       "insert a card",
	station.Checking:   "the card is checked",
	station.Encrypting: "the ballot is made",
	station.Printing:   "slip and receipt are printed",
	station.Deciding:   "read the slip behind the window: cast, or challenge to test the machine",
	station.Casting:    "the ballot is stored",
	station.Dropping:   "the slip drops",
	station.Opening:    "the ballot is opened",
	station.Voiding:    "the slip is voided",
	station.Leaving:    "cast; take card and receipt",
}

var refusals = map[station.Reason]string{
	station.UnreadableCard:  "this card cannot be read as an identity card; take it out and ask the poll workers",
	station.UntrustedCard:   "this card was not issued for this vote; take it out and ask the poll workers",
	station.ExpiredCard:     "this card is out of date; take it out and ask the poll workers",
	station.RevokedCard:     "this card was revoked; take it out and ask the poll workers",
	station.UnfitCard:       "this card cannot be used to vote; take it out and ask the poll workers",
	station.WrongSignature:  "this card did not prove that it is genuine; take it out and ask the poll workers",
	station.NotOnRoll:       "the holder of this card is not on the roll of this station; take it out and ask the poll workers",
	station.HasVoted:        "the holder of this card has voted; take it out",
	station.CardUnreachable: "the card was taken out too early; insert it again",
}

var faults = map[station.Fault]string{
	station.NoFault:       "voting is interrupted; poll workers: resume",
	station.WorkerStopped: "voting is interrupted; poll workers: resume",
	station.PrinterFault:  "a page was not surely printed: the session has ended, nothing was cast; poll workers: repair the printer, then resume",
	station.MachineFault:  "the machine made a ballot that does not verify: take it out of use",
	station.StorageFault:  "something was not surely written: cover the window, look at the media, then restart",
	station.SlipFault:     "the slip did not go its way: cover the window, look together, do what stands below, then restart",
	station.Impossible:    "something happened that cannot be: keep the machine as it is and call for help",
}

func questions(e *record.Election) string {
	var b strings.Builder
	for i, q := range e.Manifest.Questions {
		fmt.Fprintf(&b, "  %d. %s\n     0 paper not taken", i+1, every(q.Title, e))
		for n, o := range q.Options {
			fmt.Fprintf(&b, "   %d %s", n+1, every(o.Label, e))
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// every returns a text in all languages of the manifest.
func every(t record.Text, e *record.Election) string {
	var all []string
	for _, language := range e.Manifest.Languages {
		all = append(all, t[language])
	}
	return strings.Join(all, " / ")
}

// parts are the devices that can be out of order.
var parts = map[stationlog.Part]string{
	stationlog.Printer: "slip printer", stationlog.FrontPrinter: "receipt printer", stationlog.CardReader: "card reader", stationlog.Panel: "panel",
}

func trouble(part stationlog.Part, t kiosk.Trouble) string {
	if t.Fault == printer.NoFault {
		return fmt.Sprintf("%s: %s", parts[part], plain(t.Err))
	}
	return fmt.Sprintf("%s: %s. %s", parts[part], kiosk.PrinterWords(t.Fault), t.Fault.Do())
}

// because says what is behind the fault that has stopped the station. A printer
// that is out of order is told on its own.
func because(problem error) string {
	if _, printers := errors.AsType[*printer.Error](problem); problem == nil || printers {
		return ""
	}
	return "because: " + plain(problem)
}

func officials(have []int) string {
	if len(have) == 1 {
		return fmt.Sprintf("official %d has", have[0])
	}
	var numbers []string
	for _, n := range have {
		numbers = append(numbers, fmt.Sprint(n))
	}
	return "officials " + strings.Join(numbers, ", ") + " have"
}
