package simulation

import (
	"fmt"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
	"github.com/openreferendum/referendum/internal/kiosk"
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
		h.booth.Slips.Set(func(s *printertest.State) { s.PaperEnd = true })
		return h.present(p)
	}},
	{"receipt printer: no paper before the session", func(h *hands, p *person) error {
		h.booth.Receipts.Set(func(s *printertest.State) { s.PaperEnd = true })
		return h.present(p)
	}},
	{"slip printer: paper out in the middle of the slip", onSlip(func(h *hands) { h.booth.Slips.Set(func(s *printertest.State) { s.PaperEnd = true }) })},
	{"slip printer: cover opened in the middle of the slip", onSlip(func(h *hands) { h.booth.Slips.Set(func(s *printertest.State) { s.CoverOpen = true }) })},
	{"slip printer: unplugged in the middle of the slip", onSlip(func(h *hands) { _ = h.booth.SlipPort.Unplug() })},
	{"slip printer: switched off and on in the middle of the slip", onSlip(func(h *hands) { h.booth.Slips.PowerCycle() })},
	{"slip printer: answers garbage", onSlip(func(h *hands) {
		h.booth.Slips.Garbage(func(answer []byte) []byte { return append([]byte("?!"), answer...) })
	})},
	{"slip printer: answers nothing", onSlip(func(h *hands) { h.booth.Slips.Silence(true) })},
	{"slip printer: takes no more bytes", onSlip(func(h *hands) { h.booth.Slips.StopReading(true) })},
	{"slip printer: cutter stuck when the slip drops", whenCasting(func(h *hands) {
		h.booth.Slips.Set(func(s *printertest.State) { s.CutterStuck = true })
	})},
	{"receipt printer: paper out in the middle of the receipt", onReceipt(func(h *hands) {
		h.booth.Receipts.Set(func(s *printertest.State) { s.PaperEnd = true })
	})},
	{"receipt printer: unplugged in the middle of the receipt", onReceipt(func(h *hands) { _ = h.booth.ReceiptPort.Unplug() })},
	{"receipt printer: answers nothing", onReceipt(func(h *hands) { h.booth.Receipts.Silence(true) })},
	{"receipt printer: paper out in the middle of an opened ballot", func(h *hands, p *person) error {
		if err := h.toSlip(p); err != nil {
			return err
		}
		h.booth.Receipts.At(middle, func() { h.booth.Receipts.Set(func(s *printertest.State) { s.PaperEnd = true }) })
		h.k.Challenge()
		return nil
	}},
	{"slip jams when it drops", whenCasting(func(h *hands) { h.booth.Chute.Jam(true) })},
	{"slip jams below the window", whenCasting(func(h *hands) { h.booth.Chute.JamBetween(true) })},
	{"diverter sticks", whenCasting(func(h *hands) { h.booth.Chute.StickDiverter(true) })},
	{"panel does not answer while the slip is read", func(h *hands, p *person) error {
		if err := h.toSlip(p); err != nil {
			return err
		}
		h.booth.Panel.Refuse(true)
		return h.until("the panel is missed", stopped)
	}},
	{"door opened while the voter chooses", func(h *hands, p *person) error {
		if err := h.begin(p); err != nil {
			return err
		}
		h.booth.Panel.Set(panel.RearDoor, true)
		return h.until("the door is noticed", stopped)
	}},
	{"mains lost and restored while the voter chooses", func(h *hands, p *person) error {
		if err := h.begin(p); err != nil {
			return err
		}
		h.booth.Panel.Set(panel.MainsFail, true)
		if err := h.until("the battery is noticed", func(v kiosk.View) bool { return v.OnBattery }); err != nil {
			return err
		}
		h.booth.Panel.Set(panel.MainsFail, false)
		if err := h.until("the mains are noticed", func(v kiosk.View) bool { return !v.OnBattery }); err != nil {
			return err
		}
		return h.finish(p)
	}},
	{"card pulled out while its PIN is asked for", func(h *hands, p *person) error {
		if err := h.booth.Cards.Insert(p.card); err != nil {
			return err
		}
		if err := h.until("the PIN is asked for", func(v kiosk.View) bool { return v.Ask == kiosk.VoterPIN }); err != nil {
			return err
		}
		return h.leave()
	}},
	{"wrong PIN, then the right one", func(h *hands, p *person) error {
		if err := h.booth.Cards.Insert(p.card); err != nil {
			return err
		}
		if err := h.until("the PIN is asked for", func(v kiosk.View) bool { return v.Ask == kiosk.VoterPIN }); err != nil {
			return err
		}
		if err := h.k.EnterPIN("000000"); err != nil {
			return err
		}
		if v := h.k.View(); !v.WrongPIN || v.Tries != 2 {
			return fmt.Errorf("a wrong PIN: %+v", v)
		}
		if err := h.k.EnterPIN("123456"); err != nil {
			return err
		}
		if err := h.at(station.Choosing); err != nil {
			return err
		}
		return h.finish(p)
	}},
	{"card pulled out while it signs", func(h *hands, p *person) error {
		p.card.Hook(func(command []byte) ([]byte, bool) {
			if len(command) > 1 && command[1] == 0x87 {
				_ = h.booth.Cards.Remove()
				return nil, true
			}
			return nil, false
		})
		err := h.present(p)
		p.card.Hook(nil)
		if err != nil {
			return err
		}
		return h.at(station.Refused)
	}},
	{"card pulled out while the voter chooses", func(h *hands, p *person) error {
		if err := h.begin(p); err != nil {
			return err
		}
		return h.leave()
	}},
	{"card pulled out while the slip is read", func(h *hands, p *person) error {
		if err := h.toSlip(p); err != nil {
			return err
		}
		return h.leave()
	}},
	{"the reader's daemon dies while the voter chooses", func(h *hands, p *person) error {
		if err := h.begin(p); err != nil {
			return err
		}
		if err := h.booth.KillDaemon(); err != nil {
			return err
		}
		return h.until("the session has ended", func(v kiosk.View) bool { return !v.CardIn && v.State.At == station.Idle })
	}},
	{"a poll worker ends the session", func(h *hands, p *person) error {
		if err := h.toSlip(p); err != nil {
			return err
		}
		return h.k.VoidSession()
	}},
	{"the kiosk is started again while the slip is read", func(h *hands, p *person) error {
		if err := h.toSlip(p); err != nil {
			return err
		}
		if err := h.k.Close(); err != nil {
			return err
		}
		return h.start()
	}},
}

