// Package eid drives a smart card reader and the eID cards in it: it reports
// cards that come and go, reads a card's certificate, hands a PIN to the card
// and has the card sign.
//
// Cards are reached in two ways. PKCS #11 (OASIS PKCS #11 2.40) is the door
// that makers of national cards give: a module of theirs, of which only the
// path is configured. PIV (NIST SP 800-73-4 and SP 800-78-4) is spoken here,
// command by command, over PC/SC. Which of the two, which key, and which PIN
// rule is data: a Profile. See docs/hardware/eid.md and ADR 0021.
//
// Nothing here decides whether a card is genuine. No certificate is checked,
// and a signature only for its form: a card with a copied certificate signs
// with another key, and this package hands that signature on. Both are the
// station's business (station.CardCheck). Nothing is logged, and no error holds
// a PIN, a certificate or a card's number. Readers with a keypad of their own are
// not supported: the PIN passes through this process.
package eid

import (
	"errors"
	"fmt"
)

// ErrGone means that the card left, or its reader or the daemon did, in the
// middle. The kiosk asks for the card again, and for no other error of a card.
var ErrGone = errors.New("eid: the card is gone")

// ErrNoKey means that a card does not have the key that the profile names. The
// kiosk tries its next profile: the voter's first, then the officials'.
var ErrNoKey = errors.New("eid: the card does not have the profile's key")

// ErrPINNeeded means that Sign came without the PIN that profile or card want
// before. The kiosk asks for the PIN again.
var ErrPINNeeded = errors.New("eid: the card wants its PIN first")

// ErrNoReader means that no allowed reader is connected, or no PC/SC daemon
// runs. The kiosk's self-test says so.
var ErrNoReader = errors.New("eid: no card reader")

// ErrVirtualReader means that a virtual reader is there, which is never so on a
// live station. The kiosk's self-test says so, and goes no further.
var ErrVirtualReader = errors.New("eid: a virtual card reader is installed")

// A PINError says that the card did not take the PIN. The kiosk shows the voter
// how many tries are left.
type PINError struct {
	// TriesLeft is how many more the card allows, or -1 if it does not say.
	TriesLeft int

	// Blocked says that the card takes no PIN any more. TriesLeft is 0 then.
	Blocked bool
}

func (e *PINError) Error() string {
	switch {
	case e.Blocked:
		return "eid: the card's PIN is blocked"
	case e.TriesLeft < 0:
		return "eid: wrong PIN"
	}
	return fmt.Sprintf("eid: wrong PIN, tries left: %d", e.TriesLeft)
}
