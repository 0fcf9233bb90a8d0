package batch

import (
	"bytes"
	"crypto/rand"
	"io"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
)

// fixed is a reader of zeros: randomness that everybody foresees.
type fixed struct{}

func (fixed) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestForeseenMultipliersWouldBreakIt: whoever knows ρ and σ shifts the three
// responses of a question by δ with Σ ρδ = Σ σδ = 0, and the sum vanishes. With
// multipliers that were not foreseen the same ballot is named.
func TestForeseenMultipliersWouldBreakIt(t *testing.T) {
	ctx := testContext(t, 2)
	ballots := made(t, ctx, 3)
	backend := multiscalar.Backends()[0]
	foreseen, err := New(backend, fixed{}, ctx, 3)
	if err != nil {
		t.Fatal(err)
	}
	var rho, sigma [3]group.Scalar
	stream, err := foreseen.multipliers()
	if err != nil {
		t.Fatal(err)
	}
	for j := range rho {
		for _, s := range []*group.Scalar{&rho[j], &sigma[j]} {
			b := make([]byte, group.Size)
			stream.XORKeyStream(b[:16], b[:16])
			if *s, err = group.ParseScalar(b); err != nil {
				t.Fatal(err)
			}
		}
	}
	forged := slices.Clone(ballots)
	responses := foreseen.layout.questions[0].responses
	for j := range rho { // δ = ρ × σ, a product of vectors
		next, last := (j+1)%3, (j+2)%3
		delta := rho[next].Mul(sigma[last]).Sub(rho[last].Mul(sigma[next]))
		field := forged[responses+j*group.Size:][:group.Size]
		v, err := group.ParseScalar(field)
		if err != nil {
			t.Fatal(err)
		}
		copy(field, v.Add(delta).Bytes())
	}
	if bytes.Equal(forged, ballots) {
		t.Fatal("nothing is forged")
	}
	if r, err := foreseen.Verify(station, forged, nil, 3); err != nil || r.Bad != nil {
		t.Fatalf("the attack does not work even with known multipliers: this test shows nothing (%v, %v)", r.Bad, err)
	}
	if bad := same(t, verifier(t, backend, ctx, 3), ctx, forged); len(bad) != 1 || bad[0].Index != 0 {
		t.Errorf("bad are %v", bad)
	}
}

// counted counts what is read of a reader.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += n
	return n, err
}

// TestMultipliersAreFresh: every batch reads a key of its own, also one that is
// the same as the batch before, and two ballots that are alike get different
// multipliers.
func TestMultipliersAreFresh(t *testing.T) {
	ctx := testContext(t, 2)
	one := made(t, ctx, 1)
	twice := slices.Concat(one, one)
	r := &counted{Reader: rand.Reader}
	v, err := New(multiscalar.Backends()[0], r, ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[multiscalar.Scalar]bool{}
	for range 2 {
		if _, err := v.Verify(station, twice, nil, 1); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			for _, s := range v.scalars[i*v.layout.elements+4:][:6] {
				if s[2] != 0 || s[3] != 0 || seen[s] {
					t.Errorf("multiplier %x is long, or was there before", s)
				}
				seen[s] = true
			}
		}
	}
	if r.n != 2*48 {
		t.Errorf("%d bytes were read of the source", r.n)
	}
}
