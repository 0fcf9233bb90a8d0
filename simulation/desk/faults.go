package desk

import (
	"errors"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
)

// A Fault is something that can be made to go wrong, and be mended.
type Fault struct {
	Part, Name string
	set        func(d *Desk, wrong bool) error
}

func printerFault(of func(*Desk) *printertest.Printer, change func(*printertest.State, bool)) func(*Desk, bool) error {
	return func(d *Desk, wrong bool) error {
		p := of(d)
		if !wrong && p.State().PaperEnd {
			p.LoadRoll()
		}
		p.Set(func(s *printertest.State) { change(s, wrong) })
		return nil
	}
}

func slips(d *Desk) *printertest.Printer    { return d.booth.Slips }
func receipts(d *Desk) *printertest.Printer { return d.booth.Receipts }

func plug(of func(*Desk) *printertest.Port) func(*Desk, bool) error {
	return func(d *Desk, wrong bool) error {
		if wrong {
			return of(d).Unplug()
		}
		return of(d).Replug()
	}
}

func line(l panel.Line) func(*Desk, bool) error {
	return func(d *Desk, wrong bool) error {
		d.booth.Panel.Set(l, wrong)
		return nil
	}
}

// middle is how many rows are printed before paper ends in the middle of a page.
const middle = 300

// later lets the paper end in the middle of the next page.
func later(of func(*Desk) *printertest.Printer, fault int) func(*Desk, bool) error {
	return func(d *Desk, wrong bool) error {
		if !wrong {
			return nil
		}
		of(d).At(middle, func() {
			of(d).Set(func(s *printertest.State) { s.PaperEnd = true })
			d.now(fault)
		})
		return nil
	}
}

func paperEnd(s *printertest.State, wrong bool)  { s.PaperEnd = wrong }
func coverOpen(s *printertest.State, wrong bool) { s.CoverOpen = wrong }
func nearEnd(s *printertest.State, wrong bool)   { s.NearEnd = wrong }

// Where the faults stand that turn into one another.
const (
	slipPaper = iota
	slipLater
	receiptPaper = iota + 2
	receiptLater
	readerGone = 11
)

// faults returns all of them, in the order in which they are shown. A fault is
// named by its place.
func faults() []Fault {
	const behind, front = "窗後印表機 Slip printer (behind)", "前方印表機 Receipt printer (front)"
	const way, doors, reader = "票據通道 Way of the slip", "箱門、電源 Doors and mains", "讀卡機 Card reader"
	return []Fault{
		slipPaper: {behind, "缺紙 Out of paper", printerFault(slips, paperEnd)},
		slipLater: {behind, "印到一半缺紙 Out in mid-page", later(slips, slipPaper)},
		{behind, "上蓋打開 Cover open", printerFault(slips, coverOpen)},
		{behind, "拔掉接線 Unplugged", plug(func(d *Desk) *printertest.Port { return d.booth.SlipPort })},
		receiptPaper: {front, "缺紙 Out of paper", printerFault(receipts, paperEnd)},
		receiptLater: {front, "印到一半缺紙 Out in mid-page", later(receipts, receiptPaper)},
		{front, "紙將用完 Paper nearly out", printerFault(receipts, nearEnd)},
		{front, "上蓋打開 Cover open", printerFault(receipts, coverOpen)},
		{front, "拔掉接線 Unplugged", plug(func(d *Desk) *printertest.Port { return d.booth.ReceiptPort })},
		{way, "票卡在窗口 Slip stuck", func(d *Desk, wrong bool) error { d.booth.Chute.Jam(wrong); return nil }},
		{way, "控制板失聯 Panel unplugged", func(d *Desk, wrong bool) error { d.booth.Panel.Refuse(wrong); return nil }},
		readerGone: {reader, "拔掉讀卡機 Reader unplugged", (*Desk).unplugReader},
		{doors, "後門打開 Rear door open", line(panel.RearDoor)},
		{doors, "票箱門打開 Box door open", line(panel.BoxDoor)},
		{doors, "停電、用電池 Mains lost", line(panel.MainsFail)},
	}
}

// unplugReader takes the reader's service away. A card that is in falls out.
func (d *Desk) unplugReader(wrong bool) error {
	d.in = none
	if wrong {
		return d.booth.KillDaemon()
	}
	return d.booth.Cards.RestartDaemon()
}

// Break makes a fault, or mends it.
func (d *Desk) Break(fault int, wrong bool) error {
	d.hands.Lock()
	defer d.hands.Unlock()
	if fault < 0 || fault >= len(d.faults) {
		return errors.New("no such fault")
	}
	err := d.faults[fault].set(d, wrong)
	d.mark(fault, wrong)
	return err
}

// now says that the fault that was to come later has come. The printer calls it.
func (d *Desk) now(fault int) {
	d.mu.Lock()
	d.wrong[fault], d.wrong[fault+1] = true, false
	d.mu.Unlock()
	d.change()
}

func (d *Desk) mark(fault int, wrong bool) {
	d.mu.Lock()
	d.wrong[fault] = wrong
	d.mu.Unlock()
	d.change()
}

// Repair mends everything, as poll workers do with their hands: all papers and
// plugs are back, doors closed, and no card is in the reader.
func (d *Desk) Repair() error {
	d.hands.Lock()
	defer d.hands.Unlock()
	err := d.booth.Repair()
	d.in = none
	d.mu.Lock()
	clear(d.wrong)
	d.mu.Unlock()
	d.change()
	return err
}
