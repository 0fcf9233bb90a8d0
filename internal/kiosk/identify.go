package kiosk

import (
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/station/stationlog"
)

// IdentifyVoter begins the act by which two poll workers stand in for a voter's card
// that does not work: docs/spec/station.md, Section 4.14. holder is the number on the
// identity document as the roll has it, and is wiped. The errors of a voter who may
// not vote have the codes "not-on-roll" and "has-voted".
func (k *Kiosk) IdentifyVoter(holder []byte, reason record.CardReason) error {
	defer clear(holder)
	if err := k.possible(Identify); err != nil {
		return err
	}
	i, err := k.machine.PrepareIdentification(holder, reason)
	if err != nil {
		return err
	}
	return k.begin(&act{kind: Identify, identification: i})
}

// identify begins the session of a voter whom two poll workers have identified.
func (k *Kiosk) identify(a *act) error {
	if !k.checkPaper() {
		k.stop(stationlog.PrinterFault)
		return errPaper
	}
	var by []machine.IdentifiedBy
	for _, s := range a.have {
		by = append(by, machine.IdentifiedBy{Number: s.number, Signature: s.signature})
	}
	if err := k.machine.Identify(a.identification, by); err != nil {
		return err
	}
	k.noCard = true
	k.wait()
	return nil
}

// withoutCard reports whether a session goes on in which no card is in the reader.
func (k *Kiosk) withoutCard() bool {
	switch k.machine.State().At {
	case station.Unopened, station.Idle, station.Checking, station.Refused, station.Suspended, station.Closed, station.Halted:
		k.noCard = false
	}
	return k.noCard
}

// Leave ends the session of a voter who has cast and has no card to take.
func (k *Kiosk) Leave() {
	if k.withoutCard() && k.machine.State().At == station.Leaving {
		k.machine.Remove()
	}
	k.after()
}

// Identified returns how many of those who voted were identified by poll workers.
func (k *Kiosk) Identified() (int, error) { return k.machine.Identified() }
