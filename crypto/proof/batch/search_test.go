package batch

import (
	"slices"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
)

// TestWorkIsBounded: whatever share of the ballots is bad and however many are to
// be named, these are named, it is said whether there are more, and the sums of
// the search cover a bounded number of ballots.
func TestWorkIsBounded(t *testing.T) {
	ctx := testContext(t, 2)
	size, n := ctx.Shape.Size(), 32
	good := made(t, ctx, n)
	v := verifier(t, multiscalar.Backends()[0], ctx, n)
	for _, c := range []struct {
		name          string
		every, offset int
		covered       int // with no limit
	}{
		{"the first", n, 0, n - 2}, {"the last", n, n - 1, n - 2}, {"every eighth", 8, 3, 3*n/2 + n/4}, {"every second", 2, 1, 4 * n / 2}, {"all", 1, 0, 4 * n / 2},
	} {
		ballots := slices.Clone(good)
		var wrong []int
		for i := c.offset; i < n; i += c.every {
			copy(ballots[i*size+4*group.Size:], group.Generator().Bytes())
			wrong = append(wrong, i)
		}
		if _, err := v.Verify(station, ballots, nil, 0); err != nil { // fills the table
			t.Fatal(err)
		}
		for _, limit := range []int{n, len(wrong), len(wrong) - 1, 1, 0} {
			s := &search{Verifier: v, ctx: ctx, ballots: ballots, left: limit}
			s.split(0, n, v.sum(0, n))
			var named []int
			for _, b := range s.named {
				named = append(named, b.Index)
			}
			if !slices.Equal(named, wrong[:min(limit, len(wrong))]) || s.more != (limit < len(wrong)) {
				t.Errorf("%s, limit %d: named are %v, more is %v", c.name, limit, named, s.more)
			}
			if most := c.covered; s.covered > most || limit >= len(wrong) && s.covered != most || limit == 0 && s.covered != 0 {
				t.Errorf("%s, limit %d: the sums cover %d ballots, not %d", c.name, limit, s.covered, most)
			}
		}
	}
}
