package proof

import (
	"bytes"
	"crypto/sha512"
	"fmt"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"pgregory.net/rapid"
)

// fields lists where the values of a ballot stand: elements and scalars by
// their number among its 32-byte pieces.
func fields(shape Shape) (elements, scalars []int) {
	at := 0
	take := func(n int) (is []int) {
		for range n {
			is, at = append(is, at), at+1
		}
		return is
	}
	for _, n := range shape {
		elements = append(elements, take(2*n+2*(n+1))...)
		scalars = append(scalars, take(2*n+1)...)
	}
	return elements, scalars
}

func replace(raw []byte, piece int, by []byte) []byte {
	b := bytes.Clone(raw)
	copy(b[piece*group.Size:], by)
	return b
}

// One field changed to another valid value: both ways of verifying refuse it.
func TestBothWaysRefuseAChangedField(t *testing.T) {
	ctx := testContext(2, 2)
	raw := makeBallot(t, ctx, 2, 0).Bytes()
	elements, scalars := fields(ctx.Shape)
	if len(elements)+len(scalars) != len(raw)/group.Size {
		t.Fatalf("%d elements and %d scalars in %d bytes", len(elements), len(scalars), len(raw))
	}
	rapid.Check(t, func(rt *rapid.T) {
		var changed []byte
		if rapid.Bool().Draw(rt, "element") {
			at := rapid.SampledFrom(elements).Draw(rt, "at")
			e, err := group.ParseElement(raw[at*group.Size:][:group.Size])
			if err != nil {
				rt.Fatal(err)
			}
			by := group.NewScalar(rapid.Uint64Range(1, 5).Draw(rt, "by"))
			changed = replace(raw, at, rapid.SampledFrom([]group.Element{e.Neg(), e.Add(group.MulBase(by)), e.Add(e), group.MulBase(by)}).Draw(rt, "new").Bytes())
		} else {
			at := rapid.SampledFrom(scalars).Draw(rt, "at")
			s, err := group.ParseScalar(raw[at*group.Size:][:group.Size])
			if err != nil {
				rt.Fatal(err)
			}
			one := group.NewScalar(1)
			changed = replace(raw, at, rapid.SampledFrom([]group.Scalar{s.Neg(), s.Add(one), s.Sub(one), group.NewScalar(0), one}).Draw(rt, "new").Bytes())
		}
		b, err := ParseBallot(ctx.Shape, changed)
		if err != nil {
			rt.Fatal(err)
		}
		if !refused(t, ctx, b) {
			rt.Errorf("accepted")
		}
	})
}

// Errors in two fields that would cancel out in a plain sum do not in a random
// one.
func TestErrorsDoNotCancelOut(t *testing.T) {
	ctx := testContext(3, 2)
	one := group.NewScalar(1)
	for name, change := range map[string]func(b *Ballot){
		"two responses":              func(b *Ballot) { shift(b, 0, 0, 0, 1, one) },
		"responses of two questions": func(b *Ballot) { shift(b, 0, 0, 1, 0, one) },
		"a and b of one branch":      func(b *Ballot) { q := &b.Questions[0]; q.A[1], q.B[1] = q.B[1], q.A[1] },
		"two branches swapped":       func(b *Ballot) { q := &b.Questions[0]; q.A[0], q.A[1], q.B[0], q.B[1] = q.A[1], q.A[0], q.B[1], q.B[0] },
		"commitments shifted opposite": func(b *Ballot) {
			q := &b.Questions[0]
			q.A[0], q.A[1] = q.A[0].Add(group.Generator()), q.A[1].Sub(group.Generator())
		},
		"challenges swapped": func(b *Ballot) {
			q := &b.Questions[0]
			q.Challenges[0], q.Challenges[1] = q.Challenges[1], q.Challenges[0]
		},
		"challenges shifted opposite": func(b *Ballot) {
			q := &b.Questions[0]
			q.Challenges[0], q.Challenges[1] = q.Challenges[0].Add(one), q.Challenges[1].Sub(one)
		},
		"two ciphertexts swapped": func(b *Ballot) { s := b.Questions[0].Selections; s[0], s[1] = s[1], s[0] },
		"alpha and beta swapped":  func(b *Ballot) { s := b.Questions[0].Selections; s[0].Alpha, s[0].Beta = s[0].Beta, s[0].Alpha },
	} {
		t.Run(name, func(t *testing.T) {
			b := makeBallot(t, ctx, 3, 1)
			change(b)
			if !refused(t, ctx, b) {
				t.Error("accepted")
			}
		})
	}
}

