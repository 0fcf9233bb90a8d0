package tpm

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
)

// MaxSecret is how many bytes a secret may have: what every TPM seals at once (MAX_SYM_DATA).
const MaxSecret = 128

// A Secret is what is sealed: at most MaxSecret bytes, at least one. It cannot be printed.
// The zero value is no secret, and Seal refuses it.
type Secret struct {
	open func() []byte // a closure: fmt never looks into a func
}

// NewSecret copies b, which has 1 to MaxSecret bytes.
func NewSecret(b []byte) (Secret, error) {
	if len(b) == 0 || len(b) > MaxSecret {
		return Secret{}, fmt.Errorf("tpm: a secret of %d bytes; 1 to %d are possible", len(b), MaxSecret)
	}
	kept := bytes.Clone(b)
	return Secret{open: func() []byte { return kept }}, nil
}

// Export returns a copy of the secret bytes; nil for the zero value.
func (s Secret) Export() []byte {
	if s.open == nil {
		return nil
	}
	return bytes.Clone(s.open())
}

// Format writes that the secret is not written.
func (Secret) Format(f fmt.State, _ rune) { f.Write([]byte("tpm.Secret(redacted)")) }

// LogValue logs that the secret is not logged.
func (Secret) LogValue() slog.Value { return slog.StringValue("tpm.Secret(redacted)") }

// MarshalJSON refuses.
func (Secret) MarshalJSON() ([]byte, error) { return nil, errors.New("tpm: a secret in JSON") }

// MarshalText refuses.
func (Secret) MarshalText() ([]byte, error) { return nil, errors.New("tpm: a secret as text") }
