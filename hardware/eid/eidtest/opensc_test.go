package eidtest_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

// run runs an independent program against the stack, which it finds by the
// environment, and returns what it says. Its caches are its own.
func run(t testing.TB, name string, arguments ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("the Debian package %s is missing: %v", map[bool]string{true: "openssl", false: "opensc"}[name == "openssl"], err)
	}
	c := exec.Command(path, arguments...)
	c.Env = append(os.Environ(), "HOME="+t.TempDir(), "LC_ALL=C.UTF-8")
	out, err := c.CombinedOutput()
	return string(out), err
}

// must is run where the program has to succeed.
func must(t testing.TB, name string, arguments ...string) string {
	t.Helper()
	out, err := run(t, name, arguments...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, out)
	}
	return out
}

// pkcs11 runs pkcs11-tool with OpenSC's module.
func pkcs11(t testing.TB, arguments ...string) (string, error) {
	t.Helper()
	modules, err := filepath.Glob("/usr/lib/*/opensc-pkcs11.so")
	if err != nil || len(modules) == 0 {
		t.Fatal("the Debian package opensc-pkcs11 is missing")
	}
	return run(t, "pkcs11-tool", append([]string{"--module", modules[0]}, arguments...)...)
}

// keyIDs are OpenSC's names of the slots.
var keyIDs = map[byte]string{0x9A: "01", 0x9C: "02", 0x9D: "03", 0x9E: "04"}

func TestToolsKnowTheCard(t *testing.T) {
	s := eidtest.StartStack(t)
	slots := map[byte]eidtest.Slot{
		0x9A: slot(t, newKey(t, "ecdsa-p256"), eidtest.PINOnce),
		0x9C: slot(t, newKey(t, "rsa-2048"), eidtest.PINEach),
		0x9D: slot(t, newKey(t, "ecdsa-p384"), eidtest.PINOnce),
		0x9E: slot(t, newKey(t, "rsa-3072"), eidtest.PINNone),
	}
	card := eidtest.NewCard(eidtest.CardConfig{Slots: slots, GUID: [16]byte{0xC0, 0xFF, 0xEE, 15: 0x42}})
	if err := s.Insert(card); err != nil {
		t.Fatal(err)
	}
	if out := must(t, "opensc-tool", "--name", "--reader", s.ReaderName()); !strings.Contains(out, "Personal Identity Verification Card") {
		t.Errorf("opensc-tool does not know the card:\n%s", out)
	}
	if out := must(t, "piv-tool", "--serial"); !strings.Contains(out, "C0 FF EE 00 00 00 00 00 00 00 00 00 00 00 00 42") {
		t.Errorf("piv-tool reads another GUID:\n%s", out)
	}
	out := must(t, "pkcs15-tool", "--list-certificates", "--list-keys", "--list-pins")
	for _, want := range []string{
		"Certificate for PIV Authentication", "Certificate for Digital Signature",
		"Certificate for Key Management", "Certificate for Card Authentication",
		"Private EC Key [PIV AUTH key]", "Private RSA Key [SIGN key]",
		"Private EC Key [KEY MAN key]", "Private RSA Key [CARD AUTH key]", "PIN [PIN]",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("pkcs15-tool does not list %q:\n%s", want, out)
		}
	}
	for reference, want := range slots {
		out := must(t, "pkcs15-tool", "--read-certificate", keyIDs[reference])
		block, _ := pem.Decode([]byte(out[max(0, strings.Index(out, "-----BEGIN")):]))
		if block == nil || !bytes.Equal(block.Bytes, want.Certificate) {
			t.Errorf("pkcs15-tool reads another certificate in slot %X:\n%s", reference, out)
		}
	}
}

// TestToolsSign: OpenSC signs with the card's key, and OpenSSL accepts the
// signature under the certificate's.
func TestToolsSign(t *testing.T) {
	for _, c := range []struct {
		key, rule, mechanism string
		reference            byte
	}{
		{"ecdsa-p256", eidtest.PINOnce, "ECDSA-SHA256", 0x9A},
		{"ecdsa-p256", eidtest.PINEach, "ECDSA-SHA256", 0x9C},
		{"ecdsa-p384", eidtest.PINOnce, "ECDSA-SHA256", 0x9A},
		{"rsa-2048", eidtest.PINOnce, "SHA256-RSA-PKCS", 0x9A},
		{"rsa-2048", eidtest.PINEach, "SHA256-RSA-PKCS", 0x9C},
		{"rsa-3072", eidtest.PINOnce, "SHA256-RSA-PKCS", 0x9A},
	} {
		t.Run(fmt.Sprintf("%s %X %s", c.key, c.reference, c.rule), func(t *testing.T) {
			s := eidtest.StartStack(t)
			key := newKey(t, c.key)
			if err := s.Insert(eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{c.reference: slot(t, key, c.rule)}})); err != nil {
				t.Fatal(err)
			}
			message, signature, public := files(t, key.Public())
			arguments := []string{"--login", "--pin", eidtest.DefaultPIN, "--sign", "--id", keyIDs[c.reference],
				"--mechanism", c.mechanism, "-i", message, "-o", signature}
			if strings.HasPrefix(c.key, "ecdsa") {
				arguments = append(arguments, "--signature-format", "openssl")
			}
			if out, err := pkcs11(t, arguments...); err != nil {
				t.Fatalf("pkcs11-tool does not sign: %v\n%s", err, out)
			}
			if out := must(t, "openssl", "dgst", "-sha256", "-verify", public, "-signature", signature, message); !strings.Contains(out, "Verified OK") {
				t.Errorf("openssl says %s", out)
			}
		})
	}
}

