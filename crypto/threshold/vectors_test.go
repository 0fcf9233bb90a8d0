package threshold

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/vectorstest"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/transcript"
)

type vector = vectorstest.Vector

type values = map[string]string

// In a vector, lists are separated by spaces.
func scalars(s string) (xs []group.Scalar) {
	for f := range strings.FieldsSeq(s) {
		var x group.Scalar
		if err := x.UnmarshalText([]byte(f)); err != nil {
			panic(err)
		}
		xs = append(xs, x)
	}
	return xs
}

func elements(s string) (es []group.Element) {
	for f := range strings.FieldsSeq(s) {
		var e group.Element
		if err := e.UnmarshalText([]byte(f)); err != nil {
			panic(err)
		}
		es = append(es, e)
	}
	return es
}

func integers(s string) (ns []int) {
	for f := range strings.FieldsSeq(s) {
		var n int
		fmt.Sscan(f, &n)
		ns = append(ns, n)
	}
	return ns
}

func text[T interface{ Bytes() []byte }](list ...T) string {
	var b []string
	for _, x := range list {
		b = append(b, hex.EncodeToString(x.Bytes()))
	}
	return strings.Join(b, " ")
}

func polynomial(coefficients string) SecretPolynomial {
	var cs []group.Secret
	for _, x := range scalars(coefficients) {
		cs = append(cs, group.NewSecret(x))
	}
	return PolynomialFromCoefficients(cs)
}

// decryptionTag is Section 6.2's; the record's own is tested there.
func decryptionTag(v vector) string {
	election, _ := hex.DecodeString(v.Input["election"])
	h := transcript.New("decryption").Bytes(election).Uint(uint64(integers(v.Input["trustee"])[0])).Text(v.Input["aggregate"]).Sum()
	return "referendum-v1-decryption-" + hex.EncodeToString(h[:])
}

// boundTag is step 2 of Algorithm 6.2, by hand.
func boundTag(v vector) string {
	var statement []byte
	statement, _ = hex.AppendDecode(statement, []byte(v.Input["public"]))
	bases, answers := strings.Fields(v.Input["bases"]), strings.Fields(v.Input["answers"])
	for i := range bases {
		statement, _ = hex.AppendDecode(statement, []byte(bases[i]+answers[i]))
	}
	h := sha256.Sum256(statement)
	return decryptionTag(v) + "-" + hex.EncodeToString(h[:])
}

func combined(v vector) (string, error) {
	var c elgamal.Ciphertext
	if err := c.UnmarshalText([]byte(v.Input["ciphertext"])); err != nil {
		return "", err
	}
	e, err := combine(c, integers(v.Input["trustees"]), elements(v.Input["answers"]))
	if err != nil {
		return "", err
	}
	return e.String(), nil
}

// holds says what each kind of bad vector must not: that the reader accepts it.
func holds(v vector) bool {
	switch v.Algorithm {
	case "5.1 check share":
		return CheckShare(elements(v.Input["commitments"]), integers(v.Input["trustee"])[0], group.NewSecret(scalars(v.Input["share"])[0]))
	case "6.2 equality":
		b, _ := hex.DecodeString(v.Input["proof"])
		q, err := group.ParseEquality(b)
		return err == nil && group.VerifyEquality(decryptionTag(v), elements(v.Input["public"])[0], elements(v.Input["bases"]), elements(v.Input["answers"]), q)
	case "6.3 Lagrange":
		_, err := Lagrange(integers(v.Input["trustees"]), integers(v.Input["trustee"])[0])
		return err == nil
	case "6.3 combine":
		got, err := combined(v)
		return err == nil && got == v.Input["expected"]
	case "6.4 discrete logarithm":
		table, err := NewLogTable(uint64(integers(v.Input["bound"])[0]))
		if err != nil {
			return false
		}
		_, ok := table.Find(elements(v.Input["element"])[0])
		return ok
	}
	panic("no test for " + v.Algorithm)
}

