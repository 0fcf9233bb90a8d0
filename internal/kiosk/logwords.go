package kiosk

import (
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
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
