package eidtest

import (
	"bytes"
	"crypto"
	"maps"
	"slices"
	"sync"
)

// A Slot is one key of a card with its certificate.
type Slot struct {
	// Key signs: *ecdsa.PrivateKey on P-256 or P-384, *rsa.PrivateKey of 2048
	// or 3072 bits, or ed25519.PrivateKey. With another key, or none, the card
	// refuses every algorithm (6A86).
	Key crypto.Signer

	// Certificate is DER; empty: the slot has none. It need not fit the
	// key: a copied certificate is one of the attacks to test.
	Certificate []byte

	// PIN is the rule before the key signs: PINNone, PINOnce or PINEach.
	// Anything else is PINOnce.
	PIN string
}

// The PIN rules of a slot.
const (
	PINNone = "none" // never
	PINOnce = "once" // one VERIFY after insertion
	PINEach = "each" // one VERIFY right before each signature
)

// DefaultPIN is the PIN of a card whose configuration names none.
const DefaultPIN = "123456"

// maxTries is how many wrong PINs in a row block a card.
const maxTries = 3

// CardConfig says what a card holds.
type CardConfig struct {
	// PIN is 6 to 8 digits. Empty: DefaultPIN. A PIN of another form can never be entered.
	PIN string

	// Slots by PIV key reference: 0x9A authentication, 0x9C signature, 0x9D
	// key management, 0x9E card authentication.
	Slots map[byte]Slot

	// GUID is the card's number in its CHUID.
	GUID [16]byte
}

// A Card is a virtual PIV card. Its methods may be called from any goroutine.
type Card struct {
	slots   map[byte]Slot
	objects map[uint32][]byte // what GET DATA gives, by tag

	mu    sync.Mutex // guards what follows
	hook  func([]byte) ([]byte, bool)
	pin   []byte // padded
	tries int
	session
}

// A session is what a card forgets without power.
type session struct {
	selected bool
	verified bool    // the PIN was right
	fresh    bool    // and that was the last command
	chain    command // the pieces of a chained command so far; data nil: none
	rest     []byte  // of an answer, for GET RESPONSE
}

// NewCard makes a card that lies on the table: Stack.Insert puts it in.
func NewCard(c CardConfig) *Card {
	if c.PIN == "" {
		c.PIN = DefaultPIN
	}
	return &Card{slots: maps.Clone(c.Slots), objects: objects(c), pin: pad(c.PIN), tries: maxTries}
}

// Hook lets a test answer in the card's place. The function gets each command
// APDU before the card does; if it reports handled, its answer goes to the
// reader as it is, whatever it is, and the card does not see the command. Where that answer is
// empty, none goes out, and the reader waits until the card is removed. It runs with no lock held, so it may remove the card
// or kill the daemon. Nil takes the hook off.
func (c *Card) Hook(f func(command []byte) (answer []byte, handled bool)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hook = f
}

// TriesLeft is how many wrong PINs the card still takes; 0: blocked.
func (c *Card) TriesLeft() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tries
}

// ATR is the card's answer to reset: T=0 and T=1, and the historical bytes by
// which OpenSC knows a PIV card (a proprietary category and card service data).
func (c *Card) ATR() []byte {
	return []byte{0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0xD6}
}

// Reset takes the card's power away or gives it back: it forgets that the PIN was right, not
// the tries.
func (c *Card) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = session{}
}

// Transmit answers a command APDU. Whatever the bytes are, the answer ends in a
// status; only a hook can answer otherwise.
func (c *Card) Transmit(b []byte) []byte {
	c.mu.Lock()
	hook := c.hook
	c.mu.Unlock()
	if hook != nil {
		if answer, handled := hook(bytes.Clone(b)); handled {
			return answer
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.transmit(b)
}

func (c *Card) transmit(b []byte) []byte {
	cmd, sw := parse(b)
	if sw == statusOK && cmd.class&^0x10 != 0 {
		sw = statusClass
	}
	if sw != statusOK {
		c.chain, c.rest, c.fresh = command{}, nil, false
		return sw.answer()
	}
	if cmd.class == 0x10 {
		return c.collect(cmd).answer()
	}
	cmd = c.unchain(cmd)
	if cmd.instruction == insGetResponse {
		return c.getResponse(cmd)
	}
	fresh := c.fresh
	c.rest, c.fresh = nil, false
	answer, sw := c.perform(cmd, fresh)
	if sw != statusOK {
		return sw.answer()
	}
	return c.emit(answer, cmd.expected)
}

// The instructions of SP 800-73-4, part 2, Table 2, that a card for use has.
const (
	insVerify       = 0x20
	insChange       = 0x24
	insAuthenticate = 0x87
	insSelect       = 0xA4
	insGetResponse  = 0xC0
	insGetData      = 0xCB
)

// perform carries out a whole command; fresh says that the one before it was a
// VERIFY with the right PIN.
func (c *Card) perform(cmd command, fresh bool) ([]byte, status) {
	if cmd.instruction == insSelect {
		return c.selectApplication(cmd)
	}
	if !c.selected {
		return nil, statusConditions
	}
	switch cmd.instruction {
	case insGetData:
		return c.getData(cmd)
	case insVerify:
		return nil, c.verify(cmd)
	case insChange:
		return nil, c.change(cmd)
	case insAuthenticate:
		return c.authenticate(cmd, fresh)
	}
	return nil, statusInstruction
}

// maxChain bounds a chained command: more than twice an RSA-3072 challenge,
// and enough for a message to be signed with Ed25519.
const maxChain = 4096

// collect takes a piece of a chained command (ISO/IEC 7816-4, Section 5.1.1.1).
func (c *Card) collect(cmd command) status {
	if cmd.instruction != insAuthenticate {
		c.chain, c.fresh = command{}, false
		return statusNoChaining
	}
	if !c.continues(cmd) {
		c.chain = command{}
	}
	if len(c.chain.data)+len(cmd.data) > maxChain {
		c.chain, c.fresh = command{}, false
		return statusLength
	}
	data := slices.Concat(c.chain.data, cmd.data)
	c.chain = cmd
	c.chain.data = data
	return statusOK
}

// continues reports whether the command belongs to the chain begun.
func (c *Card) continues(cmd command) bool {
	return len(c.chain.data) > 0 && cmd.instruction == c.chain.instruction && cmd.p1 == c.chain.p1 && cmd.p2 == c.chain.p2
}

// unchain puts the pieces before the command in front of its data. A command that does not continue
// the chain ends it unperformed.
func (c *Card) unchain(cmd command) command {
	if c.continues(cmd) {
		cmd.data = slices.Concat(c.chain.data, cmd.data)
	}
	c.chain = command{}
	return cmd
}

// emit answers with as much as the reader expects and keeps the rest for GET
// RESPONSE: status 61xx, xx bytes or (00) more are left.
func (c *Card) emit(answer []byte, expected int) []byte {
	n := min(len(answer), expected)
	c.rest = bytes.Clone(answer[n:])
	sw := statusOK
	if left := len(c.rest); left > 0 {
		sw = 0x6100
		if left < 256 {
			sw += status(left)
		}
	}
	return slices.Concat(answer[:n], sw.answer())
}

func (c *Card) getResponse(cmd command) []byte {
	if cmd.p1 != 0 || cmd.p2 != 0 {
		return statusParameters.answer()
	}
	if len(c.rest) == 0 {
		return statusConditions.answer()
	}
	return c.emit(c.rest, cmd.expected)
}
