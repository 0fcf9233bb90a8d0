package kiosk

import (
	"errors"

	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/stationlog"
)

// inserted takes a card: a poll worker's if one is waited for, a voter's
// otherwise.
func (k *Kiosk) inserted(e eid.Event) {
	if k.act != nil {
		k.officialCard(e)
		return
	}
	if k.withoutCard() && k.machine.State().At != station.Leaving {
		return // a session of a voter without a card goes on
	}
	k.view.Done, k.view.Said = "", nil // of poll workers who have gone
	switch k.machine.State().At {
	case station.Idle, station.Refused, station.Leaving:
		if !k.checkPaper() {
			k.stop(stationlog.PrinterFault)
		}
	}
	if k.machine.State().At != station.Idle && k.machine.State().At != station.Refused && k.machine.State().At != station.Leaving {
		k.machine.Insert(unreadable{}) // the machine says what it thinks of a card now
		return
	}
	card, err := use(e, k.voter)
	if err != nil {
		k.machine.Insert(unreadable{gone: errors.Is(err, eid.ErrGone)})
		return
	}
	k.card = card
	if card.NeedsPIN() {
		k.askPIN(VoterPIN)
		return
	}
	k.present()
}

// use opens a card as its profile says.
func use(e eid.Event, p *eid.Profile) (*eid.Card, error) {
	if e.Token == nil {
		return nil, e.Err
	}
	return e.Token.Use(p)
}

func (k *Kiosk) askPIN(a Ask) {
	k.view.Ask, k.view.WrongPIN, k.view.Blocked, k.view.Tries = a, false, false, -1
	if tries, ok := k.card.TriesLeft(); ok {
		k.view.Tries, k.view.Blocked = tries, tries == 0
	}
}

// present gives the card in the reader to the machine.
func (k *Kiosk) present() {
	card := k.card
	k.card, k.view.Ask = nil, Nothing
	k.machine.Insert(card)
	_ = card.Close() // it is read; what becomes of the connection changes nothing
}

// dropCard lets go of a card whose holder was asked for a PIN.
func (k *Kiosk) dropCard() {
	if k.card != nil {
		_ = k.card.Close() // the card is gone, or its holder has gone
		k.card = nil
	}
	k.view.WrongPIN, k.view.Blocked = false, false
	if k.view.Ask == OfficialPIN {
		k.view.Ask = OfficialCard
		return
	}
	if k.view.Ask == VoterPIN {
		k.view.Ask = Nothing
	}
}

func (k *Kiosk) removed() {
	if k.card != nil || k.act != nil {
		k.dropCard()
		return
	}
	if k.withoutCard() {
		return
	}
	k.machine.Remove()
}

// EnterPIN takes the PIN of the card in the reader. What is wrong with it is in
// the View; an error is for digits that are no PIN.
func (k *Kiosk) EnterPIN(digits string) error {
	if k.card == nil || (k.view.Ask != VoterPIN && k.view.Ask != OfficialPIN) {
		return errors.New("no card waits for a PIN")
	}
	defer func() { k.wait(); k.light(); k.show() }()
	profile := k.voter
	if k.view.Ask == OfficialPIN {
		profile = k.official
	}
	pin, err := eid.ParsePIN(profile, digits)
	if err != nil {
		return err
	}
	err = k.card.EnterPIN(pin)
	var wrong *eid.PINError
	if errors.As(err, &wrong) {
		k.view.WrongPIN, k.view.Blocked, k.view.Tries = true, wrong.Blocked, wrong.TriesLeft
		return nil
	}
	official := k.view.Ask == OfficialPIN
	if err != nil {
		k.dropCard()
		if !official {
			k.machine.Insert(unreadable{gone: true})
		}
		return nil
	}
	k.view.WrongPIN, k.view.Blocked = false, false
	if official {
		k.signWithCard()
		return nil
	}
	k.present()
	return nil
}

// Choose sets the voter's selections: for every question 0 (paper not taken) or
// an option from 1.
func (k *Kiosk) Choose(selections []int) error {
	_, err := k.machine.Choose(selections)
	k.after()
	return err
}

// Cast casts the ballot whose slip is behind the window.
func (k *Kiosk) Cast() { k.machine.Handle(station.CastChosen{}); k.after() }

// Challenge opens the ballot instead.
func (k *Kiosk) Challenge() { k.machine.Handle(station.ChallengeChosen{}); k.after() }

// after shows what became of a touch, and notices a printer that has failed.
func (k *Kiosk) after() {
	k.blame()
	k.wait()
	k.light()
	k.show()
}

// blame looks which printer it was that has stopped the station: a slip that
// could not be marked or cut off does not move either.
func (k *Kiosk) blame() {
	if s := k.machine.State(); s.Fault == station.PrinterFault || s.Fault == station.SlipFault {
		k.checkPaper()
	}
}

// unreadable is a card that the reader saw and the driver could not read.
type unreadable struct{ gone bool }

func (u unreadable) Certificates() ([][]byte, error) {
	if u.gone {
		return nil, eid.ErrGone
	}
	return nil, nil
}

func (u unreadable) Sign([]byte) ([]byte, error) { return nil, eid.ErrGone }
