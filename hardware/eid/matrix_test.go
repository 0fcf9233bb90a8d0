package eid_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

// The tests of this file are the rows of the table in docs/hardware/eid.md that
// need a card. Each is run by PIV and, where a module can tell, by PKCS #11 with OpenSC.

// eachDriver runs a test with both drivers on one stack.
func eachDriver(t *testing.T, f func(t *testing.T, r *rig, p *eid.Profile)) {
	r := newRig(t, nil)
	for _, name := range []string{"piv", "opensc"} {
		t.Run(name, func(t *testing.T) { f(t, &rig{t, r.stack, r.reader}, profile(t, name)) })
	}
}

// verifyWithPIN reports whether a command is VERIFY with a PIN in it.
func verifyWithPIN(command []byte) bool { return len(command) > 5 && command[1] == 0x20 }

func TestWrongPIN(t *testing.T) {
	eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
		plastic := newCard(keyP256())
		card := use(t, r.insert(plastic), p)
		// A module says only which try is the last.
		says := func(n int) int {
			if p.Interface == eid.InterfacePKCS11 && n > 1 {
				return -1
			}
			return n
		}
		for _, want := range []eid.PINError{{TriesLeft: says(2)}, {TriesLeft: 1}, {Blocked: true}, {Blocked: true}} {
			wrong, ok := errors.AsType[*eid.PINError](card.EnterPIN(pin(t, p, "999999")))
			if !ok || *wrong != want {
				t.Fatalf("%+v, want %+v", wrong, want)
			}
			if n, ok := card.TriesLeft(); ok != (want.TriesLeft >= 0) || ok && n != want.TriesLeft {
				t.Errorf("%d tries left, %v; want %+v", n, ok, want)
			}
		}
		wrong, ok := errors.AsType[*eid.PINError](card.EnterPIN(pin(t, p, rightPIN)))
		if !ok || !wrong.Blocked {
			t.Errorf("the right PIN after three wrong ones: %v", wrong)
		}
		if err := card.Close(); err != nil {
			t.Error(err)
		}
		r.remove()
		again := use(t, r.insert(plastic), p)
		if n, ok := again.TriesLeft(); n != 0 || !ok {
			t.Errorf("a blocked card that came again: %d tries, %v", n, ok)
		}
		r.remove()
	})
}

// TestRightPINAfterWrong has the tries begin anew.
func TestRightPINAfterWrong(t *testing.T) {
	eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
		plastic := newCard(keyP256())
		card := use(t, r.insert(plastic), p)
		for range 3 {
			for range 2 {
				if _, ok := errors.AsType[*eid.PINError](card.EnterPIN(pin(t, p, "999999"))); !ok {
					t.Fatal("took a wrong PIN")
				}
			}
			if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
				t.Fatal(err)
			}
			signs(t, card, []byte("message"))
		}
		if n := plastic.TriesLeft(); n != 3 {
			t.Errorf("%d tries left on the card", n)
		}
		r.remove()
	})
}

// TestPINMissing has a card that wants a PIN where the profile knows of none, and
// one that has forgotten the PIN between two signatures (status 6982).
func TestPINMissing(t *testing.T) {
	eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
		none := *p
		none.PIN, none.MinPIN, none.MaxPIN = eid.PINNone, 0, 0
		plastic := newCard(keyP256())
		token := r.insert(plastic)
		card := use(t, token, &none)
		if _, err := card.Sign([]byte("message")); !errors.Is(err, eid.ErrPINNeeded) {
			t.Errorf("signing without a PIN: %v", err)
		}
		if err := card.Close(); err != nil {
			t.Error(err)
		}
		card = use(t, token, p)
		if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
			t.Fatal(err)
		}
		signs(t, card, []byte("message"))
		plastic.Hook(func(command []byte) ([]byte, bool) { return []byte{0x69, 0x82}, command[1] == 0x87 })
		if _, err := card.Sign([]byte("message")); !errors.Is(err, eid.ErrPINNeeded) || !card.NeedsPIN() {
			t.Errorf("signing with a PIN that was forgotten: %v", err)
		}
		plastic.Hook(nil)
		if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
			t.Fatal(err)
		}
		signs(t, card, []byte("message"))
		r.remove()
	})
}

// TestPulledOut pulls the card out at each step.
func TestPulledOut(t *testing.T) {
	signing := func(command []byte) bool { return command[1] == 0x87 }
	reading := func(command []byte) bool { return command[1] == 0xCB }
	for _, test := range []struct {
		name string
		when func(command []byte) bool
	}{{"while it is put to use", reading}, {"while the PIN is entered", verifyWithPIN}, {"while it signs", signing}} {
		t.Run(test.name, func(t *testing.T) {
			eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
				plastic := newCard(keyP256())
				token := r.insert(plastic)
				plastic.Hook(func(command []byte) ([]byte, bool) {
					if test.when(command) {
						if err := r.stack.Remove(); err != nil {
							t.Error(err)
						}
					}
					return nil, false
				})
				card, err := untilError(token, p, pin(t, p, rightPIN))
				if !errors.Is(err, eid.ErrGone) {
					t.Errorf("error %v", err)
				}
				r.next(eid.Removed)
				plastic.Hook(nil)
				if card != nil {
					for name, step := range everyStep(card, pin(t, p, rightPIN)) {
						if err := step(); !errors.Is(err, eid.ErrGone) {
							t.Errorf("%s afterwards: %v", name, err)
						}
					}
					if err := card.Close(); err != nil {
						t.Errorf("closing: %v", err)
					}
				}
				goesOn(t, r, p)
			})
		})
	}
}