func with(in values, key, value string) values {
	out := values{}
	for k, v := range in {
		out[k] = v
	}
	out[key] = value
	return out
}

func fixed(label string, n int) group.Scalar {
	return group.HashToScalar("referendum-v1-test", fmt.Append(nil, label, n))
}

func makeThresholdVectors(t *testing.T) []vector {
	var vs []vector
	add := func(algorithm, reason string, good bool, in, out values) {
		vs = append(vs, vectorstest.New(algorithm, reason, good, in, out))
	}

	// Section 5.1: three dealers, two of three.
	var all [][]group.Element
	var ps []SecretPolynomial
	for i := range 3 {
		p := polynomial(text(fixed("coefficient", 10*i), fixed("coefficient", 10*i+1)))
		ps, all = append(ps, p), append(all, p.Commitments())
		for j := 1; j <= 3; j++ {
			add("5.1 share", fmt.Sprintf("P(%d) of dealer %d", j, i+1), true,
				values{"coefficients": text(p.Coefficients()[0].Reveal(), p.Coefficients()[1].Reveal()), "trustee": fmt.Sprint(j)},
				values{"share": text(p.Share(j).Reveal()), "commitments": text(p.Commitments()...)})
		}
	}
	good := values{"commitments": text(all[0]...), "trustee": "1", "share": text(ps[0].Share(1).Reveal())}
	add("5.1 check share", "an honest share", true, good, nil)
	add("5.1 check share", "the share of another trustee", false, with(good, "trustee", "2"), nil)
	add("5.1 check share", "the share of another dealer", false, with(good, "commitments", text(all[1]...)), nil)
	add("5.1 check share", "the secret as share of trustee 0", false, with(with(good, "trustee", "0"), "share", text(ps[0].Coefficients()[0].Reveal())), nil)
	add("5.1 check share", "commitments in another order", false, with(with(with(good, "trustee", "2"), "share", text(ps[0].Share(2).Reveal())), "commitments", text(all[0][1], all[0][0])), nil)
	add("5.1 check share", "share 0", false, with(good, "share", text(group.NewScalar(0))), nil)

	var zs []group.Secret
	for j := 1; j <= 3; j++ {
		z := AddShares([]group.Secret{ps[0].Share(j), ps[1].Share(j), ps[2].Share(j)})
		zs = append(zs, z)
		add("5.3 joint key", fmt.Sprintf("and the public share of trustee %d", j), true,
			values{"commitments": text(append(append(append([]group.Element(nil), all[0]...), all[1]...), all[2]...)...), "threshold": "2", "trustee": fmt.Sprint(j)},
			values{"key": text(JointKey(all)), "publicShare": text(PublicShare(all, j)), "share": text(z.Reveal())})
	}

	// Section 6: an aggregate of one ciphertext that holds 2.
	pk, err := elgamal.NewPublicKey(JointKey(all))
	if err != nil {
		t.Fatal(err)
	}
	sum := elgamal.Encrypt(pk, 1, group.NewSecret(fixed("nonce", 1))).Add(elgamal.Encrypt(pk, 1, group.NewSecret(fixed("nonce", 2))))
	two := elgamal.Encrypt(pk, 0, group.NewSecret(fixed("nonce", 3)))
	ciphertext := hex.EncodeToString(sum.AppendBytes(nil))
	var ms []group.Element
	for j, z := range zs {
		ms = append(ms, PartialDecrypt(z, sum))
		add("6.1 partial decryption", fmt.Sprintf("of trustee %d", j+1), true, values{"share": text(z.Reveal()), "ciphertext": ciphertext}, values{"answer": text(ms[j])})
	}
	makeEqualityVectors(t, add, zs, all, sum, two)
	for _, js := range []string{"1 2", "2 1", "1 3", "2 3", "1 2 3", "7", "4 32"} {
		for _, j := range integers(js) {
			l, err := Lagrange(integers(js), j)
			if err != nil {
				t.Fatal(err)
			}
			add("6.3 Lagrange", "of trustee "+fmt.Sprint(j)+" among "+js, true, values{"trustees": js, "trustee": fmt.Sprint(j)}, values{"coefficient": text(l)})
		}
	}
	for _, bad := range [][3]string{{"trustee 0", "0 1", "1"}, {"a trustee twice", "1 2 2", "1"}, {"not among them", "1 2", "3"}, {"beyond the largest", "1 33", "1"}, {"nobody", "", "1"}} {
		add("6.3 Lagrange", bad[0], false, values{"trustees": bad[1], "trustee": bad[2]}, nil)
	}
	result := text(group.MulBase(group.NewScalar(2)))
	for _, js := range []string{"1 2", "2 3", "3 1", "1 2 3"} {
		var answers []group.Element
		for _, j := range integers(js) {
			answers = append(answers, ms[j-1])
		}
		add("6.3 combine", "trustees "+js, true, values{"ciphertext": ciphertext, "trustees": js, "answers": text(answers...)}, values{"element": result, "count": "2"})
	}
	combine := values{"ciphertext": ciphertext, "trustees": "1 2", "answers": text(ms[0], ms[1]), "expected": result}
	add("6.3 combine", "answers of too few trustees give something else", false, with(with(combine, "trustees", "1"), "answers", text(ms[0])), nil)
	add("6.3 combine", "answers swapped", false, with(combine, "answers", text(ms[1], ms[0])), nil)
	add("6.3 combine", "one answer twice", false, with(with(combine, "trustees", "1 1"), "answers", text(ms[0], ms[0])), nil)
	add("6.3 combine", "one answer is the identity", false, with(combine, "answers", text(ms[0], group.Identity())), nil)
	add("6.3 combine", "fewer answers than trustees", false, with(combine, "answers", text(ms[0])), nil)
	for _, n := range []uint64{0, 1, 99, 100} {
		add("6.4 discrete logarithm", "within the bound", true, values{"bound": "100", "element": text(group.MulBase(group.NewScalar(n)))}, values{"count": fmt.Sprint(n)})
	}
	add("6.4 discrete logarithm", "one beyond the bound", false, values{"bound": "100", "element": text(group.MulBase(group.NewScalar(101)))}, nil)
	add("6.4 discrete logarithm", "−1", false, values{"bound": "100", "element": text(group.Generator().Neg())}, nil)
	return vs
}