// TestToolsSignWithoutPIN: pkcs11-tool always logs in, pkcs15-crypt does not.
func TestToolsSignWithoutPIN(t *testing.T) {
	s := eidtest.StartStack(t)
	key := newKey(t, "ecdsa-p256")
	if err := s.Insert(eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{0x9E: slot(t, key, eidtest.PINNone)}})); err != nil {
		t.Fatal(err)
	}
	message, signature, public := files(t, key.Public())
	digest := filepath.Join(filepath.Dir(message), "digest")
	must(t, "openssl", "dgst", "-sha256", "-binary", "-out", digest, message)
	must(t, "pkcs15-crypt", "--sign", "--key", "04", "--signature-format", "openssl", "-i", digest, "-o", signature)
	if out := must(t, "openssl", "dgst", "-sha256", "-verify", public, "-signature", signature, message); !strings.Contains(out, "Verified OK") {
		t.Errorf("openssl says %s", out)
	}
}

// files makes a message, a place for its signature, and the public key as OpenSSL reads it.
func files(t *testing.T, key crypto.PublicKey) (message, signature, public string) {
	t.Helper()
	dir := t.TempDir()
	message, signature, public = filepath.Join(dir, "message"), filepath.Join(dir, "signature"), filepath.Join(dir, "public.pem")
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, message, []byte("a challenge"))
	write(t, public, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return message, signature, public
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestToolsAgreeOnASecret: OpenSC derives with the card's key what the other side derives.
func TestToolsAgreeOnASecret(t *testing.T) {
	s := eidtest.StartStack(t)
	key := newKey(t, "ecdsa-p256").(*ecdsa.PrivateKey)
	if err := s.Insert(eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{
		0x9D: {Key: key, Certificate: certify(t, key, x509.KeyUsageKeyAgreement)},
	}})); err != nil {
		t.Fatal(err)
	}
	peer, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(peer.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	theirs, derived := filepath.Join(dir, "peer.der"), filepath.Join(dir, "derived")
	write(t, theirs, der)
	out, err := pkcs11(t, "--login", "--pin", eidtest.DefaultPIN, "--derive", "--id", "03", "--mechanism", "ECDH1-DERIVE",
		"-i", theirs, "-o", derived)
	if err != nil {
		t.Fatalf("pkcs11-tool does not derive: %v\n%s", err, out)
	}
	own, err := key.PublicKey.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	want, err := peer.ECDH(own)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(derived); err != nil || !bytes.Equal(got, want) {
		t.Errorf("derived %x, %v; the other side has %x", got, err, want)
	}
}

func TestToolsCountTries(t *testing.T) {
	s := eidtest.StartStack(t)
	card := newCard(t, eidtest.PINOnce)
	if err := s.Insert(card); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		pin, says string
		left      int
	}{
		{"111111", "CKR_PIN_INCORRECT", 2},
		{"222222", "CKR_PIN_INCORRECT", 1},
		{eidtest.DefaultPIN, "", 3},
		{"111111", "CKR_PIN_INCORRECT", 2},
		{"111111", "CKR_PIN_INCORRECT", 1},
		{"111111", "CKR_PIN_", 0}, // OpenSC says incorrect, or locked
		{eidtest.DefaultPIN, "CKR_PIN_LOCKED", 0},
	} {
		out, err := pkcs11(t, "--login", "--pin", step.pin, "--list-objects")
		if wrong := step.says != ""; wrong != (err != nil) || !strings.Contains(out, step.says) {
			t.Errorf("step %d: pkcs11-tool with %s: %v\n%s", i, step.pin, err, out)
		}
		if got := card.TriesLeft(); got != step.left {
			t.Errorf("step %d: %d tries left, want %d", i, got, step.left)
		}
	}
}

func TestToolsChangeThePIN(t *testing.T) {
	s := eidtest.StartStack(t)
	if err := s.Insert(newCard(t, eidtest.PINOnce)); err != nil {
		t.Fatal(err)
	}
	if out, err := pkcs11(t, "--login", "--pin", eidtest.DefaultPIN, "--change-pin", "--new-pin", "87654321"); err != nil {
		t.Fatalf("pkcs11-tool does not change the PIN: %v\n%s", err, out)
	}
	if out, err := pkcs11(t, "--login", "--pin", "87654321", "--list-objects"); err != nil {
		t.Errorf("the new PIN: %v\n%s", err, out)
	}
	if out, err := pkcs11(t, "--login", "--pin", eidtest.DefaultPIN, "--list-objects"); err == nil {
		t.Errorf("the old PIN is still good:\n%s", out)
	}
}
