package eid

import (
	"crypto/x509"
	"errors"
	"fmt"
	"testing"

	"github.com/miekg/pkcs11"
)

func TestPickLeaf(t *testing.T) {
	cert := func(id, kind string, usage x509.KeyUsage, ca bool) shown {
		return shown{certificate{&x509.Certificate{KeyUsage: usage, IsCA: ca}, kind}, []byte(id)}
	}
	const signing, encryption = x509.KeyUsageDigitalSignature, x509.KeyUsageKeyEncipherment
	good := cert("a", KeyRSA, signing, false)
	for _, test := range []struct {
		name string
		key  string // of the profile; "61" is a
		all  []shown
		why  string
	}{
		{"none", "", nil, "0 of its certificates fit"},
		{"none of that name", "62", []shown{good}, "0 of its certificates fit"},
		{"two", "", []shown{good, cert("b", KeyP256, signing, false)}, "2 of its certificates fit"},
		{"two of one name", "61", []shown{good, good}, "2 of its certificates fit"},
		{"an authority", "61", []shown{cert("a", KeyRSA, signing, true)}, "0 of its certificates fit"},
		{"another type", "61", []shown{cert("a", KeyP384, signing, false)}, "0 of its certificates fit"},
		{"no type", "61", []shown{cert("a", "", signing, false)}, "0 of its certificates fit"},
		{"for encryption", "", []shown{cert("a", KeyRSA, encryption, false)}, "0 of its certificates fit"},
		{"by name", "61", []shown{cert("b", KeyRSA, signing, false), good}, ""},
		{"the only one that fits", "", []shown{cert("b", KeyRSA, encryption, false), cert("c", KeyRSA, signing, true), good, cert("d", "", signing, false)}, ""},
		{"no use named", "", []shown{cert("a", KeyRSA, 0, false)}, ""},
	} {
		leaf, err := pickLeaf(&Profile{Key: test.key, KeyTypes: []string{KeyRSA, KeyP256}}, test.all)
		if !hasText(err, test.why) || (err == nil) != (string(leaf.id) == "a") || err != nil && !errors.Is(err, ErrNoKey) {
			t.Errorf("%s: %q, %v", test.name, leaf.id, err)
		}
	}
}

func TestTokenFlags(t *testing.T) {
	for flags, want := range map[uint]string{
		0:                             "0 false",
		pkcs11.CKF_USER_PIN_COUNT_LOW: "0 false",
		pkcs11.CKF_USER_PIN_FINAL_TRY: "1 true",
		pkcs11.CKF_USER_PIN_LOCKED:    "0 true",
		pkcs11.CKF_USER_PIN_COUNT_LOW | pkcs11.CKF_USER_PIN_FINAL_TRY: "1 true",
		pkcs11.CKF_USER_PIN_FINAL_TRY | pkcs11.CKF_USER_PIN_LOCKED:    "0 true",
	} {
		s := &session{}
		s.note(flags)
		if got := fmt.Sprint(s.tries()); got != want {
			t.Errorf("flags %x: %s, want %s", flags, got, want)
		}
	}
}

func TestModuleErrors(t *testing.T) {
	for value, want := range map[pkcs11.Error][2]bool{ // gone, perhaps gone
		pkcs11.CKR_TOKEN_NOT_PRESENT:      {true, false},
		pkcs11.CKR_DEVICE_REMOVED:         {true, false},
		pkcs11.CKR_SESSION_HANDLE_INVALID: {true, false},
		pkcs11.CKR_DEVICE_ERROR:           {false, true},
		pkcs11.CKR_GENERAL_ERROR:          {false, true},
		pkcs11.CKR_MECHANISM_INVALID:      {false, false},
		pkcs11.CKR_PIN_INCORRECT:          {false, false},
	} {
		err := goneToken(value)
		if errors.Is(err, ErrGone) != want[0] || errors.Is(err, errPerhapsGone) != want[1] || !is(err, value) {
			t.Errorf("%v: %v", value, err)
		}
	}
	if err := goneToken(nil); err != nil {
		t.Error(err)
	}
}
