package proof

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/vectorstest"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
)

type vector = vectorstest.Vector

type values = map[string]string

// context reads what every ballot vector has in common.
func contextOf(t testing.TB, v vector) Context {
	t.Helper()
	key, err := elgamal.ParsePublicKey(unhex(t, v.Input["key"]))
	if err != nil {
		t.Fatal(err)
	}
	return Context{[32]byte(unhex(t, v.Input["election"])), v.Input["station"], key, integers(v.Input["options"])}
}

func integers(s string) (ns []int) {
	for f := range strings.FieldsSeq(s) {
		var n int
		fmt.Sscan(f, &n)
		ns = append(ns, n)
	}
	return ns
}

func contextValues(ctx Context, more ...string) values {
	in := values{"election": hex.EncodeToString(ctx.Election[:]), "station": ctx.Station, "key": ctx.Key.Element().String(),
		"options": strings.Trim(fmt.Sprint([]int(ctx.Shape)), "[]")}
	for i := 0; i < len(more); i += 2 {
		in[more[i]] = more[i+1]
	}
	return in
}

func hexScalars(ss ...group.Scalar) string {
	var out []string
	for _, s := range ss {
		out = append(out, hex.EncodeToString(s.Bytes()))
	}
	return strings.Join(out, " ")
}

// accepts reads and verifies a ballot vector.
func accepts(t testing.TB, v vector) error {
	t.Helper()
	ctx := contextOf(t, v)
	b, err := ParseBallot(ctx.Shape, unhex(t, v.Input["ballot"]))
	if err != nil {
		return err
	}
	if refused(t, ctx, b) {
		return Verify(ctx, b)
	}
	return nil
}

func opens(t testing.TB, v vector) error {
	t.Helper()
	ctx := contextOf(t, v)
	b, err := ParseBallot(ctx.Shape, unhex(t, v.Input["ballot"]))
	if err != nil {
		return err
	}
	seed, err := elgamal.ParseSeed(v.Input["seed"])
	if err != nil {
		return err
	}
	opened, err := NewSelections(ctx.Shape, integers(v.Input["selections"]))
	if err != nil {
		return err
	}
	return CheckOpening(ctx, b, seed, opened)
}

func knows(t testing.TB, v vector) bool {
	t.Helper()
	var p Knowledge
	if p.UnmarshalText([]byte(v.Input["proof"])) != nil {
		return false
	}
	public, err := group.ParseElement(unhex(t, v.Input["public"]))
	return err == nil && VerifyKnowledge(unhex(t, v.Input["context"]), public, p)
}

func remake(t testing.TB, v vector) string {
	t.Helper()
	ctx := contextOf(t, v)
	seed, err := elgamal.ParseSeed(v.Input["seed"])
	if err != nil {
		t.Fatal(err)
	}
	b, err := Make(bytes.NewReader(unhex(t, v.Input["randomness"])), ctx, choose(t, ctx, integers(v.Input["selections"])...), seed)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b.Bytes())
}

func makeBallotVectors(t *testing.T) []vector {
	ctx := testContext(3, 2)
	raw := makeBallot(t, ctx, 2, 0).Bytes()
	parsed, err := ParseBallot(ctx.Shape, raw)
	if err != nil {
		t.Fatal(err)
	}
	e := ctx.equations(parsed)
	var vs []vector
	add := func(algorithm, reason string, good bool, in, out values) {
		vs = append(vs, vectorstest.New(algorithm, reason, good, in, out))
	}
	for q, n := range ctx.Shape {
		add("4.1 weights", fmt.Sprintf("question %d", q+1), true, contextValues(ctx, "ciphertexts", hex.EncodeToString(e.ciphertexts), "question", fmt.Sprint(q+1)),
			values{"weights": hexScalars(ctx.weights(e.ciphertexts, q+1, n)...)})
	}
	add("4.2 challenge", "the challenge of a ballot", true, contextValues(ctx, "ciphertexts", hex.EncodeToString(e.ciphertexts), "commitments", hex.EncodeToString(e.commitments)),
		values{"challenge": hexScalars(e.challenge)})
	for _, chosen := range []string{"0 0", "1 2", "3 1"} {
		random := make([]byte, 7*128)
		(&stream{seed: chosen}).Read(random)
		v := vectorstest.New("4.3 make", "selections "+chosen, true, contextValues(ctx, "seed", strings.Repeat("5e", 32), "selections", chosen, "randomness", hex.EncodeToString(random)), nil)
		v.Output = values{"ballot": remake(t, v)}
		vs = append(vs, v)
		add("4.4 verify", "an honest ballot, selections "+chosen, true, contextValues(ctx, "ballot", v.Output["ballot"]), nil)
		add("4.6 opening", "an honest opening, selections "+chosen, true, contextValues(ctx, "ballot", v.Output["ballot"], "seed", strings.Repeat("5e", 32), "selections", chosen), nil)
		if chosen == "1 2" {
			addBadOpenings(ctx, v.Output["ballot"], add)
		}
	}
	addBadContexts(ctx, raw, add)
	addForgeries(t, add)
	addBadFields(t, ctx, raw, add)
	addKnowledge(t, add)
	return vs
}

