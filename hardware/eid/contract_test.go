package eid_test

import (
	"crypto"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/eid"
)

// A real card is in the contract test when its reader is named: the card is in it, and the PIN
// in the environment, where it is not in the shell's history:
//
//	EID_PIN=… go test ./hardware/eid -run TestContract -eid-reader 'ACS ACR39U ICC Reader' -eid-profile piv
var (
	realReader  = flag.String("eid-reader", "", "name of a real reader with a card in it, for TestContractOnRealCard")
	realProfile = flag.String("eid-profile", "piv", "name of the bundled profile of that card")
)

// A subject is a card that the contract test is run on.
type subject struct {
	token   *eid.Token
	profile *eid.Profile
	pin     string
	wrong   bool // wrong PINs may be tried
	leaf    []byte
}

// TestContract holds each driver to the same contract: PIV over PC/SC, PKCS #11
// with OpenSC on the same stack, PKCS #11 with SoftHSM, which has no reader.
func TestContract(t *testing.T) {
	r := newRig(t, nil)
	soft := newSoftToken(t)
	piv := map[string]crypto.Signer{
		"ecdsa-p256": keyP256(), "ecdsa-p384": keyP384(), "rsa": keyRSA2048(), "rsa-3072": keyRSA3072(), "ed25519": keyEd25519(),
	}
	for _, test := range []struct{ profile, key string }{
		{"piv", "ecdsa-p256"}, {"piv", "ecdsa-p384"}, {"piv", "rsa"}, {"piv", "rsa-3072"},
		{"piv-no-pin", "ecdsa-p256"}, {"piv-no-pin", "rsa"},
		{"official", "ed25519"}, {"official", "ecdsa-p256"}, {"official", "ecdsa-p384"},
		{"opensc", "ecdsa-p256"}, {"opensc", "ecdsa-p384"}, {"opensc", "rsa"}, {"opensc", "rsa-3072"},
		{"opensc-each", "ecdsa-p256"}, {"opensc-each", "rsa"},
		{"softhsm", "ecdsa-p256"}, {"softhsm", "ecdsa-p384"}, {"softhsm", "rsa"},
		{"softhsm-each", "ecdsa-p256"}, {"softhsm-always", "rsa"},
	} {
		t.Run(test.profile+", "+test.key, func(t *testing.T) {
			r := &rig{t, r.stack, r.reader}
			s := subject{profile: profileFor(t, test.profile, test.key, soft), pin: rightPIN, wrong: true}
			card := newCard(piv[test.key])
			s.token, s.leaf = r.insert(card), issued(piv[test.key])
			if id := soft.id(test.profile, test.key); id != "" {
				s.leaf = soft.leaves[id]
			}
			contract(t, s)
			r.remove()
			if _, err := s.token.Use(s.profile); !errors.Is(err, eid.ErrGone) {
				t.Errorf("using a card that has left: %v", err)
			}
		})
	}
}

// TestContractOnRealCard runs the contract on a card of plastic, if one is named.
func TestContractOnRealCard(t *testing.T) {
	if *realReader == "" {
		t.Log("no -eid-reader: no card of plastic was tried")
		return
	}
	reader, err := eid.Open(eid.Config{Readers: []string{*realReader}})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	r := &rig{t: t, reader: reader}
	contract(t, subject{token: r.next(eid.Inserted).Token, profile: profile(t, *realProfile), pin: os.Getenv("EID_PIN")})
}

// contract is what the station relies on, of any card and driver.
func contract(t *testing.T, s subject) {
	card := use(t, s.token, s.profile)
	if _, err := s.token.Use(s.profile); err == nil {
		t.Error("one card is in use twice")
	}
	leaf, err := card.Certificates()
	if err != nil || len(leaf) == 0 {
		t.Fatalf("%d certificates, %v", len(leaf), err)
	}
	if s.leaf != nil {
		showsLeaf(t, card, s.leaf)
	}
	leaf[0][0] ^= 1 // what is handed out is the caller's
	if s.leaf != nil {
		showsLeaf(t, card, s.leaf)
	}
	switch s.profile.PIN {
	case eid.PINNone:
		contractNoPIN(t, card)
	case eid.PINOnce:
		contractPIN(t, s, card)
		signs(t, card, []byte("one PIN is for all signatures"))
		signs(t, card, make([]byte, 5000))
	case eid.PINEach:
		contractPIN(t, s, card)
		if _, err := card.Sign([]byte("message")); !errors.Is(err, eid.ErrPINNeeded) || !card.NeedsPIN() {
			t.Errorf("a second signature with one PIN: %v", err)
		}
		enter(t, s, card)
		signs(t, card, []byte("a second PIN, a second signature"))
	}
	contractClosed(t, s, card)
}

