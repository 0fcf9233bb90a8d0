package machine

import (
	"errors"
	"io"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/rollbook"
)

// A desk knows the card in the reader until it was checked and, once its holder
// was admitted, how to mark that voter: a function, which nothing can print or
// encode. It never sees a ballot.
type desk struct {
	card station.Card             // nil once it was checked
	mark func(*database.Tx) error // nil while nobody is admitted
}

// admit finds out who holds the card and whether they may vote. The reason is
// NoReason for who may; an error is the station's own trouble.
func (d *desk) admit(c Config) (station.Reason, error) {
	card := d.card
	d.card = nil
	if card == nil {
		return station.CardUnreachable, nil
	}
	var nonce [32]byte
	if _, err := io.ReadFull(c.Random, nonce[:]); err != nil {
		return station.NoReason, err
	}
	voter, certificate, signature, err := c.Cards.Holder(card, c.Clock(), nonce)
	if refusal, ok := errors.AsType[*station.Refusal](err); ok {
		return refusal.Reason, nil
	}
	if err != nil {
		return station.NoReason, err
	}
	switch err := c.DB.View(func(tx *database.Tx) error { return rollbook.Find(tx, voter) }); {
	case errors.Is(err, rollbook.ErrNotOnRoll):
		return station.NotOnRoll, nil
	case errors.Is(err, rollbook.ErrHasVoted):
		return station.HasVoted, nil
	case err != nil:
		return station.NoReason, err
	}
	attendance := rollbook.Attendance{Nonce: nonce, Certificate: certificate, Signature: signature}
	d.mark = func(tx *database.Tx) error { return rollbook.Mark(tx, voter, attendance) }
	return station.NoReason, nil
}

// markVoter marks the voter who was admitted.
func (d *desk) markVoter(tx *database.Tx) error {
	if d.mark == nil {
		return errors.New("marking a voter: nobody was admitted")
	}
	return d.mark(tx)
}
