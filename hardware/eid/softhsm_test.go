package eid_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const softModule = "/usr/lib/softhsm/libsofthsm2.so"

// A softToken is a token of SoftHSM with keys made in it and a certificate for each.
type softToken struct {
	dir    string
	leaves map[string][]byte // by CKA_ID
}

// softKeys are the keys on the token by kind of card and key, with their CKA_ID.
var softKeys = map[string]struct {
	id  string
	key func() crypto.Signer // nil: made in the token, to be asked for the PIN always
}{
	"softhsm, ecdsa-p256":      {"11", keyP256},
	"softhsm, ecdsa-p384":      {"12", keyP384},
	"softhsm, rsa":             {"13", keyRSA2048},
	"softhsm-each, ecdsa-p256": {"14", keyP256},
	"softhsm-always, rsa":      {"15", nil},
}

func (s *softToken) id(profile, key string) string { return softKeys[profile+", "+key].id }

// newSoftToken makes a token in a folder of its own, which this process finds by
// SoftHSM's own variable.
func newSoftToken(t testing.TB) *softToken {
	t.Helper()
	for path, name := range map[string]string{softModule: "softhsm2", "/usr/bin/pkcs11-tool": "opensc"} {
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("the Debian package %s is missing: %v", name, err)
		}
	}
	s := &softToken{dir: t.TempDir(), leaves: map[string][]byte{}}
	conf := filepath.Join(s.dir, "softhsm2.conf")
	text := fmt.Sprintf("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", s.dir)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	s.run(t, "softhsm2-util", "--init-token", "--free", "--label", "eid", "--so-pin", "12345678", "--pin", rightPIN)
	for _, k := range softKeys {
		if k.key == nil {
			public := filepath.Join(s.dir, k.id+".spki")
			s.tool(t, "--keypairgen", "--key-type", "rsa:2048", "--id", k.id, "--label", k.id, "--always-auth")
			s.tool(t, "--read-object", "--type", "pubkey", "--id", k.id, "--output-file", public)
			s.leaves[k.id] = issue(must(x509.ParsePKIXPublicKey(must(os.ReadFile(public)))))
		} else {
			private := filepath.Join(s.dir, k.id+".pem")
			block := &pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(k.key()))}
			if err := os.WriteFile(private, pem.EncodeToMemory(block), 0o600); err != nil {
				t.Fatal(err)
			}
			s.run(t, "softhsm2-util", "--import", private, "--token", "eid", "--id", k.id, "--label", k.id, "--pin", rightPIN)
			s.leaves[k.id] = issued(k.key())
		}
		s.put(t, k.id, s.leaves[k.id])
	}
	s.put(t, "aa", testAuthority().certificate.Raw)
	return s
}

// put writes a certificate on the token.
func (s *softToken) put(t testing.TB, id string, der []byte) {
	t.Helper()
	file := filepath.Join(s.dir, id+".der")
	if err := os.WriteFile(file, der, 0o600); err != nil {
		t.Fatal(err)
	}
	s.tool(t, "--write-object", file, "--type", "cert", "--id", id, "--label", id)
}

func (s *softToken) tool(t testing.TB, arguments ...string) {
	t.Helper()
	s.run(t, "pkcs11-tool", append([]string{"--module", softModule, "--token-label", "eid", "--login", "--pin", rightPIN}, arguments...)...)
}

func (s *softToken) run(t testing.TB, program string, arguments ...string) {
	t.Helper()
	if out, err := exec.Command(program, arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", program, arguments, err, out)
	}
}
