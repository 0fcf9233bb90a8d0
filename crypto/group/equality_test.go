package group

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// RFC 9497, Appendix A.1.2 (VOPRF, ristretto255-SHA512): the proofs of batches
// of one and two. They are made under the RFC's own tag, so they hold for
// verifyBatch and not for VerifyEquality, which binds the tag.
func TestEqualityOfRFC9497(t *testing.T) {
	const dst = "OPRFV1-\x01-ristretto255-SHA512"
	public := mustElement(t, "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e")
	for _, v := range []struct{ bases, answers, proof string }{
		{"863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945", "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
			"ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd066d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d"},
		{"cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c", "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
			"401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02"},
		{"863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945 90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654",
			"aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a",
			"cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08"},
	} {
		q, err := ParseEquality(unhex(t, v.proof))
		if err != nil {
			t.Fatal(err)
		}
		bases, answers := elements(t, v.bases), elements(t, v.answers)
		for name, holds := range map[string]func(string) bool{
			"library": func(tag string) bool { return verifyBatch(tag, public, bases, answers, q) },
			"sums":    func(tag string) bool { return q.holds(tag, public, bases, answers) },
		} {
			if !holds(dst) {
				t.Errorf("%s: a proof of the RFC does not hold", name)
			}
			if holds("OPRFV1-\x02-ristretto255-SHA512") {
				t.Errorf("%s: a proof of the RFC holds under another tag", name)
			}
		}
		if VerifyEquality(dst, public, bases, answers, q) {
			t.Errorf("a proof whose tag does not cover the statement holds")
		}
	}
}

func elements(t *testing.T, s string) []Element {
	var es []Element
	for _, e := range strings.Fields(s) {
		es = append(es, mustElement(t, e))
	}
	return es
}

// The tag, and so every multiplier, changes with the public key and with every
// pair: see bind.
func TestTagCoversTheStatement(t *testing.T) {
	s := proven(t, "t", 3)
	other := MulBase(NewScalar(7))
	seen := map[string]bool{bind("t", s.public, s.bases, s.answers): true}
	for i := range 3 {
		for _, list := range [][]Element{s.bases, s.answers} {
			kept := list[i]
			list[i] = other
			seen[bind("t", s.public, s.bases, s.answers)] = true
			list[i] = kept
		}
	}
	seen[bind("t", other, s.bases, s.answers)] = true
	seen[bind("t", s.public, s.bases[:2], s.answers[:2])] = true
	seen[bind("T", s.public, s.bases, s.answers)] = true
	if len(seen) != 10 {
		t.Errorf("%d different tags of 10", len(seen))
	}
}

// statement is a true one, with its proof.
type statement struct {
	secret         Secret
	public         Element
	bases, answers []Element
	proof          Equality
}

