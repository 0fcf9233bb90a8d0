package keygen

import (
	"errors"
	"fmt"
	"strings"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
)

// CheckTrustees checks what a manifest's trustees must fulfil beyond its form,
// before anybody commits: Section 2.2 of docs/spec/ceremony.md.
func CheckTrustees(m *record.Manifest) error {
	problems := []error{CheckIntersection(m)}
	for i, t := range m.Trustees {
		if err := errors.Join(checkName(t.Name), CheckEncryptionKey(t.EncryptionKey)); err != nil {
			problems = append(problems, fmt.Errorf("trustee %d: %w", i+1, err))
		}
	}
	return errors.Join(problems...)
}

// CheckIntersection refuses a quorum so small that two of them need not have a
// trustee in common: then two different sums of one election could be
// decrypted although no trustee answers twice.
func CheckIntersection(m *record.Manifest) error {
	if 2*m.Threshold <= len(m.Trustees) {
		return fmt.Errorf("quorum: %d of %d trustees is not more than half", m.Threshold, len(m.Trustees))
	}
	return nil
}

// checkName refuses, beyond what the record refuses, white space around a name:
// two trustees' names would look the same.
func checkName(name string) error {
	if err := (record.Enrolment{Name: name}).Validate(); err != nil {
		return err
	}
	if strings.TrimSpace(name) != name {
		return errors.New("name: white space around it")
	}
	return nil
}

// fieldPrime is 2^255 − 19, little endian.
var fieldPrime = [32]byte{
	0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
}

// CheckEncryptionKey refuses a public key to which nothing can be sealed, one of
// small order, and a second encoding of a key (X25519 would take it).
func CheckEncryptionKey(key record.Hash) error {
	if !below(key, fieldPrime) {
		return errors.New("encryption key: not the canonical encoding")
	}
	if _, err := seal(key, nil, group.NewScalar(0), [32]byte{}); err != nil {
		return errors.New("encryption key: nothing can be sealed to it")
	}
	return nil
}

// below compares two numbers, little endian.
func below(a, b [32]byte) bool {
	for i := len(a) - 1; i >= 0; i-- {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}
