package batch

import "testing"

// BenchmarkHashes are the challenge and all weights of a ballot.
func BenchmarkHashes(b *testing.B) {
	ctx := testContext(b, benchShape...)
	ballot := made(b, ctx, 1)
	h, l := newHasher(), newLayout(ctx.Shape)
	b.ReportAllocs()
	for b.Loop() {
		h.challenge(&ctx.Election, station, &l, ballot)
		h.beginWeights(&ctx.Election, station, &l, ballot)
		for q, n := range ctx.Shape {
			for i := range n {
				h.weight(q+1, i+1)
			}
		}
	}
	per(b, 1)
}
