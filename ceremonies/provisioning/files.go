package provisioning

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
)

// maxKeyFile bounds a private key's file, in bytes.
const maxKeyFile = 1 << 16

// WriteKey writes a new private file with a key under a passphrase. An existing
// file is never replaced: the error wraps fs.ErrExist.
func WriteKey(path string, k SecretKey, passphrase string, workFactor int) error {
	sealed, err := keygen.Lock(k.Export(), passphrase, workFactor)
	if err != nil {
		return err
	}
	return durable.WriteFile(path, sealed, 0o600)
}

// ReadKey reads what WriteKey wrote. A wrong passphrase is
// keygen.ErrPassphrase.
func ReadKey(path, passphrase string) (SecretKey, error) {
	sealed, err := durable.ReadFile(path, maxKeyFile)
	if err != nil {
		return SecretKey{}, err
	}
	text, err := keygen.Unlock(sealed, passphrase)
	if err != nil {
		return SecretKey{}, err
	}
	return ParseKey(text)
}

// parseCanonical decodes one of this package's documents; like the record's, it
// has one encoding (docs/spec/record.md, Section 2).
func parseCanonical(b []byte, limit int, v any) error {
	if len(b) > limit {
		return fmt.Errorf("%d bytes, allowed are %d", len(b), limit)
	}
	if err := decode(b, v); err != nil {
		return err
	}
	again, err := record.Marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, b) {
		return errors.New("json: not the canonical encoding")
	}
	return nil
}

// decode decodes a JSON document without unknown fields or trailing bytes.
func decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return errors.New("json: ends in the middle")
		}
		return err
	}
	if _, err := d.Token(); err != io.EOF { // More would take a bracket for the end
		return errors.New("json: something follows the document")
	}
	return nil
}
