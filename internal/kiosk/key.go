package kiosk

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/tpm"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/stationlog"
)

// MaxKeyFile bounds a file with a sealed key, in bytes.
const MaxKeyFile = 1 << 14

// ErrPassphrase is returned when a key is under a passphrase and nobody gave
// one. The program asks for it.
var ErrPassphrase = errors.New("the station's key is under a passphrase")

// ErrNoTPM is returned where a TPM is needed and the configuration names none.
// The program says what is done without one.
var ErrNoTPM = errors.New("the configuration names no TPM")

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
		key, err := provisioning.ReadKey(c.Key.File, words)
		return key, keyError(err)
	}
	sealed, err := durable.ReadFile(c.Key.File, MaxKeyFile)
	if err != nil {
		return provisioning.SecretKey{}, keyError(fmt.Errorf("reading the sealed key: %w: %w", tpm.ErrBlob, err))
	}
	t, err := tpm.Open(c.Key.TPM, virtual)
	if err != nil {
		return provisioning.SecretKey{}, err
	}
	secret, err := t.Unseal(sealed)
	if err := errors.Join(err, t.Close()); err != nil {
		return provisioning.SecretKey{}, err
	}
	plain := secret.Export()
	defer clear(plain)
	key, err := provisioning.ParseKey(string(plain))
	if err != nil {
		return provisioning.SecretKey{}, fmt.Errorf("%w: it holds something else: %w", tpm.ErrBlob, err)
	}
	return key, nil
}

// keyError says of a file with a key whether it is absent or damaged.
func keyError(err error) error {
	switch {
	case err == nil, errors.Is(err, keygen.ErrPassphrase):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return mark(errKeyAbsent, err)
	}
	return mark(errKeyDamaged, err)
}

// SealKey gives a station's key to the TPM, which hands it out only to a
// machine that was started in the same way, and writes what the TPM made of it
// to the configured file, which must not exist.
func (c *Config) SealKey(key provisioning.SecretKey, virtual bool) error {
	t, err := tpm.Open(c.Key.TPM, virtual)
	if err != nil {
		return err
	}
	plain := []byte(key.Export())
	defer clear(plain)
	secret, err := tpm.NewSecret(plain)
	if err != nil {
		return errors.Join(err, t.Close())
	}
	sealed, err := t.Seal(secret, c.Key.PCRs)
	if err := errors.Join(err, t.Close()); err != nil {
		return err
	}
	return durable.WriteFile(c.Key.File, sealed, 0o600)
}

// Reseal is SealKey for a machine that was provisioned, after a change of what it
// starts from: firmware, boot loader, kernel. It checks that the key is the
// station's, and logs that it was sealed. The former file must have been moved
// away.
func (c *Config) Reseal(key provisioning.SecretKey, now time.Time) error {
	if c.Key.TPM == "" {
		return ErrNoTPM
	}
	p, err := provisioning.ReadPackage(durable.RegularFiles(c.Package), c.Station, key.Public())
	if err != nil {
		return fmt.Errorf("reading the package: %w", err)
	}
	b, err := logbook.Open(c.LogPaths(), p.Election.ID, c.Station)
	if err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	return errors.Join(c.reseal(key, p, b, now), b.Close())
}

func (c *Config) reseal(key provisioning.SecretKey, p *provisioning.StationPackage, b *logbook.Book, now time.Time) error {
	if b.Len() == 0 {
		return errors.New("this machine was not provisioned")
	}
	if err := beginLog(b, now); err != nil {
		return err
	}
	if err := c.SealKey(key, virtual(p.Election.Manifest)); err != nil {
		return fmt.Errorf("sealing the key: %w", err)
	}
	return b.Write(now, stationlog.KeySealed, stationlog.Under(stationlog.TPM))
}
