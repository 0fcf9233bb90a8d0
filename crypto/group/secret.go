package group

import (
	"errors"
	"fmt"
	"log/slog"
)

// A Secret is a scalar that cannot be printed, logged or encoded by accident:
// a trustee's share, a coefficient, a nonce. The zero value holds nothing.
type Secret struct {
	open func() Scalar // a closure: fmt never looks into a func
}

// NewSecret wraps s.
func NewSecret(s Scalar) Secret { return Secret{func() Scalar { return s }} }

// Reveal returns the scalar. Its result goes into arithmetic, or into a file
// under a passphrase, and nowhere else.
func (s Secret) Reveal() Scalar {
	if s.open == nil {
		panic("group: internal error: empty secret")
	}
	return s.open()
}

// Format prints a placeholder for every verb.
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "group.Secret(redacted)") }

// LogValue returns a placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue("redacted") }

// MarshalText always fails.
func (Secret) MarshalText() ([]byte, error) { return nil, errors.New("group: secret in a text") }

// MarshalJSON always fails.
func (Secret) MarshalJSON() ([]byte, error) { return nil, errors.New("group: secret in JSON") }

// GobEncode always fails.
func (Secret) GobEncode() ([]byte, error) { return nil, errors.New("group: secret in gob") }