func makeEqualityVectors(t *testing.T, add func(string, string, bool, values, values), zs []group.Secret, all [][]group.Element, a, b elgamal.Ciphertext) {
	t.Helper()
	in := values{"election": strings.Repeat("e1", 32), "trustee": "1", "aggregate": "station-1", "public": text(PublicShare(all, 1)),
		"bases": text(a.Alpha, b.Alpha), "answers": text(PartialDecrypt(zs[0], a), PartialDecrypt(zs[0], b))}
	random := strings.Repeat("r", 64)
	v := vector{Input: in}
	q, err := group.ProveEquality(strings.NewReader(random), decryptionTag(v), zs[0], PublicShare(all, 1), elements(in["bases"]), elements(in["answers"]))
	if err != nil {
		t.Fatal(err)
	}
	in["proof"] = text(q)
	add("6.2 equality", "two ciphertexts", true, in, values{"context": decryptionTag(v), "tag": boundTag(v), "secret": text(zs[0].Reveal()), "nonce": text(group.HashToScalar("referendum-v1-equality-nonce", append(append([]byte(random), zs[0].Reveal().Bytes()...), boundTag(v)...)))})
	flip := func(s string, i int) string {
		b, _ := hex.DecodeString(s)
		b[i] ^= 1
		return hex.EncodeToString(b)
	}
	p := in["proof"]
	order := "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"
	for _, bad := range []struct{ reason, key, value string }{
		{"of another election", "election", strings.Repeat("e2", 32)},
		{"of another trustee", "trustee", "2"},
		{"of another aggregate", "aggregate", "station-2"},
		{"another public share", "public", text(PublicShare(all, 2))},
		{"answers swapped", "answers", text(PartialDecrypt(zs[0], b), PartialDecrypt(zs[0], a))},
		{"another trustee's answer", "answers", text(PartialDecrypt(zs[0], a), PartialDecrypt(zs[1], b))},
		{"answers off by elements that cancel out", "answers", text(PartialDecrypt(zs[0], a).Add(group.Generator()), PartialDecrypt(zs[0], b).Sub(group.Generator()))},
		{"another ciphertext", "bases", text(a.Alpha, b.Beta)},
		{"fewer answers than bases", "answers", text(PartialDecrypt(zs[0], a))},
		{"challenge altered", "proof", flip(p, 0)},
		{"response altered", "proof", flip(p, 32)},
		{"response and ℓ", "proof", p[:64] + order},
		{"challenge and response swapped", "proof", p[64:] + p[:64]},
		{"all zero", "proof", strings.Repeat("00", 64)},
		{"63 bytes", "proof", p[:126]},
		{"65 bytes", "proof", p + "00"},
	} {
		add("6.2 equality", bad.reason, false, with(in, bad.key, bad.value), nil)
	}
}

