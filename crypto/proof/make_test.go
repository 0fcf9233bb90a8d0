package proof

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
)

func TestMakeRefuses(t *testing.T) {
	ctx := testContext(3, 2)
	chosen := choose(t, ctx, 1, 2)
	for _, test := range []struct {
		name   string
		ctx    Context
		chosen SecretSelections
		rand   string
		err    string
	}{
		{"no key", Context{Shape: Shape{3, 2}}, chosen, strings.Repeat("r", 4096), "no public key"},
		{"no questions", Context{Key: ctx.Key}, chosen, strings.Repeat("r", 4096), "0 questions"},
		{"no selections", ctx, SecretSelections{}, strings.Repeat("r", 4096), "not made for this ballot's questions"},
		{"selections for fewer questions", ctx, choose(t, testContext(3), 1), strings.Repeat("r", 4096), "not made for this ballot's questions"},
		{"selections for other options", ctx, choose(t, testContext(2, 3), 1, 3), strings.Repeat("r", 4096), "not made for this ballot's questions"},
		{"no randomness", ctx, chosen, "", "reading randomness: EOF"},
		{"randomness for half the first branch", ctx, chosen, strings.Repeat("r", 64), "reading randomness: EOF"},
		{"one byte of randomness too little", ctx, chosen, strings.Repeat("r", 7*128-1), "reading randomness: unexpected EOF"},
	} {
		b, err := Make(strings.NewReader(test.rand), test.ctx, test.chosen, testSeed(1))
		if err == nil || !strings.Contains(err.Error(), test.err) || b != nil {
			t.Errorf("%s: error %v, wanted %q; ballot %v", test.name, err, test.err, b != nil)
		}
	}
}

// allSelections lists all selections of a shape.
func allSelections(shape Shape) [][]int {
	all := [][]int{nil}
	for _, n := range shape {
		var longer [][]int
		for _, s := range all {
			for c := 0; c <= n; c++ {
				longer = append(longer, append(append([]int(nil), s...), c))
			}
		}
		all = longer
	}
	return all
}

// Every selection of every small shape gives a ballot that verifies, both ways,
// is read back the same, and opens to what was chosen and to nothing else.
func TestEverySelectionVerifies(t *testing.T) {
	everySelectionVerifies(t, Shape{2}, Shape{3}, Shape{4}, Shape{2, 2})
}

func TestSoakEverySelectionVerifies(t *testing.T) {
	skipUnlessSoak(t)
	everySelectionVerifies(t, Shape{16}, Shape{3, 2}, Shape{2, 5}, Shape{4, 4}, Shape{2, 2, 2}, Shape{3, 3, 3})
}

func everySelectionVerifies(t *testing.T, shapes ...Shape) {
	t.Helper()
	for _, shape := range shapes {
		ctx := testContext(shape...)
		for _, chosen := range allSelections(shape) {
			b, err := Make(rand.Reader, ctx, choose(t, ctx, chosen...), testSeed(7))
			if err != nil {
				t.Fatal(err)
			}
			again, err := ParseBallot(shape, b.Bytes())
			if err != nil {
				t.Fatalf("shape %v, selections %v: %v", shape, chosen, err)
			}
			if err := Verify(ctx, again); err != nil {
				t.Errorf("shape %v, selections %v: %v", shape, chosen, err)
			}
			if err := ctx.equations(again).holdEach(ctx); err != nil {
				t.Errorf("shape %v, selections %v, one by one: %v", shape, chosen, err)
			}
			if !bytes.Equal(again.Bytes(), b.Bytes()) {
				t.Errorf("shape %v, selections %v: read back differently", shape, chosen)
			}
			if err := CheckOpening(ctx, again, testSeed(7), choose(t, ctx, chosen...)); err != nil {
				t.Errorf("shape %v, selections %v: %v", shape, chosen, err)
			}
		}
	}
}

func TestLargestQuestionVerifies(t *testing.T) {
	ctx := testContext(MaxOptions)
	for _, c := range []int{0, 1, MaxOptions} {
		if err := Verify(ctx, makeBallot(t, ctx, c)); err != nil {
			t.Errorf("option %d: %v", c, err)
		}
	}
}