func enter(t *testing.T, s subject, card *eid.Card) {
	t.Helper()
	if err := card.EnterPIN(pin(t, s.profile, s.pin)); err != nil {
		t.Fatal(err)
	}
	if card.NeedsPIN() {
		t.Error("the card needs the PIN that it has")
	}
}

func contractNoPIN(t *testing.T, card *eid.Card) {
	if card.NeedsPIN() {
		t.Error("needs a PIN")
	}
	if err := card.EnterPIN(eid.SecretPIN{}); err == nil {
		t.Error("took a PIN")
	}
	signs(t, card, []byte("message"))
	signs(t, card, []byte("another"))
}

func contractPIN(t *testing.T, s subject, card *eid.Card) {
	if !card.NeedsPIN() {
		t.Error("needs no PIN")
	}
	if _, err := card.Sign([]byte("message")); !errors.Is(err, eid.ErrPINNeeded) {
		t.Errorf("signing without a PIN: %v", err)
	}
	if s.wrong {
		_, ok := errors.AsType[*eid.PINError](card.EnterPIN(pin(t, s.profile, "000000")))
		if !ok || !card.NeedsPIN() {
			t.Error("took a wrong PIN")
		}
	}
	if err := card.EnterPIN(eid.SecretPIN{}); err == nil {
		t.Error("took no PIN for one")
	}
	if _, err := card.Sign([]byte("message")); !errors.Is(err, eid.ErrPINNeeded) {
		t.Errorf("signing after a wrong PIN: %v", err)
	}
	enter(t, s, card)
	signs(t, card, []byte("message"))
}

// contractClosed lets go of the card and takes it up again: it has forgotten the PIN.
func contractClosed(t *testing.T, s subject, card *eid.Card) {
	for range 2 {
		if err := card.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}
	if _, err := card.Sign([]byte("message")); err == nil || errors.Is(err, eid.ErrGone) {
		t.Errorf("a closed card signs: %v", err)
	}
	if _, err := card.Certificates(); err == nil {
		t.Error("a closed card shows certificates")
	}
	if err := card.EnterPIN(eid.SecretPIN{}); err == nil {
		t.Error("a closed card takes a PIN")
	}
	again := use(t, s.token, s.profile)
	if again.NeedsPIN() != (s.profile.PIN != eid.PINNone) {
		t.Error("the card has not forgotten the PIN")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	absent := *s.profile
	if absent.Interface == eid.InterfacePIV {
		absent.Key = "9d"
	} else {
		absent.Key = "fe"
	}
	if other, err := s.token.Use(&absent); !errors.Is(err, eid.ErrNoKey) {
		t.Errorf("a key that is not there: %v, %v", other, err)
	}
}

// profileFor returns a profile for one kind of card and key.
func profileFor(t *testing.T, name, key string, soft *softToken) *eid.Profile {
	var p *eid.Profile
	switch name {
	case "opensc-each":
		p = profile(t, "opensc")
		p.Key, p.PIN = "02", eid.PINEach // OpenSC's number of 9C
	case "softhsm", "softhsm-each", "softhsm-always":
		p = profile(t, "opensc")
		p.Module, p.Key = softModule, soft.id(name, key)
		if name != "softhsm" {
			p.PIN = eid.PINEach
		}
	default:
		p = profile(t, name)
	}
	p.Name = fmt.Sprintf("%s-%d", p.Name, time.Now().Nanosecond()) // nothing may depend on it
	return p
}
