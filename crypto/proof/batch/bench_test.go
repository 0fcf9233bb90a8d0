package batch

import (
	"fmt"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/proof"
)

// per reports questions of three options, with 14 elements each, per second.
func per(b *testing.B, questions int) {
	b.ReportMetric(float64(questions)*float64(b.N)/b.Elapsed().Seconds(), "questions/s")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*questions), "µs/question")
}

// BenchmarkVerify verifies ballots of four questions with three options: by
// package proof, whose equations are put together ballot by ballot, and by this
// package.
func BenchmarkVerify(b *testing.B) {
	ctx := testContext(b, 3, 3, 3, 3)
	size := ctx.Shape.Size()
	few := made(b, ctx, 16)
	b.Run("proof", func(b *testing.B) {
		for b.Loop() {
			ballot, err := proof.ParseBallot(ctx.Shape, few[:size])
			if err == nil {
				err = proof.Verify(ctx, ballot)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		per(b, 4)
	})
	for _, most := range []int{16, 64, 256, 1024} {
		ballots := slices.Repeat(few, most/16)
		for _, backend := range multiscalar.Backends() {
			v := verifier(b, backend, ctx, most)
			for name, hints := range map[string][]byte{"roots": nil, "hints": v.Hints(nil, ballots)} {
				b.Run(fmt.Sprintf("%v/%s/%d", backend, name, most), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if r, err := v.Verify(station, ballots, hints, 1); err != nil || r.Bad != nil {
							b.Fatal(r.Bad, err)
						}
					}
					per(b, 4*most)
				})
			}
		}
	}
}
