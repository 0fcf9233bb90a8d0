package kiosk

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/hardware/tpm"
	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/station/rollbook"
)

// known are the errors for which there are words, and what people do about
// them. The first that fits counts; an empty What keeps the error's own words.
var known = []struct {
	err      error
	code     string
	what, do string
}{
	{eid.ErrVirtualReader, "virtual-reader", "a virtual card reader is installed", "take it away: a live vote takes no virtual device"},
	{eid.ErrNoReader, "card-reader-lost", "no card reader answers, or none that the configuration names", "plug the card reader in; technicians: pcscd must run"},
	{eid.ErrNoKey, "wrong-card", "the card is not of the right kind", "take the right card"},
	{eid.ErrGone, "card-gone", "the card was taken out too early", "put it in again"},
	{station.ErrNotOfficial, "card-not-official", "", "a poll worker of this station inserts a card"},
	{errUnprovisioned, "not-provisioned", "", "kiosk provision; if it was, plug in the media on which both folders are"},
	{errVoice, "voice-lost", "", doVoice},
	{errNoKey, "not-looked-at", "", "what stands above of the key"},
	{ErrVirtual, "virtual-panel", "the panel is a bench", "take the real panel: a live vote takes no virtual device"},
	{errPaperStands, "window-not-empty", "", "look at doors, covers and the panel's cable; take paper out of the window if no vote has begun; later, kiosk run moves it"},
	{errWindow, "window-not-empty", "", "two look at it together: take it out, write down what you saw, then again"},
	{errPaper, "printer-not-ready", "", "what stands of it above; then again"},
	{panel.ErrRestless, "panel-restless", "a sensor of the window or the chute sees paper come and go all the time", "look into the window; technicians: clean the sensor, look at its wire"},
	{panel.ErrLost, "panel-lost", "the panel does not answer", "look at the panel's cable, and that it has power"},
	{tpm.ErrAbsent, "tpm-absent", "no TPM 2.0 answers where the configuration says", "technicians: switch the TPM on in the firmware's settings, and see that key.tpm names it"},
	{tpm.ErrVirtual, "virtual-tpm", "the TPM is an emulator", "take the real one: a live vote takes no virtual device"},
	{tpm.ErrMeasurement, "key-measurement", "the machine was not started as it was when its key was sealed", "do not use this machine; the commission decides"},
	{tpm.ErrOtherTPM, "key-other-machine", "the station's key was sealed by another machine's TPM", "bring the right machine, or the right key file"},
	{errKeyAbsent, "key-absent", "", "bring the key that was made for this station"},
	{tpm.ErrBlob, "key-damaged", "the file with the station's sealed key is damaged", "call for help; the commission has the key under its passphrase"},
	{keygen.ErrPassphrase, "passphrase-wrong", "the passphrase is wrong", "type it again; letters of both sizes count"},
	{ErrPassphrase, "passphrase-needed", "", "run the program where the passphrase can be asked for"},
	{errKeyDamaged, "key-damaged", "", "bring the key that was made for this station"},
	{errPackage, "package-wrong", "", ""},
	{machine.ErrSoftware, "software-other", "", "the program that this machine was provisioned for: technicians install it, or the commission decides"},
	{database.ErrDiffer, "databases-differ", "", "repair nothing: docs/operators/station.md, Section 6"},
	{logbook.ErrDiffer, "log-differ", "", "keep the machine as it is and call for help"},
	{errRuns, "log-in-use", "", "test before kiosk runs, or end it with quit first"},
	{logbook.ErrInUse, "log-in-use", "another program has the station's log open", "look whether kiosk runs already; end the other one"},
	{media.ErrAbsent, "medium-absent", "", "plug the medium in, and name it as the computer does"},
	{media.ErrOwnDisk, "medium-own-disk", "", "take the removable medium with the right label"},
	{media.ErrWriteProtected, "medium-protected", "", "move the medium's switch, or take another one"},
	{media.ErrNoRoom, "medium-no-room", "", "take a larger medium"},
	{media.ErrNotLabelled, "medium-not-labelled", "", "take the medium that kiosk medium has labelled for this station"},
	{media.ErrOtherLabel, "medium-other-label", "the medium is labelled for another number, station or election", "take the medium that has this number and is of this station"},
	{media.ErrInUse, "medium-in-use", "", "end the program that has the medium open, and try again"},
	{media.ErrPulled, "medium-pulled", "", "plug the medium in again and do the same again"},
	{media.ErrFaulty, "medium-faulty", "", "take the medium away and keep it; take a new one"},
	{media.ErrDivided, "medium-divided", "the stick has several parts", "take a stick with one part only"},
	{media.ErrSame, "medium-same", "both media are on one stick", "take two sticks"},
	{media.ErrFormat, "medium-format", "the medium is not formatted as the configuration asks", "take one that is; technicians: media.fileSystems"},
	{media.ErrVirtual, "medium-virtual", "", "take a real medium: a live vote takes no virtual device"},
	{media.ErrNotEmpty, "medium-not-empty", "", "take an empty medium"},
	{media.ErrBusy, "medium-in-use", "a file on the medium is still open: it is not safe to remove", "end the program that has it open, and do the same again"},
	{machine.ErrDiffers, "medium-faulty", "what is on the medium is not what was written", "keep the medium apart; take a new one and export again"},
	{rollbook.ErrNotOnRoll, "not-on-roll", "this person is not on the roll of this station", "look at the number again; whoever is not on the roll does not vote here"},
	{rollbook.ErrHasVoted, "has-voted", "this person has voted", "nobody votes twice"},
	{errBegun, "not-now", "", ""},
	{machine.ErrNotNow, "not-now", "", ""},
	{errMissingCopy, "storage", "", ""},
}

