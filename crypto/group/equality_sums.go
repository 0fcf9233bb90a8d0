package group

import (
	"crypto/sha512"
	"encoding/binary"
)

// scalarTag is what RFC 9497 puts before the tag of a hash to a scalar.
const scalarTag = "HashToScalar-"

// holds is VerifyProof of RFC 9497, Section 2.2.2, with sums of products instead
// of one multiplication after the other: docs/spec/crypto.md, Algorithm 6.2, steps
// 3 to 5 and 7. All that it is given is public.
func (q Equality) holds(tag string, public Element, bases, answers []Element) bool {
	c, err := ParseScalar(q.b[:Size])
	if err != nil {
		return false
	}
	s, err := ParseScalar(q.b[Size:])
	if err != nil {
		return false
	}
	multipliers := compositeMultipliers(tag, public, bases, answers)
	x := SumOfProducts(NewScalar(0), multipliers, bases)
	y := SumOfProducts(NewScalar(0), multipliers, answers)
	u := SumOfProducts(s, []Scalar{c}, []Element{public})
	v := SumOfProducts(NewScalar(0), []Scalar{s, c}, []Element{x, y})
	return challengeOf(tag, public, x, y, u, v).Equal(c)
}

// compositeMultipliers returns d_0, d_1, …: steps 3 and 4.
func compositeMultipliers(tag string, public Element, bases, answers []Element) []Scalar {
	seed := sha512.Sum512(prefixed(prefixed(nil, public.Bytes()), []byte("Seed-"+tag)))
	ds := make([]Scalar, len(bases))
	for i := range ds {
		m := binary.BigEndian.AppendUint16(prefixed(nil, seed[:]), uint16(i))
		m = append(prefixed(prefixed(m, bases[i].Bytes()), answers[i].Bytes()), "Composite"...)
		ds[i] = HashToScalar(scalarTag+tag, m)
	}
	return ds
}

// challengeOf is the hash of step 6.
func challengeOf(tag string, elements ...Element) Scalar {
	var m []byte
	for _, e := range elements {
		m = prefixed(m, e.Bytes())
	}
	return HashToScalar(scalarTag+tag, append(m, "Challenge"...))
}

// prefixed appends x after its length in two bytes.
func prefixed(b, x []byte) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(x))), x...)
}
