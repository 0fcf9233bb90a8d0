package record_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/transcript"
	"github.com/openreferendum/referendum/record"
)

func required(signers ...string) []record.Required {
	keys := map[string]record.Key{"trustee-1": public(trusteeKey(1)), "trustee-2": public(trusteeKey(2)), "authority": public(signingKey("authority"))}
	var r []record.Required
	for _, s := range signers {
		r = append(r, record.Required{Signer: s, Key: keys[s]})
	}
	return r
}

func TestCheckOnlyRefuses(t *testing.T) {
	type signed = record.Signed[record.Complaint]
	one, two := as("trustee-1", trusteeKey(1)), as("trustee-2", trusteeKey(2))
	good := func() *signed { return sign(record.Complaint{Trustee: 1, Against: 2}, one, two) }
	if err := good().CheckOnly(required("trustee-1", "trustee-2")...); err != nil {
		t.Fatal(err)
	}
	other := sign(record.Commitment{Trustee: 1}, one, two)
	for _, tt := range []struct {
		name   string
		change func(*signed)
		err    string
	}{
		{"none", func(s *signed) { s.Signatures = nil }, "0 signatures instead of 2"},
		{"one missing", func(s *signed) { s.Signatures = s.Signatures[:1] }, "1 signatures instead of 2"},
		{"one more", func(s *signed) { ok(s.Sign("authority", signingKey("authority"))) }, "3 signatures instead of 2"},
		{"other order", func(s *signed) { slices.Reverse(s.Signatures) }, `signature 1 is of "trustee-2" instead of "trustee-1"`},
		{"one twice", func(s *signed) { s.Signatures[1] = s.Signatures[0] }, `signature 2 is of "trustee-1" instead of "trustee-2"`},
		{"names exchanged", func(s *signed) {
			s.Signatures[0].Signer, s.Signatures[1].Signer = s.Signatures[1].Signer, s.Signatures[0].Signer
			slices.Reverse(s.Signatures)
		}, "signature of trustee-1 does not verify"},
		{"body altered", func(s *signed) { s.Body.Against = 3 }, "signature of trustee-1 does not verify"},
		{"second altered", func(s *signed) { s.Signatures[1].Signature[63] ^= 1 }, "signature of trustee-2 does not verify"},
		{"of another kind", func(s *signed) { s.Signatures = other.Signatures }, "signature of trustee-1 does not verify"},
		{"by another key", func(s *signed) { s.Signatures[0] = sign(s.Body, as("trustee-1", trusteeKey(3))).Signatures[0] }, "signature of trustee-1 does not verify"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := good()
			tt.change(s)
			if err := s.CheckOnly(required("trustee-1", "trustee-2")...); err == nil || err.Error() != tt.err {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
	if err := good().Check("authority", record.Key{}); err == nil || err.Error() != "no signature of authority" {
		t.Errorf("error %v", err)
	}
}

func TestEveryBitOfASignatureCounts(t *testing.T) {
	s := sign(record.Complaint{Trustee: 1, Against: 2}, as("trustee-1", trusteeKey(1)))
	for i := range 8 * len(s.Signatures[0].Signature) {
		s.Signatures[0].Signature[i/8] ^= 1 << (i % 8)
		if s.CheckOnly(required("trustee-1")...) == nil {
			t.Errorf("bit %d does not matter", i)
		}
		s.Signatures[0].Signature[i/8] ^= 1 << (i % 8)
	}
}

// TestSignatureIsOverTheTranscript computes what docs/spec/record.md, Section 3
// says is signed, and verifies by hand.
func TestSignatureIsOverTheTranscript(t *testing.T) {
	body := `{"manifest":"` + strings.Repeat("00", 32) + `","trustee":1,"against":2}` + "\n"
	message := transcript.New("referendum-v1-signature").Text("complaint").Text(body).Message()
	want := must(trusteeKey(1).Sign(nil, message, noHash{}))
	got := sign(record.Complaint{Trustee: 1, Against: 2}, as("trustee-1", trusteeKey(1))).Signatures[0].Signature
	if string(got[:]) != string(want) {
		t.Errorf("%x instead of %x", got, want)
	}
}

func TestParseSignedRefuses(t *testing.T) {
	good := string(must(record.Marshal(sign(record.Complaint{Trustee: 1, Against: 2}, as("trustee-1", trusteeKey(1))))))
	list := good[strings.Index(good, "[{")+1 : strings.Index(good, "]}")]
	replace := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for _, tt := range []struct{ name, doc, err string }{
		{"no signatures", replace(list, ""), "complaint: 0 signatures"},
		{"signatures null", replace("["+list+"]", "null"), "complaint: json: null"},
		{"two by one", replace(list, list+","+list), `complaint: two signatures by "trustee-1"`},
		{"too many", replace(list, strings.Repeat(list+",", 64)+list), "complaint: 65 signatures"},
		{"short signature", replace(list, list[:len(list)-4]+`"}`), "hexadecimal digits instead of 128"},
		{"upper-case signature", replace(list, list[:30]+strings.ToUpper(list[30:])), "upper-case hexadecimal"},
		{"signatures first", `{"signatures":[` + list + `],"body":{"manifest":"` + strings.Repeat("00", 32) + `","trustee":1,"against":2}}` + "\n", "complaint: json: not the canonical encoding"},
		{"impossible trustee", replace(`"trustee":1`, `"trustee":0`), "complaint: trustee 0: numbers go from 1 to 32"},
		{"impossible other trustee", replace(`"against":2`, `"against":33`), "complaint: trustee 33: numbers go from 1 to 32"},
		{"body of another kind", string(must(record.Marshal(sign(record.Commitment{Trustee: 1}, as("trustee-1", trusteeKey(1)))))), `complaint: json: unknown field "digest"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := record.ParseSigned[record.Complaint]([]byte(tt.doc))
			if err == nil || !strings.Contains(err.Error(), tt.err) || s != nil {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

func TestSignNeedsEd25519(t *testing.T) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	s := record.Signed[record.Complaint]{Body: record.Complaint{Trustee: 1, Against: 2}}
	if err := s.Sign("trustee-1", key); err == nil || !strings.HasPrefix(err.Error(), "signing complaint: ") || len(s.Signatures) != 0 {
		t.Errorf("error %v, signatures %v", err, s.Signatures)
	}
}
