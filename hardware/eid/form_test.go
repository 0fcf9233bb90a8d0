package eid

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"slices"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWrongObjects(t *testing.T) {
	for _, test := range []struct{ name, bytes string }{
		{"padding 00", "00"},
		{"padding FF", "FF00"},
		{"no length", "53"},
		{"tag that goes on", "5F"},
		{"tag that goes on further", "5FC1"},
		{"tag of four bytes", "5FC1818100"},
		{"tag that begins with zero", "5F8001 00"},
		{"indefinite length", "53800000"},
		{"length of four bytes", "538400000001AA"},
		{"length cut off", "5382 01"},
		{"value cut off", "5302AA"},
		{"huge length", "5383FFFFFFAA"},
		{"good one, then half of one", "5301AA53"},
		{"too many", hex.EncodeToString(bytes.Repeat([]byte{0x53, 0x00}, maxObjects+1))},
	} {
		b := unhex(t, string(bytes.ReplaceAll([]byte(test.bytes), []byte(" "), nil)))
		if objects, err := parseTLV(b); err == nil || objects != nil {
			t.Errorf("%s: %v, %v", test.name, objects, err)
		}
	}
}

func TestObjects(t *testing.T) {
	long := bytes.Repeat([]byte{7}, 300)
	b := slices.Concat([]byte{0x5F, 0xC1, 0x05, 0x81, 0x01, 0xAA}, appendTLV(nil, 0x70, long), appendTLV(nil, 0x71, long[:200]), []byte{0xFE, 0x00})
	objects, err := parseTLV(b)
	want := []object{{0x5FC105, []byte{0xAA}}, {0x70, long}, {0x71, long[:200]}, {0xFE, []byte{}}}
	if err != nil || !slices.EqualFunc(objects, want, func(a, b object) bool { return a.tag == b.tag && bytes.Equal(a.value, b.value) }) {
		t.Errorf("%v, %v", objects, err)
	}
	if _, err := pick(append(want, want[1]), 0x70); err == nil {
		t.Error("an object that is there twice")
	}
	for name, b := range map[string][]byte{"none": {}, "another": {0x54, 0x00}, "two": {0x53, 0x00, 0x53, 0x00}} {
		if v, err := one(b, 0x53); err == nil {
			t.Errorf("%s: %x", name, v)
		}
	}
}