// middle is how many rows of a page are printed before something happens to it.
const middle = 300

// toSlip takes a voter to the printed slip.
func (h *hands) toSlip(p *person) error {
	if err := h.begin(p); err != nil {
		return err
	}
	return h.choose(p)
}

func onSlip(happen func(*hands)) func(*hands, *person) error {
	return whilePrinting(func(h *hands) *printertest.Printer { return h.booth.Slips }, happen)
}

func onReceipt(happen func(*hands)) func(*hands, *person) error {
	return whilePrinting(func(h *hands) *printertest.Printer { return h.booth.Receipts }, happen)
}

// whilePrinting lets something happen in the middle of a page. The voter must
// not be asked to cast what is not surely printed.
func whilePrinting(on func(*hands) *printertest.Printer, happen func(*hands)) func(*hands, *person) error {
	return func(h *hands, p *person) error {
		if err := h.begin(p); err != nil {
			return err
		}
		on(h).At(middle, func() { happen(h) })
		if err := h.k.Choose(p.selections); err != nil {
			return err
		}
		if v := h.k.View(); !stopped(v) {
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
		h.k.Cast()
		if v := h.k.View(); v.State.At != station.Halted {
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
	after := h.k.View().State
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
	if err := h.present(p); err != nil {
		return false, err
	}
	if s := h.k.View().State; s.At == station.Refused && s.Refusal == station.HasVoted {
		return true, h.leave()
	}
	if err := h.at(station.Choosing); err != nil {
		return false, err
	}
	return false, h.finish(p)
}

// mend is what poll workers do: repair what is broken, then let the station go
// on, until it is free.
func (h *hands) mend() error {
	if err := h.booth.Repair(); err != nil {
		return err
	}
	if err := h.until("all devices are back", func(v kiosk.View) bool { return !v.CardIn && !v.Lost() }); err != nil {
		return err
	}
	if v := h.k.View(); v.State.At == station.Halted && v.SlipDue == kiosk.DueInBox {
		defer h.misplaced()
	}
	for range 4 {
		v := h.k.View()
		var next kiosk.Act
		switch {
		case v.State.At == station.Idle && len(v.Tampered) == 0:
			return nil
		case v.State.At == station.Halted:
			next = kiosk.Restart
		case len(v.Tampered) > 0:
			next = kiosk.Clear
		case v.State.At == station.Suspended:
			next = kiosk.Resume
		default:
			return fmt.Errorf("%w: %v after everything was mended", errUnexpected, v.State.At)
		}
		if err := h.do(next); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: %v after four acts of poll workers", errUnexpected, h.k.View().State.At)
}

// misplaced puts a slip into the box whose ballot is cast and which the station
// could not drop: it was stuck, or fell into the wrong bin.
func (h *hands) misplaced() {
	counts, err := h.k.Counts()
	if err == nil && len(h.booth.Box())-h.inBox < int(counts.Cast) {
		h.booth.IntoBox()
	}
}
