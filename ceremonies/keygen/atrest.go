package keygen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// WorkFactor is the scrypt work factor (log₂ of N) under which secrets rest: a
// guess of a passphrase costs about a second and 256 MiB.
const WorkFactor = 18

// maxSealed bounds an encrypted secret, in bytes.
const maxSealed = 1 << 16

// Lock encrypts a secret's text under a passphrase (age's scrypt recipient),
// armoured.
func Lock(text, passphrase string, workFactor int) ([]byte, error) {
	if workFactor < 1 || workFactor > WorkFactor {
		return nil, fmt.Errorf("encrypting a secret: work factor %d", workFactor)
	}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, fmt.Errorf("encrypting a secret: %w", err)
	}
	recipient.SetWorkFactor(workFactor)
	var b bytes.Buffer
	a := armor.NewWriter(&b)
	w, err := age.Encrypt(a, recipient)
	if err != nil {
		return nil, fmt.Errorf("encrypting a secret: %w", err)
	}
	_, err = io.WriteString(w, text)
	if err := errors.Join(err, w.Close(), a.Close()); err != nil {
		return nil, fmt.Errorf("encrypting a secret: %w", err)
	}
	return b.Bytes(), nil
}

// ErrPassphrase is returned by Unlock for a wrong passphrase. The person is
// asked again.
var ErrPassphrase = errors.New("wrong passphrase")

// Unlock decrypts what Lock made. Its work is bounded: a file that asks for more
// than WorkFactor is refused before any of it is done.
func Unlock(sealed []byte, passphrase string) (string, error) {
	if len(sealed) > maxSealed {
		return "", fmt.Errorf("decrypting a secret: %d bytes, allowed are %d", len(sealed), maxSealed)
	}
	// The armour's reader quotes a line that it does not understand, and here that
	// could be a secret which somebody left in clear.
	if !bytes.HasPrefix(sealed, []byte(armor.Header+"\n")) {
		return "", errors.New("decrypting a secret: not an encrypted file")
	}
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return "", fmt.Errorf("decrypting a secret: %w", err)
	}
	identity.SetMaxWorkFactor(WorkFactor)
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(sealed)), identity)
	var noMatch *age.NoIdentityMatchError
	if errors.As(err, &noMatch) {
		if !slices.Contains(noMatch.StanzaTypes, "scrypt") {
			return "", errors.New("decrypting a secret: it is not under a passphrase")
		}
		return "", ErrPassphrase
	}
	if err != nil {
		return "", fmt.Errorf("decrypting a secret: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxSealed))
	if err != nil {
		return "", fmt.Errorf("decrypting a secret: %w", err)
	}
	return strings.TrimSuffix(string(text), "\n"), nil
}