// Plain says an error of the machine or of its devices in words for people,
// and what they can do about it, if that is known. It drops what only
// programmers read.
func Plain(err error) (what, do string) {
	n := Explain(err)
	return n.What, n.Do
}

// PrinterWords names a printer's fault as a sentence's end.
func PrinterWords(f printer.Fault) string {
	switch f {
	case printer.PaperOut:
		return "it has no paper"
	case printer.CoverOpen:
		return "its cover is open"
	case printer.CutterStuck:
		return "its cutter is stuck"
	case printer.Offline:
		return "it is not ready"
	case printer.Silent:
		return "it does not answer"
	case printer.Garbage:
		return "it answers what nobody understands"
	case printer.Unplugged:
		return "it is not plugged in"
	case printer.Broken:
		return "it reports an error that does not pass"
	case printer.Refused:
		return "it was given a page that it cannot print"
	}
	return f.String()
}

// tidy is an error's text without the names of system calls and of packages.
func tidy(err error) string {
	text := err.Error()
	for _, e := range all(err) {
		var path, old string
		var why error
		switch e := e.(type) {
		case *fs.PathError:
			path, old, why = e.Path, e.Error(), e.Err
		case *os.LinkError:
			path, old, why = e.New, e.Error(), e.Err
		case *os.SyscallError:
			old, why = e.Error(), e.Err
		default:
			continue
		}
		now := why.Error()
		if errors.Is(why, fs.ErrNotExist) {
			now = "it is not there"
		}
		if path != "" {
			now = path + ": " + now
		}
		text = strings.ReplaceAll(text, old, now)
	}
	for _, name := range []string{"eid", "panel", "printer", "tpm", "scard", "media"} {
		text = strings.ReplaceAll(" "+text, " "+name+": ", " ")[1:]
	}
	return text
}

// all returns an error and all that it wraps.
func all(err error) []error {
	if err == nil {
		return nil
	}
	errs := []error{err}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return append(errs, all(e.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, below := range e.Unwrap() {
			errs = append(errs, all(below)...)
		}
	}
	return errs
}

// Lines names lines of the panel for people.
func Lines(lines []panel.Line) string {
	var names []string
	for _, l := range lines {
		names = append(names, strings.ReplaceAll(string(l), "-", " "))
	}
	return strings.Join(names, ", ")
}
