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
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/machine"
)

// known are the errors for which there are words, and what people do about
// them. The first that fits counts; an empty What keeps the error's own words.
var known = []struct {
	err      error
	what, do string
}{
	{eid.ErrVirtualReader, "a virtual card reader is installed", "take it away: a live vote takes no virtual device"},
	{eid.ErrNoReader, "no card reader answers, or none that the configuration names", "plug the card reader in; technicians: pcscd must run"},
	{eid.ErrNoKey, "the card is not of the right kind", "take the right card"},
	{eid.ErrGone, "the card was taken out too early", "put it in again"},
	{errUnprovisioned, "", "kiosk provision; if it was, plug in the media on which both folders are"},
	{errNoKey, "", "what stands above of the key"},
	{ErrVirtual, "the panel is a bench", "take the real panel: a live vote takes no virtual device"},
	{errWindow, "", "two look at it together: take it out, write down what you saw, then again"},
	{errPaper, "", "what stands of it above; then again"},
	{panel.ErrRestless, "a sensor of the window or the chute sees paper come and go all the time", "look into the window; technicians: clean the sensor, look at its wire"},
	{panel.ErrLost, "the panel does not answer", "look at the panel's cable, and that it has power"},
	{tpm.ErrAbsent, "no TPM 2.0 answers where the configuration says", "technicians: switch the TPM on in the firmware's settings, and see that key.tpm names it"},
	{tpm.ErrVirtual, "the TPM is an emulator", "take the real one: a live vote takes no virtual device"},
	{tpm.ErrMeasurement, "the machine was not started as it was when its key was sealed", "do not use this machine; the commission decides"},
	{tpm.ErrOtherTPM, "the station's key was sealed by another machine's TPM", "bring the right machine, or the right key file"},
	{tpm.ErrBlob, "the file with the station's sealed key is damaged", "call for help; the commission has the key under its passphrase"},
	{keygen.ErrPassphrase, "the passphrase is wrong", "type it again; letters of both sizes count"},
	{ErrPassphrase, "", "run the program where the passphrase can be asked for"},
	{database.ErrDiffer, "", "repair nothing: docs/operators/station.md, Section 6"},
	{logbook.ErrDiffer, "", "keep the machine as it is and call for help"},
	{logbook.ErrInUse, "another program has the station's log open", "look whether kiosk runs already; end the other one"},
	{media.ErrAbsent, "", "plug the medium in, and name it as the computer does"},
	{media.ErrOwnDisk, "", "take the removable medium with the right label"},
	{media.ErrWriteProtected, "", "move the medium's switch, or take another one"},
	{media.ErrNoRoom, "", "take a larger medium"},
	{media.ErrNotLabelled, "", "take the medium that kiosk medium has labelled for this station"},
	{media.ErrOtherLabel, "the medium is labelled for another number, station or election", "take the medium that has this number and is of this station"},
	{media.ErrInUse, "", "end the program that has the medium open, and try again"},
	{media.ErrPulled, "", "plug the medium in again and do the same again"},
	{media.ErrFaulty, "", "take the medium away and keep it; take a new one"},
	{media.ErrDivided, "the stick has several parts", "take a stick with one part only"},
	{media.ErrSame, "both media are on one stick", "take two sticks"},
	{media.ErrFormat, "the medium is not formatted as the configuration asks", "take one that is; technicians: media.fileSystems"},
	{media.ErrVirtual, "", "take a real medium: a live vote takes no virtual device"},
	{media.ErrNotEmpty, "", "take an empty medium"},
	{media.ErrBusy, "a file on the medium is still open: it is not safe to remove", "end the program that has it open, and do the same again"},
	{machine.ErrDiffers, "what is on the medium is not what was written", "keep the medium apart; take a new one and export again"},
}

// Plain says an error of the machine or of its devices in words for people,
// and what they can do about it, if that is known. It drops what only
// programmers read.
func Plain(err error) (what, do string) {
	if failed, ok := errors.AsType[*printer.Error](err); ok && failed.Fault != printer.NoFault {
		return PrinterWords(failed.Fault), failed.Fault.Do()
	}
	if stuck, ok := errors.AsType[*panel.StuckError](err); ok {
		return tidy(stuck), stuck.Do()
	}
	for _, k := range known {
		if !errors.Is(err, k.err) {
			continue
		}
		if k.what == "" {
			return tidy(err), k.do
		}
		return k.what, k.do
	}
	return tidy(err), ""
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
