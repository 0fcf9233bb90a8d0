package eidtest_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

const (
	selectHex = "00A404000BA0000003080000100001 00 00"
	verifyHex = "00200080 08 313233343536FFFF"
	wrongHex  = "00200080 08 393939393939FFFF"
	askHex    = "00200080"
	// sign9A asks the P-256 key in slot 9A for a signature over 32 bytes of zero.
	sign9A = "0087119A 26 7C24 8200 8120" + "0000000000000000000000000000000000000000000000000000000000000000" + "00"
)

// send sends a command in hexadecimal; spaces are for the eye.
func send(t testing.TB, card *eidtest.Card, command string) (data []byte, status uint16) {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(command, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return transmit(t, card, b)
}

func transmit(t testing.TB, card *eidtest.Card, command []byte) (data []byte, status uint16) {
	t.Helper()
	answer := card.Transmit(command)
	if len(answer) < 2 || len(answer) > 0xFFFF {
		t.Fatalf("an answer of %d bytes to %x", len(answer), command)
	}
	n := len(answer) - 2
	return answer[:n], binary.BigEndian.Uint16(answer[n:])
}

// expect sends commands, and fails where one has another status.
func expect(t testing.TB, card *eidtest.Card, steps ...any) {
	t.Helper()
	for i := 0; i < len(steps); i += 2 {
		if _, got := send(t, card, steps[i].(string)); got != uint16(steps[i+1].(int)) {
			t.Fatalf("step %d, %s: status %04X, want %04X", i/2, steps[i], got, steps[i+1])
		}
	}
}

// TestAnswerToReset: the check character is the exclusive or of all bytes after the first (ISO/IEC
// 7816-3, Section 8.2.5).
func TestAnswerToReset(t *testing.T) {
	var sum byte
	atr := newCard(t, eidtest.PINOnce).ATR()
	for _, b := range atr[1:] {
		sum ^= b
	}
	if sum != 0 {
		t.Errorf("the check character of %x is wrong", atr)
	}
}

func TestBadCommands(t *testing.T) {
	for name, c := range map[string]struct {
		command string
		want    uint16
	}{
		"nothing":                        {"", 0x6700},
		"one byte":                       {"00", 0x6700},
		"three bytes":                    {"00A404", 0x6700},
		"fewer data than said":           {"00A40400 0B A000", 0x6700},
		"more data than said":            {"00A40400 02 A00000 0308", 0x6700},
		"no data where some are said":    {"00A40400 00 A0", 0x6700},
		"extended, fewer data than said": {"00CB3FFF 00 0005 5C03", 0x6700},
		"extended, one byte after data":  {"00CB3FFF 00 0003 5C017E 00", 0x6700},
		"extended, more after data":      {"00CB3FFF 00 0003 5C017E 000000", 0x6700},
		"extended, no data":              {"00CB3FFF 00 0000 5C017E", 0x6700},
		"another class":                  {"80A40400 00", 0x6E00},
		"secure messaging":               {"0CCB3FFF 03 5C017E 00", 0x6E00},
		"another logical channel":        {"01CB3FFF 03 5C017E 00", 0x6E00},
		"unknown instruction":            {"00FF0000", 0x6D00},
		"PUT DATA":                       {"00DB3FFF 05 5C035FC105", 0x6D00},
		"GENERATE ASYMMETRIC KEY PAIR":   {"0047009A 05 AC03800111", 0x6D00},
		"RESET RETRY COUNTER":            {"002C0080", 0x6D00},

		"SELECT of nothing":             {"00A40400", 0x6A82},
		"SELECT of another application": {"00A40400 07 A0000000031010", 0x6A82},
		"SELECT of the issuer only":     {"00A40400 05 A000000308 00", 0x6A82},
		"SELECT of more":                {"00A40400 0C A00000030800001000010000 00", 0x6A82},
		"SELECT by file":                {"00A40000 02 3F00", 0x6A86},
		"SELECT of the next":            {"00A40402 09 A00000030800001000", 0x6A86},

		"GET DATA of another file":      {"00CB0000 05 5C035FC105 00", 0x6A86},
		"GET DATA without a tag list":   {"00CB3FFF 00", 0x6A80},
		"GET DATA of no tag":            {"00CB3FFF 02 5C00 00", 0x6A80},
		"GET DATA of a long tag":        {"00CB3FFF 06 5C04 5FC10500 00", 0x6A80},
		"GET DATA, length beyond":       {"00CB3FFF 05 5C045FC105 00", 0x6A80},
		"GET DATA, bytes behind":        {"00CB3FFF 06 5C035FC105 00 00", 0x6A80},
		"GET DATA, length of length":    {"00CB3FFF 02 5C81 00", 0x6A80},
		"GET DATA, endless length":      {"00CB3FFF 02 5C80 00", 0x6A80},
		"GET DATA of four bytes length": {"00CB3FFF 06 5C8400000003 00", 0x6A80},
		"GET DATA of what is not there": {"00CB3FFF 05 5C035FC108 00", 0x6A82},
		"GET DATA of an empty slot":     {"00CB3FFF 05 5C035FC10A 00", 0x6A82},

		"VERIFY of the PUK":           {"00200081 08 313233343536FFFF", 0x6A88},
		"VERIFY of the global PIN":    {"00200000 08 313233343536FFFF", 0x6A88},
		"VERIFY, wrong P1":            {"00200180 08 313233343536FFFF", 0x6A86},
		"VERIFY, seven bytes":         {"00200080 07 313233343536FF", 0x6A80},
		"VERIFY, nine bytes":          {"00200080 09 313233343536FFFFFF", 0x6A80},
		"VERIFY, five digits":         {"00200080 08 3132333435FFFFFF", 0x6A80},
		"VERIFY, no digits":           {"00200080 08 FFFFFFFFFFFFFFFF", 0x6A80},
		"VERIFY, letters":             {"00200080 08 414243444546FFFF", 0x6A80},
		"VERIFY, filled up with 00":   {"00200080 08 3132333435360000", 0x6A80},
		"VERIFY, FF inside":           {"00200080 08 31323334FF353637", 0x6A80},
		"VERIFY that forgets a PIN":   {"0020FF80 08 313233343536FFFF", 0x6A80},
		"CHANGE of the PUK":           {"00240081 10 313233343536FFFF 313233343536FFFF", 0x6A88},
		"CHANGE, wrong P1":            {"00240180 10 313233343536FFFF 313233343536FFFF", 0x6A86},
		"CHANGE without a new PIN":    {"00240080 08 313233343536FFFF", 0x6A80},
		"CHANGE to five digits":       {"00240080 10 313233343536FFFF 3132333435FFFFFF", 0x6A80},
		"chained VERIFY":              {"10200080 08 313233343536FFFF", 0x6884},
		"GET RESPONSE of nothing":     {"00C00000 00", 0x6985},
		"GET RESPONSE of a file":      {"00C00100 00", 0x6A86},
		"AUTHENTICATE, no such key":   {"00871195 26 7C24 8200 8120" + strings.Repeat("00", 32) + "00", 0x6A86},
		"AUTHENTICATE, empty slot":    {"0087119C 26 7C24 8200 8120" + strings.Repeat("00", 32) + "00", 0x6A86},
		"AUTHENTICATE, RSA":           {"0087079A 26 7C24 8200 8120" + strings.Repeat("00", 32) + "00", 0x6A86},
		"AUTHENTICATE, P-384":         {"0087149A 26 7C24 8200 8120" + strings.Repeat("00", 32) + "00", 0x6A86},
		"AUTHENTICATE, Ed25519":       {"0087E09A 26 7C24 8200 8120" + strings.Repeat("00", 32) + "00", 0x6A86},
		"AUTHENTICATE, management":    {"0087039B 04 7C02 8100 00", 0x6A86},
		"AUTHENTICATE, P1 and P2":     {"00879A11 26 7C24 8200 8120" + strings.Repeat("00", 32) + "00", 0x6A86},
		"AUTHENTICATE, no template":   {"0087119A 00", 0x6A80},
		"AUTHENTICATE, other tag":     {"0087119A 04 7D02 8200 00", 0x6A80},
		"AUTHENTICATE, empty":         {"0087119A 02 7C00 00", 0x6A80},
		"AUTHENTICATE, nothing asked": {"0087119A 24 7C22 8120" + strings.Repeat("00", 32) + "00", 0x6A80},
		"AUTHENTICATE, no challenge":  {"0087119A 04 7C02 8200 00", 0x6A80},
		"AUTHENTICATE, a response":    {"0087119A 27 7C25 820100 8120" + strings.Repeat("00", 32) + "00", 0x6A80},
		"AUTHENTICATE, cut off":       {"0087119A 26 7C24 8200 8121" + strings.Repeat("00", 32) + "00", 0x6A80},
		"AUTHENTICATE, bytes behind":  {"0087119A 27 7C24 8200 8120" + strings.Repeat("00", 33) + "00", 0x6A80},
		"AUTHENTICATE, twice":         {"0087119A 0A 7C08 8200 810100 810100 00", 0x6A80},
		"AUTHENTICATE, both":          {"0087119A 0A 7C08 8200 810100 850100 00", 0x6A80},
		"AUTHENTICATE, a witness":     {"0087119A 0A 7C08 8200 810100 800100 00", 0x6A80},
	} {
		t.Run(name, func(t *testing.T) {
			card := newCard(t, eidtest.PINOnce)
			expect(t, card, selectHex, 0x9000)
			if data, got := send(t, card, c.command); got != c.want || len(data) > 0 {
				t.Errorf("status %04X with %d bytes, want %04X", got, len(data), c.want)
			}
			if got := card.TriesLeft(); got != 3 {
				t.Errorf("it cost a try: %d left", got)
			}
			expect(t, card, verifyHex, 0x9000, sign9A, 0x9000) // none the worse
		})
	}
}

// TestNothingBeforeSelect: a card that has just got power knows no application.
func TestNothingBeforeSelect(t *testing.T) {
	card := newCard(t, eidtest.PINNone)
	for _, command := range []string{verifyHex, askHex, sign9A, "00CB3FFF 03 5C017E 00", "00240080 10" + strings.Repeat("31", 16)} {
		expect(t, card, command, 0x6985)
	}
	expect(t, card, selectHex, 0x9000, sign9A, 0x9000)
	card.Reset()
	expect(t, card, sign9A, 0x6985)
}

func TestSelect(t *testing.T) {
	card := newCard(t, eidtest.PINOnce)
	data, status := send(t, card, "00A40400 09 A00000030800001000 00")
	if status != 0x9000 {
		t.Fatalf("the identifier without its version: %04X", status)
	}
	want := strings.ReplaceAll("6119 4F06 000010000100 7907 4F05 A000000308 AC06 800111 060100", " ", "")
	if got := strings.ToUpper(hex.EncodeToString(data)); got != want {
		t.Errorf("application property template %s, want %s", got, want)
	}
	// SP 800-73-4, part 2, Section 3.1.1: what was verified stays so, whether the application is selected again or another is asked for.
	expect(t, card, verifyHex, 0x9000, selectHex, 0x9000, askHex, 0x9000,
		"00A40400 07 A0000000031010", 0x6A82, askHex, 0x9000, sign9A, 0x9000)
}

func TestObjects(t *testing.T) {
	certificate := bytes.Repeat([]byte{0x30}, 200)
	card := eidtest.NewCard(eidtest.CardConfig{
		GUID:  [16]byte{0xAB, 15: 0xCD},
		Slots: map[byte]eidtest.Slot{0x9E: {Certificate: certificate}, 0x99: {Certificate: certificate}},
	})
	expect(t, card, selectHex, 0x9000)
	for name, c := range map[string]struct{ command, prefix, contains string }{
		"discovery":   {"00CB3FFF 03 5C017E 00", "7E12 4F0B A000000308000010000100 5F2F02 4000", ""},
		"CHUID":       {"00CB3FFF 05 5C035FC102 00", "533B 3019 D4E739DA", "3410 AB0000000000000000000000000000CD 3508 3230393931323331 3E00 FE00"},
		"CCC":         {"00CB3FFF 05 5C035FC107 00", "5333 F015 A000000116FF02 AB", "F40100 F50110"},
		"certificate": {"00CB3FFF 05 5C035FC101 00", "5381D0 7081C8 3030", "3030 710100 FE00"},
	} {
		data, status := send(t, card, c.command)
		got := strings.ToUpper(hex.EncodeToString(data))
		if status != 0x9000 || !strings.HasPrefix(got, strings.ReplaceAll(c.prefix, " ", "")) ||
			!strings.Contains(got, strings.ReplaceAll(c.contains, " ", "")) {
			t.Errorf("%s: %04X %s", name, status, got)
		}
		if len(data) != 2+int(data[1]) && len(data) != 3+int(data[2]) {
			t.Errorf("%s: %d bytes do not fit their length", name, len(data))
		}
	}
}

// TestResponseChaining reads a long certificate in pieces of every size.
func TestResponseChaining(t *testing.T) {
	certificate := make([]byte, 3000)
	for i := range certificate {
		certificate[i] = byte(i * 7)
	}
	card := eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{0x9A: {Certificate: certificate}}})
	expect(t, card, selectHex, 0x9000)
	whole, status := send(t, card, "00CB3FFF 00 0005 5C035FC105 0000") // extended: at once
	if status != 0x9000 || len(whole) != 4+4+3000+3+2 || !bytes.Equal(whole[8:3008], certificate) {
		t.Fatalf("extended: %d bytes, %04X", len(whole), status)
	}
	for le := range 256 {
		var got []byte
		piece, status := transmit(t, card, []byte{0, 0xCB, 0x3F, 0xFF, 5, 0x5C, 3, 0x5F, 0xC1, 0x05, byte(le)})
		for got = append(got, piece...); status>>8 == 0x61; got = append(got, piece...) {
			if left := len(whole) - len(got); int(status&0xFF) != min(left, 256)%256 {
				t.Fatalf("pieces of %d: status %04X with %d bytes left", le, status, left)
			}
			piece, status = transmit(t, card, []byte{0, 0xC0, 0, 0, byte(le)})
		}
		if status != 0x9000 || !bytes.Equal(got, whole) {
			t.Fatalf("pieces of %d: %d bytes, %04X", le, len(got), status)
		}
	}
	// Another command ends the answer.
	expect(t, card, "00CB3FFF 05 5C035FC105 00", 0x6100, askHex, 0x63C3, "00C00000 00", 0x6985)
}

