package simulation

import (
	"crypto/rand"
	"testing"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
)

func pressContext(t testing.TB, shape ...int) (proof.Context, group.Scalar) {
	t.Helper()
	x := group.HashToScalar("press", nil)
	key, err := elgamal.NewPublicKey(group.MulBase(x))
	if err != nil {
		t.Fatal(err)
	}
	return proof.Context{Election: [32]byte{7}, Station: "s", Key: key, Shape: shape}, x
}

// TestPressedBallots: every ballot verifies, says what was chosen, and no field
// of it stands in another.
func TestPressedBallots(t *testing.T) {
	ctx, x := pressContext(t, 3, 2, 5)
	p, err := newPress(rand.Reader, ctx)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range 30 {
		chosen := []int{i % 4, i % 3, i % 6}
		raw := p.ballot(chosen).Bytes()
		b, err := proof.ParseBallot(ctx.Shape, raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.Verify(ctx, b); err != nil {
			t.Fatalf("ballot %d, %v: %v", i, chosen, err)
		}
		for q, row := range b.Ciphertexts() {
			for k, c := range row {
				want := group.Identity()
				if chosen[q] == k+1 {
					want = group.Generator()
				}
				if !c.Beta.Sub(c.Alpha.Mul(x)).Equal(want) {
					t.Fatalf("ballot %d: question %d, option %d is not what was chosen", i, q+1, k+1)
				}
			}
		}
		for at := 0; at < len(raw); at += group.Size {
			if field := string(raw[at:][:group.Size]); seen[field] {
				t.Fatalf("ballot %d: byte %d stands twice", i, at)
			} else {
				seen[field] = true
			}
		}
	}
}

func BenchmarkPress(b *testing.B) {
	ctx, _ := pressContext(b, 3, 3, 3, 3)
	p, err := newPress(rand.Reader, ctx)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p.ballot([]int{0, 1, 2, 3}).Bytes()
	}
}
