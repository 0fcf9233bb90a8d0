package threshold

import (
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"pgregory.net/rapid"
)

func TestLagrangeRefuses(t *testing.T) {
	for _, test := range []struct {
		name    string
		indices []int
		j       int
		err     string
	}{
		{"nobody", nil, 1, "trustee 1 did not answer"},
		{"not among them", []int{1, 2, 3}, 4, "trustee 4 did not answer"},
		{"twice", []int{1, 2, 2}, 1, "trustee 2 given twice or not a trustee"},
		{"itself twice", []int{1, 1}, 1, "trustee 1 given twice or not a trustee"},
		{"zero", []int{0, 1, 2}, 1, "trustee 0 given twice or not a trustee"},
		{"negative", []int{1, -2}, 1, "trustee -2 given twice or not a trustee"},
		{"beyond the largest", []int{1, MaxTrustees + 1}, 1, "trustee 33 given twice or not a trustee"},
	} {
		_, err := Lagrange(test.indices, test.j)
		if want := "combining answers: " + test.err; err == nil || err.Error() != want {
			t.Errorf("%s: error %v, wanted %q", test.name, err, want)
		}
	}
}

func combine(c elgamal.Ciphertext, trustees []int, answers []group.Element) (group.Element, error) {
	combiner, err := NewCombiner(trustees)
	if err != nil {
		return group.Element{}, err
	}
	return combiner.Combine(c, answers)
}

func TestCombineRefuses(t *testing.T) {
	c := elgamal.Ciphertext{Alpha: group.Generator(), Beta: group.Generator()}
	g := group.Generator()
	for _, test := range []struct {
		name    string
		indices []int
		answers []group.Element
		err     string
	}{
		{"no answers", nil, nil, "combining answers: of no trustee"},
		{"an answer without a trustee", []int{1}, []group.Element{g, g}, "1 trustees and 2 answers"},
		{"a trustee without an answer", []int{1, 2}, []group.Element{g}, "2 trustees and 1 answers"},
		{"an answer twice", []int{1, 1}, []group.Element{g, g}, "trustee 1 given twice"},
		{"a missing answer", []int{1, 2}, []group.Element{g, {}}, "trustee 2's is missing"},
	} {
		if _, err := combine(c, test.indices, test.answers); err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: error %v, wanted %q", test.name, err, test.err)
		}
	}
}

// Every 3 of 5 trustees decrypt, in any order; no 2 do; a wrong answer shows.
func TestCombineForEverySubset(t *testing.T) {
	c := newCeremony(t, 3, 5)
	pk, err := elgamal.NewPublicKey(JointKey(c.commitments))
	if err != nil {
		t.Fatal(err)
	}
	sum := elgamal.Zero()
	for i := range 7 {
		sum = sum.Add(elgamal.Encrypt(pk, i%2, group.NewSecret(group.HashToScalar("test", []byte{byte(i)}))))
	}
	want := group.MulBase(group.NewScalar(3))
	answer := func(js ...int) group.Element {
		var ms []group.Element
		for _, j := range js {
			ms = append(ms, PartialDecrypt(c.shares[j-1], sum))
		}
		e, err := combine(sum, js, ms)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	subsets := 0
	for i := 1; i <= 5; i++ {
		for j := 1; j <= 5; j++ {
			if i < j && answer(i, j).Equal(want) {
				t.Errorf("trustees %d and %d alone decrypt", i, j)
			}
			for k := 1; k <= 5; k++ {
				if i == j || j == k || i == k {
					continue
				}
				subsets++
				if !answer(i, j, k).Equal(want) {
					t.Errorf("trustees %d, %d, %d do not decrypt", i, j, k)
				}
			}
		}
	}
	if subsets != 60 {
		t.Errorf("%d orders of 3 of 5", subsets)
	}
	if !answer(1, 2, 3, 4).Equal(want) || !answer(5, 4, 3, 2, 1).Equal(want) {
		t.Error("more than three do not decrypt")
	}
	wrong := []group.Element{PartialDecrypt(c.shares[0], sum), PartialDecrypt(c.shares[2], sum), PartialDecrypt(c.shares[1], sum)}
	if e, err := combine(sum, []int{1, 2, 3}, wrong); err != nil || e.Equal(want) {
		t.Errorf("swapped answers decrypt all the same: %v", err)
	}
}

// Σ λ_j P(j) = P(0) for every polynomial that is small enough.
func TestLagrangeFindsTheSecret(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 6).Draw(t, "t")
		var cs []group.Secret
		for i := range k {
			cs = append(cs, group.NewSecret(group.HashToScalar("test", []byte{byte(i), byte(k)})))
		}
		p := PolynomialFromCoefficients(cs)
		js := rapid.SliceOfNDistinct(rapid.IntRange(1, MaxTrustees), k, k+3, rapid.ID).Draw(t, "trustees")
		sum := group.NewScalar(0)
		for _, j := range js {
			l, err := Lagrange(js, j)
			if err != nil {
				t.Fatal(err)
			}
			sum = sum.Add(l.Mul(p.Share(j).Reveal()))
		}
		if !sum.Equal(cs[0].Reveal()) {
			t.Errorf("trustees %v do not find the secret", js)
		}
	})
}

func TestLogTable(t *testing.T) {
	if _, err := NewLogTable(MaxLog + 1); err == nil || err.Error() != "discrete logarithm: bound 4294967297 is above 4294967296" {
		t.Errorf("too large a bound: %v", err)
	}
	for _, max := range []uint64{0, 1, 2, 3, 4, 8, 9, 15, 16, 17, 99, 100, 101, 1000} {
		table, err := NewLogTable(max)
		if err != nil {
			t.Fatal(err)
		}
		e := group.Identity()
		for n := uint64(0); n <= max+3; n++ {
			if got, ok := table.Find(e); ok != (n <= max) || ok && got != n {
				t.Errorf("bound %d: the logarithm of [%d]B is %d, %v", max, n, got, ok)
			}
			e = e.Add(group.Generator())
		}
		for _, none := range []group.Element{group.Generator().Neg(), group.MulBase(group.HashToScalar("test", nil))} {
			if got, ok := table.Find(none); ok {
				t.Errorf("bound %d: found %d for an element out of reach", max, got)
			}
		}
	}
}

func TestLogTableOfANation(t *testing.T) {
	const max = 20_000_000
	table, err := NewLogTable(max)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []uint64{0, 1, 4472, 4473, 4474, max - 1, max} {
		if got, ok := table.Find(group.MulBase(group.NewScalar(n))); !ok || got != n {
			t.Errorf("%d is found as %d, %v", n, got, ok)
		}
	}
	if got, ok := table.Find(group.MulBase(group.NewScalar(max + 1))); ok {
		t.Errorf("found %d beyond the bound", got)
	}
}

func TestSoakLogTableAtItsLargest(t *testing.T) {
	skipUnlessSoak(t)
	table, err := NewLogTable(MaxLog)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []uint64{0, 65535, 65536, 65537, MaxLog - 1, MaxLog} {
		if got, ok := table.Find(group.MulBase(group.NewScalar(n))); !ok || got != n {
			t.Errorf("%d is found as %d, %v", n, got, ok)
		}
	}
}
