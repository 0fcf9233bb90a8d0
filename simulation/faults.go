package simulation

import (
	"fmt"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/station"
)

// A fault is something that goes wrong in a session. It leaves the station
// wherever that leads; the poll workers mend it afterwards.
type fault struct {
	name string
	play func(h *hands, p *person) error
}

// faults are all kinds, in the order in which they come.
var faults = []fault{
	{"slip printer: no paper before the session", func(h *hands, p *person) error {
		h.Booth.Slips.Set(func(s *printertest.State) { s.PaperEnd = true })
		return h.Present(p.card)
	}},
	{"receipt printer: no paper before the session", func(h *hands, p *person) error {
		h.Booth.Receipts.Set(func(s *printertest.State) { s.PaperEnd = true })
		return h.Present(p.card)
	}},
	{"slip printer: paper out in the middle of the slip", onSlip(func(h *hands) { h.Booth.Slips.Set(func(s *printertest.State) { s.PaperEnd = true }) })},
	{"slip printer: cover opened in the middle of the slip", onSlip(func(h *hands) { h.Booth.Slips.Set(func(s *printertest.State) { s.CoverOpen = true }) })},
	{"slip printer: unplugged in the middle of the slip", onSlip(func(h *hands) { _ = h.Booth.SlipPort.Unplug() })},
	{"slip printer: switched off and on in the middle of the slip", onSlip(func(h *hands) { h.Booth.Slips.PowerCycle() })},
	{"slip printer: answers garbage", onSlip(func(h *hands) {
		h.Booth.Slips.Garbage(func(answer []byte) []byte { return append([]byte("?!"), answer...) })
	})},
	{"slip printer: answers nothing", onSlip(func(h *hands) { h.Booth.Slips.Silence(true) })},
	{"slip printer: takes no more bytes", onSlip(func(h *hands) { h.Booth.Slips.StopReading(true) })},
	{"slip printer: cutter stuck when the slip drops", whenCasting(func(h *hands) {
		h.Booth.Slips.Set(func(s *printertest.State) { s.CutterStuck = true })
	})},
	{"receipt printer: paper out in the middle of the receipt", onReceipt(func(h *hands) {
		h.Booth.Receipts.Set(func(s *printertest.State) { s.PaperEnd = true })
	})},
	{"receipt printer: unplugged in the middle of the receipt", onReceipt(func(h *hands) { _ = h.Booth.ReceiptPort.Unplug() })},
	{"receipt printer: answers nothing", onReceipt(func(h *hands) { h.Booth.Receipts.Silence(true) })},
	{"receipt printer: paper out in the middle of an opened ballot", func(h *hands, p *person) error {
		if err := h.toSlip(p); err != nil {
			return err
		}
		h.Booth.Receipts.At(middle, func() { h.Booth.Receipts.Set(func(s *printertest.State) { s.PaperEnd = true }) })
		h.K.Challenge()
		return nil
	}},
	{"slip jams when it drops", whenCasting(func(h *hands) { h.Booth.Chute.Jam(true) })},
	{"slip jams below the window", whenCasting(func(h *hands) { h.Booth.Chute.JamBetween(true) })},
	{"diverter sticks", whenCasting(func(h *hands) { h.Booth.Chute.StickDiverter(true) })},
	{"panel does not answer while the slip is read", func(h *hands, p *person) error {
		if err := h.toSlip(p); err != nil {
			return err
		}
		h.Booth.Panel.Refuse(true)
		return h.Until("the panel is missed", kiosktest.Stopped)
	}},
	{"door opened while the voter chooses", func(h *hands, p *person) error {
		if err := h.Begin(p.card); err != nil {
			return err
		}
		h.Booth.Panel.Set(panel.RearDoor, true)
		return h.Until("the door is noticed", kiosktest.Stopped)
	}},
	{"mains lost and restored while the voter chooses", func(h *hands, p *person) error {
		if err := h.Begin(p.card); err != nil {
			return err
		}
		h.Booth.Panel.Set(panel.MainsFail, true)
		if err := h.Until("the battery is noticed", func(v kiosk.View) bool { return v.OnBattery }); err != nil {
			return err
		}
		h.Booth.Panel.Set(panel.MainsFail, false)
		if err := h.Until("the mains are noticed", func(v kiosk.View) bool { return !v.OnBattery }); err != nil {
			return err
		}
		return h.finish(p)
	}},
	{"card pulled out while its PIN is asked for", func(h *hands, p *person) error {
		if err := h.Booth.Cards.Insert(p.card); err != nil {
			return err
		}
		if err := h.Until("the PIN is asked for", func(v kiosk.View) bool { return v.Ask == kiosk.VoterPIN }); err != nil {
			return err
		}
		return h.Leave()
	}},
	{"wrong PIN, then the right one", func(h *hands, p *person) error {
		if err := h.Booth.Cards.Insert(p.card); err != nil {
			return err
		}
		if err := h.Until("the PIN is asked for", func(v kiosk.View) bool { return v.Ask == kiosk.VoterPIN }); err != nil {
			return err
		}
		if err := h.K.EnterPIN("000000"); err != nil {
			return err
		}
		if v := h.K.View(); !v.WrongPIN || v.Tries != 2 {
			return fmt.Errorf("a wrong PIN: %+v", v)
		}
		if err := h.K.EnterPIN("123456"); err != nil {
			return err
		}
		if err := h.At(station.Choosing); err != nil {
			return err
		}
		return h.finish(p)
	}},
	{"card pulled out while it signs", func(h *hands, p *person) error {
		p.card.Hook(func(command []byte) ([]byte, bool) {
			if len(command) > 1 && command[1] == 0x87 {
				_ = h.Booth.Cards.Remove()
				return nil, true
			}
			return nil, false
		})
		err := h.Present(p.card)
		p.card.Hook(nil)
		if err != nil {
			return err
		}
		return h.At(station.Refused)
	}},
	{"card pulled out while the voter chooses", func(h *hands, p *person) error {
		if err := h.Begin(p.card); err != nil {
			return err
		}
		return h.Leave()
	}},
	{"card pulled out while the slip is read", func(h *hands, p *person) error {
		if err := h.toSlip(p); err != nil {
			return err
		}
		return h.Leave()
	}},
	{"the reader's daemon dies while the voter chooses", func(h *hands, p *person) error {
		if err := h.Begin(p.card); err != nil {
			return err
		}
		if err := h.Booth.KillDaemon(); err != nil {
			return err
		}
		return h.Until("the session has ended", func(v kiosk.View) bool { return !v.CardIn && v.State.At == station.Idle })
	}},
	{"a poll worker ends the session", func(h *hands, p *person) error {
		if err := h.toSlip(p); err != nil {
			return err
		}
		return h.K.VoidSession()
	}},
	{"the kiosk is started again while the slip is read", func(h *hands, p *person) error {
		if err := h.toSlip(p); err != nil {
			return err
		}
		if err := h.K.Close(); err != nil {
			return err
		}
		if err := h.start(); err != nil {
			return err
		}
		return h.Until("the card that is still in is seen", func(v kiosk.View) bool { return v.CardIn })
	}},
}

