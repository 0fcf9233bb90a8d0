package proof

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
)

func TestShapeRefuses(t *testing.T) {
	for _, test := range []struct {
		shape Shape
		err   string
	}{
		{nil, "ballot shape: 0 questions, allowed are 1 to 64"},
		{slices.Repeat(Shape{2}, 65), "ballot shape: 65 questions, allowed are 1 to 64"},
		{Shape{1}, "ballot shape: question 1 has 1 options, allowed are 2 to 16"},
		{Shape{2, 17}, "ballot shape: question 2 has 17 options, allowed are 2 to 16"},
		{Shape{0}, "ballot shape: question 1 has 0 options"},
		{Shape{-2}, "ballot shape: question 1 has -2 options"},
	} {
		if err := test.shape.Validate(); err == nil || !strings.HasPrefix(err.Error(), test.err) {
			t.Errorf("%v: error %v, wanted %q", test.shape, err, test.err)
		}
		if _, err := ParseBallot(test.shape, nil); err == nil || !strings.HasPrefix(err.Error(), test.err) {
			t.Errorf("reading %v: error %v, wanted %q", test.shape, err, test.err)
		}
	}
	for _, shape := range []Shape{{2}, {16}, slices.Repeat(Shape{16}, 64)} {
		if err := shape.Validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestShapeSize(t *testing.T) {
	for _, test := range []struct {
		shape Shape
		size  int
	}{{Shape{2}, 480}, {Shape{3}, 672}, {Shape{16}, 3168}, {Shape{3, 3, 3, 3}, 2688}, {Shape{2, 4}, 1344}} {
		if test.shape.Size() != test.size {
			t.Errorf("%v: %d bytes instead of %d", test.shape, test.shape.Size(), test.size)
		}
	}
}

func TestParseBallotRefuses(t *testing.T) {
	ctx := testContext(2, 3)
	raw := makeBallot(t, ctx, 1, 0).Bytes()
	for _, n := range []int{0, 1, len(raw) - 32, len(raw) - 1, len(raw) + 1, 2 * len(raw)} {
		long := append(bytes.Clone(raw), raw...)
		if _, err := ParseBallot(ctx.Shape, long[:n]); err == nil || !strings.Contains(err.Error(), "bytes instead of 1152") {
			t.Errorf("%d bytes: error %v", n, err)
		}
	}
	identity, ff := make([]byte, 32), bytes.Repeat([]byte{0xff}, 32)
	order := unhex(t, "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	elements, scalars := fields(ctx.Shape)
	where := func(piece int) string {
		if piece < Shape(ctx.Shape[:1]).Size()/32 {
			return "ballot: question 1: "
		}
		return "ballot: question 2: "
	}
	for _, at := range elements {
		for _, bad := range []struct {
			by  []byte
			err string
		}{{identity, "group element: the identity is not allowed here"}, {ff, "group element: not a canonical encoding"}, {group.NewScalar(1).Bytes(), "group element: not a canonical encoding"}} {
			if _, err := ParseBallot(ctx.Shape, replace(raw, at, bad.by)); err == nil || err.Error() != where(at)+bad.err {
				t.Errorf("piece %d: error %v, wanted %q", at, err, where(at)+bad.err)
			}
		}
	}
	for _, at := range scalars {
		for _, bad := range [][]byte{ff, order} {
			if _, err := ParseBallot(ctx.Shape, replace(raw, at, bad)); err == nil || err.Error() != where(at)+"scalar: not below the group's order" {
				t.Errorf("piece %d: error %v", at, err)
			}
		}
	}
	// However much is wrong, the error is one line about the first.
	if _, err := ParseBallot(ctx.Shape, bytes.Repeat([]byte{0xff}, len(raw))); err == nil || err.Error() != "ballot: question 1: group element: not a canonical encoding" {
		t.Errorf("all wrong: error %v", err)
	}
}

// Section 4.5, piece by piece.
func TestBallotEncoding(t *testing.T) {
	ctx := testContext(2, 3)
	b := makeBallot(t, ctx, 1, 0)
	var want []byte
	for _, q := range b.Questions {
		for _, s := range q.Selections {
			want = append(append(want, s.Alpha.Bytes()...), s.Beta.Bytes()...)
		}
		for j := range q.A {
			want = append(append(want, q.A[j].Bytes()...), q.B[j].Bytes()...)
		}
		for _, s := range append(slices.Clone(q.Challenges), q.Responses...) {
			want = append(want, s.Bytes()...)
		}
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Error("not the encoding of Section 4.5")
	}
	if cs := b.Ciphertexts(); len(cs) != 2 || len(cs[0]) != 2 || len(cs[1]) != 3 || !cs[1][2].Equal(b.Questions[1].Selections[2]) {
		t.Error("ciphertexts out of place")
	}
}

func FuzzParseBallot(f *testing.F) {
	ctx := testContext(2)
	raw := makeBallot(f, ctx, 2).Bytes()
	f.Add(raw)
	f.Add(raw[:len(raw)-1])
	f.Add(bytes.Repeat([]byte{0}, len(raw)))
	f.Fuzz(func(t *testing.T, b []byte) {
		ballot, err := ParseBallot(ctx.Shape, b)
		if err != nil {
			return
		}
		if !bytes.Equal(ballot.Bytes(), b) {
			t.Errorf("two encodings of one ballot: %x", b)
		}
		if Verify(ctx, ballot) == nil && !bytes.Equal(b, raw) {
			t.Errorf("a forged ballot: %x", b)
		}
	})
}
