package eid

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

// selfSigned makes a certificate that no authority has issued.
func selfSigned(key crypto.Signer) []byte {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{SerialNumber: "A123456789"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return der
}

var testP256 = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

// virtualCard is a card without a reader: its commands are called.
func virtualCard(key crypto.Signer) *eidtest.Card {
	der := selfSigned(key)
	return eidtest.NewCard(eidtest.CardConfig{PIN: "123456", Slots: map[byte]eidtest.Slot{
		0x9A: {Key: key, Certificate: der, PIN: eidtest.PINOnce}, 0x9C: {Key: key, Certificate: der, PIN: eidtest.PINEach},
	}})
}

func anyKey(name string) *Profile {
	p, err := BundledProfile(name)
	if err != nil {
		panic(err)
	}
	p.KeyTypes = []string{KeyRSA, KeyP256, KeyP384, KeyEd25519}
	return p
}

func nothing() error { return nil }

// through makes a channel to a card in which change may answer in its place.
func through(card *eidtest.Card, change func(command []byte) ([]byte, bool)) channel {
	return channel{transmit: func(command []byte) ([]byte, error) {
		if change != nil {
			if answer, ok := change(command); ok {
				return answer, nil
			}
		}
		return card.Transmit(command), nil
	}}
}

// answering answers one instruction always the same.
func answering(ins byte, answer ...byte) func([]byte) ([]byte, bool) {
	return func(command []byte) ([]byte, bool) { return answer, len(command) > 1 && command[1] == ins }
}

// atFirst answers one instruction the first time.
func atFirst(ins byte, answer ...byte) func([]byte) ([]byte, bool) {
	done := false
	return func(command []byte) ([]byte, bool) {
		if done || command[1] != ins {
			return nil, false
		}
		done = true
		return answer, true
	}
}

// TestHostileAnswers gives the driver what no card should answer, at each step.
func TestHostileAnswers(t *testing.T) {
	endless := func(ins byte) func([]byte) ([]byte, bool) {
		return func(command []byte) ([]byte, bool) {
			return []byte{0x61, 0x00}, command[1] == ins || command[1] == 0xC0
		}
	}
	flood := func(ins byte) func([]byte) ([]byte, bool) {
		return func(command []byte) ([]byte, bool) {
			return append(make([]byte, 256), 0x61, 0x00), command[1] == ins || command[1] == 0xC0
		}
	}
	answer := func(body []byte) []byte { return append(body, 0x90, 0x00) }
	signature := func(value []byte) []byte { return answer(appendTLV(nil, 0x7C, appendTLV(nil, 0x82, value))) }
	good := []byte{0x30, 6, 2, 1, 1, 2, 1, 1}
	steps := []struct {
		name string
		ins  byte
	}{{"SELECT", 0xA4}, {"GET DATA", 0xCB}, {"VERIFY", 0x20}, {"GENERAL AUTHENTICATE", 0x87}}
	for _, step := range steps {
		for _, test := range []struct {
			name   string
			change func([]byte) ([]byte, bool)
			why    string
		}{
			{"nothing", answering(step.ins), "answers with 0 bytes"},
			{"one byte", answering(step.ins, 0x90), "answers with 1 bytes"},
			{"too long", answering(step.ins, make([]byte, 259)...), "answers with 259 bytes"},
			{"much too long", answering(step.ins, make([]byte, 1<<17)...), "answers with 131072 bytes"},
			{"6F00", answering(step.ins, 0x6F, 0x00), "status 6F00"},
			{"no status at all", answering(step.ins, 0x00, 0x00), "status 0000"},
			{"6C again and again", answering(step.ins, 0x6C, 0x10), "status 6C10"},
			{"6C with data", answering(step.ins, 0xAA, 0x6C, 0x10), "status 6C10"},
			{"61 without end", endless(step.ins), "more than 300 parts"},
			{"61 with data without end", flood(step.ins), "longer than 65536 bytes"},
		} {
			err := wholeUse(through(virtualCard(testP256()), test.change))
			if !hasText(err, test.why) {
				t.Errorf("%s, %s: %v, want %s", step.name, test.name, err, test.why)
			}
		}
	}
	for _, test := range []struct {
		name   string
		change func([]byte) ([]byte, bool)
		why    string
	}{
		{"SELECT, no template", answering(0xA4, 0x90, 0x00), "malformed data object"},
		{"SELECT, another template", answering(0xA4, 0x62, 0x00, 0x90, 0x00), "malformed data object"},
		{"GET DATA, no certificate", answering(0xCB, answer(certificateObject([]byte("junk"), 0))...), "certificate is malformed"},
		{"GET DATA, a huge certificate", answeringLong(certificateObject(make([]byte, maxCertificate+1), 0)), "certificate of 16385 bytes"},
		{"GET DATA, indefinite length", answering(0xCB, 0x53, 0x80, 0x00, 0x00, 0x90, 0x00), "malformed data object"},
		{"tries asked, data and 9000", atFirst(0x20, 0xAA, 0x90, 0x00), ""},
		{"signature, nothing in it", answering(0x87, signature(nil)...), "signature is malformed"},
		{"signature, no template", answering(0x87, 0x90, 0x00), "malformed data object"},
		{"signature, empty template", answering(0x87, 0x7C, 0x00, 0x90, 0x00), "malformed data object"},
		{"signature, another object", answering(0x87, answer(appendTLV(nil, 0x7C, appendTLV(nil, 0x81, good)))...), "malformed data object"},
		{"signature, two", answering(0x87, answer(appendTLV(nil, 0x7C, append(appendTLV(nil, 0x82, good), appendTLV(nil, 0x82, good)...)))...), "malformed data object"},
		{"signature, something behind", answering(0x87, answer(append(appendTLV(nil, 0x7C, appendTLV(nil, 0x82, good)), 0x82, 0x00))...), "malformed data object"},
		{"signature, raw", answering(0x87, signature(make([]byte, 64))...), "signature is malformed"},
		{"signature, a byte long", answering(0x87, signature(append(good, 0))...), "signature is malformed"},
		{"signature, numbers too large", answering(0x87, signature(slices.Concat([]byte{0x30, 0x26, 0x02, 0x21, 0x01}, make([]byte, 32), []byte{2, 1, 1}))...), "signature is malformed"},
	} {
		if err := wholeUse(through(virtualCard(testP256()), test.change)); !hasText(err, test.why) {
			t.Errorf("%s: %v, want %s", test.name, err, test.why)
		}
	}
}

// answeringLong answers GET DATA in parts.
func answeringLong(body []byte) func([]byte) ([]byte, bool) {
	return func(command []byte) ([]byte, bool) {
		if command[1] != 0xCB && command[1] != 0xC0 {
			return nil, false
		}
		n := min(len(body), 256)
		part := slices.Clone(body[:n])
		body = body[n:]
		if len(body) > 0 {
			return append(part, 0x61, byte(min(len(body), 256))), true
		}
		return append(part, 0x90, 0x00), true
	}
}

// wholeUse is one whole use of a card: find the key, enter the PIN, sign.
func wholeUse(c channel) error {
	v, err := openPIV(c, nothing, anyKey("piv"))
	if err != nil {
		return err
	}
	if err := v.verify([]byte("123456")); err != nil {
		return err
	}
	signature, err := v.sign([]byte("message"))
	if err != nil {
		return err
	}
	return checkForm(v.leaf.parsed.PublicKey, signature)
}

// TestOtherCards has cards that are no card of the profile: the next profile is tried.
func TestOtherCards(t *testing.T) {
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	voter := anyKey("piv")
	voter.KeyTypes = []string{KeyRSA, KeyP384}
	for _, test := range []struct {
		name    string
		channel channel
		profile *Profile
	}{
		{"no PIV application", through(virtualCard(testP256()), answering(0xA4, 0x6A, 0x82)), anyKey("piv")},
		{"no such object", through(virtualCard(testP256()), answering(0xCB, 0x6A, 0x88)), anyKey("piv")},
		{"nothing in this place", through(virtualCard(testP256()), nil), anyKey("piv-no-pin")},
		{"an empty object", through(virtualCard(testP256()), answering(0xCB, 0x53, 0x00, 0x90, 0x00)), anyKey("piv")},
		{"a key of another type", through(virtualCard(testP256()), nil), voter},
		{"a key of no type", through(virtualCard(p224), nil), anyKey("piv")},
	} {
		if v, err := openPIV(test.channel, nothing, test.profile); !errors.Is(err, ErrNoKey) || v != nil {
			t.Errorf("%s: %v, %v", test.name, v, err)
		}
	}
}

func TestAnswersToPIN(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer []byte
		want   PINError
	}{
		{"two left", []byte{0x63, 0xC2}, PINError{TriesLeft: 2}},
		{"fifteen left", []byte{0x63, 0xCF}, PINError{TriesLeft: 15}},
		{"none left", []byte{0x63, 0xC0}, PINError{Blocked: true}},
		{"blocked", []byte{0x69, 0x83}, PINError{Blocked: true}},
		{"wrong, without a number", []byte{0x63, 0x00}, PINError{TriesLeft: -1}},
	} {
		wrong := false
		c := through(virtualCard(testP256()), func(command []byte) ([]byte, bool) { return test.answer, wrong && command[1] == 0x20 })
		v, err := openPIV(c, nothing, anyKey("piv"))
		if err != nil {
			t.Fatal(err)
		}
		wrong = true
		got, ok := errors.AsType[*PINError](v.verify([]byte("123456")))
		if !ok || *got != test.want {
			t.Errorf("%s: %+v", test.name, got)
		}
		if n, says := v.tries(); says != (test.want.TriesLeft >= 0) || says && n != test.want.TriesLeft {
			t.Errorf("%s: %d tries, %v", test.name, n, says)
		}
	}
	v, err := openPIV(through(virtualCard(testP256()), nil), nothing, anyKey("piv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, digits := range []string{"", "123456789"} {
		if err := v.verify([]byte(digits)); err == nil {
			t.Errorf("a PIN of %d digits went to the card", len(digits))
		}
	}
	if n, says := v.tries(); n != 3 || !says {
		t.Errorf("tries %d, %v: a PIN that no card takes has cost one", n, says)
	}
}

// TestCommands compares the bytes on the wire with those that SP 800-73-4 and
// ISO/IEC 7816-3 want, for both protocols.
func TestCommands(t *testing.T) {
	long := bytes.Repeat([]byte{0xAB}, 300)
	for _, test := range []struct {
		name    string
		t0      bool
		command command
		want    [][]byte
	}{
		{"nothing", false, command{ins: 0x20, p2: 0x80}, [][]byte{{0, 0x20, 0, 0x80}}},
		{"nothing, T=0", true, command{ins: 0x20, p2: 0x80}, [][]byte{{0, 0x20, 0, 0x80, 0}}},
		{"answer", false, command{ins: 0xC0, answer: true}, [][]byte{{0, 0xC0, 0, 0, 0}}},
		{"answer, T=0", true, command{ins: 0xC0, answer: true}, [][]byte{{0, 0xC0, 0, 0, 0}}},
		{"data", false, command{ins: 0x20, data: []byte{1, 2}}, [][]byte{{0, 0x20, 0, 0, 2, 1, 2}}},
		{"data and answer", false, command{ins: 0xCB, p1: 0x3F, p2: 0xFF, data: []byte{1}, answer: true}, [][]byte{{0, 0xCB, 0x3F, 0xFF, 1, 1, 0}}},
		{"data and answer, T=0", true, command{ins: 0xCB, p1: 0x3F, p2: 0xFF, data: []byte{1}, answer: true}, [][]byte{{0, 0xCB, 0x3F, 0xFF, 1, 1}}},
		{"chained", false, command{ins: 0x87, p1: 7, p2: 0x9A, data: long, answer: true}, [][]byte{
			append([]byte{0x10, 0x87, 7, 0x9A, 255}, long[:255]...), append(append([]byte{0, 0x87, 7, 0x9A, 45}, long[255:]...), 0),
		}},
		{"chained, T=0", true, command{ins: 0x87, p1: 7, p2: 0x9A, data: long, answer: true}, [][]byte{
			append([]byte{0x10, 0x87, 7, 0x9A, 255}, long[:255]...), append([]byte{0, 0x87, 7, 0x9A, 45}, long[255:]...),
		}},
		{"exactly one", false, command{ins: 0x87, data: long[:255]}, [][]byte{append([]byte{0, 0x87, 0, 0, 255}, long[:255]...)}},
	} {
		var sent [][]byte
		c := channel{t0: test.t0, transmit: func(b []byte) ([]byte, error) {
			sent = append(sent, bytes.Clone(b))
			return []byte{0x90, 0x00}, nil
		}}
		if _, s, err := c.send(test.command); err != nil || s != statusOK {
			t.Errorf("%s: %v, %v", test.name, s, err)
		}
		if !slices.EqualFunc(sent, test.want, bytes.Equal) {
			t.Errorf("%s: sent %x\nwant %x", test.name, sent, test.want)
		}
	}
}

func TestParts(t *testing.T) {
	var sent [][]byte
	script := [][]byte{{0x6C, 0x05}, {1, 2, 0x61, 0x03}, {0x6C, 0x02}, {3, 4, 0x61, 0x01}, {5, 0x90, 0x00}}
	c := channel{transmit: func(b []byte) ([]byte, error) {
		sent = append(sent, bytes.Clone(b))
		answer := script[0]
		script = script[1:]
		return answer, nil
	}}
	data, s, err := c.send(command{ins: 0xCB, data: []byte{9}, answer: true})
	if err != nil || s != statusOK || !bytes.Equal(data, []byte{1, 2, 3, 4, 5}) {
		t.Errorf("%x, %v, %v", data, s, err)
	}
	want := [][]byte{{0, 0xCB, 0, 0, 1, 9, 0}, {0, 0xCB, 0, 0, 1, 9, 5}, {0, 0xC0, 0, 0, 3}, {0, 0xC0, 0, 0, 2}, {0, 0xC0, 0, 0, 1}}
	if !slices.EqualFunc(sent, want, bytes.Equal) {
		t.Errorf("sent %x\nwant %x", sent, want)
	}
	if _, _, err := (channel{transmit: func([]byte) ([]byte, error) { return []byte{7, 0x90, 0x00}, nil }}).send(command{data: make([]byte, 256)}); !hasText(err, "before the command is complete") {
		t.Errorf("an answer to half a command: %v", err)
	}
	if _, _, err := (channel{transmit: func([]byte) ([]byte, error) { return nil, ErrGone }}).send(command{}); !errors.Is(err, ErrGone) {
		t.Errorf("a card that is gone: %v", err)
	}
}

// TestAlgorithms signs with each kind of key, over each protocol.
func TestAlgorithms(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsa2048, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"P-256": testP256(), "P-384": p384, "RSA 2048": rsa2048, "Ed25519": ed} {
		for _, message := range [][]byte{{}, []byte("message"), make([]byte, 1000)} {
			if name == "Ed25519" && len(message) == 0 {
				continue // no card takes an empty challenge
			}
			c := through(virtualCard(key), nil)
			v, err := openPIV(c, nothing, anyKey("official"))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := v.verify([]byte("123456")); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			signature, err := v.sign(message)
			if err != nil {
				t.Fatalf("%s, %d bytes: %v", name, len(message), err)
			}
			if err := verified(key.Public(), message, signature); err != nil {
				t.Errorf("%s, %d bytes: %v", name, len(message), err)
			}
			if _, err := v.sign(message); !errors.Is(err, ErrPINNeeded) {
				t.Errorf("%s: a second signature with one PIN: %v", name, err)
			}
		}
	}
	v := &piv{leaf: certificate{&x509.Certificate{PublicKey: ed.Public()}, KeyEd25519}}
	if _, _, err := v.pivInput(make([]byte, maxEd25519+1)); !hasText(err, "the card takes 2048") {
		t.Errorf("a message that no card holds: %v", err)
	}
}