// middle is how many rows of a page are printed before something happens to it.
const middle = 300

// toSlip takes a voter to the printed slip.
func (h *hands) toSlip(p *person) error {
	if err := h.Begin(p.card); err != nil {
		return err
	}
	return h.Choose(p.selections)
}

func onSlip(happen func(*hands)) func(*hands, *person) error {
	return whilePrinting(func(h *hands) *printertest.Printer { return h.Booth.Slips }, happen)
}

func onReceipt(happen func(*hands)) func(*hands, *person) error {
	return whilePrinting(func(h *hands) *printertest.Printer { return h.Booth.Receipts }, happen)
}

// whilePrinting lets something happen in the middle of a page. The voter must
// not be asked to cast what is not surely printed.
func whilePrinting(on func(*hands) *printertest.Printer, happen func(*hands)) func(*hands, *person) error {
	return func(h *hands, p *person) error {
		if err := h.Begin(p.card); err != nil {
			return err
		}
		on(h).At(middle, func() { happen(h) })
		if err := h.K.Choose(p.selections); err != nil {
			return err
		}
		if v := h.K.View(); !kiosktest.Stopped(v) {
			return fmt.Errorf("a page that is not surely printed, and the station is %v", v.State.At)
		}
		return nil
	}
}

// whenCasting lets something happen to the slip after the ballot is stored.
func whenCasting(happen func(*hands)) func(*hands, *person) error {
	return func(h *hands, p *person) error {
		if err := h.toSlip(p); err != nil {
			return err
		}
		happen(h)
		h.K.Cast()
		if v := h.K.View(); v.State.At != station.Halted {
			return fmt.Errorf("a slip that has not dropped, and the station is %v", v.State.At)
		}
		return nil
	}
}

// sessionWithFault lets something go wrong, mends it, and lets the voter come
// again: whoever has not voted votes, whoever has is refused.
func (h *hands) sessionWithFault(p *person) error {
	f := faults[h.next%len(faults)]
	h.next++
	h.r.Devices.Faults[f.name]++
	if err := f.play(h, p); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	after := h.K.View().State
	if err := h.mend(); err != nil {
		return fmt.Errorf("%s: mending: %w", f.name, err)
	}
	voted, err := h.again(p)
	if err != nil {
		return fmt.Errorf("%s: the voter comes again: %w", f.name, err)
	}
	if h.r.Devices.Tell != nil {
		h.r.Devices.Tell(f.name, fmt.Sprintf("%v, then %s", after.At, map[bool]string{true: "had voted", false: "voted"}[voted]))
	}
	return nil
}

// again lets the voter come again.
func (h *hands) again(p *person) (voted bool, err error) {
	if err := h.Present(p.card); err != nil {
		return false, err
	}
	if s := h.K.View().State; s.At == station.Refused && s.Refusal == station.HasVoted {
		return true, h.Leave()
	}
	if err := h.At(station.Choosing); err != nil {
		return false, err
	}
	return false, h.finish(p)
}

// mend is what poll workers do afterwards.
func (h *hands) mend() error {
	misplaced := h.K.View().SlipDue == kiosk.DueInBox
	if err := h.Mend(); err != nil {
		return err
	}
	if misplaced {
		h.putIntoBox()
	}
	return nil
}

// putIntoBox puts a slip into the box whose ballot is cast and which the station
// could not drop: it was stuck, or fell into the wrong bin.
func (h *hands) putIntoBox() {
	counts, err := h.K.Counts()
	if err == nil && len(h.Booth.Box())-h.inBox < int(counts.Cast) {
		h.Booth.IntoBox()
	}
}