func TestSoakLargestBallotVerifies(t *testing.T) {
	skipUnlessSoak(t)
	var shape, chosen []int
	for q := range MaxQuestions {
		shape, chosen = append(shape, MaxOptions), append(chosen, q%(MaxOptions+1))
	}
	ctx := testContext(shape...)
	b := makeBallot(t, ctx, chosen...)
	if len(b.Bytes()) != ctx.Shape.Size() || len(b.Bytes()) != 202_752 {
		t.Errorf("%d bytes", len(b.Bytes()))
	}
	if err := Verify(ctx, b); err != nil {
		t.Error(err)
	}
}

// The seed fixes the ciphertexts and nothing else of a ballot: proofs are fresh.
func TestSeedFixesTheCiphertextsOnly(t *testing.T) {
	ctx := testContext(3, 2)
	one, err := Make(rand.Reader, ctx, choose(t, ctx, 1, 0), testSeed(1))
	if err != nil {
		t.Fatal(err)
	}
	two, err := Make(rand.Reader, ctx, choose(t, ctx, 1, 0), testSeed(1))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for q := range one.Questions {
		for i, c := range one.Questions[q].Selections {
			if !c.Equal(two.Questions[q].Selections[i]) {
				t.Errorf("question %d, option %d: another ciphertext", q+1, i+1)
			}
			seen[c.Alpha.String()] = true
		}
		for _, b := range []*Ballot{one, two} {
			for j := range b.Questions[q].A {
				seen[b.Questions[q].A[j].String()] = true
				seen[fmt.Sprintf("%x", b.Questions[q].Responses[j].Bytes())] = true
			}
		}
	}
	if want := 5 + 2*2*(4+3); len(seen) != want {
		t.Errorf("%d different values, wanted %d", len(seen), want)
	}
}

// Two ballots of one voter with other choices share nothing but lengths.
func TestBallotsOfOtherSeedsDiffer(t *testing.T) {
	ctx := testContext(3)
	seen := map[string]bool{}
	for s := byte(1); s <= 3; s++ {
		b, err := Make(rand.Reader, ctx, choose(t, ctx, int(s)), testSeed(s))
		if err != nil {
			t.Fatal(err)
		}
		raw := b.Bytes()
		for ; len(raw) > 0; raw = raw[group.Size:] {
			seen[string(raw[:group.Size])] = true
		}
	}
	if want := 3 * ctx.Shape.Size() / group.Size; len(seen) != want {
		t.Errorf("%d different values of %d", len(seen), want)
	}
}

func TestCheckOpeningRefuses(t *testing.T) {
	ctx := testContext(3, 2)
	b := makeBallot(t, ctx, 1, 0)
	other := ctx
	other.Election[0]++
	otherKey := ctx
	otherKey.Key, _ = elgamal.NewPublicKey(group.Generator())
	for _, test := range []struct {
		name   string
		ctx    Context
		ballot *Ballot
		seed   elgamal.SecretSeed
		opened SecretSelections
		err    string
	}{
		{"another option", ctx, b, testSeed(1), choose(t, ctx, 2, 0), "question 1, option 1 is not what the seed encrypts"},
		{"a paper not taken", ctx, b, testSeed(1), choose(t, ctx, 0, 0), "question 1, option 1 is not"},
		{"a paper taken", ctx, b, testSeed(1), choose(t, ctx, 1, 2), "question 2, option 2 is not"},
		{"another seed", ctx, b, testSeed(2), choose(t, ctx, 1, 0), "question 1, option 1 is not"},
		{"another election", other, b, testSeed(1), choose(t, ctx, 1, 0), "question 1, option 1 is not"},
		{"another key", otherKey, b, testSeed(1), choose(t, ctx, 1, 0), "question 1, option 1 is not"},
		{"selections of another shape", ctx, b, testSeed(1), choose(t, testContext(3), 1), "not made for this ballot's questions"},
		{"no selections", ctx, b, testSeed(1), SecretSelections{}, "not made for this ballot's questions"},
		{"ballot of another shape", ctx, makeBallot(t, testContext(3), 1), testSeed(1), choose(t, ctx, 1, 0), "1 questions instead of 2"},
	} {
		if err := CheckOpening(test.ctx, test.ballot, test.seed, test.opened); err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: error %v, wanted %q", test.name, err, test.err)
		}
	}
}