func verified(key crypto.PublicKey, message, signature []byte) error {
	digest := sha256.Sum256(message)
	switch key := key.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature)
	case *ecdsa.PublicKey:
		if ecdsa.VerifyASN1(key, digest[:], signature) {
			return nil
		}
	case ed25519.PublicKey:
		if ed25519.Verify(key, message, signature) {
			return nil
		}
	}
	return errors.New("the signature is not by the key")
}

// FuzzCard gives the driver a card that answers whatever it likes: the first
// steps may be those of a good card, so that the later ones are reached.
func FuzzCard(f *testing.F) {
	f.Add(uint8(0), []byte{0x61, 0x00, 2, 0x90, 0x00, 2})
	f.Add(uint8(3), []byte{2, 0x90, 0x00, 6, 0x7C, 0x02, 0x82, 0x00, 0x90, 0x00})
	f.Add(uint8(1), append([]byte{9}, append(certificateObject([]byte{1}, 0), 0x90, 0x00)...))
	f.Add(uint8(2), []byte{2, 0x63, 0xC0})
	f.Add(uint8(4), append([]byte{16}, append(appendTLV(nil, 0x7C, appendTLV(nil, 0x82, []byte{0x30, 6, 2, 1, 1, 2, 1, 1})), 0x90, 0x00)...))
	f.Fuzz(func(t *testing.T, honest uint8, script []byte) {
		card := virtualCard(testP256())
		commands := 0
		c := through(card, func([]byte) ([]byte, bool) {
			commands++
			if commands > 10000 {
				t.Fatal("commands without end")
			}
			if honest > 0 {
				honest--
				return nil, false
			}
			if len(script) == 0 {
				return nil, true
			}
			n := min(int(script[0]), len(script)-1)
			answer := script[1 : 1+n]
			script = script[1+n:]
			return answer, true
		})
		for _, t0 := range []bool{false, true} {
			c.t0 = t0
			_ = wholeUse(c) // nil where the script does not reach, or says what a card could say
		}
	})
}
