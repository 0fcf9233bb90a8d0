package keygen

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// low is the work factor of tests.
const low = 1

func TestUnlockRefuses(t *testing.T) {
	good := must(Lock("SECRET", "passphrase", low))
	for name, c := range map[string]struct {
		sealed []byte
		want   string
	}{
		"nothing":                {nil, "decrypting a secret: not an encrypted file"},
		"garbage":                {[]byte("garbage"), "decrypting a secret: not an encrypted file"},
		"a truncated file":       {good[:len(good)-40], "decrypting a secret: "},
		"a flipped bit":          {bytes.Replace(good, []byte("A"), []byte("B"), 1), ""},
		"no armour":              {[]byte("age-encryption.org/v1\n"), "decrypting a secret: not an encrypted file"},
		"a secret left in clear": {[]byte(must(Generate(random("s"))).Export()), "decrypting a secret: not an encrypted file"},
		"a huge file":            {make([]byte, maxSealed+1), "decrypting a secret: 65537 bytes, allowed are 65536"},
		"more than there is work for": {
			hostile(t, WorkFactor+1), "scrypt work factor too large: 19",
		},
		"the most work that can be asked for": {hostile(t, 30), "scrypt work factor too large: 30"},
		"an absurd work factor":               {hostile(t, 99999999999), "scrypt work factor"},
		"a file for a key":                    {forKey(t), "decrypting a secret: it is not under a passphrase"},
	} {
		text, err := Unlock(c.sealed, "passphrase")
		if err == nil || !strings.Contains(err.Error(), c.want) || text != "" {
			t.Errorf("%s: %q, %v; want %s", name, text, err, c.want)
		}
	}
	if _, err := Unlock(good, "another passphrase"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("another passphrase: %v", err)
	}
	if text, err := Unlock(good, "passphrase"); err != nil || text != "SECRET" {
		t.Errorf("%q, %v", text, err)
	}
}

// hostile makes a file whose header asks for 2^factor scrypt blocks.
func hostile(t *testing.T, factor int) []byte {
	t.Helper()
	return forge(t, func(header string) string {
		return strings.Replace(header, " 1\n", " "+strconv.Itoa(factor)+"\n", 1)
	})
}

// forge changes the header of a file that Lock made.
func forge(t *testing.T, change func(string) string) []byte {
	t.Helper()
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(armor.NewReader(bytes.NewReader(must(Lock("SECRET", "passphrase", low))))); err != nil {
		t.Fatal(err)
	}
	changed := change(raw.String())
	if changed == raw.String() {
		t.Fatal("nothing was changed")
	}
	return armoured(t, []byte(changed))
}

func armoured(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := armor.NewWriter(&out)
	_, err := w.Write(b)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// forKey encrypts to a key instead of a passphrase.
func forKey(t *testing.T) []byte {
	t.Helper()
	identity := must(age.GenerateX25519Identity())
	var out bytes.Buffer
	w := must(age.Encrypt(&out, identity.Recipient()))
	_, err := w.Write([]byte("SECRET"))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return armoured(t, out.Bytes())
}

func TestLockRefusesImpossibleWork(t *testing.T) {
	for _, factor := range []int{-1, 0, WorkFactor + 1} {
		if _, err := Lock("SECRET", "passphrase", factor); err == nil || !strings.Contains(err.Error(), "work factor") {
			t.Errorf("work factor %d: %v", factor, err)
		}
	}
	_, err := Lock("SECRET", "", low)
	if err == nil || !strings.Contains(err.Error(), "encrypting a secret: ") {
		t.Errorf("no passphrase: %v", err)
	}
}