func proven(t testing.TB, dst string, n int) statement {
	t.Helper()
	x := HashToScalar("test", []byte("secret"))
	s := statement{secret: NewSecret(x), public: MulBase(x)}
	for i := range n {
		base := MulBase(HashToScalar("test base", []byte{byte(i)}))
		s.bases, s.answers = append(s.bases, base), append(s.answers, base.Mul(x))
	}
	var err error
	s.proof, err = ProveEquality(rand.Reader, dst, s.secret, s.public, s.bases, s.answers)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestVerifyEquality(t *testing.T) {
	const dst = "referendum-v1-test"
	other := MulBase(NewScalar(7))
	tests := []struct {
		name   string
		change func(s *statement, tag *string)
	}{
		{"wrong tag", func(_ *statement, tag *string) { *tag += "x" }},
		{"empty tag", func(_ *statement, tag *string) { *tag = "" }},
		{"wrong public key", func(s *statement, _ *string) { s.public = other }},
		{"public key is the identity", func(s *statement, _ *string) { s.public = Identity() }},
		{"wrong base", func(s *statement, _ *string) { s.bases[1] = other }},
		{"wrong answer", func(s *statement, _ *string) { s.answers[2] = other }},
		{"wrong base and answer that fit each other", func(s *statement, _ *string) { s.bases[1], s.answers[1] = other, other.Mul(s.secret.Reveal()) }},
		{"answers swapped", func(s *statement, _ *string) { s.answers[0], s.answers[1] = s.answers[1], s.answers[0] }},
		{"bases and answers swapped alike", func(s *statement, _ *string) {
			s.answers[0], s.answers[1] = s.answers[1], s.answers[0]
			s.bases[0], s.bases[1] = s.bases[1], s.bases[0]
		}},
		{"errors that cancel out", func(s *statement, _ *string) {
			s.answers[0], s.answers[1] = s.answers[0].Add(other), s.answers[1].Sub(other)
		}},
		{"one pair less", func(s *statement, _ *string) { s.bases, s.answers = s.bases[:2], s.answers[:2] }},
		{"one pair twice", func(s *statement, _ *string) {
			s.bases, s.answers = append(s.bases, s.bases[0]), append(s.answers, s.answers[0])
		}},
		{"fewer answers than bases", func(s *statement, _ *string) { s.answers = s.answers[:2] }},
		{"empty", func(s *statement, _ *string) { s.bases, s.answers = nil, nil }},
		{"missing base", func(s *statement, _ *string) { s.bases[0] = Element{} }},
		{"missing answer", func(s *statement, _ *string) { s.answers[0] = Element{} }},
		{"missing public key", func(s *statement, _ *string) { s.public = Element{} }},
		{"answers are all the identity", func(s *statement, _ *string) { s.answers = []Element{Identity(), Identity(), Identity()} }},
		{"the zero proof", func(s *statement, _ *string) { s.proof = Equality{} }},
		{"challenge and response swapped", func(s *statement, _ *string) {
			s.proof = Equality{[EqualitySize]byte(append(s.proof.Bytes()[Size:], s.proof.Bytes()[:Size]...))}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, tag := proven(t, dst, 3), dst
			if !VerifyEquality(tag, s.public, s.bases, s.answers, s.proof) {
				t.Fatal("the honest proof does not hold")
			}
			test.change(&s, &tag)
			if VerifyEquality(tag, s.public, s.bases, s.answers, s.proof) {
				t.Error("accepted")
			}
		})
	}
}

func TestEqualityWithFlippedBits(t *testing.T) {
	s := proven(t, "referendum-v1-test", 1)
	for bit := 0; bit < 8*EqualitySize; bit += 7 {
		b := bytes.Clone(s.proof.Bytes())
		b[bit/8] ^= 1 << (bit % 8)
		q, err := ParseEquality(b)
		if err == nil && VerifyEquality("referendum-v1-test", s.public, s.bases, s.answers, q) {
			t.Errorf("accepted with bit %d flipped", bit)
		}
	}
}

// An aggregate of nothing is (0, 0), and its partial decryption the identity:
// the proof holds for the identity as base, and for no other answer.
func TestEqualityOfTheIdentity(t *testing.T) {
	s := proven(t, "referendum-v1-test", 1)
	bases, answers := []Element{Identity(), s.bases[0]}, []Element{Identity(), s.answers[0]}
	q, err := ProveEquality(rand.Reader, "t", s.secret, s.public, bases, answers)
	if err != nil {
		t.Fatal(err)
	}
	if !VerifyEquality("t", s.public, bases, answers, q) {
		t.Error("an honest answer to the identity is refused")
	}
	if VerifyEquality("t", s.public, bases, []Element{Generator(), answers[1]}, q) {
		t.Error("a wrong answer to the identity is accepted")
	}
}

// A prover that answers wrongly cannot make a proof that holds.
func TestProveEqualityOfAFalseStatement(t *testing.T) {
	s := proven(t, "t", 2)
	s.answers[1] = s.answers[1].Add(Generator())
	q, err := ProveEquality(rand.Reader, "t", s.secret, s.public, s.bases, s.answers)
	if err != nil {
		t.Fatal(err)
	}
	if VerifyEquality("t", s.public, s.bases, s.answers, q) {
		t.Error("a proof of a false statement holds")
	}
}

func TestProveEqualityRefuses(t *testing.T) {
	s := proven(t, "t", 1)
	for _, test := range []struct {
		name           string
		bases, answers []Element
		err            string
	}{
		{"empty", nil, nil, "batch of 0 bases and 0 answers"},
		{"unequal", s.bases, nil, "batch of 1 bases and 0 answers"},
		{"too large", make([]Element, maxBatch+1), make([]Element, maxBatch+1), "batch of 65536 bases"},
		{"missing", []Element{{}}, s.answers, "missing"},
	} {
		_, err := ProveEquality(rand.Reader, "t", s.secret, s.public, test.bases, test.answers)
		if err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: error %v, wanted %q", test.name, err, test.err)
		}
	}
	if _, err := ProveEquality(strings.NewReader("short"), "t", s.secret, s.public, s.bases, s.answers); err == nil || !strings.Contains(err.Error(), "reading randomness") {
		t.Errorf("without randomness: %v", err)
	}
}

func TestEqualityHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := anyScalar().Draw(t, "secret")
		bases := rapid.SliceOfN(anyElement(), 1, 3).Draw(t, "bases")
		var answers []Element
		for _, b := range bases {
			answers = append(answers, b.Mul(x))
		}
		dst := rapid.String().Draw(t, "tag")
		q, err := ProveEquality(ones{}, dst, NewSecret(x), MulBase(x), bases, answers)
		if err != nil {
			t.Fatal(err)
		}
		if !VerifyEquality(dst, MulBase(x), bases, answers, q) {
			t.Error("an honest proof does not hold")
		}
	})
}

