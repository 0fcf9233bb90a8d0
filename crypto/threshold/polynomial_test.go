package threshold

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"pgregory.net/rapid"
)

// A ceremony is n polynomials of degree t−1 and what follows from them.
type ceremony struct {
	polynomials []SecretPolynomial
	commitments [][]group.Element
	shares      []group.Secret // z_1 … z_n
}

func newCeremony(tb testing.TB, t, n int) ceremony {
	tb.Helper()
	var c ceremony
	for range n {
		var cs []group.Secret
		for range t {
			c, err := group.RandomScalar(rand.Reader)
			if err != nil {
				tb.Fatal(err)
			}
			cs = append(cs, group.NewSecret(c))
		}
		p := PolynomialFromCoefficients(cs)
		c.polynomials, c.commitments = append(c.polynomials, p), append(c.commitments, p.Commitments())
	}
	for j := 1; j <= n; j++ {
		var mine []group.Secret
		for _, p := range c.polynomials {
			mine = append(mine, p.Share(j))
		}
		c.shares = append(c.shares, AddShares(mine))
	}
	return c
}

func TestCheckQuorum(t *testing.T) {
	for _, test := range []struct {
		t, n int
		ok   bool
	}{
		{0, 0, false}, {0, 5, false}, {-1, 5, false}, {6, 5, false}, {5, 3, false}, {1, MaxTrustees + 1, false}, {3, -5, false},
		{1, 1, true}, {3, 5, true}, {5, 5, true}, {MaxTrustees, MaxTrustees, true},
	} {
		err := CheckQuorum(test.t, test.n)
		if (err == nil) != test.ok {
			t.Errorf("%d of %d: %v", test.t, test.n, err)
		}
		if want := fmt.Sprintf("quorum: %d of %d trustees", test.t, test.n); !test.ok && err != nil && err.Error() != want {
			t.Errorf("%v instead of %q", err, want)
		}
	}
}

// P(0) is the secret: nobody gets it as a share.
func TestShareOfNobodyPanics(t *testing.T) {
	p := PolynomialFromCoefficients([]group.Secret{group.NewSecret(group.NewScalar(5))})
	for _, j := range []int{0, -1, MaxTrustees + 1} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "share of nobody") {
					t.Errorf("share of %d: %v", j, r)
				}
			}()
			p.Share(j)
		}()
	}
}

func TestCheckShare(t *testing.T) {
	c := newCeremony(t, 3, 5)
	p, ks := c.polynomials[0], c.commitments[0]
	one := group.NewScalar(1)
	tests := []struct {
		name        string
		commitments []group.Element
		j           int
		share       group.Secret
	}{
		{"another trustee's", ks, 2, p.Share(1)},
		{"another polynomial's", c.commitments[1], 1, p.Share(1)},
		{"off by one", ks, 1, group.NewSecret(p.Share(1).Reveal().Add(one))},
		{"negated", ks, 1, group.NewSecret(p.Share(1).Reveal().Neg())},
		{"zero", ks, 1, group.NewSecret(group.NewScalar(0))},
		{"the secret itself, as share of nobody", ks, 0, p.Coefficients()[0]},
		{"of trustee −1", ks, -1, p.Share(1)},
		{"one commitment less", ks[:2], 1, p.Share(1)},
		{"one commitment more", append(append([]group.Element(nil), ks...), group.Generator()), 1, p.Share(1)},
		{"commitments in another order", []group.Element{ks[1], ks[0], ks[2]}, 2, p.Share(2)},
		{"of nothing", nil, 1, group.NewSecret(group.NewScalar(0))},
	}
	for _, test := range tests {
		if CheckShare(test.commitments, test.j, test.share) {
			t.Errorf("%s: accepted", test.name)
		}
	}
	for i, p := range c.polynomials {
		for j := 1; j <= 5; j++ {
			if !CheckShare(c.commitments[i], j, p.Share(j)) {
				t.Errorf("share %d of polynomial %d is refused", j, i)
			}
		}
	}
}

// The transcript alone gives the key whose secret nobody has, and each
// trustee's public share.
func TestKeyAndPublicShares(t *testing.T) {
	c := newCeremony(t, 3, 5)
	secret := group.NewScalar(0)
	for _, p := range c.polynomials {
		secret = secret.Add(p.Coefficients()[0].Reveal())
	}
	if !JointKey(c.commitments).Equal(group.MulBase(secret)) {
		t.Error("the joint key is not that of the sum of the secrets")
	}
	for j := 1; j <= 5; j++ {
		if !PublicShare(c.commitments, j).Equal(group.MulBase(c.shares[j-1].Reveal())) {
			t.Errorf("public share of trustee %d does not fit its share", j)
		}
	}
}

func TestPolynomialFromItsCoefficients(t *testing.T) {
	c := newCeremony(t, 4, 4)
	p := c.polynomials[0]
	again := PolynomialFromCoefficients(p.Coefficients())
	for j := 1; j <= 4; j++ {
		if !again.Share(j).Reveal().Equal(p.Share(j).Reveal()) {
			t.Errorf("share %d is another", j)
		}
	}
}

// Share is P(j) by Horner's rule; here it is added up term by term.
func TestShareIsTheValueOfThePolynomial(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "t")
		j := rapid.IntRange(1, MaxTrustees).Draw(t, "j")
		var cs []group.Secret
		power, want := group.NewScalar(1), group.NewScalar(0)
		for k := range n {
			c := rapid.SampledFrom([]group.Scalar{group.NewScalar(0), group.NewScalar(1), group.NewScalar(1).Neg(),
				group.HashToScalar("test", []byte{byte(k)})}).Draw(t, "coefficient")
			cs, want = append(cs, group.NewSecret(c)), want.Add(c.Mul(power))
			power = power.Mul(group.NewScalar(uint64(j)))
		}
		if !PolynomialFromCoefficients(cs).Share(j).Reveal().Equal(want) {
			t.Errorf("P(%d) is wrong", j)
		}
	})
}

func TestPolynomialCannotBePrinted(t *testing.T) {
	x := group.HashToScalar("test", []byte("coefficient"))
	p := PolynomialFromCoefficients([]group.Secret{group.NewSecret(x)})
	held := struct{ p SecretPolynomial }{p}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb, p, &p, held)
	}
	b, err := json.Marshal(struct{ P SecretPolynomial }{p})
	out.Write(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{fmt.Sprintf("%x", x.Bytes()[:6]), fmt.Sprintf("%X", x.Bytes()[:6]), strings.Trim(fmt.Sprint(x.Bytes()[:6]), "[]")} {
		if strings.Contains(out.String(), leak) || bytes.Contains([]byte(out.String()), x.Bytes()) {
			t.Errorf("printed %q: %s", leak, out.String())
		}
	}
}
