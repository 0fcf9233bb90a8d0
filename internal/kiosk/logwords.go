package kiosk

import (
	"errors"
	"os"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/hardware/tpm"
	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/station/stationlog"
)

// failedEvent is what the log says of a device that has failed.
func failedEvent(p stationlog.Part, t Trouble) (stationlog.Event, []stationlog.Detail) {
	switch p {
	case stationlog.Printer:
		return stationlog.PrinterFailed, []stationlog.Detail{stationlog.With(printerState(t.Fault))}
	case stationlog.FrontPrinter:
		return stationlog.FrontPrinterFailed, []stationlog.Detail{stationlog.With(printerState(t.Fault))}
	case stationlog.CardReader:
		return stationlog.CardReaderFailed, nil
	}
	return stationlog.PanelFailed, nil
}

func mendedEvent(p stationlog.Part) stationlog.Event {
	switch p {
	case stationlog.Printer:
		return stationlog.PrinterRestored
	case stationlog.FrontPrinter:
		return stationlog.FrontPrinterRestored
	case stationlog.CardReader:
		return stationlog.CardReaderRestored
	}
	return stationlog.PanelRestored
}

func printerState(f printer.Fault) stationlog.PrinterState {
	switch f {
	case printer.PaperOut:
		return stationlog.PaperOut
	case printer.CoverOpen:
		return stationlog.CoverOpen
	case printer.CutterStuck:
		return stationlog.CutterStuck
	case printer.Silent:
		return stationlog.PrinterSilent
	case printer.Garbage:
		return stationlog.PrinterGarbage
	case printer.Unplugged:
		return stationlog.PrinterUnplugged
	}
	return stationlog.PrinterError
}

func switchOf(l panel.Line) stationlog.Switch {
	switch l {
	case panel.RearDoor:
		return stationlog.RearDoor
	case panel.BoxDoor:
		return stationlog.BoxDoor
	case panel.PrinterCover:
		return stationlog.PrinterCover
	}
	return stationlog.Motion
}

// sealError is what the log says of a key that was not opened.
func sealError(err error) stationlog.SealError {
	switch {
	case errors.Is(err, tpm.ErrMeasurement):
		return stationlog.OtherMeasurement
	case errors.Is(err, tpm.ErrOtherTPM):
		return stationlog.OtherTPM
	case errors.Is(err, tpm.ErrBlob), errors.Is(err, os.ErrNotExist):
		return stationlog.SealDamaged
	case errors.Is(err, keygen.ErrPassphrase), errors.Is(err, ErrPassphrase):
		return stationlog.WrongPassphrase
	}
	return stationlog.TPMSilent
}

func booksError(err error) stationlog.BooksError {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return stationlog.BooksMissing
	case errors.Is(err, database.ErrDiffer):
		return stationlog.BooksDiffer
	}
	return stationlog.BooksDoNotFit
}

// refusals are the media that are refused before anything is written to them.
var refusals = []struct {
	err  error
	word stationlog.MediumError
}{
	{media.ErrAbsent, stationlog.MediumAbsent}, {media.ErrOwnDisk, stationlog.MediumOwnDisk}, {media.ErrWriteProtected, stationlog.MediumWriteProtected},
	{media.ErrNoRoom, stationlog.MediumFull}, {media.ErrOtherLabel, stationlog.MediumOfOther}, {media.ErrNotLabelled, stationlog.MediumNotLabelled},
	{media.ErrInUse, stationlog.MediumTwice}, {media.ErrSame, stationlog.MediumTwice}, {media.ErrPulled, stationlog.MediumPulled}, {media.ErrFormat, stationlog.MediumFormat},
	{media.ErrDivided, stationlog.MediumFormat},
}

// refusal is what the log says of a medium that is not used.
func refusal(err error) (stationlog.MediumError, bool) {
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return r.word, true
		}
	}
	return 0, false
}

// folders are the log's words for the two folders of the configuration.
var folders = [2]stationlog.Medium{stationlog.Internal, stationlog.Mirror}
