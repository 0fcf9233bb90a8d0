package eidtest

import "crypto"

// A Slot is one key of a card with its certificate.
type Slot struct {
	// Key signs: *ecdsa.PrivateKey on P-256 or P-384, *rsa.PrivateKey of 2048
	// or 3072 bits, or ed25519.PrivateKey. Another key is refused as the
	// card would refuse it: status 6A86 for every algorithm.
	Key crypto.Signer

	// Certificate is DER, of at most MaxCertificate bytes. It need not fit
	// the key: a copied certificate is one of the attacks to test.
	Certificate []byte

	// PIN is the rule before the key signs: PINNone, PINOnce or PINEach.
	// Empty is PINOnce.
	PIN string
}

// The PIN rules of a slot.
const (
	PINNone = "none" // never
	PINOnce = "once" // one VERIFY after insertion
	PINEach = "each" // one VERIFY before each signature
)

// CardConfig says what a card holds.
type CardConfig struct {
	// PIN is 6 to 8 digits. Empty: "123456".
	PIN string

	// Slots by PIV key reference: 0x9A authentication, 0x9C signature, 0x9D
	// key management, 0x9E card authentication.
	Slots map[byte]Slot

	// GUID is the card's number in its CHUID.
	GUID [16]byte
}

// A Card is a virtual PIV card. Its methods may be called from any goroutine.
type Card struct {
	config CardConfig
	hook   func([]byte) ([]byte, bool)
}

// NewCard makes a card that lies on the table: Stack.Insert puts it in.
func NewCard(c CardConfig) *Card { return &Card{config: c} }

// Hook lets a test answer in the card's place. The function gets each command
// APDU before the card does; if it reports handled, its answer goes to the
// reader as it is, whatever it is, and the card does not see the command. It
// runs without any lock held, so it may remove the card or kill the daemon. Nil takes the hook off.
func (c *Card) Hook(f func(command []byte) (answer []byte, handled bool)) { c.hook = f }

// TriesLeft is how many wrong PINs the card still takes; 0: blocked.
func (c *Card) TriesLeft() int { return 3 }
