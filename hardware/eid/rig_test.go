package eid_test

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
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

const rightPIN = "123456"

// A rig is a reader on a PC/SC stack of its own.
type rig struct {
	t      testing.TB
	stack  *eidtest.Stack
	reader *eid.Reader
}

func newRig(t testing.TB, change func(*eid.Config)) *rig {
	t.Helper()
	r := &rig{t: t, stack: eidtest.StartStack(t)}
	r.open(change)
	return r
}

// open opens the reader, again if it was open.
func (r *rig) open(change func(*eid.Config)) {
	r.t.Helper()
	config := eid.Config{Virtual: true, Readers: []string{"Virtual PCD"}}
	if change != nil {
		change(&config)
	}
	until := time.Now().Add(patience)
	for {
		reader, err := eid.Open(config)
		if err == nil {
			r.reader = reader
			r.t.Cleanup(func() { reader.Close() })
			return
		}
		if time.Now().After(until) {
			r.t.Fatal(err)
		}
	}
}

// next returns the next event, which is of that kind.
func (r *rig) next(kind eid.EventKind) eid.Event {
	r.t.Helper()
	select {
	case e, ok := <-r.reader.Events():
		if !ok || e.Kind != kind {
			r.t.Fatalf("event %v (%v), want %v", e.Kind, e.Err, kind)
		}
		return e
	case <-time.After(patience):
		r.t.Fatalf("no event, want %v", kind)
	}
	panic("unreachable")
}

// insert puts the card in and returns its token.
func (r *rig) insert(c *eidtest.Card) *eid.Token {
	r.t.Helper()
	if err := r.stack.Insert(c); err != nil {
		r.t.Fatal(err)
	}
	e := r.next(eid.Inserted)
	if e.Token == nil || e.Err != nil {
		r.t.Fatalf("unreadable card: %v", e.Err)
	}
	return e.Token
}

// remove pulls the card out and sees it reported.
func (r *rig) remove() {
	r.t.Helper()
	if err := r.stack.Remove(); err != nil {
		r.t.Fatal(err)
	}
	r.next(eid.Removed)
}

// use puts a card to use by a profile.
func use(t testing.TB, token *eid.Token, p *eid.Profile) *eid.Card {
	t.Helper()
	card, err := token.Use(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { card.Close() })
	return card
}

func profile(t testing.TB, name string) *eid.Profile {
	t.Helper()
	p, err := eid.BundledProfile(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func pin(t testing.TB, p *eid.Profile, digits string) eid.SecretPIN {
	t.Helper()
	secret, err := eid.ParsePIN(p, digits)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// An authority issues the certificates of the tests' cards.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

var testAuthority = sync.OnceValue(func() authority { return newAuthority("Test eID Authority") })

func newAuthority(name string) authority {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Unix(0, 0), NotAfter: time.Now().AddDate(20, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return authority{key, must(x509.ParseCertificate(der))}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// keyNew makes a key that no other card has.
func keyNew() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// issue makes a certificate for a card's key.
func issue(key crypto.PublicKey) []byte {
	a := testAuthority()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(100), Subject: pkix.Name{SerialNumber: "A123456789", CommonName: "Holder"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Now().AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	return must(x509.CreateCertificate(rand.Reader, template, a.certificate, key, a.key))
}

var (
	issuedMu sync.Mutex
	issuedTo = map[string][]byte{}
)

// issued returns the one certificate of a key of the tests.
func issued(key crypto.Signer) []byte {
	name := fmt.Sprintf("%x", must(x509.MarshalPKIXPublicKey(key.Public())))
	issuedMu.Lock()
	defer issuedMu.Unlock()
	if issuedTo[name] == nil {
		issuedTo[name] = issue(key.Public())
	}
	return issuedTo[name]
}

// Keys of each type, made once: RSA takes its time.
var (
	keyP256    = sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	keyP384    = sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	keyRSA2048 = sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	keyRSA3072 = sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 3072)) })
	keyEd25519 = sync.OnceValue(func() crypto.Signer { _, k, err := ed25519.GenerateKey(rand.Reader); return must(k, err) })
)

// newCard makes a card with one key in all four places, under the rules that PIV has
// for them.
func newCard(key crypto.Signer) *eidtest.Card {
	der := issued(key)
	return eidtest.NewCard(eidtest.CardConfig{PIN: rightPIN, GUID: [16]byte{1}, Slots: map[byte]eidtest.Slot{
		0x9A: {Key: key, Certificate: der, PIN: eidtest.PINOnce},
		0x9C: {Key: key, Certificate: der, PIN: eidtest.PINEach},
		0x9E: {Key: key, Certificate: der, PIN: eidtest.PINNone},
	}})
}

// verifies reports whether a signature is by the key, as the station checks it.
func verifies(key crypto.PublicKey, message, signature []byte) bool {
	digest := sha256.Sum256(message)
	switch key := key.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, digest[:], signature)
	case ed25519.PublicKey:
		return ed25519.Verify(key, message, signature)
	}
	return false
}

// signs has the card sign and checks the signature against its certificate.
func signs(t testing.TB, card *eid.Card, message []byte) {
	t.Helper()
	signature, err := card.Sign(message)
	if err != nil {
		t.Fatal(err)
	}
	key, err := card.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	if !verifies(key, message, signature) {
		t.Error("the signature is not by the card's key")
	}
}

// showsLeaf checks that the first of the card's certificates is that one.
func showsLeaf(t testing.TB, card *eid.Card, der []byte) [][]byte {
	t.Helper()
	ders, err := card.Certificates()
	if err != nil {
		t.Fatal(err)
	}
	if len(ders) == 0 || !bytes.Equal(ders[0], der) {
		t.Fatal("the card shows another certificate")
	}
	return ders
}
