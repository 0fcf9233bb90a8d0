package proof_test

import (
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
)

// ballotOf makes a ballot of questions with three options.
func ballotOf(b *testing.B, questions int) (proof.Context, *proof.Ballot, proof.SecretSelections, elgamal.SecretSeed) {
	b.Helper()
	ctx := proof.Context{Station: "bench"}
	var chosen []int
	for q := range questions {
		ctx.Shape, chosen = append(ctx.Shape, 3), append(chosen, q%4)
	}
	key, err := elgamal.NewPublicKey(group.MulBase(group.HashToScalar("bench", []byte("key"))))
	if err != nil {
		b.Fatal(err)
	}
	ctx.Key = key
	selections, err := proof.NewSelections(ctx.Shape, chosen)
	if err != nil {
		b.Fatal(err)
	}
	seed, err := elgamal.GenerateSeed(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	ballot, err := proof.Make(rand.Reader, ctx, selections, seed)
	if err != nil {
		b.Fatal(err)
	}
	return ctx, ballot, selections, seed
}

func BenchmarkMake(b *testing.B) {
	for _, questions := range []int{4, 10} {
		b.Run(fmt.Sprintf("questions=%d", questions), func(b *testing.B) {
			ctx, _, chosen, seed := ballotOf(b, questions)
			for b.Loop() {
				if _, err := proof.Make(rand.Reader, ctx, chosen, seed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, questions := range []int{1, 4, 10} {
		b.Run(fmt.Sprintf("questions=%d", questions), func(b *testing.B) {
			ctx, ballot, _, _ := ballotOf(b, questions)
			raw := ballot.Bytes()
			for b.Loop() {
				parsed, err := proof.ParseBallot(ctx.Shape, raw)
				if err != nil {
					b.Fatal(err)
				}
				if err := proof.Verify(ctx, parsed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