func shift(b *Ballot, q, j, r, k int, by group.Scalar) {
	b.Questions[q].Responses[j] = b.Questions[q].Responses[j].Add(by)
	b.Questions[r].Responses[k] = b.Questions[r].Responses[k].Sub(by)
}

// Algorithm 4.7's multipliers, by hand.
func TestMultipliersByHand(t *testing.T) {
	ctx := testContext(3, 2)
	b := makeBallot(t, ctx, 3, 1)
	e := ctx.equations(b)
	message := []byte("\x00\x00\x00\x19referendum-v1-multipliers\x00\x00\x00\x20" + string(e.challenge.Bytes()))
	for _, q := range b.Questions {
		for _, s := range slices.Concat(q.Challenges, q.Responses) {
			message = append(append(message, 0, 0, 0, 32), s.Bytes()...)
		}
	}
	h := sha512.Sum512(message)
	m := e.multipliers()
	for k := range byte(20) {
		want := sha512.Sum512(append(h[:], 0, 0, 0, 0, 0, 0, 0, k+1))
		if got := m.next().Bytes(); !bytes.Equal(got, append(want[:16:16], make([]byte, 16)...)) {
			t.Errorf("multiplier %d is %x", k+1, got)
		}
	}
}

// The multipliers depend on every challenge and response, are short, and never
// repeat.
func TestMultipliers(t *testing.T) {
	ctx := testContext(3, 2)
	b := makeBallot(t, ctx, 3, 1)
	seen := map[string]bool{}
	take := func(b *Ballot) {
		m := ctx.equations(b).multipliers()
		for range 4 {
			s := m.next().Bytes()
			if !bytes.Equal(s[16:], make([]byte, 16)) {
				t.Errorf("multiplier %x has more than 128 bits", s)
			}
			seen[string(s)] = true
		}
	}
	take(b)
	b.Questions[1].Responses[2] = b.Questions[1].Responses[2].Add(group.NewScalar(1))
	take(b)
	b.Questions[0].Challenges[0] = b.Questions[0].Challenges[0].Add(group.NewScalar(1))
	take(b)
	b.Questions[0].A[0] = b.Questions[0].A[0].Add(group.Generator())
	take(b)
	b.Questions[1].Selections[1].Beta = b.Questions[1].Selections[1].Beta.Add(group.Generator())
	take(b)
	if len(seen) != 20 {
		t.Errorf("%d different multipliers of 20", len(seen))
	}
}

// FuzzVerify changes one piece of an honest ballot to any bytes. What can be
// read is refused or is the ballot itself, and both ways of verifying agree.
func FuzzVerify(f *testing.F) {
	ctx := testContext(2)
	raw := makeBallot(f, ctx, 1).Bytes()
	f.Add(uint8(0), raw[:group.Size])
	f.Add(uint8(3), raw[:group.Size])
	f.Add(uint8(len(raw)/group.Size-1), group.NewScalar(7).Bytes())
	f.Fuzz(func(t *testing.T, piece uint8, by []byte) {
		if len(by) != group.Size {
			return
		}
		changed := replace(raw, int(piece)%(len(raw)/group.Size), by)
		b, err := ParseBallot(ctx.Shape, changed)
		if err != nil {
			return
		}
		if refused(t, ctx, b) == bytes.Equal(changed, raw) {
			t.Errorf("piece %d replaced by %x: refused is %v", piece, by, !bytes.Equal(changed, raw))
		}
	})
}

// BenchmarkVerifyOneByOne checks every equation on its own, as Verify does when
// a ballot is wrong; BenchmarkVerify checks all together.
func BenchmarkVerifyOneByOne(b *testing.B) {
	for _, questions := range []int{1, 4, 10} {
		b.Run(fmt.Sprintf("questions=%d", questions), func(b *testing.B) {
			ctx := testContext(slices.Repeat([]int{3}, questions)...)
			raw := makeBallot(b, ctx, slices.Repeat([]int{2}, questions)...).Bytes()
			for b.Loop() {
				ballot, err := ParseBallot(ctx.Shape, raw)
				if err != nil {
					b.Fatal(err)
				}
				if err := ctx.equations(ballot).holdEach(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