func FuzzObjects(f *testing.F) {
	f.Add([]byte{0x53, 0x03, 0x70, 0x01, 0xAA})
	f.Add([]byte{0x5F, 0xC1, 0x05, 0x82, 0x00, 0x01, 0xAA})
	f.Add([]byte{0x53, 0x80, 0x00, 0x00})
	f.Fuzz(func(t *testing.T, b []byte) {
		objects, err := parseTLV(b)
		if err != nil {
			return
		}
		var size, n int
		for _, o := range objects {
			size += len(o.value) + 2
			if i := bytes.Index(b[n:], o.value); i < 0 {
				t.Errorf("%x is not in %x", o.value, b)
			} else {
				n += i + len(o.value)
			}
		}
		if size > len(b) || len(objects) > maxObjects {
			t.Errorf("%d objects of %d bytes in %d", len(objects), size, len(b))
		}
	})
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

func certificateObject(der []byte, info ...byte) []byte {
	return appendTLV(nil, 0x53, slices.Concat(appendTLV(nil, 0x70, der), appendTLV(nil, 0x71, info), []byte{0xFE, 0x00}))
}

func TestCertificateObjects(t *testing.T) {
	der := []byte("certificate")
	bomb := zipped(make([]byte, 1<<20))
	for _, test := range []struct {
		name   string
		answer []byte
		want   []byte
		why    string
	}{
		{"plain", certificateObject(der, 0), der, ""},
		{"compressed", certificateObject(zipped(der), 1), der, ""},
		{"empty object", []byte{0x53, 0x00}, nil, ""},
		{"empty certificate", certificateObject(nil, 0), nil, ""},
		{"no certificate", []byte{0x53, 0x02, 0xFE, 0x00}, nil, ""},
		{"nothing", nil, nil, "malformed data object"},
		{"another object", append([]byte{0x54}, certificateObject(der, 0)[1:]...), nil, "malformed data object"},
		{"something behind", append(certificateObject(der, 0), 0x53, 0x00), nil, "malformed data object"},
		{"two certificates", appendTLV(nil, 0x53, slices.Concat(appendTLV(nil, 0x70, der), appendTLV(nil, 0x70, der), []byte{0x71, 1, 0})), nil, "malformed data object"},
		{"no form", appendTLV(nil, 0x53, appendTLV(nil, 0x70, der)), nil, "malformed data object"},
		{"form of two bytes", certificateObject(der, 0, 0), nil, "malformed data object"},
		{"unknown form", certificateObject(der, 2), nil, "unknown form"},
		{"said to be compressed", certificateObject(der, 1), nil, "unpacking"},
		{"cut off inside", certificateObject(zipped(der)[:15], 1), nil, "unpacking"},
		{"wrong sum", certificateObject(append(zipped(der)[:len(zipped(der))-5], 1, 2, 3, 4, 5), 1), nil, "unpacking"},
		{"swells", certificateObject(bomb, 1), nil, "more than 16384 bytes"},
	} {
		got, err := parseCertificateObject(test.answer)
		if !bytes.Equal(got, test.want) || !hasText(err, test.why) {
			t.Errorf("%s: %q, %v", test.name, got, err)
		}
	}
}

func hasText(err error, text string) bool {
	if text == "" || err == nil {
		return err == nil && text == ""
	}
	return bytes.Contains([]byte(err.Error()), []byte(text))
}

func FuzzCertificateObject(f *testing.F) {
	f.Add(certificateObject([]byte("der"), 0))
	f.Add(certificateObject(zipped([]byte("der")), 1))
	f.Add(certificateObject(zipped(make([]byte, 1<<20)), 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		der, err := parseCertificateObject(b)
		if err != nil && der != nil {
			t.Error("a certificate beside an error")
		}
		if len(der) > max(maxCertificate, len(b)) {
			t.Errorf("certificate of %d bytes", len(der))
		}
	})
}

// TestPadding compares with the standard library, which verifies what a raw RSA
// operation makes of our padding.
func TestPadding(t *testing.T) {
	for _, bits := range []int{2048, 3072} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256([]byte("message"))
		padded := padPKCS1(digest, key.Size())
		signature := new(big.Int).Exp(new(big.Int).SetBytes(padded), key.D, key.N).FillBytes(make([]byte, key.Size()))
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			t.Errorf("%d bits: %v", bits, err)
		}
	}
}