func TestVectors(t *testing.T) {
	for _, v := range vectorstest.Read(t, "threshold.json", makeThresholdVectors(t)) {
		t.Run(v.Algorithm+"/"+v.Reason, func(t *testing.T) {
			if !v.Good {
				if holds(v) {
					t.Error("accepted")
				}
				return
			}
			if got := outputs(t, v); fmt.Sprint(got) != fmt.Sprint(v.Output) {
				t.Errorf("%v instead of %v", got, v.Output)
			}
		})
	}
}

// outputs computes what a good vector says.
func outputs(t *testing.T, v vector) values {
	t.Helper()
	j := 0
	if n := integers(v.Input["trustee"]); len(n) == 1 {
		j = n[0]
	}
	switch v.Algorithm {
	case "5.1 share":
		p := polynomial(v.Input["coefficients"])
		return values{"share": text(p.Share(j).Reveal()), "commitments": text(p.Commitments()...)}
	case "5.3 joint key":
		var all [][]group.Element
		for es := elements(v.Input["commitments"]); len(es) > 0; es = es[2:] {
			all = append(all, es[:2])
		}
		return values{"key": text(JointKey(all)), "publicShare": text(PublicShare(all, j)), "share": v.Output["share"]}
	case "6.1 partial decryption":
		var c elgamal.Ciphertext
		if err := c.UnmarshalText([]byte(v.Input["ciphertext"])); err != nil {
			t.Fatal(err)
		}
		return values{"answer": text(PartialDecrypt(group.NewSecret(scalars(v.Input["share"])[0]), c))}
	case "6.2 equality":
		if !holds(v) {
			t.Error("refused")
		}
		c, s, z := scalars(v.Input["proof"][:64])[0], scalars(v.Input["proof"][64:])[0], scalars(v.Output["secret"])[0]
		return values{"context": decryptionTag(v), "tag": boundTag(v), "secret": text(z), "nonce": text(s.Add(c.Mul(z)))}
	case "6.3 Lagrange":
		l, err := Lagrange(integers(v.Input["trustees"]), j)
		if err != nil {
			t.Fatal(err)
		}
		return values{"coefficient": text(l)}
	case "6.3 combine":
		e, err := combined(v)
		if err != nil {
			t.Fatal(err)
		}
		return values{"element": e, "count": v.Output["count"]}
	case "6.4 discrete logarithm":
		table, err := NewLogTable(uint64(integers(v.Input["bound"])[0]))
		if err != nil {
			t.Fatal(err)
		}
		n, ok := table.Find(elements(v.Input["element"])[0])
		if !ok {
			t.Fatal("not found")
		}
		return values{"count": fmt.Sprint(n)}
	case "5.1 check share":
		if !holds(v) {
			t.Error("refused")
		}
		return nil
	}
	t.Fatalf("no test for %q", v.Algorithm)
	return nil
}
