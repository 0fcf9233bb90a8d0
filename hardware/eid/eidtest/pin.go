package eidtest

import (
	"bytes"
	"crypto/subtle"
)

// A PIN is 6 to 8 digits, filled up with FF to 8 bytes (SP 800-73-4, part 2, Section 2.4.3).
const (
	minPIN    = 6
	paddedPIN = 8
	padding   = 0xFF
)

// applicationPIN is the only key reference that this card verifies.
const applicationPIN = 0x80

func pad(digits string) []byte {
	b := bytes.Repeat([]byte{padding}, paddedPIN)
	copy(b, digits)
	return b
}

// wellFormed reports whether the bytes can be a PIN.
func wellFormed(b []byte) bool {
	if len(b) != paddedPIN {
		return false
	}
	digits := bytes.TrimRight(b, "\xFF")
	for _, d := range digits {
		if d < '0' || d > '9' {
			return false
		}
	}
	return len(digits) >= minPIN
}

// verify is VERIFY (SP 800-73-4, part 2, Section 3.2.1).
func (c *Card) verify(cmd command) status {
	if cmd.p2 != applicationPIN {
		return statusReference
	}
	switch {
	case cmd.p1 == 0xFF && len(cmd.data) == 0: // forget that it was right
		c.verified = false
		return statusOK
	case cmd.p1 == 0xFF:
		return statusData
	case cmd.p1 != 0:
		return statusParameters
	case len(cmd.data) == 0 && c.verified: // a question only
		return statusOK
	case len(cmd.data) == 0:
		return statusWrongPIN + status(c.tries)
	}
	return c.compare(cmd.data)
}

// compare counts tries. A PIN of another form costs none.
func (c *Card) compare(pin []byte) status {
	if c.tries == 0 {
		return statusBlocked
	}
	if !wellFormed(pin) {
		return statusData
	}
	if subtle.ConstantTimeCompare(pin, c.pin) != 1 {
		c.tries--
		c.verified = false
		return statusWrongPIN + status(c.tries)
	}
	c.tries, c.verified, c.fresh = maxTries, true, true
	return statusOK
}

// change is CHANGE REFERENCE DATA (part 2, Section 3.2.2), of the PIN only: the card has no PUK.
func (c *Card) change(cmd command) status {
	if cmd.p1 != 0 {
		return statusParameters
	}
	if cmd.p2 != applicationPIN {
		return statusReference
	}
	if len(cmd.data) != 2*paddedPIN || !wellFormed(cmd.data[paddedPIN:]) {
		return statusData
	}
	if sw := c.compare(cmd.data[:paddedPIN]); sw != statusOK {
		return sw
	}
	c.pin = bytes.Clone(cmd.data[paddedPIN:])
	return statusOK
}