// TestHugeObject: a certificate beyond what any answer holds comes in pieces too.
func TestHugeObject(t *testing.T) {
	card := eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{0x9A: {Certificate: make([]byte, 1<<17)}}})
	expect(t, card, selectHex, 0x9000)
	got, status := send(t, card, "00CB3FFF 00 0005 5C035FC105 0000")
	for status>>8 == 0x61 {
		var piece []byte
		piece, status = send(t, card, "00C00000 000000")
		got = append(got, piece...)
	}
	if want := 5 + 5 + 1<<17 + 3 + 2; len(got) != want || status != 0x9000 {
		t.Errorf("%d bytes and %04X, want %d", len(got), status, want)
	}
}

func TestHook(t *testing.T) {
	card := newCard(t, eidtest.PINNone)
	expect(t, card, selectHex, 0x9000)
	seen := 0
	card.Hook(func(command []byte) ([]byte, bool) {
		seen++
		sign := command[1] == 0x87
		command[0] = 0xFF // a copy: the card does not see this
		return []byte{0x6F}, sign
	})
	if got := card.Transmit([]byte{0, 0x87, 0x11, 0x9A}); !bytes.Equal(got, []byte{0x6F}) {
		t.Errorf("the hook's answer came as %x", got)
	}
	expect(t, card, askHex, 0x63C3)
	card.Hook(nil)
	expect(t, card, sign9A, 0x9000)
	if seen != 2 {
		t.Errorf("the hook saw %d commands, want 2", seen)
	}
}

