package batch

import (
	"testing"

	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/multibuffer"
)

// BenchmarkHashes are the challenges and all weights of ballots hashed side by
// side.
func BenchmarkHashes(b *testing.B) {
	ctx := testContext(b, benchShape...)
	v := verifier(b, multiscalar.Backends()[0], ctx, multibuffer.Lanes)
	ballots := [][]byte{}
	for range multibuffer.Lanes {
		ballots = append(ballots, made(b, ctx, 1))
	}
	b.ReportAllocs()
	for b.Loop() {
		v.hashAll(station, ballots)
	}
	per(b, len(ballots))
}
