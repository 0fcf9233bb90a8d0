package proof

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
)

func skipUnlessSoak(t *testing.T) {
	t.Helper()
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
}

// refused says whether both ways of verifying refuse, and complains when they
// disagree.
func refused(t testing.TB, ctx Context, b *Ballot) bool {
	t.Helper()
	e := ctx.equations(b)
	together, each := e.holdTogether(ctx), e.holdEach(ctx)
	if together != (each == nil) {
		t.Errorf("together %v, one by one: %v", together, each)
	}
	if err := Verify(ctx, b); (err == nil) != (each == nil) {
		t.Errorf("Verify says %v, one by one: %v", err, each)
	}
	return each != nil
}

func TestBallotFromElsewhereIsRefused(t *testing.T) {
	ctx := testContext(3, 2)
	b := makeBallot(t, ctx, 2, 0)
	for name, change := range map[string]func(c *Context){
		"another election":             func(c *Context) { c.Election[31] ^= 1 },
		"another station":              func(c *Context) { c.Station = "station-2" },
		"a station that begins alike":  func(c *Context) { c.Station = "station-11" },
		"no station":                   func(c *Context) { c.Station = "" },
		"another key":                  func(c *Context) { c.Key, _ = elgamal.NewPublicKey(group.Generator()) },
		"the negative of the key":      func(c *Context) { c.Key, _ = elgamal.NewPublicKey(c.Key.Element().Neg()) },
		"station moved into the other": func(c *Context) { c.Station = "\x00" + c.Station },
	} {
		t.Run(name, func(t *testing.T) {
			other := ctx
			change(&other)
			if !refused(t, other, b) {
				t.Error("accepted")
			}
		})
	}
	if refused(t, ctx, b) {
		t.Error("the ballot itself is refused")
	}
}

// These shapes have ballots of one size. A ballot of one is refused as one of
// the other, at the latest by its proofs.
func TestBallotOfAnotherShapeIsRefused(t *testing.T) {
	for _, test := range []struct{ made, read []int }{{[]int{2, 4}, []int{3, 3}}, {[]int{3, 2}, []int{2, 3}}, {[]int{4, 2, 2}, []int{2, 4, 2}}} {
		ctx, other := testContext(test.made...), testContext(test.read...)
		raw := makeBallot(t, ctx, make([]int, len(test.made))...).Bytes()
		if len(raw) != other.Shape.Size() {
			t.Fatal("the sizes differ")
		}
		if b, err := ParseBallot(other.Shape, raw); err == nil && !refused(t, other, b) {
			t.Errorf("a ballot of %v is accepted as one of %v", test.made, test.read)
		}
	}
}

// Two questions alike, swapped: weights and order of hashing differ.
func TestSwappedQuestionsAreRefused(t *testing.T) {
	ctx := testContext(3, 3)
	b := makeBallot(t, ctx, 1, 2)
	slices.Reverse(b.Questions)
	if !refused(t, ctx, b) {
		t.Error("accepted")
	}
}

func TestVerifyRefusesWhatDoesNotFit(t *testing.T) {
	ctx := testContext(3, 2)
	good := makeBallot(t, ctx, 1, 1)
	for _, test := range []struct {
		name   string
		ctx    Context
		change func(b *Ballot)
		err    string
	}{
		{"no key", Context{Shape: ctx.Shape}, func(*Ballot) {}, "no public key"},
		{"no questions in the context", Context{Key: ctx.Key}, func(*Ballot) {}, "0 questions"},
		{"no questions in the ballot", ctx, func(b *Ballot) { b.Questions = nil }, "0 questions instead of 2"},
		{"one question", ctx, func(b *Ballot) { b.Questions = b.Questions[:1] }, "1 questions instead of 2"},
		{"questions swapped", ctx, func(b *Ballot) { slices.Reverse(b.Questions) }, "question 1 does not have 3 options"},
		{"a selection less", ctx, func(b *Ballot) { q := &b.Questions[0]; q.Selections = q.Selections[1:] }, "question 1 does not have 3 options"},
		{"a commitment a less", ctx, func(b *Ballot) { q := &b.Questions[1]; q.A = q.A[1:] }, "question 2 does not have 2 options"},
		{"a commitment b less", ctx, func(b *Ballot) { q := &b.Questions[1]; q.B = q.B[1:] }, "question 2 does not have 2 options"},
		{"a challenge more", ctx, func(b *Ballot) { q := &b.Questions[0]; q.Challenges = append(q.Challenges, q.Challenges[0]) }, "question 1 does not have 3 options"},
		{"a response less", ctx, func(b *Ballot) { q := &b.Questions[0]; q.Responses = q.Responses[1:] }, "question 1 does not have 3 options"},
	} {
		b, err := ParseBallot(ctx.Shape, good.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		test.change(b)
		if err := Verify(test.ctx, b); err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: error %v, wanted %q", test.name, err, test.err)
		}
	}
}

