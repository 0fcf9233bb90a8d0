package batch

import (
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// TestEquations: the scalars of a ballot are those of the formula, with package
// group's arithmetic, for any challenges and responses: also for such as are 0
// or ℓ − 1, and for ballots that do not hold.
func TestEquations(t *testing.T) {
	for _, shape := range []proof.Shape{{2}, {3, 2}, {2, 16, 3}} {
		ctx := testContext(t, shape...)
		v, err := New(multiscalar.Backends()[0], fixed{}, ctx, 2)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 20 {
			stream, err := v.multipliers()
			if err != nil {
				t.Fatal(err)
			}
			ballot := anyScalars(&v.layout, byte(n))
			v.equations(1, station, ballot, stream)
			if stream, err = v.multipliers(); err != nil { // the same again
				t.Fatal(err)
			}
			multiplier := func() group.Scalar {
				b := make([]byte, group.Size)
				stream.XORKeyStream(b[:16], b[:16])
				return parsed(t, b)
			}
			e := formula(t, &v.layout, ballot, multiplier)
			for k, want := range e.elements {
				equalScalars(t, v.scalars[v.layout.elements+k], want)
			}
			equalScalars(t, v.terms[1].base, e.base)
			equalScalars(t, v.terms[1].key, e.key)
		}
	}
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
	var ciphertexts, commitments []byte
	for _, q := range l.questions {
		ciphertexts = append(ciphertexts, ballot[q.ciphertexts:q.commitments]...)
		commitments = append(commitments, ballot[q.commitments:q.challenges]...)
	}
	election := testContext(t, 2).Election
	statement := func(label string) *transcript.Transcript {
		return transcript.New(label).Bytes(election[:]).Text(station).Bytes(ciphertexts)
	}
	all := left{base: group.NewScalar(0), key: group.NewScalar(0)}
	for number, q := range l.questions {
		w := []group.Scalar{group.NewScalar(0), group.NewScalar(1)}
		for i := 2; i <= q.options; i++ {
			m := statement("weight").Uint(uint64(number + 1)).Uint(uint64(i)).Message()
			w = append(w, group.HashToScalar(weightTag, m))
		}
		last := group.HashToScalar(challengeTag, statement("challenge").Bytes(commitments).Message())
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
