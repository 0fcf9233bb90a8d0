package group

import (
	field "github.com/cloudflare/circl/math/fp25519"
)

// A point is a point of the curve −x² + y² = 1 + dx²y² in extended coordinates:
// x = X/Z, y = Y/Z, xy = T/Z (Hisil, Wong, Carter, Dawson 2008, Section 3).
// Four such points represent one element: RFC 9496, Section 4.
//
// Coordinates may tell more of the scalar that they were computed from than
// the element does. They never leave this package and are never printed.
type point struct{ x, y, z, t field.Elt }

// quotients is a point before its coordinates are multiplied out: x = E/F,
// y = G/H. Two formulas end in it.
type quotients struct{ e, f, g, h field.Elt }

// A multiple is an entry of a table, in affine coordinates: y + x, y − x, 2dxy.
type multiple struct{ plus, minus, product field.Elt }

func neutral() point { return point{y: one, z: one} }

// set sets p to q.
func (p *point) set(q *quotients) {
	field.Mul(&p.x, &q.e, &q.h)
	field.Mul(&p.y, &q.g, &q.f)
	field.Mul(&p.z, &q.f, &q.h)
	field.Mul(&p.t, &q.e, &q.g)
}

// negate replaces m by −m if condition is 1, without a branch.
func (m *multiple) negate(condition uint) {
	field.Cswap(&m.plus, &m.minus, condition)
	negate(&m.product, condition)
}

// add adds m to p: Section 3.1 of the paper with Z₂ = 1. The formula holds for
// any two points.
func (p *point) add(m *multiple) {
	var q quotients
	field.Sub(&q.e, &p.y, &p.x)
	field.Mul(&q.e, &q.e, &m.minus)
	field.Add(&q.g, &p.y, &p.x)
	field.Mul(&q.g, &q.g, &m.plus)
	field.AddSub(&q.g, &q.e)
	field.Mul(&q.h, &p.t, &m.product)
	field.Add(&q.f, &p.z, &p.z)
	field.AddSub(&q.f, &q.h)
	p.set(&q)
}

// double returns 2p: x = 2XY/(Z² + dT²), y = (Y² + X²)/(Z² − dT²). As p is on
// the curve, Z² + dT² = Y² − X².
func (p *point) double() quotients {
	var q quotients
	field.Mul(&q.e, &p.x, &p.y)
	field.Add(&q.e, &q.e, &q.e)
	field.Sqr(&q.g, &p.y)
	field.Sqr(&q.f, &p.x)
	field.AddSub(&q.g, &q.f)
	field.Sqr(&q.h, &p.z)
	field.Add(&q.h, &q.h, &q.h)
	field.Sub(&q.h, &q.h, &q.f)
	return q
}

// decode returns one of the points of the element with the canonical encoding
// b: RFC 9496, Section 4.3.1. Its time depends on b.
func decode(b [Size]byte) point {
	var ss, u1, u2, v, root, x, y field.Elt
	s := field.Elt(b)
	field.Sqr(&ss, &s)
	field.Sub(&u1, &one, &ss)
	field.Add(&u2, &one, &ss)
	field.Sqr(&v, &u1)
	field.Mul(&v, &v, &curveD)
	field.Neg(&v, &v)
	field.Sqr(&ss, &u2) // u₂²
	field.Sub(&v, &v, &ss)
	field.Mul(&ss, &ss, &v)
	if !field.InvSqrt(&root, &one, &ss) {
		panic("group: internal error: decoding what is no element")
	}
	field.Mul(&x, &root, &u2) // den_x
	field.Mul(&y, &root, &x)
	field.Mul(&y, &y, &v) // den_y
	field.Mul(&y, &y, &u1)
	field.Mul(&x, &x, &s)
	field.Add(&x, &x, &x)
	negate(&x, isNegative(&x))
	p := point{x: x, y: y, z: one}
	field.Mul(&p.t, &x, &y)
	return p
}

// encodeDoubles returns the encodings of 2p for all points p, in a time that
// depends on their number only. It leaves nothing in points.
//
// The inverse square root that RFC 9496, Section 4.3.2, asks for is known for a
// double: with E, F, G, H as in double, F² = G² − E² and H² = F² − dE², so
// 1 − y² = (H² − G²)/H² = (−1 − d)E²/H². What is left of the algorithm is
// 1/(EFGH), shared by all points, and with k = 1/√(−1 − d):
//
//	den_inv · (1 − y) = k(H ∓ G)/E    where xy = EG/(FH) is not negative
//	                  = (F ∓ iE)/G    where it is: x and y change places
//
// and ∓ is + where x = E/F, or iG/H, is negative. EFGH = 0 exactly for the
// identity (F and H are never 0); then 1/0 = 0 gives s = 0.
func encodeDoubles(points []point) [][Size]byte {
	qs := make([]quotients, len(points))
	inverses := make([]field.Elt, len(points))
	egs, fhs := make([]field.Elt, len(points)), make([]field.Elt, len(points))
	for i := range points {
		q := points[i].double()
		field.Mul(&egs[i], &q.e, &q.g)
		field.Mul(&fhs[i], &q.f, &q.h)
		field.Mul(&inverses[i], &egs[i], &fhs[i])
		qs[i] = q
	}
	invertAll(inverses)
	encoded := make([][Size]byte, len(points))
	for i := range qs {
		encoded[i] = qs[i].encode(&egs[i], &fhs[i], &inverses[i])
	}
	clear(points)
	clear(qs)
	return encoded
}

// encode is encodeDoubles for one point: eg = EG, fh = FH, inverse = 1/(EFGH).
func (q *quotients) encode(eg, fh, inverse *field.Elt) [Size]byte {
	var s, t, ie, ig field.Elt
	field.Mul(&s, eg, inverse) // 1/(FH)
	field.Mul(&t, &s, eg)
	rotate := isNegative(&t) // xy

	field.Mul(&ie, &q.e, &rootOfMinusOne)
	field.Mul(&ig, &q.g, &rootOfMinusOne)
	// x = n/d, and s = v ∓ w over m, where n = m or n = im.
	n, d, m, v, w, k := q.e, q.h, q.g, q.h, q.g, invRootOfADiff
	field.Cmov(&n, &ig, rotate)
	field.Cmov(&d, &q.f, rotate)
	field.Cmov(&m, &q.e, rotate)
	field.Cmov(&v, &q.f, rotate)
	field.Cmov(&w, &ie, rotate)
	field.Cmov(&k, &one, rotate)
	field.Mul(&t, &n, &d)
	field.Mul(&t, &t, &s) // x = n · d/(FH), d the other denominator
	negate(&w, isNegative(&t))

	field.Sub(&v, &v, &w)
	field.Mul(&t, fh, inverse) // 1/(EG)
	field.Mul(&t, &t, &m)      // m the other one of E and G
	field.Mul(&s, &v, &t)
	field.Mul(&s, &s, &k)
	negate(&s, isNegative(&s))
	field.Modp(&s)
	return s
}