// FuzzCommands: whatever a reader sends, in whatever order, every command gets
// a status, and no key with a PIN signs for who does not know it.
func FuzzCommands(f *testing.F) {
	for _, seed := range []string{selectHex, verifyHex, askHex, sign9A, "1087119A 10 7C24 8200 8120", "00C00000 00", "00CB3FFF 00 0005 5C035FC105 0000"} {
		b, err := hex.DecodeString(strings.ReplaceAll(seed, " ", ""))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, b)
		f.Add([]byte{0x00, 0xCB, 0x3F, 0xFF, 5, 0x5C, 3, 0x5F, 0xC1, 0x05, 0x00}, b)
	}
	key := newKey(f, "ecdsa-p256")
	slots := map[byte]eidtest.Slot{0x9A: slot(f, key, eidtest.PINOnce), 0x9C: slot(f, key, eidtest.PINEach), 0x9E: slot(f, key, eidtest.PINNone)}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		card := eidtest.NewCard(eidtest.CardConfig{PIN: "no PIN", Slots: slots})
		expect(t, card, selectHex, 0x9000)
		for _, command := range [][]byte{first, second, first} {
			data, status := transmit(t, card, command)
			if status>>12 != 6 && status != 0x9000 {
				t.Errorf("%x: status %04X", command, status)
			}
			signed := len(data) > 0 && data[0] == 0x7C
			if signed && len(command) > 3 && command[3] != 0x9E {
				t.Errorf("%x: %x", command, data)
			}
		}
	})
}