type adder = func(algorithm, reason string, good bool, in, out values)

func addBadOpenings(ctx Context, ballot string, add adder) {
	seed := strings.Repeat("5e", 32)
	for _, bad := range [][3]string{
		{"another option", seed, "2 2"}, {"a paper not taken", seed, "1 0"}, {"another seed", strings.Repeat("5f", 32), "1 2"},
		{"no such option", seed, "1 3"}, {"selections for one question", seed, "1"}, {"a seed in upper case", strings.ToUpper(seed), "1 2"},
	} {
		add("4.6 opening", bad[0], false, contextValues(ctx, "ballot", ballot, "seed", bad[1], "selections", bad[2]), nil)
	}
	other := ctx
	other.Election[0]++
	add("4.6 opening", "of another election", false, contextValues(other, "ballot", ballot, "seed", seed, "selections", "1 2"), nil)
}

func addBadContexts(ctx Context, raw []byte, add adder) {
	bad := func(reason string, change func(c *Context)) {
		c := ctx
		change(&c)
		add("4.4 verify", reason, false, contextValues(c, "ballot", hex.EncodeToString(raw)), nil)
	}
	bad("of another election", func(c *Context) { c.Election[31] ^= 1 })
	bad("of another station", func(c *Context) { c.Station = "station-2" })
	bad("of a station that begins alike", func(c *Context) { c.Station = "station-11" })
	bad("under another key", func(c *Context) { c.Key, _ = elgamal.NewPublicKey(group.Generator()) })
	bad("under another shape of the same size", func(c *Context) { c.Shape = Shape{2, 3} })
	bad("under a shape of another size", func(c *Context) { c.Shape = Shape{3, 3} })
}

func addForgeries(t *testing.T, add adder) {
	t.Helper()
	ctx := testContext(3)
	forge := func(reason string, plaintext []int, claimed int, change func(c *cheat)) {
		c := newCheat(t, ctx, [][]int{plaintext}, claimed)
		change(c)
		add("4.4 verify", reason, false, contextValues(ctx, "ballot", hex.EncodeToString(c.make(t).Bytes())), nil)
	}
	for claimed := 0; claimed <= 3; claimed++ {
		forge(fmt.Sprintf("two options selected, a proof for %d", claimed), []int{1, 1, 0}, claimed, func(*cheat) {})
	}
	forge("an option counts 2, a proof for it", []int{2, 0, 0}, 1, func(*cheat) {})
	forge("an option counts 2, a proof for not taken", []int{2, 0, 0}, 0, func(*cheat) {})
	forge("−1 and 1, which add up to not taken", []int{-1, 1, 0}, 0, func(*cheat) {})
	forge("1, 1 and −1, which add up to one option", []int{1, 1, -1}, 1, func(*cheat) {})
	forge("−1", []int{0, -1, 0}, 0, func(*cheat) {})
	forge("a selection in the set, a proof for another", []int{1, 0, 0}, 2, func(*cheat) {})
	partial := partialChallenges(ctx)
	for _, name := range slices.Sorted(maps.Keys(partial)) {
		forge("a challenge "+name, []int{0, 1, 0}, 2, func(c *cheat) { c.challenge = partial[name] })
	}
	one := group.NewScalar(1)
	forge("weights of one: (1, −1, 0) satisfies the branch of not taken", []int{1, -1, 0}, 0, func(c *cheat) {
		c.weights = func([]byte, int, int) []group.Scalar { return []group.Scalar{one, one, one} }
	})
	forge("a_1 is wrong, and hashed as it is", []int{0, 1, 0}, 2, func(c *cheat) { c.tamper = func(q *Question) { q.A[1] = q.A[1].Add(group.Generator()) } })
	forge("b_2 is wrong, and hashed as it is", []int{0, 1, 0}, 2, func(c *cheat) { c.tamper = func(q *Question) { q.B[2] = q.B[2].Add(group.Generator()) } })
	forge("weights of the second question", []int{0, 1, 0}, 2, func(c *cheat) {
		c.weights = func(ct []byte, q, n int) []group.Scalar { return ctx.weights(ct, q+1, n) }
	})
}

