package eidtest_test

import (
	"testing"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

func TestTries(t *testing.T) {
	card := newCard(t, eidtest.PINOnce)
	expect(t, card, selectHex, 0x9000,
		askHex, 0x63C3, wrongHex, 0x63C2, askHex, 0x63C2, wrongHex, 0x63C1,
		verifyHex, 0x9000, askHex, 0x9000, // the right PIN gives all tries back
		wrongHex, 0x63C2, askHex, 0x63C2, sign9A, 0x6982, // a wrong one takes the right one back
	)
	card.Reset() // without power the card forgets the PIN, not the tries
	expect(t, card, selectHex, 0x9000, askHex, 0x63C2, wrongHex, 0x63C1, wrongHex, 0x63C0)
	if got := card.TriesLeft(); got != 0 {
		t.Errorf("%d tries left", got)
	}
	expect(t, card, verifyHex, 0x6983, wrongHex, 0x6983, askHex, 0x63C0, sign9A, 0x6982,
		"00240080 10 313233343536FFFF 313233343536FFFF", 0x6983)
	card.Reset()
	expect(t, card, selectHex, 0x9000, verifyHex, 0x6983)
}

func TestPINOnce(t *testing.T) {
	card := newCard(t, eidtest.PINOnce)
	expect(t, card, selectHex, 0x9000, sign9A, 0x6982, verifyHex, 0x9000, sign9A, 0x9000, sign9A, 0x9000,
		"0020FF80", 0x9000, sign9A, 0x6982, verifyHex, 0x9000, sign9A, 0x9000)
	card.Reset()
	expect(t, card, selectHex, 0x9000, sign9A, 0x6982)
}

func TestPINNone(t *testing.T) {
	expect(t, newCard(t, eidtest.PINNone), selectHex, 0x9000, sign9A, 0x9000, wrongHex, 0x63C2, sign9A, 0x9000)
}

// TestPINEach: VERIFY is the command right before each signature.
func TestPINEach(t *testing.T) {
	for name, between := range map[string]string{
		"nothing but the PIN long ago": sign9A,
		"GET DATA":                     "00CB3FFF 03 5C017E 00",
		"a question for the tries":     askHex,
		"SELECT":                       selectHex,
		"something unreadable":         "00",
		"another class":                "80200080",
		"another chain":                "10200080 01 31",
	} {
		t.Run(name, func(t *testing.T) {
			card := newCard(t, eidtest.PINEach)
			expect(t, card, selectHex, 0x9000, sign9A, 0x6982, verifyHex, 0x9000, sign9A, 0x9000, sign9A, 0x6982, verifyHex, 0x9000)
			send(t, card, between)
			expect(t, card, sign9A, 0x6982, verifyHex, 0x9000, sign9A, 0x9000)
		})
	}
	t.Run("a chain of the signature's own", func(t *testing.T) {
		card := newCard(t, eidtest.PINEach)
		expect(t, card, selectHex, 0x9000, verifyHex, 0x9000,
			"1087119A 06 7C2482008120", 0x9000, "0087119A 20 "+sign9A[len("0087119A 26 7C24 8200 8120"):], 0x9000)
	})
}

func TestChangeReferenceData(t *testing.T) {
	card := newCard(t, eidtest.PINOnce)
	const change, bad = "00240080 10 313233343536FFFF 3837363534333231", "00240080 10 393939393939FFFF 3837363534333231"
	expect(t, card, selectHex, 0x9000, bad, 0x63C2, verifyHex, 0x9000, change, 0x9000, sign9A, 0x9000)
	card.Reset()
	expect(t, card, selectHex, 0x9000, verifyHex, 0x63C2, "00200080 08 3837363534333231", 0x9000, change, 0x63C2)
}

func TestOwnPIN(t *testing.T) {
	card := eidtest.NewCard(eidtest.CardConfig{PIN: "13572468"})
	expect(t, card, selectHex, 0x9000, verifyHex, 0x63C2, "00200080 08 3133353732343638", 0x9000)
	unusable := eidtest.NewCard(eidtest.CardConfig{PIN: "123"})
	expect(t, unusable, selectHex, 0x9000, "00200080 08 313233FFFFFFFFFF", 0x6A80, verifyHex, 0x63C2)
}
