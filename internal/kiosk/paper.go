package kiosk

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/slip/raster"
	"github.com/openreferendum/referendum/station/stationlog"
)

const paperWidth = raster.Width

// paper is the machine's Printer and its Window: slips stand uncut behind the
// window, everything else comes out in front.
type paper struct {
	manifest *record.Manifest
	renderer *raster.Renderer
	slips    *printer.Printer
	receipts *printer.Printer
	panel    *panel.Panel
	due      Due // of the slip that is moved
}

// errWindow is returned where a slip would come out in one piece with another paper.
var errWindow = errors.New("paper stands in the window")

// Print draws a page and prints it on the printer it belongs to.
func (p *paper) Print(page slip.Page) error {
	if page.Kind != slip.KindSlip {
		return p.print(p.receipts, page, printer.Cut)
	}
	// A slip that is still there would come out in one piece with this one.
	there, err := p.panel.SlipPresent()
	if err != nil {
		return err
	}
	if there {
		return errWindow
	}
	return p.print(p.slips, page, printer.Hold)
}

func (p *paper) print(on *printer.Printer, page slip.Page, end printer.Ending) error {
	drawn, err := p.renderer.Draw(page)
	if err != nil {
		return fmt.Errorf("drawing the page: %w", err)
	}
	return outcome(p.of(on), on.Print(printer.Bitmap{Width: raster.Width, Height: drawn.Height, Pix: drawn.Pix}, end))
}

// of says which part of the station a printer is.
func (p *paper) of(on *printer.Printer) stationlog.Part {
	if on == p.slips {
		return stationlog.Printer
	}
	return stationlog.FrontPrinter
}

// outcome tells the machine what became of a page that is not surely printed.
func outcome(part stationlog.Part, err error) error {
	var failed *printer.Error
	if !errors.As(err, &failed) {
		return err
	}
	return &machine.PrintError{State: printerState(failed.Fault), Began: failed.Began, Err: ofPrinter(part, err)}
}

// Drop cuts the slip behind the window off and lets it fall into the box.
//
// After a power cut the slip may have been cut already, or have fallen: cutting
// where no paper hangs is harmless, and the sensor says whether one is there.
func (p *paper) Drop() error {
	return p.move(DueInBox, panel.ToBox, func() error { return ofPrinter(stationlog.Printer, p.slips.Cut()) })
}

// Void prints the void mark below the slip behind the window, cuts, and lets it
// fall beside the box. A slip that cannot be marked stays where it is: a person
// has to come, and the next start voids it.
func (p *paper) Void() error {
	return p.move(DueInSpoiled, panel.ToSpoiled, func() error { return p.print(p.slips, slip.Void(p.manifest), printer.Cut) })
}

// move cuts a slip off and releases it; where none is, it has been moved.
func (p *paper) move(due Due, to panel.Bin, cut func() error) error {
	p.due = due
	there, err := p.panel.SlipPresent()
	if err != nil {
		return err
	}
	if there {
		if err := cut(); err != nil {
			return fmt.Errorf("cutting the slip off: %w", err)
		}
		moved, err := p.panel.Release(to)
		if err != nil {
			return err
		}
		if !moved { // it has gone meanwhile, past no sensor
			return &panel.StuckError{Where: panel.StuckBetween, To: to}
		}
	}
	p.due = NotDue
	return nil
}