// The error names the question and the branch.
func TestVerifyNamesTheBranch(t *testing.T) {
	ctx := testContext(3, 2)
	b := makeBallot(t, ctx, 1, 1)
	b.Questions[1].Responses[2] = b.Questions[1].Responses[2].Add(group.NewScalar(1))
	if err := Verify(ctx, b); err == nil || err.Error() != "ballot: question 2: selection proof does not hold in branch 2" {
		t.Errorf("error %v", err)
	}
}

// A flipped bit is refused when reading or when verifying, wherever it is.
func flipBit(t *testing.T, ctx Context, raw []byte, bit int) {
	t.Helper()
	b := bytes.Clone(raw)
	b[bit/8] ^= 1 << (bit % 8)
	if parsed, err := ParseBallot(ctx.Shape, b); err == nil && Verify(ctx, parsed) == nil {
		t.Errorf("accepted with bit %d flipped", bit)
	}
}

func TestBallotWithFlippedBits(t *testing.T) {
	ctx := testContext(2)
	raw := makeBallot(t, ctx, 1).Bytes()
	for bit := 0; bit < 8*len(raw); bit += 29 {
		flipBit(t, ctx, raw, bit)
	}
}

func TestSoakBallotWithFlippedBits(t *testing.T) {
	skipUnlessSoak(t)
	for _, chosen := range [][]int{{0, 0}, {3, 0}, {1, 2}} {
		ctx := testContext(3, 2)
		raw := makeBallot(t, ctx, chosen...).Bytes()
		for bit := range 8 * len(raw) {
			flipBit(t, ctx, raw, bit)
		}
	}
}

// Plaintexts outside the set, with an honestly made proof for a vector that is
// in it, for every claim.
func TestVectorOutsideTheSetIsRefused(t *testing.T) {
	ctx := testContext(3)
	for _, plaintext := range [][]int{{1, 1, 0}, {1, 0, 1}, {1, 1, 1}, {2, 0, 0}, {0, 0, 2}, {-1, 1, 0}, {1, -1, 0}, {0, -1, 0}, {1, 1, -1}, {1, 2, -2}, {1000, -999, 0}} {
		for claimed := 0; claimed <= 3; claimed++ {
			b := newCheat(t, ctx, [][]int{plaintext}, claimed).make(t)
			if !refused(t, ctx, b) {
				t.Errorf("%v is accepted as %d", plaintext, claimed)
			}
		}
	}
}

// A vector in the set with a proof for another one of the set.
func TestProofOfAnotherSelectionIsRefused(t *testing.T) {
	ctx := testContext(3)
	for m := 0; m <= 3; m++ {
		for claimed := 0; claimed <= 3; claimed++ {
			plaintext := make([]int, 3)
			if m > 0 {
				plaintext[m-1] = 1
			}
			if refused(t, ctx, newCheat(t, ctx, [][]int{plaintext}, claimed).make(t)) != (m != claimed) {
				t.Errorf("selection %d with a proof for %d: refused is %v", m, claimed, m == claimed)
			}
		}
	}
}

// Only one of two questions is wrong: the other does not cover it.
func TestOneWrongQuestionOfTwo(t *testing.T) {
	ctx := testContext(3, 2)
	for _, test := range []struct {
		plaintexts [][]int
		claimed    []int
	}{
		{[][]int{{1, 1, 0}, {1, 0}}, []int{1, 1}},
		{[][]int{{1, 0, 0}, {1, 1}}, []int{1, 1}},
		{[][]int{{1, 0, 0}, {2, -1}}, []int{1, 1}},
		{[][]int{{1, 1, 0}, {0, -1}}, []int{1, 0}}, // the sums over both questions look right
	} {
		if !refused(t, ctx, newCheat(t, ctx, test.plaintexts, test.claimed...).make(t)) {
			t.Errorf("%v is accepted", test.plaintexts)
		}
	}
}

func TestChallengeWithoutPartOfItsInputIsRefused(t *testing.T) {
	ctx := testContext(3)
	for name, challenge := range partialChallenges(ctx) {
		t.Run(name, func(t *testing.T) {
			c := newCheat(t, ctx, [][]int{{0, 1, 0}}, 2)
			c.challenge = challenge
			if !refused(t, ctx, c.make(t)) {
				t.Error("accepted")
			}
		})
	}
}