// With randomness that repeats, another statement or secret still gets another
// nonce r = s + c·z.
func TestNoncesOfRepeatedRandomnessDiffer(t *testing.T) {
	seen := map[string]bool{}
	for i, x := range []Scalar{NewScalar(5), NewScalar(5), NewScalar(6)} {
		base := MulBase(NewScalar(uint64(10 + i)))
		q, err := ProveEquality(ones{}, "t", NewSecret(x), MulBase(x), []Element{base}, []Element{base.Mul(x)})
		if err != nil {
			t.Fatal(err)
		}
		c, s := mustParse(hex.EncodeToString(q.Bytes()[:Size])), mustParse(hex.EncodeToString(q.Bytes()[Size:]))
		seen[string(s.Add(c.Mul(x)).Bytes())] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d different nonces of 3", len(seen))
	}
}

func TestParseEquality(t *testing.T) {
	order := "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"
	zero := strings.Repeat("00", 32)
	for _, test := range []struct{ name, proof, err string }{
		{"empty", "", "0 bytes instead of 64"},
		{"63 bytes", strings.Repeat("00", 63), "63 bytes instead of 64"},
		{"65 bytes", strings.Repeat("00", 65), "65 bytes instead of 64"},
		{"challenge is ℓ", order + zero, "not below the group's order"},
		{"response is ℓ", zero + order, "not below the group's order"},
	} {
		if _, err := ParseEquality(unhex(t, test.proof)); err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: error %v, wanted %q", test.name, err, test.err)
		}
	}
	for _, text := range []string{"", "zz", strings.Repeat("0", 127), strings.ToUpper(order) + zero} {
		q := Equality{[EqualitySize]byte{1}}
		if err := q.UnmarshalText([]byte(text)); err == nil || errors.Unwrap(err) != nil {
			t.Errorf("text %.20q: error %v", text, err)
		}
	}
}

func FuzzParseEquality(f *testing.F) {
	f.Add(make([]byte, EqualitySize))
	f.Add(bytes.Repeat([]byte{0xff}, EqualitySize))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		q, err := ParseEquality(b)
		if err != nil {
			return
		}
		if !bytes.Equal(q.Bytes(), b) {
			t.Errorf("two encodings of one proof: %x and %x", b, q.Bytes())
		}
		if VerifyEquality("fuzz", Generator(), []Element{Generator()}, []Element{MulBase(NewScalar(2))}, q) {
			t.Errorf("%x proves something false", b)
		}
	})
}

func FuzzEqualityText(f *testing.F) {
	f.Add([]byte(strings.Repeat("00", EqualitySize)))
	f.Add([]byte(strings.Repeat("FF", EqualitySize)))
	f.Fuzz(func(t *testing.T, text []byte) {
		var q Equality
		if q.UnmarshalText(text) != nil {
			return
		}
		if again, err := q.MarshalText(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("two texts of one proof: %q and %q (%v)", text, again, err)
		}
	})
}

// TestBothWaysOfVerifying: whatever is changed in statement or proof, sums of
// products and the library say the same.
func TestBothWaysOfVerifying(t *testing.T) {
	for _, n := range []int{1, 2, 7} {
		s := proven(t, "t", n)
		tag := bind("t", s.public, s.bases, s.answers)
		same := func(name string, public Element, bases, answers []Element, q Equality, want bool) {
			t.Helper()
			if got := q.holds(tag, public, bases, answers); got != want || verifyBatch(tag, public, bases, answers, q) != want {
				t.Errorf("%d, %s: holds is %v, and must be %v as for the library", n, name, got, want)
			}
		}
		same("true", s.public, s.bases, s.answers, s.proof, true)
		same("another key", MulBase(NewScalar(3)), s.bases, s.answers, s.proof, false)
		for i := range n {
			for _, list := range [][]Element{s.bases, s.answers} {
				kept := list[i]
				for _, other := range []Element{Identity(), Generator(), kept.Neg()} {
					list[i] = other
					same("another element", s.public, s.bases, s.answers, s.proof, false)
				}
				list[i] = kept
			}
		}
		for i := range EqualitySize {
			q := s.proof
			q.b[i] ^= 1
			same("a flipped bit", s.public, s.bases, s.answers, q, false)
		}
		same("a proof of zeros", s.public, s.bases, s.answers, Equality{}, false)
	}
	// A key of zero, whose answers are all the identity.
	zero := statement{public: Identity(), bases: []Element{Generator()}, answers: []Element{Identity()}}
	if (Equality{}).holds("t", zero.public, zero.bases, zero.answers) != verifyBatch("t", zero.public, zero.bases, zero.answers, Equality{}) {
		t.Error("the identity as key")
	}
}