func TestWrongSignatureForms(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	n := elliptic.P256().Params().N
	der := func(r, s *big.Int) []byte {
		b, err := asn1.Marshal(ecdsaSignature{r, s})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	one, minus := big.NewInt(1), big.NewInt(-1)
	last := new(big.Int).Sub(n, one)
	ec := &p256.PublicKey
	modulus := &rsa.PublicKey{N: new(big.Int).Lsh(one, 2047), E: 65537}
	ed := ed25519.PublicKey(make([]byte, 32))
	for _, test := range []struct {
		name      string
		key       crypto.PublicKey
		signature []byte
		good      bool
	}{
		{"ends of the range", ec, der(one, last), true},
		{"nothing", ec, nil, false},
		{"r is 0", ec, der(big.NewInt(0), one), false},
		{"s is 0", ec, der(one, big.NewInt(0)), false},
		{"r is negative", ec, der(minus, one), false},
		{"r is the order", ec, der(n, one), false},
		{"s is the order", ec, der(one, n), false},
		{"trailing bytes", ec, append(der(one, one), 0), false},
		{"trailing bytes inside", ec, []byte{0x30, 8, 2, 1, 1, 2, 1, 1, 5, 0}, false},
		{"r with zeros in front", ec, []byte{0x30, 7, 2, 2, 0, 1, 2, 1, 1}, false},
		{"long form of the length", ec, []byte{0x30, 0x81, 6, 2, 1, 1, 2, 1, 1}, false},
		{"raw", ec, make([]byte, 64), false},
		{"one integer", ec, []byte{0x30, 3, 2, 1, 1}, false},
		{"RSA", modulus, make([]byte, 256), true},
		{"RSA, a byte short", modulus, make([]byte, 255), false},
		{"RSA, a byte long", modulus, make([]byte, 257), false},
		{"RSA, nothing", modulus, nil, false},
		{"Ed25519", ed, make([]byte, 64), true},
		{"Ed25519, short", ed, make([]byte, 63), false},
		{"Ed25519, long", ed, make([]byte, 65), false},
		{"another key", "key", make([]byte, 64), false},
	} {
		if err := checkForm(test.key, test.signature); (err == nil) != test.good {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	for _, size := range []int{0, 63, 65} {
		if b, err := fromRaw(ec, make([]byte, size)); err == nil {
			t.Errorf("raw signature of %d bytes: %x", size, b)
		}
	}
}

func FuzzSignatureForm(f *testing.F) {
	key := &ecdsa.PublicKey{Curve: elliptic.P256()}
	f.Add([]byte{0x30, 6, 2, 1, 1, 2, 1, 1}, []byte{1})
	f.Add([]byte{0x30, 7, 2, 2, 0, 1, 2, 1, 1}, make([]byte, 64))
	f.Fuzz(func(t *testing.T, der, raw []byte) {
		if checkForm(key, der) == nil {
			var s ecdsaSignature
			if _, err := asn1.Unmarshal(der, &s); err != nil {
				t.Fatal(err)
			}
			again, err := asn1.Marshal(s)
			if err != nil || !bytes.Equal(again, der) {
				t.Errorf("two encodings of one signature: %x, %x", der, again)
			}
		}
		if b, err := fromRaw(key, raw); err == nil {
			var s ecdsaSignature
			if _, err := asn1.Unmarshal(b, &s); err != nil || new(big.Int).SetBytes(raw[:32]).Cmp(s.R) != 0 || new(big.Int).SetBytes(raw[32:]).Cmp(s.S) != 0 {
				t.Errorf("%x became %x", raw, b)
			}
		}
	})
}

func TestKeyTypes(t *testing.T) {
	key := func(bits uint) *rsa.PublicKey {
		return &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), bits-1), E: 65537}
	}
	for _, test := range []struct {
		name string
		key  crypto.PublicKey
		want string
	}{
		{"RSA 1024", key(1024), ""}, {"RSA 2040", key(2040), ""}, {"RSA 2047", key(2047), ""}, {"RSA 2048", key(2048), KeyRSA},
		{"RSA 4096", key(4096), KeyRSA}, {"RSA 4104", key(4104), ""}, {"RSA 2052", key(2052), ""},
		{"P-224", &ecdsa.PublicKey{Curve: elliptic.P224()}, ""}, {"P-256", &ecdsa.PublicKey{Curve: elliptic.P256()}, KeyP256},
		{"P-384", &ecdsa.PublicKey{Curve: elliptic.P384()}, KeyP384}, {"P-521", &ecdsa.PublicKey{Curve: elliptic.P521()}, ""},
		{"Ed25519", ed25519.PublicKey{}, KeyEd25519}, {"none", nil, ""},
	} {
		if got := keyType(test.key); got != test.want {
			t.Errorf("%s: %q", test.name, got)
		}
	}
}

func TestChains(t *testing.T) {
	cert := func(raw, subject, issuer string, ca bool) *x509.Certificate {
		return &x509.Certificate{Raw: []byte(raw), RawSubject: []byte(subject), RawIssuer: []byte(issuer), IsCA: ca}
	}
	leaf := cert("leaf", "L", "A", false)
	a, b, root := cert("a", "A", "B", true), cert("b", "B", "R", true), cert("root", "R", "R", true)
	var long []*x509.Certificate
	for i := range 20 {
		long = append(long, cert(string(rune('a'+i)), string(rune('A'+i)), string(rune('B'+i)), true))
	}
	for _, test := range []struct {
		name   string
		others []*x509.Certificate
		want   string
	}{
		{"alone", nil, "leaf"},
		{"in disorder, with strangers", []*x509.Certificate{cert("x", "X", "Y", true), root, b, a}, "leaf a b"},
		{"with a gap", []*x509.Certificate{b}, "leaf"},
		{"not an authority", []*x509.Certificate{cert("a", "A", "B", false)}, "leaf"},
		{"in a circle", []*x509.Certificate{a, cert("b", "B", "A", true)}, "leaf a b"},
		{"longer than allowed", long, "leaf a b c d e f g"},
	} {
		if got := string(bytes.Join(chain(leaf, test.others), []byte(" "))); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