// One commitment is wrong, but the challenge is hashed over it as it stands: so
// one equation fails and all others hold.
func TestEveryEquationCounts(t *testing.T) {
	ctx := testContext(3)
	for j := range 4 {
		for name, tamper := range map[string]func(q *Question){
			"a": func(q *Question) { q.A[j] = q.A[j].Add(group.Generator()) },
			"b": func(q *Question) { q.B[j] = q.B[j].Add(group.Generator()) },
		} {
			c := newCheat(t, ctx, [][]int{{0, 1, 0}}, 2)
			c.tamper = tamper
			b := c.make(t)
			if !refused(t, ctx, b) {
				t.Errorf("accepted with %s_%d wrong", name, j)
			}
			e := ctx.equations(b)
			if branch, _ := b.Questions[0].verify(ctx.Key.Element(), e.weights[0], e.challenge); branch != j {
				t.Errorf("%s_%d is wrong, but branch %d is named", name, j, branch)
			}
		}
	}
}

// Why weights are hashed over the ciphertexts: whoever knows them beforehand
// finds plaintexts outside the set that satisfy a branch. Here the cheat takes
// the weights of a decoy, and casts 1000 votes for option 1.
func TestWeightsKnownBeforehandWouldBreakTheProof(t *testing.T) {
	ctx := testContext(3)
	decoy := newCheat(t, ctx, [][]int{{0, 0, 0}}, 0)
	var known []group.Scalar
	decoy.weights = func(ciphertexts []byte, q, n int) []group.Scalar {
		known = ctx.weights(ciphertexts, q, n)
		return known
	}
	decoy.make(t)

	c := newCheat(t, ctx, [][]int{{1000, 0, 0}}, 0)
	c.plaintexts[0][1] = group.NewScalar(1000).Neg().Mul(known[1].Inv()) // 1000 + w_2 m_2 = 0
	c.weights = func([]byte, int, int) []group.Scalar { return known }
	b := c.make(t)
	e := ctx.equations(b)
	if _, ok := b.Questions[0].verify(ctx.Key.Element(), known, e.challenge); !ok {
		t.Fatal("the attack does not work even with known weights: this test shows nothing")
	}
	if !refused(t, ctx, b) {
		t.Error("accepted")
	}
}

// Without a weight for every option the same: (1, −1, 0) adds up to 0.
func TestWeightsOfOneWouldBreakTheProof(t *testing.T) {
	ctx := testContext(3)
	ones := []group.Scalar{group.NewScalar(1), group.NewScalar(1), group.NewScalar(1)}
	c := newCheat(t, ctx, [][]int{{1, -1, 0}}, 0)
	c.weights = func([]byte, int, int) []group.Scalar { return ones }
	b := c.make(t)
	if _, ok := b.Questions[0].verify(ctx.Key.Element(), ones, ctx.equations(b).challenge); !ok {
		t.Fatal("the attack does not work even with weights of one: this test shows nothing")
	}
	if !refused(t, ctx, b) {
		t.Error("accepted")
	}
}

// Every input of a weight counts, and no two of a ballot are the same.
func TestWeightsDiffer(t *testing.T) {
	ctx := testContext(3, 3)
	var cts []byte
	for _, q := range makeBallot(t, ctx, 1, 2).Questions {
		for _, c := range q.Selections {
			cts = c.AppendBytes(cts)
		}
	}
	seen := map[string]string{}
	add := func(name string, ws []group.Scalar) {
		if !ws[0].Equal(group.NewScalar(1)) {
			t.Errorf("%s: the first weight is not 1", name)
		}
		for i, w := range ws[1:] {
			if other, ok := seen[string(w.Bytes())]; ok {
				t.Errorf("%s, option %d: the same weight as %s", name, i+2, other)
			}
			seen[string(w.Bytes())] = fmt.Sprintf("%s, option %d", name, i+2)
		}
	}
	add("question 1", ctx.weights(cts, 1, 3))
	add("question 2", ctx.weights(cts, 2, 3))
	other := ctx
	other.Station = "station-2"
	add("another station", other.weights(cts, 1, 3))
	other = ctx
	other.Election[0]++
	add("another election", other.weights(cts, 1, 3))
	for _, at := range []int{0, 64, len(cts) - 1} { // one of each: first, of another option, of another question
		changed := bytes.Clone(cts)
		changed[at] ^= 1
		add(fmt.Sprintf("byte %d of the ciphertexts", at), ctx.weights(changed, 1, 3))
	}
}
