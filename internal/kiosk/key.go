package kiosk

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/tpm"
	"github.com/openreferendum/referendum/internal/durable"
)

// MaxKeyFile bounds a file with a sealed key, in bytes.
const MaxKeyFile = 1 << 14

// ErrPassphrase is returned when a key is under a passphrase and nobody gave
// one. The program asks for it.
var ErrPassphrase = errors.New("the station's key is under a passphrase")

// openKey returns the station's signing key: from the TPM, or with a
// passphrase where no TPM is.
func (c *Config) openKey(virtual bool, passphrase func() (string, error)) (provisioning.SecretKey, error) {
	if c.Key.TPM == "" {
		if passphrase == nil {
			return provisioning.SecretKey{}, ErrPassphrase
		}
		words, err := passphrase()
		if err != nil {
			return provisioning.SecretKey{}, err
		}
		return provisioning.ReadKey(c.Key.File, words)
	}
	sealed, err := durable.ReadFile(c.Key.File, MaxKeyFile)
	if err != nil {
		return provisioning.SecretKey{}, fmt.Errorf("reading the sealed key: %w", err)
	}
	t, err := tpm.Open(c.Key.TPM, virtual)
	if err != nil {
		return provisioning.SecretKey{}, err
	}
	secret, err := t.Unseal(sealed)
	if err := errors.Join(err, t.Close()); err != nil {
		return provisioning.SecretKey{}, err
	}
	return provisioning.ParseKey(string(secret.Export()))
}

// SealKey gives a station's key to the TPM, which hands it out only to a
// machine that was started in the same way, and writes what the TPM made of it
// to the configured file, which must not exist.
func (c *Config) SealKey(key provisioning.SecretKey, virtual bool) error {
	t, err := tpm.Open(c.Key.TPM, virtual)
	if err != nil {
		return err
	}
	secret, err := tpm.NewSecret([]byte(key.Export()))
	if err != nil {
		return errors.Join(err, t.Close())
	}
	sealed, err := t.Seal(secret, c.Key.PCRs)
	if err := errors.Join(err, t.Close()); err != nil {
		return err
	}
	return durable.WriteFile(c.Key.File, sealed, 0o600)
}
