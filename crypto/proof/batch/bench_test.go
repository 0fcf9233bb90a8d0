package batch

import (
	"fmt"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/proof"
)

// All benchmarks are of ballots of four questions with three options, with 14
// elements each. One by one, see BenchmarkVerifyOneByOne of package proof.
var benchShape = []int{3, 3, 3, 3}

// per reports questions per second and microseconds per question.
func per(b *testing.B, ballots int) {
	questions := float64(len(benchShape) * ballots * b.N)
	b.ReportMetric(questions/b.Elapsed().Seconds(), "questions/s")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/questions, "µs/question")
}

// BenchmarkTogether is package proof, which puts the equations together ballot
// by ballot.
func BenchmarkTogether(b *testing.B) {
	ctx := testContext(b, benchShape...)
	one := made(b, ctx, 1)
	for b.Loop() {
		ballot, err := proof.ParseBallot(ctx.Shape, one)
		if err == nil {
			err = proof.Verify(ctx, ballot)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	per(b, 1)
}

// sizes are numbers of ballots: that of the smallest stations, and those among
// which the best is.
var sizes = []int{16, 64, 256, 1024, 4096}

func BenchmarkBatch(b *testing.B)      { benchmarkBatch(b, false) }
func BenchmarkBatchHints(b *testing.B) { benchmarkBatch(b, true) }

func benchmarkBatch(b *testing.B, withHints bool) {
	ctx := testContext(b, benchShape...)
	few := made(b, ctx, 16)
	for _, backend := range multiscalar.Backends() {
		for _, most := range sizes {
			b.Run(fmt.Sprintf("%v/%d", backend, most), func(b *testing.B) {
				v, ballots := verifier(b, backend, ctx, most), slices.Repeat(few, most/16)
				var hints []byte
				if withHints {
					hints = v.Hints(nil, ballots)
				}
				b.ReportAllocs()
				for b.Loop() {
					if r, err := v.Verify(station, ballots, hints, 1); err != nil || r.Bad != nil {
						b.Fatal(r.Bad, err)
					}
				}
				per(b, most)
			})
		}
	}
}

// BenchmarkBlame verifies 1024 ballots of which some are bad, spread evenly, and
// names up to a hundred.
func BenchmarkBlame(b *testing.B) {
	const most = 1024
	ctx := testContext(b, benchShape...)
	size := ctx.Shape.Size()
	good := slices.Repeat(made(b, ctx, 16), most/16)
	for _, backend := range multiscalar.Backends() {
		for _, bad := range []int{0, 1, 10, 100, most} {
			b.Run(fmt.Sprintf("%v/%d", backend, bad), func(b *testing.B) {
				v, ballots := verifier(b, backend, ctx, most), slices.Clone(good)
				for k := range bad {
					copy(ballots[k*most/bad*size+6*group.Size:], group.Generator().Bytes())
				}
				for b.Loop() {
					r, err := v.Verify(station, ballots, nil, 100)
					if err != nil || len(r.Bad) != min(bad, 100) {
						b.Fatal(len(r.Bad), err)
					}
				}
				per(b, most)
			})
		}
	}
}

// BenchmarkEquations is what hashes, multipliers and scalars take of a batch.
func BenchmarkEquations(b *testing.B) {
	const most = 64
	ctx := testContext(b, benchShape...)
	ballots := slices.Repeat(made(b, ctx, 16), most/16)
	v := verifier(b, multiscalar.Backends()[0], ctx, most)
	stream, err := v.multipliers()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		v.allEquations(most, station, ballots, stream)
	}
	per(b, most)
}
