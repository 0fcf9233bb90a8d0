package eid

import (
	"errors"
	"fmt"
	"log/slog"
)

// A SecretPIN is the PIN of a card's holder. It cannot be printed. Its zero
// value is no PIN; every card refuses it. It is made by ParsePIN.
//
// Its bytes are in this process's memory, and for PKCS #11 in copies that the
// binding and the module make: none of them can be wiped for certain from here.
type SecretPIN struct {
	digits func() []byte // a closure: fmt never looks into a func
}

// ParsePIN takes the digits that a person has typed. Its errors do not hold
// them.
func ParsePIN(p *Profile, digits string) (SecretPIN, error) {
	if p.PIN == PINNone {
		return SecretPIN{}, errors.New("cards of this profile take no PIN")
	}
	if len(digits) < p.MinPIN || len(digits) > p.MaxPIN {
		return SecretPIN{}, fmt.Errorf("the PIN has %d to %d digits", p.MinPIN, p.MaxPIN)
	}
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return SecretPIN{}, errors.New("the PIN holds something that is not a digit")
		}
	}
	own := []byte(digits)
	return SecretPIN{func() []byte { return own }}, nil
}

// export returns the digits, for a command to the card.
func (s SecretPIN) export() []byte {
	if s.digits == nil {
		return nil
	}
	return s.digits()
}

// Format prints that there is a PIN, and nothing of it.
func (SecretPIN) Format(f fmt.State, _ rune) { f.Write([]byte("eid.SecretPIN(redacted)")) }

// LogValue logs that there is a PIN, and nothing of it.
func (SecretPIN) LogValue() slog.Value { return slog.StringValue("redacted") }

// MarshalJSON refuses.
func (SecretPIN) MarshalJSON() ([]byte, error) { return nil, errors.New("eid: PIN in JSON") }

// MarshalText refuses.
func (SecretPIN) MarshalText() ([]byte, error) { return nil, errors.New("eid: PIN in text") }
