package kiosk

import (
	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/stationlog"
)

// An Event is what a device did, or the end of a voter's time. A front end
// hands it to Handle.
type Event struct {
	card  *eid.Event
	panel *panel.Event
	soon  int // the voter has done nothing for long, since the touch of this number
	late  int // and for too long
}

// Events returns what devices do.
func (k *Kiosk) Events() <-chan Event { return k.events }

// listen brings the devices' events together. Its goroutines end when the
// devices are closed.
func (k *Kiosk) listen() {
	go func() {
		for e := range k.reader.Events() {
			k.pass(Event{card: &e})
		}
	}()
	go func() {
		for e := range k.panel.Events() {
			k.pass(Event{panel: &e})
		}
	}()
}

func (k *Kiosk) pass(e Event) {
	select {
	case k.events <- e:
	case <-k.done:
	}
}

// Handle takes an event of a device.
func (k *Kiosk) Handle(e Event) {
	before := k.machine.State().Fault
	switch {
	case e.card != nil:
		k.cardEvent(*e.card)
	case e.panel != nil:
		k.panelEvent(*e.panel)
	case e.soon != 0 && e.soon == k.patience.touch:
		k.view.Late = true
	case e.late != 0 && e.late == k.patience.touch:
		k.late()
	}
	if k.machine.State().Fault != before {
		k.blame()
	}
	if e.card != nil {
		k.wait()
	} else if !k.awaitsVoter() {
		k.patience.stop()
		k.view.Late = false
	}
	k.light()
	k.show()
}

// Touch says that the voter is still there: the time limit begins anew.
func (k *Kiosk) Touch() {
	was := k.view.Late
	k.wait()
	if was {
		k.show()
	}
}

// wait begins the time limit anew where a voter is waited for.
func (k *Kiosk) wait() {
	k.patience.stop()
	k.view.Late = false
	if !k.awaitsVoter() {
		return
	}
	n, limit := k.patience.touch, k.config.sessionLimit()
	k.patience.soon = k.options.AfterFunc(limit-k.config.lateBefore(), func() { k.pass(Event{soon: n}) })
	k.patience.late = k.options.AfterFunc(limit, func() { k.pass(Event{late: n}) })
}

// awaitsVoter reports whether the kiosk waits for a voter, who may have gone.
func (k *Kiosk) awaitsVoter() bool {
	at := k.machine.State().At
	return at == station.Choosing || at == station.Deciding || k.view.Ask == VoterPIN
}

// patience is the time limit of a voter who does nothing. Its touches are
// numbered, so that a limit that ran out just before a touch ends nothing.
type patience struct {
	touch      int
	soon, late func()
}

// stop ends the limit.
func (p *patience) stop() {
	p.touch++
	for _, stop := range []func(){p.soon, p.late} {
		if stop != nil {
			stop()
		}
	}
	p.soon, p.late = nil, nil
}

// CallWorker calls a poll worker, as the panel's button does. It leaves no line in
// the log: it may have been a voter.
func (k *Kiosk) CallWorker() {
	k.view.WorkerCalled = true
	k.wait()
	k.light()
	k.show()
}

// LookAtPaper looks at both printers, for whoever has changed a roll.
func (k *Kiosk) LookAtPaper() {
	k.checkPaper()
	k.light()
	k.show()
}

// AnswerCall says that a poll worker has come. An act that begins says so too.
func (k *Kiosk) AnswerCall() {
	k.view.WorkerCalled = false
	k.light()
	k.show()
}

// late ends the session of a voter who has gone, and calls a poll worker: a card
// may be in the reader, and a receipt out.
func (k *Kiosk) late() {
	k.view.WorkerCalled = true
	if k.view.Ask == VoterPIN {
		k.dropCard()
	}
	k.machine.Handle(station.SessionTimedOut{})
}

func (k *Kiosk) cardEvent(e eid.Event) {
	k.view.CardIn = e.Kind == eid.Inserted
	switch e.Kind {
	case eid.Inserted:
		k.inserted(e)
	case eid.Removed:
		k.removed()
	case eid.Lost:
		k.removed()
		k.trouble(stationlog.CardReader, Trouble{Err: e.Err})
	case eid.Restored:
		k.mended(stationlog.CardReader)
	}
}

func (k *Kiosk) panelEvent(e panel.Event) {
	switch e.Kind {
	case panel.Tampered:
		k.tampered(e.Switch)
	case panel.MainsLost:
		k.view.OnBattery = true
		k.note(stationlog.MainsLost)
	case panel.MainsRestored:
		k.view.OnBattery = false
		k.note(stationlog.MainsRestored)
	case panel.Lost:
		k.trouble(stationlog.Panel, Trouble{Err: panel.ErrLost})
		k.stop(stationlog.PanelFault)
	case panel.Restored:
		k.mended(stationlog.Panel)
	case panel.WorkerCalled:
		k.view.WorkerCalled = true // no line: it may have been a voter
		k.wait()
	case panel.Stray:
		k.note(stationlog.SlipBoxFailed)
		k.stop(stationlog.SlipFault)
	}
}

// tampered stops the polls: a switch stays latched until two poll workers have
// looked and cleared it.
func (k *Kiosk) tampered(l panel.Line) {
	k.view.Tampered = k.panel.Latched()
	k.note(stationlog.TamperDetected, stationlog.At(switchOf(l)))
	k.stop(stationlog.TamperFault)
}

// stop suspends the polls where they are open. In the middle of something short
// the machine decides first what becomes of it.
func (k *Kiosk) stop(cause stationlog.Cause) {
	switch k.machine.State().At {
	case station.Unopened, station.Suspended, station.Closed, station.Halted:
		return
	}
	k.view.Said = k.machine.Suspend(cause)
}

// checkPaper looks at both printers before a session begins: paper that is out
// is seen when nobody votes.
func (k *Kiosk) checkPaper() bool {
	slips := k.checkPrinter(stationlog.Printer, k.paper.slips)
	return k.checkPrinter(stationlog.FrontPrinter, k.paper.receipts) && slips
}

func (k *Kiosk) checkPrinter(part stationlog.Part, p *printer.Printer) bool {
	s, err := p.Status()
	if !s.Ready {
		k.trouble(part, Trouble{Fault: s.Fault, Err: err})
		return false
	}
	k.mended(part)
	if s.PaperLow != k.view.PaperLow[part] {
		k.paperLow(part, s.PaperLow)
	}
	return true
}

// paperLow notes once that a roll is near its end, and once that there is a new
// one.
func (k *Kiosk) paperLow(part stationlog.Part, low bool) {
	if k.view.PaperLow == nil {
		k.view.PaperLow = map[stationlog.Part]bool{}
	}
	k.view.PaperLow[part] = low
	event := stationlog.PaperReplaced
	if low {
		event = stationlog.PaperLow
	}
	k.note(event, stationlog.Of(part))
}

// note logs what a device did. A log that cannot be written stops the polls.
func (k *Kiosk) note(e stationlog.Event, details ...stationlog.Detail) {
	if err := k.write(e, details...); err != nil {
		k.view.Said = err
		k.stop(stationlog.StorageFault)
	}
}
