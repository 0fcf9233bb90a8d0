package batch

import (
	"slices"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
)

// TestWorkIsBounded: whatever share of the ballots is bad, the sums of a search
// cover a bounded number of ballots, and it names what it should. For one bad
// ballot they cover less than the batch.
func TestWorkIsBounded(t *testing.T) {
	ctx := testContext(t, 2)
	size, n := ctx.Shape.Size(), 64
	good := made(t, ctx, n)
	v := verifier(t, multiscalar.Backends()[0], ctx, n)
	for _, c := range []struct {
		name          string
		every, offset int
		most          int
	}{
		{"one at the end", n, n - 1, n}, {"one at the beginning", n, 0, 2 * n}, {"every eighth", 8, 3, patience * n}, {"every second", 2, 1, patience * n}, {"all", 1, 0, patience * n},
	} {
		ballots := slices.Clone(good)
		var wrong []int
		for i := c.offset; i < n; i += c.every {
			copy(ballots[i*size+4*group.Size:], group.Generator().Bytes())
			wrong = append(wrong, i)
		}
		for _, limit := range []int{n, len(wrong), len(wrong) - 1, 0} {
			if _, err := v.Verify(station, ballots, nil, limit); err != nil {
				t.Fatal(err)
			}
			for _, budget := range []int{patience * n, n, 0} {
				s := &search{Verifier: v, ctx: ctx, ballots: ballots, left: limit, most: budget}
				s.split(0, n)
				var named []int
				for _, b := range s.named {
					named = append(named, b.Index)
				}
				if !slices.Equal(named, wrong[:min(limit, len(wrong))]) || s.more != (limit < len(wrong)) {
					t.Errorf("%s, limit %d, budget %d: named are %v, more is %v", c.name, limit, budget, named, s.more)
				}
				if s.covered > min(c.most, budget+n/2) {
					t.Errorf("%s, limit %d, budget %d: the sums cover %d ballots", c.name, limit, budget, s.covered)
				}
			}
		}
	}
}