func addBadFields(t *testing.T, ctx Context, raw []byte, add adder) {
	t.Helper()
	bad := func(reason string, b []byte) {
		add("4.4 verify", reason, false, contextValues(ctx, "ballot", hex.EncodeToString(b)), nil)
	}
	names := []string{"α_1", "β_1", "α_2", "β_2", "α_3", "β_3", "a_0", "b_0", "a_1", "b_1", "a_2", "b_2", "a_3", "b_3",
		"c_0", "c_1", "c_2", "v_0", "v_1", "v_2", "v_3"} // of question 1
	for i, name := range names {
		piece := raw[32*i:][:32]
		if i < 14 {
			e, err := group.ParseElement(piece)
			if err != nil {
				t.Fatal(err)
			}
			bad(name+" plus B", replace(raw, i, e.Add(group.Generator()).Bytes()))
			bad(name+" is the identity", replace(raw, i, make([]byte, 32)))
			bad(name+" is not canonical", replace(raw, i, bytes.Repeat([]byte{0xff}, 32)))
			continue
		}
		s, err := group.ParseScalar(piece)
		if err != nil {
			t.Fatal(err)
		}
		bad(name+" plus 1", replace(raw, i, s.Add(group.NewScalar(1)).Bytes()))
		bad(name+" is ℓ", replace(raw, i, unhex(t, "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")))
	}
	bad("ciphertexts 1 and 2 swapped", replace(replace(raw, 0, raw[64:128]), 2, raw[:64]))
	bad("branches 0 and 1 swapped", replace(replace(raw, 6, raw[8*32:10*32]), 8, raw[6*32:8*32]))
	bad("the last response of question 2 altered", replace(raw, len(raw)/32-1, append([]byte{raw[len(raw)-32] ^ 1}, raw[len(raw)-31:]...)))
	bad("empty", nil)
	bad("one byte short", raw[:len(raw)-1])
	bad("one byte long", append(bytes.Clone(raw), 0))
	bad("twice", append(bytes.Clone(raw), raw...))
}

func addKnowledge(t *testing.T, add adder) {
	t.Helper()
	x := group.HashToScalar("referendum-v1-test", []byte("coefficient"))
	random := strings.Repeat("r", 64)
	p, err := ProveKnowledge(strings.NewReader(random), []byte("context"), group.NewSecret(x))
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	public, good := group.MulBase(x), string(text)
	in := func(context string, public group.Element, proof string) values {
		return values{"context": hex.EncodeToString([]byte(context)), "public": public.String(), "proof": proof}
	}
	add("5.2 knowledge", "an honest proof", true, in("context", public, good), values{"secret": hexScalars(x), "nonce": hexScalars(group.HashToScalar("referendum-v1-random-scalar", []byte(random)))})
	add("5.2 knowledge", "another context", false, in("contex", public, good), nil)
	add("5.2 knowledge", "another public value", false, in("context", public.Add(group.Generator()), good), nil)
	add("5.2 knowledge", "R is the identity", false, in("context", public, strings.Repeat("0", 64)+good[64:]), nil)
	add("5.2 knowledge", "R is not canonical", false, in("context", public, strings.Repeat("f", 64)+good[64:]), nil)
	add("5.2 knowledge", "v is ℓ", false, in("context", public, good[:64]+"edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"), nil)
	add("5.2 knowledge", "v plus 1", false, in("context", public, good[:64]+hexScalars(p.v.Add(group.NewScalar(1)))), nil)
	add("5.2 knowledge", "R and v shifted alike", false, in("context", public, p.r.Add(group.Generator()).String()+hexScalars(p.v.Add(group.NewScalar(1)))), nil)
	add("5.2 knowledge", "63 bytes", false, in("context", public, good[:126]), nil)
	add("5.2 knowledge", "upper case", false, in("context", public, strings.ToUpper(good)), nil)
}

func TestVectors(t *testing.T) {
	for _, v := range vectorstest.Read(t, "ballots.json", makeBallotVectors(t)) {
		t.Run(v.Algorithm+"/"+v.Reason, func(t *testing.T) {
			switch v.Algorithm {
			case "4.1 weights":
				ctx, q := contextOf(t, v), integers(v.Input["question"])[0]
				if got := hexScalars(ctx.weights(unhex(t, v.Input["ciphertexts"]), q, ctx.Shape[q-1])...); got != v.Output["weights"] {
					t.Errorf("%s instead of %s", got, v.Output["weights"])
				}
			case "4.2 challenge":
				if got := hexScalars(contextOf(t, v).challenge(unhex(t, v.Input["ciphertexts"]), unhex(t, v.Input["commitments"]))); got != v.Output["challenge"] {
					t.Errorf("%s instead of %s", got, v.Output["challenge"])
				}
			case "4.3 make":
				if got := remake(t, v); got != v.Output["ballot"] {
					t.Errorf("%s instead of %s", got, v.Output["ballot"])
				}
			case "4.4 verify":
				if err := accepts(t, v); (err == nil) != v.Good {
					t.Errorf("good is %v: %v", v.Good, err)
				}
			case "4.6 opening":
				if err := opens(t, v); (err == nil) != v.Good {
					t.Errorf("good is %v: %v", v.Good, err)
				}
			case "5.2 knowledge":
				if knows(t, v) != v.Good {
					t.Errorf("accepted is %v", !v.Good)
				}
			default:
				t.Fatalf("no test for %q", v.Algorithm)
			}
		})
	}
}
