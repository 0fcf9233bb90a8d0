package proof

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func known(t testing.TB) (group.Secret, group.Element, Knowledge) {
	t.Helper()
	x := group.NewSecret(group.HashToScalar("test", []byte("x")))
	p, err := ProveKnowledge(rand.Reader, []byte("context"), x)
	if err != nil {
		t.Fatal(err)
	}
	return x, group.MulBase(x.Reveal()), p
}

func TestVerifyKnowledge(t *testing.T) {
	_, public, good := known(t)
	_, _, again := known(t)
	one := group.NewScalar(1)
	if !VerifyKnowledge([]byte("context"), public, good) {
		t.Fatal("an honest proof does not hold")
	}
	for _, test := range []struct {
		name    string
		context string
		public  group.Element
		proof   Knowledge
	}{
		{"another context", "Context", public, good},
		{"no context", "", public, good},
		{"another public value", "context", public.Add(group.Generator()), good},
		{"the negative", "context", public.Neg(), good},
		{"the identity", "context", group.Identity(), good},
		{"no public value", "context", group.Element{}, good},
		{"no proof", "context", public, Knowledge{}},
		{"another commitment", "context", public, Knowledge{again.r, good.v}},
		{"another response", "context", public, Knowledge{good.r, good.v.Add(one)}},
		{"commitment and response shifted alike", "context", public, Knowledge{good.r.Add(group.Generator()), good.v.Add(one)}},
	} {
		if VerifyKnowledge([]byte(test.context), test.public, test.proof) {
			t.Errorf("%s: accepted", test.name)
		}
	}
}

// The attack that the challenge stops by covering X: choose R and v, then X.
func TestKnowledgeOfAKeyMadeToFit(t *testing.T) {
	r, v := group.MulBase(group.NewScalar(3)), group.NewScalar(5)
	c := knowledgeChallenge([]byte("context"), group.Generator(), r) // X is not known yet
	public := group.MulBase(v).Sub(r).Mul(c.Inv())
	if !group.MulBase(v).Equal(r.Add(public.Mul(c))) {
		t.Fatal("the attack does not work even on the weak challenge: this test shows nothing")
	}
	if VerifyKnowledge([]byte("context"), public, Knowledge{r, v}) {
		t.Error("accepted")
	}
}

func TestKnowledgeWithFlippedBits(t *testing.T) {
	_, public, p := known(t)
	text, err := p.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	raw := unhex(t, string(text))
	for bit := 0; bit < 8*len(raw); bit += 3 {
		b := bytes.Clone(raw)
		b[bit/8] ^= 1 << (bit % 8)
		var q Knowledge
		if q.UnmarshalText([]byte(hex.EncodeToString(b))) == nil && VerifyKnowledge([]byte("context"), public, q) {
			t.Errorf("accepted with bit %d flipped", bit)
		}
	}
}

func TestKnowledgeTextRefuses(t *testing.T) {
	b := group.Generator().String()
	zero, ff := strings.Repeat("0", 64), strings.Repeat("f", 64)
	const form = "proof of knowledge: not 128 lower-case hexadecimal digits"
	for _, test := range []struct{ name, text, err string }{
		{"empty", "", form},
		{"short", b + zero[2:], form},
		{"long", b + zero + "00", form},
		{"upper case", strings.ToUpper(b) + zero, form},
		{"not hexadecimal", b + strings.Repeat("g", 64), form},
		{"the identity", zero + zero, "proof of knowledge: group element: the identity is not allowed here"},
		{"no element", ff + zero, "proof of knowledge: group element: not a canonical encoding"},
		{"no scalar", b + ff, "proof of knowledge: scalar: not below the group's order"},
	} {
		var p Knowledge
		if err := p.UnmarshalText([]byte(test.text)); err == nil || err.Error() != test.err {
			t.Errorf("%s: error %v, wanted %q", test.name, err, test.err)
		}
		if _, err := p.MarshalText(); err == nil {
			t.Errorf("%s: half a proof was kept", test.name)
		}
		if VerifyKnowledge(nil, group.Generator(), p) {
			t.Errorf("%s: what could not be read holds", test.name)
		}
	}
	if _, err := ProveKnowledge(strings.NewReader("short"), nil, group.NewSecret(group.NewScalar(1))); err == nil || !strings.Contains(err.Error(), "reading randomness") {
		t.Errorf("without randomness: %v", err)
	}
}

func FuzzKnowledgeText(f *testing.F) {
	x := group.NewSecret(group.HashToScalar("test", []byte("x")))
	public := group.MulBase(x.Reveal())
	p, err := ProveKnowledge(&stream{seed: "fuzz"}, []byte("context"), x) // the same in every worker
	if err != nil {
		f.Fatal(err)
	}
	text, err := p.MarshalText()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(bytes.ToUpper(text))
	f.Add([]byte(strings.Repeat("0", 128)))
	f.Fuzz(func(t *testing.T, b []byte) {
		var q Knowledge
		if q.UnmarshalText(b) != nil {
			return
		}
		if again, err := q.MarshalText(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("two texts of one proof: %q and %q (%v)", b, again, err)
		}
		if VerifyKnowledge([]byte("context"), public, q) && !bytes.Equal(b, text) {
			t.Errorf("a forged proof: %s", b)
		}
	})
}