// untilError uses a card up to the first error.
func untilError(token *eid.Token, p *eid.Profile, pin eid.SecretPIN) (*eid.Card, error) {
	card, err := token.Use(p)
	if err != nil {
		return nil, err
	}
	if err := card.EnterPIN(pin); err != nil {
		return card, err
	}
	_, err = card.Sign([]byte("message"))
	return card, err
}

func everyStep(card *eid.Card, pin eid.SecretPIN) map[string]func() error {
	return map[string]func() error{
		"certificates": func() error { _, err := card.Certificates(); return err },
		"public key":   func() error { _, err := card.PublicKey(); return err },
		"PIN":          func() error { return card.EnterPIN(pin) },
		"signature":    func() error { _, err := card.Sign([]byte("message")); return err },
	}
}

// goesOn has the next voter's card work.
func goesOn(t *testing.T, r *rig, p *eid.Profile) {
	t.Helper()
	card, err := untilError(r.insert(newCard(keyP256())), p, pin(t, p, rightPIN))
	if err != nil {
		t.Fatalf("the next card: %v", err)
	}
	if err := card.Close(); err != nil {
		t.Error(err)
	}
	r.remove()
}

// TestSecondCard puts a second card in the moment the first is out: the first is
// reported as removed, and what was begun with it does not go on with the second.
func TestSecondCard(t *testing.T) {
	eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
		first := r.insert(newCard(keyP256()))
		card := use(t, first, p)
		if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
			t.Fatal(err)
		}
		plastic := newCard(keyP384())
		if err := r.stack.Remove(); err != nil {
			t.Fatal(err)
		}
		if err := r.stack.Insert(plastic); err != nil {
			t.Fatal(err)
		}
		if signature, err := card.Sign([]byte("message")); !errors.Is(err, eid.ErrGone) {
			t.Errorf("the first card signs: %x, %v", signature, err)
		}
		if err := card.Close(); err != nil {
			t.Error(err)
		}
		r.next(eid.Removed)
		second := r.next(eid.Inserted).Token
		if _, err := first.Use(p); !errors.Is(err, eid.ErrGone) {
			t.Errorf("the first card can be used: %v", err)
		}
		card = use(t, second, p)
		showsLeaf(t, card, issued(keyP384()))
		if !card.NeedsPIN() {
			t.Error("the first card's PIN is the second's")
		}
		r.remove()
	})
}

// TestCopiedCertificate has a card with the certificate of another. The driver hands
// its signature on; whoever checks it against the certificate finds out.
func TestCopiedCertificate(t *testing.T) {
	eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
		thief := must(keyNew())
		card := use(t, r.insert(eidtest.NewCard(eidtest.CardConfig{PIN: rightPIN, Slots: map[byte]eidtest.Slot{
			0x9A: {Key: thief, Certificate: issued(keyP256())},
		}})), p)
		showsLeaf(t, card, issued(keyP256()))
		if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
			t.Fatal(err)
		}
		message := []byte("message")
		signature, err := card.Sign(message)
		if err != nil {
			t.Fatal(err)
		}
		key, err := card.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		if verifies(key, message, signature) {
			t.Error("a copied certificate passes")
		}
		if !verifies(thief.Public(), message, signature) {
			t.Error("the signature is nobody's")
		}
		r.remove()
	})
}

// TestStatus6F00 has a card that only complains, at each step.
func TestStatus6F00(t *testing.T) {
	eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
		for name, when := range map[string]func([]byte) bool{
			"SELECT":   func(c []byte) bool { return c[1] == 0xA4 },
			"GET DATA": func(c []byte) bool { return c[1] == 0xCB },
			"VERIFY":   verifyWithPIN,
			"signing":  func(c []byte) bool { return c[1] == 0x87 },
		} {
			plastic := newCard(keyP256())
			plastic.Hook(func(c []byte) ([]byte, bool) { return []byte{0x6F, 0x00}, when(c) })
			card, err := untilError(r.insert(plastic), p, pin(t, p, rightPIN))
			if err == nil || errors.Is(err, eid.ErrGone) || errors.Is(err, eid.ErrPINNeeded) {
				t.Errorf("%s: %v", name, err)
			}
			if _, ok := errors.AsType[*eid.PINError](err); ok {
				t.Errorf("%s is taken for a wrong PIN: %v", name, err)
			}
			if p.Interface == eid.InterfacePIV && !strings.Contains(err.Error(), "6F00") {
				t.Errorf("%s: %v", name, err)
			}
			if card != nil {
				card.Close() // the card may complain of this, too
			}
			r.remove()
		}
		goesOn(t, r, p)
	})
}

// TestResponseChaining counts the parts in which a card with a long certificate and a
// long signature answers.
func TestResponseChaining(t *testing.T) {
	eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
		plastic := newCard(keyRSA3072())
		var parts, chained atomic.Int32
		plastic.Hook(func(c []byte) ([]byte, bool) {
			if c[1] == 0xC0 {
				parts.Add(1)
			}
			if c[0] == 0x10 {
				chained.Add(1)
			}
			return nil, false
		})
		card := use(t, r.insert(plastic), p)
		if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
			t.Fatal(err)
		}
		signs(t, card, []byte("message"))
		if p.Interface == eid.InterfacePIV && (parts.Load() < 3 || chained.Load() != 1) {
			t.Errorf("%d GET RESPONSE, %d chained commands", parts.Load(), chained.Load())
		}
		r.remove()
	})
}
