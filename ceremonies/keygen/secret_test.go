package keygen

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
)

func TestParseSecretRefuses(t *testing.T) {
	good := must(Generate(random("s"))).Export()
	for name, text := range map[string]string{
		"nothing":         "",
		"another secret":  strings.Replace(good, "TRUSTEE", "SIGNING", 1),
		"lower case":      strings.ToLower(good),
		"lower digits":    secretPrefix + strings.ToLower(strings.TrimPrefix(good, secretPrefix)),
		"a digit less":    good[:len(good)-1],
		"a byte less":     good[:len(good)-2],
		"a byte more":     good + "00",
		"a line more":     good + "\n",
		"white space":     " " + good,
		"no prefix":       strings.TrimPrefix(good, secretPrefix),
		"no hexadecimals": secretPrefix + strings.Repeat("XY", 32),
	} {
		if _, err := ParseSecret(text); err == nil || err.Error() != "not the secret of a trustee" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGenerateNeedsRandomness(t *testing.T) {
	_, err := Generate(bytes.NewReader(make([]byte, 31)))
	wantError(t, err, "reading randomness: unexpected EOF")
}

// A secret shows in no way of printing but Export.
func TestSecretsCannotBePrinted(t *testing.T) {
	secret := must(Generate(random("printed")))
	raw := secret.open()
	p := newPlay(1, 1)
	seat := must(p.secrets[0].Sit(p.manifest))
	held := struct {
		s    SecretTrustee
		p    *SecretTrustee
		seat *Seat
		all  []SecretTrustee
	}{secret, &secret, seat, []SecretTrustee{secret}}
	inSeat := p.secrets[0].open()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%t", "%p", "%T", "%c", "%U", "%e"} {
		for _, v := range []any{secret, &secret, held, &held, held.all, seat, *seat, p.secrets, Desk{Seat: seat}} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", secret, "held", held, "seat", seat)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", secret, "held", held, "seat", seat)
	for _, bytes := range [][32]byte{raw, inSeat} {
		for _, form := range []string{string(bytes[:]), hex.EncodeToString(bytes[:]), strings.ToUpper(hex.EncodeToString(bytes[:])), strings.Trim(fmt.Sprint(bytes), "[]")} {
			if strings.Contains(out.String(), form) {
				t.Fatalf("the secret is printed:\n%s", out.String())
			}
		}
	}
	if _, err := json.Marshal(secret); err == nil {
		t.Error("a secret in JSON")
	}
	if _, err := secret.MarshalText(); err == nil {
		t.Error("a secret in a text")
	}
	if got := fmt.Sprint(secret); got != "keygen.SecretTrustee(redacted)" {
		t.Errorf("prints as %q", got)
	}
}

// The vectors were computed a second time with Python's hashlib, cryptography
// and plain integers.
func TestDerivationVectors(t *testing.T) {
	var vectors []struct {
		Secret, Manifest, SigningKey, EncryptionKey string
		Coefficients, Seal                          []string
	}
	must(0, json.Unmarshal(must(os.ReadFile("testdata/derivation.json")), &vectors))
	if len(vectors) < 2 {
		t.Fatal("vectors are missing")
	}
	for _, v := range vectors {
		s := must(ParseSecret(v.Secret))
		hash := must(record.ParseHash(v.Manifest))
		check := func(what, got, want string) {
			if got != want {
				t.Errorf("%s: %s, want %s", what, got, want)
			}
		}
		check("signing key", publicKey(s).String(), v.SigningKey)
		check("encryption key", must(s.encryptionKeyHash()).String(), v.EncryptionKey)
		for k, c := range s.polynomial(hash, len(v.Coefficients)).Coefficients() {
			check(fmt.Sprint("coefficient ", k), hex.EncodeToString(c.Reveal().Bytes()), v.Coefficients[k])
		}
		for j, want := range v.Seal {
			check(fmt.Sprint("randomness of share ", j+1), record.Hash(s.derive("seal", hash, j+1)).String(), want)
		}
	}
}

// A sealed share opens for its receiver in its place, and nowhere else.
func TestSealingBindsManifestDealerAndReceiver(t *testing.T) {
	p := newPlay(2, 3)
	hash, share := p.seats[0].hash, group.NewScalar(77)
	sealed := must(seal(p.m.Trustees[1].EncryptionKey, sealInfo(hash, 1, 2), share, [32]byte{5}))
	if got := must(p.secrets[1].unseal(sealInfo(hash, 1, 2), sealed)); !got.Reveal().Equal(share) {
		t.Error("another share came out")
	}
	for name, info := range map[string][]byte{
		"another manifest": sealInfo(record.Hash{1}, 1, 2),
		"another dealer":   sealInfo(hash, 3, 2),
		"another receiver": sealInfo(hash, 1, 3),
		"nothing":          nil,
	} {
		if _, err := p.secrets[1].unseal(info, sealed); err == nil || err.Error() != "does not open" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.secrets[2].unseal(sealInfo(hash, 1, 2), sealed); err == nil {
		t.Error("another trustee opened it")
	}
	again := must(seal(p.m.Trustees[1].EncryptionKey, sealInfo(hash, 1, 2), share, [32]byte{5}))
	if !bytes.Equal(sealed, again) {
		t.Error("the same randomness gave other bytes: no defence could be judged")
	}
}

func TestSitRefuses(t *testing.T) {
	p := newPlay(2, 3)
	stranger := must(Generate(random("stranger")))
	_, err := stranger.Sit(p.manifest)
	wantError(t, err, "this secret belongs to no trustee of the manifest")

	own := must(stranger.encryptionKeyHash())
	p.m.Trustees[0].EncryptionKey = own // the stranger wants trustee 1's shares
	_, err = p.secrets[0].Sit(must(record.Marshal(p.m)))
	wantError(t, err, "the manifest gives trustee 1 an encryption key that is not its own")

	_, err = p.secrets[0].Sit([]byte("{"))
	wantError(t, err, "manifest: json: ends in the middle")
}

func TestNamesThatAreRefused(t *testing.T) {
	s := must(Generate(random("named")))
	for name, want := range map[string]string{
		"":                        "enrolling: name: missing, longer than 256 bytes, or not one line",
		strings.Repeat("x", 257):  "enrolling: name: missing, longer than 256 bytes, or not one line",
		"Kim\ntrustee 2 has lied": "enrolling: name: missing, longer than 256 bytes, or not one line",
		" Kim":                    "enrolling: name: white space around it",
		"Kim\x1b[2J":              "enrolling: name: character U+001B is not allowed",
		"\u202emiK":               "enrolling: name: character U+202E is not allowed",
	} {
		_, err := s.Enrol(name)
		wantError(t, err, want)
	}
}

// The sealed shares were computed a second time from RFC 9180, with Python's
// hashlib and cryptography.
func TestSealingVectors(t *testing.T) {
	var vectors []struct {
		Manifest         record.Hash
		Dealer, Receiver int
		ReceiverSecret   string
		Share            group.Scalar
		Randomness       record.Hash
		Sealed           record.Bytes
	}
	must(0, json.Unmarshal(must(os.ReadFile("testdata/sealing.json")), &vectors))
	if len(vectors) < 3 {
		t.Fatal("vectors are missing")
	}
	for i, v := range vectors {
		secret := must(ParseSecret(v.ReceiverSecret))
		info := sealInfo(v.Manifest, v.Dealer, v.Receiver)
		if sealed := must(seal(must(secret.encryptionKeyHash()), info, v.Share, v.Randomness)); !bytes.Equal(sealed, v.Sealed) {
			t.Errorf("vector %d: sealed %x, want %x", i, sealed, v.Sealed)
		}
		if share := must(secret.unseal(info, v.Sealed)); !share.Reveal().Equal(v.Share) {
			t.Errorf("vector %d: another share", i)
		}
	}
}
