//go:build !race

package batch

import (
	"testing"

	"github.com/openreferendum/referendum/crypto/group/multiscalar"
)

// TestMemoryIsKept: what a batch allocates does not grow with its ballots. (The race
// detector allocates on its own.)
func TestMemoryIsKept(t *testing.T) {
	ctx := testContext(t, 2)
	ballots := made(t, ctx, 48)
	onEach(t, func(t *testing.T, b multiscalar.Backend) {
		v := verifier(t, b, ctx, 48)
		allocations := func(n int) float64 {
			return testing.AllocsPerRun(3, func() {
				if _, err := v.Verify(station, ballots[:n*ctx.Shape.Size()], nil, 1); err != nil {
					t.Error(err)
				}
			})
		}
		if few, many := allocations(3), allocations(48); many > few+10 {
			t.Errorf("%v allocations for 3 ballots, %v for 48", few, many)
		}
	})
}
