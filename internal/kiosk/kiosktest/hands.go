package kiosktest

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/openreferendum/referendum/hardware/boothtest"
	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/station"
)

// ErrUnexpected is wrapped when the station is not where people expect it.
var ErrUnexpected = errors.New("the station is not where people expect it")

// patience is how long people wait for the station, which answers within
// seconds where nothing is wrong.
const patience = 90 * time.Second

// Hands are the hands of all people at one machine: they put cards in, type,
// touch and repair. Their methods go on until the station shows what is waited
// for.
type Hands struct {
	K         *kiosk.Kiosk
	Booth     *boothtest.Booth
	Officials []*eidtest.Card
}

// Until hands events to the kiosk until it shows what is waited for.
func (h *Hands) Until(what string, is func(kiosk.View) bool) error {
	late := time.NewTimer(patience)
	defer late.Stop()
	for !is(h.K.View()) {
		select {
		case e := <-h.K.Events():
			h.K.Handle(e)
		case <-late.C:
			return fmt.Errorf("waited in vain until %s: %w: %+v, %v", what, ErrUnexpected, h.K.View(), h.K.Problem())
		}
	}
	return nil
}

// At returns an error unless the station is there.
func (h *Hands) At(want station.Place) error {
	if v := h.K.View(); v.State.At != want {
		return fmt.Errorf("%w: %v (%v) instead of %v: %v, %v", ErrUnexpected, v.State.At, v.State.Refusal, want, h.K.Problem(), v.Said)
	}
	return nil
}

// Stopped reports whether nothing goes on before a poll worker has come.
func Stopped(v kiosk.View) bool {
	return v.State.At == station.Suspended || v.State.At == station.Halted
}

// Insert puts a voter's card in, until its PIN is asked for, or the station is
// stopped.
func (h *Hands) Insert(card *eidtest.Card) error {
	if err := h.Booth.Cards.Insert(card); err != nil {
		return err
	}
	return h.Until("the PIN is asked for", func(v kiosk.View) bool { return v.Ask == kiosk.VoterPIN || v.CardIn && Stopped(v) })
}

// Present puts a voter's card in and types its PIN.
func (h *Hands) Present(card *eidtest.Card) error {
	if err := h.Insert(card); err != nil || h.K.View().Ask != kiosk.VoterPIN {
		return err
	}
	return h.K.EnterPIN(eidtest.DefaultPIN)
}

// Begin takes a voter to the questions.
func (h *Hands) Begin(card *eidtest.Card) error {
	if err := h.Present(card); err != nil {
		return err
	}
	return h.At(station.Choosing)
}

// Choose takes a voter from the questions to the printed slip.
func (h *Hands) Choose(selections []int) error {
	if err := h.K.Choose(selections); err != nil {
		return err
	}
	return h.At(station.Deciding)
}

// Cast takes a voter from the printed slip out of the door.
func (h *Hands) Cast() error {
	h.K.Cast()
	if err := h.At(station.Leaving); err != nil {
		return err
	}
	return h.Leave()
}

// Leave takes the card out, until the station is free.
func (h *Hands) Leave() error {
	if err := h.Remove(); err != nil {
		return err
	}
	return h.At(station.Idle)
}

// Remove takes the card out.
func (h *Hands) Remove() error {
	if err := h.Booth.Cards.Remove(); err != nil {
		return err
	}
	return h.Until("the card is out", func(v kiosk.View) bool { return !v.CardIn })
}

// Do begins an act and lets as many poll workers come as it takes.
func (h *Hands) Do(a kiosk.Act) error {
	if err := h.K.Begin(a); err != nil {
		return fmt.Errorf("to %s: %w", a, err)
	}
	return h.Come(a)
}

// Export exports to a medium.
func (h *Hands) Export(m kiosk.Medium) error {
	if err := h.K.Export(m); err != nil {
		return err
	}
	return h.Come(kiosk.Export)
}

// Come lets poll workers come with their cards until an act that has begun is
// done.
func (h *Hands) Come(a kiosk.Act) error {
	for _, card := range h.Officials {
		if err := h.Show(card, eidtest.DefaultPIN); err != nil {
			return err
		}
		if h.K.View().Act == "" {
			break
		}
	}
	if v := h.K.View(); v.Done != a {
		return fmt.Errorf("to %s: %w", a, v.Said)
	}
	return nil
}

// Show puts an official's card in, types a PIN if one is asked for, and takes
// the card out.
func (h *Hands) Show(card *eidtest.Card, pin string) error {
	if err := h.Booth.Cards.Insert(card); err != nil {
		return err
	}
	if err := h.Until("the official's card is seen", func(v kiosk.View) bool { return v.CardIn }); err != nil {
		return err
	}
	if h.K.View().Ask == kiosk.OfficialPIN {
		if err := h.K.EnterPIN(pin); err != nil {
			return err
		}
	}
	return h.Remove()
}

// Mend is what poll workers do after something went wrong: repair what is
// broken, then let the station go on, until it is free.
func (h *Hands) Mend() error {
	if err := h.Booth.Repair(); err != nil {
		return err
	}
	if err := h.Until("all devices are back", func(v kiosk.View) bool { return !v.CardIn && !v.Lost() }); err != nil {
		return err
	}
	for range 4 {
		v := h.K.View()
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
			return fmt.Errorf("%w: %v after everything was mended", ErrUnexpected, v.State.At)
		}
		if err := h.Do(next); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: %v after four acts of poll workers", ErrUnexpected, h.K.View().State.At)
}

// OfficialCard puts an official's key into a card. Its certificate says nothing
// but which key it is: the manifest says whose.
func OfficialCard(key ed25519.PrivateKey, number int) (*eidtest.Card, error) {
	t := &x509.Certificate{
		SerialNumber: big.NewInt(int64(number)), Subject: pkix.Name{CommonName: fmt.Sprintf("Official %d (simulation)", number)},
		NotBefore: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(nil, t, t, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making an official's card: %w", err)
	}
	return eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{0x9C: {Key: key, Certificate: der, PIN: eidtest.PINEach}}}), nil
}
