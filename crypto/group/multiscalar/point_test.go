package multiscalar

import (
	"math/rand/v2"
	"testing"
)

// TestSub: differences of elements that are alike, opposite or the identity are
// those of package group.
func TestSub(t *testing.T) {
	data, offsets, all := elements(rand.New(rand.NewPCG(1, 2)), 48)
	onEach(t, func(t *testing.T, b Backend) {
		table := filled(t, b, data, offsets)
		for i := range all {
			for j := range all {
				if p, q := table.Sum(i, 1, 1), table.Sum(j, 1, 1); !same(p.Sub(q), all[i].Sub(all[j])) || !same(q, all[j]) {
					t.Fatalf("entry %d − entry %d", i, j)
				}
			}
		}
	})
}
