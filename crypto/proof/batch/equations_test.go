package batch

import (
	"crypto/cipher"
	"errors"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/proof"
)

// TestEquations: the scalars of one to nine ballots are those of the formula,
// with package group's arithmetic, for any challenges and responses: also for
// such as are 0 or ℓ − 1, and for ballots that do not hold. Ballots that are none
// have no equations and take no multipliers, wherever they stand.
func TestEquations(t *testing.T) {
	for _, shape := range []proof.Shape{{2}, {3, 2}, {2, 16, 3}} {
		ctx := testContext(t, shape...)
		v, err := New(multiscalar.Backends()[0], fixed{}, ctx, 9)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= 9; n++ {
			var ballots []byte
			for i := range n {
				ballots = append(ballots, anyScalars(&v.layout, byte(16*n+i))...)
				v.encoding[i] = nil
				if (i*i+n)%5 == 1 {
					v.encoding[i] = errors.New("none")
				}
			}
			v.allEquations(n, station, ballots, multipliersOf(t, v))
			stream := multipliersOf(t, v) // the same again
			multiplier := func() group.Scalar {
				b := make([]byte, group.Size)
				stream.XORKeyStream(b[:16], b[:16])
				return parsed(t, b)
			}
			for i := range n {
				zero := group.NewScalar(0)
				e := left{slices.Repeat([]group.Scalar{zero}, v.layout.elements), zero, zero}
				if v.encoding[i] == nil {
					e = formula(t, &v.layout, v.ballot(ballots, i), multiplier)
				}
				for k, want := range e.elements {
					equalScalars(t, v.scalars[i*v.layout.elements+k], want)
				}
				equalScalars(t, v.terms[i].base, e.base)
				equalScalars(t, v.terms[i].key, e.key)
			}
		}
	}
}

func multipliersOf(t *testing.T, v *Verifier) cipher.Stream {
	t.Helper()
	stream, err := v.multipliers()
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// anyScalars is a ballot whose elements are no elements, and whose scalars are
// any, every third 0 or ℓ − 1.
func anyScalars(l *layout, seed byte) []byte {
	b := make([]byte, l.size)
	for at := 0; at < l.size; at += group.Size {
		s := group.HashToScalar("any", []byte{seed, byte(at >> 5), byte(at >> 13)})
		switch (at/group.Size + int(seed)) % 6 {
		case 1:
			s = group.NewScalar(0)
		case 4:
			s = group.NewScalar(1).Neg()
		}
		copy(b[at:], s.Bytes())
	}
	return b
}

func parsed(t *testing.T, b []byte) group.Scalar {
	t.Helper()
	s, err := group.ParseScalar(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type left struct {
	elements  []group.Scalar
	base, key group.Scalar
}

// formula is that of equations, as it is written there.
func formula(t *testing.T, l *layout, ballot []byte, multiplier func() group.Scalar) left {
	election := testContext(t, 2).Election
	challenge, weights := specified(l, ballot, election[:], station)
	all := left{base: group.NewScalar(0), key: group.NewScalar(0)}
	for _, q := range l.questions {
		w := append([]group.Scalar{group.NewScalar(0)}, weights[:q.options]...)
		weights = weights[q.options:]
		last := challenge
		alpha, beta := group.NewScalar(0), group.NewScalar(0)
		var multipliers []group.Scalar
		for j := range q.options + 1 {
			c := last
			if j < q.options {
				c = parsed(t, ballot[q.challenges+j*group.Size:][:group.Size])
				last = last.Sub(c)
			}
			v := parsed(t, ballot[q.responses+j*group.Size:][:group.Size])
			rho, sigma := multiplier(), multiplier()
			multipliers = append(multipliers, rho, sigma)
			alpha, beta = alpha.Sub(rho.Mul(c)), beta.Sub(sigma.Mul(c))
			all.base = all.base.Sub(rho.Mul(v)).Add(sigma.Mul(c).Mul(w[j]))
			all.key = all.key.Sub(sigma.Mul(v))
		}
		for _, w := range w[1:] {
			all.elements = append(all.elements, alpha.Mul(w), beta.Mul(w))
		}
		all.elements = append(all.elements, multipliers...)
	}
	return all
}
