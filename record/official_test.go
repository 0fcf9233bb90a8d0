package record_test

import (
	"bytes"
	"crypto"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/openreferendum/referendum/record"
)

// fields reads a message back into what it was made of. That it can is why no two
// lists of fields have one message.
func fields(t *testing.T, message []byte) []string {
	t.Helper()
	var all []string
	for len(message) > 0 {
		if len(message) < 4 || uint64(len(message)-4) < uint64(binary.BigEndian.Uint32(message)) {
			t.Fatalf("a message that ends inside a field: %x", message)
		}
		n := 4 + int(binary.BigEndian.Uint32(message))
		all, message = append(all, string(message[4:n])), message[n:]
	}
	return all
}

// TestOfficialMessageVector is Algorithm 8.4 byte for byte, for whoever writes it
// in another language.
func TestOfficialMessageVector(t *testing.T) {
	var election record.Hash
	var nonce [32]byte
	for i := range election {
		election[i], nonce[i] = byte(i), byte(0xff-i)
	}
	const want = "00000016" + "7265666572656e64756d2d76312d6f6666696369616c" + // referendum-v1-official
		"00000020" + "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" +
		"00000007" + "303030372d3031" + // 0007-01
		"0000000c" + "636c6561722d74616d706572" + // clear-tamper
		"00000020" + "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0"
	if got := hex.EncodeToString(record.OfficialMessage(election, "0007-01", record.PurposeTamper, nonce)); got != want {
		t.Errorf("message\n%s, want\n%s", got, want)
	}
}

// TestPurposesAreApart: what is signed for one purpose serves no other, and
// nothing else that is signed with the same keys or over the same nonce.
func TestPurposesAreApart(t *testing.T) {
	w := theWorld()
	nonce := [32]byte{1}
	seen := map[string]string{}
	note := func(what string, message []byte) {
		t.Helper()
		if other, ok := seen[string(message)]; ok {
			t.Errorf("%s and %s are one message", what, other)
		}
		seen[string(message)] = what
	}
	// A station whose name is that of a purpose, and the other way round, as far as
	// identifiers allow.
	stations := []string{"a-1", "close", "clear-tamper", "a-1close"}
	for _, station := range stations {
		note("attendance at "+station, record.AttendanceMessage(w.election.ID, station, nonce))
		for _, purpose := range record.Purposes() {
			message := record.OfficialMessage(w.election.ID, station, purpose, nonce)
			note(fmt.Sprint(purpose, " at ", station), message)
			want := []string{"referendum-v1-official", string(w.election.ID[:]), station, string(purpose), string(nonce[:])}
			if got := fields(t, message); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
				t.Errorf("%s at %s: %q", purpose, station, got)
			}
		}
	}
	if len(seen) != len(stations)*(1+len(record.Purposes())) || len(record.Purposes()) != 9 {
		t.Errorf("%d messages", len(seen))
	}
	closing, err := record.ParseSigned[record.Closing](w.folders["a-1"][record.ClosingFile].Data)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := closing.Message()
	if err != nil {
		t.Fatal(err)
	}
	if label := fields(t, signed)[0]; label == "referendum-v1-official" {
		t.Error("a closing statement has the label of an official's message")
	}
	// Checkpoints are lines of text; a message begins with a length.
	if message := record.OfficialMessage(w.election.ID, "a-1", record.PurposeOpen, nonce); message[0] != 0 || bytes.HasPrefix(w.folders["a-1"][record.CheckpointFile].Data, message[:1]) {
		t.Error("a checkpoint may begin like an official's message")
	}
}

// TestNoOtherPurpose: the list is closed.
func TestNoOtherPurpose(t *testing.T) {
	for _, purpose := range []record.Purpose{"", "OPEN", "open ", "vote", "attendance"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a message for %q", purpose)
				}
			}()
			record.OfficialMessage(record.Hash{}, "a-1", purpose, [32]byte{})
		}()
	}
}

// TestSignedMessage: what Message returns is what Sign signs.
func TestSignedMessage(t *testing.T) {
	s := sign(roll(theWorld()), as("authority", signingKey("authority")))
	message, err := s.Message()
	if err != nil {
		t.Fatal(err)
	}
	again := record.Signed[record.Roll]{Body: s.Body}
	if err := again.Sign("authority", signingKey("authority")); err != nil {
		t.Fatal(err)
	}
	want, _ := signingKey("authority").Sign(nil, message, crypto.Hash(0))
	if !bytes.Equal(again.Signatures[0].Signature[:], want) {
		t.Error("another message was signed")
	}
}

// TestIdentificationVector is Algorithm 8.5 byte for byte.
func TestIdentificationVector(t *testing.T) {
	var election record.Hash
	nonce, voter := [32]byte{9}, record.Voter{7}
	seen := map[string]bool{}
	for _, reason := range record.CardReasons() {
		message := record.IdentificationMessage(election, "0007-01", voter, reason, nonce)
		want := []string{"referendum-v1-identification", string(election[:]), "0007-01", string(voter[:]), string(reason), string(nonce[:])}
		if got := fields(t, message); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) || seen[string(message)] {
			t.Errorf("%s: %q", reason, got)
		}
		seen[string(message)] = true
	}
	defer func() {
		if recover() == nil {
			t.Error("another reason was taken")
		}
	}()
	record.IdentificationMessage(election, "0007-01", voter, "forgot it", nonce)
}
