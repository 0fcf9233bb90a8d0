package multiscalar

import (
	field "github.com/cloudflare/circl/math/fp25519"
)

// The constants of RFC 9496, Section 4.1, little endian. Field elements of circl
// are any 256 bits: the number modulo p = 2^255 − 19. Sums, differences and
// products take any and give any; whatever compares one, asks whether it is odd
// or writes it out calls Modp first, which makes it canonical.
var (
	zero = field.Elt{}
	one  = field.Elt{1}

	// d of the curve −x² + y² = 1 + dx²y²: −121665/121666, and its double.
	curveD = field.Elt{
		0xa3, 0x78, 0x59, 0x13, 0xca, 0x4d, 0xeb, 0x75, 0xab, 0xd8, 0x41, 0x41, 0x4d, 0x0a, 0x70, 0x00,
		0x98, 0xe8, 0x79, 0x77, 0x79, 0x40, 0xc7, 0x8c, 0x73, 0xfe, 0x6f, 0x2b, 0xee, 0x6c, 0x03, 0x52,
	}
	twiceD = sumOf(&curveD, &curveD)

	// A square root of −1: SQRT_M1.
	rootOfMinusOne = field.Elt{
		0xb0, 0xa0, 0x0e, 0x4a, 0x27, 0x1b, 0xee, 0xc4, 0x78, 0xe4, 0x2f, 0xad, 0x06, 0x18, 0x43, 0x2f,
		0xa7, 0xd7, 0xfb, 0x3d, 0x99, 0x00, 0x4d, 0x2b, 0x0b, 0xdf, 0xc1, 0x4f, 0x80, 0x24, 0x83, 0x2b,
	}

	// 1/√(−1 − d): INVSQRT_A_MINUS_D.
	invRootOfADiff = field.Elt{
		0xea, 0x40, 0x5d, 0x80, 0xaa, 0xfd, 0xc8, 0x99, 0xbe, 0x72, 0x41, 0x5a, 0x17, 0x16, 0x2f, 0x9d,
		0x40, 0xd8, 0x01, 0xfe, 0x91, 0x7b, 0xc2, 0x16, 0xa2, 0xfc, 0xaf, 0xcf, 0x05, 0x89, 0x6c, 0x78,
	}
)

func sumOf(x, y *field.Elt) (z field.Elt) {
	field.Add(&z, x, y)
	return z
}

// isNegative reports whether x is odd (RFC 9496, Section 3.1). It reduces x.
func isNegative(x *field.Elt) bool {
	field.Modp(x)
	return x[0]&1 == 1
}

// makePositive sets x to its absolute value.
func makePositive(x *field.Elt) {
	if isNegative(x) {
		field.Neg(x, x)
		field.Modp(x)
	}
}

// A Point is one of the points of −x² + y² = 1 + dx²y² that stand for an
// element, in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z (Hisil, Wong,
// Carter, Dawson, ASIACRYPT 2008, Section 3). The zero value is none.
type Point struct{ x, y, z, t field.Elt }

func identity() Point { return Point{y: one, z: one} }

// Add returns the sum of two elements. The formula holds for any two points.
func (p Point) Add(q Point) Point {
	var a, b, c, d, s field.Elt
	field.Sub(&a, &p.y, &p.x)
	field.Sub(&s, &q.y, &q.x)
	field.Mul(&a, &a, &s)
	field.Add(&b, &p.y, &p.x)
	field.Add(&s, &q.y, &q.x)
	field.Mul(&b, &b, &s)
	field.Mul(&c, &p.t, &q.t)
	field.Mul(&c, &c, &twiceD)
	field.Mul(&d, &p.z, &q.z)
	field.Add(&d, &d, &d)
	p.set(&a, &b, &c, &d)
	return p
}

// Sub returns the difference of two elements.
func (p Point) Sub(q Point) Point {
	field.Neg(&q.x, &q.x)
	field.Neg(&q.t, &q.t)
	return p.Add(q)
}

// set ends an addition: with E = B − A, F = D − C, G = D + C and H = B + A it is
// (EF : GH : FG : EH). It changes its arguments.
func (p *Point) set(a, b, c, d *field.Elt) {
	field.AddSub(b, a) // H, E
	field.AddSub(d, c) // G, F
	field.Mul(&p.x, a, c)
	field.Mul(&p.y, d, b)
	field.Mul(&p.z, c, d)
	field.Mul(&p.t, a, b)
}

// double doubles p: Section 3.3 of the paper.
func (p *Point) double() {
	var a, b, c, e, g, f, h field.Elt
	field.Sqr(&a, &p.x)
	field.Sqr(&b, &p.y)
	field.Sqr(&c, &p.z)
	field.Add(&c, &c, &c)
	field.Add(&e, &p.x, &p.y)
	field.Sqr(&e, &e)
	field.Add(&h, &a, &b)
	field.Sub(&e, &h, &e)
	field.Sub(&g, &a, &b)
	field.Add(&f, &c, &g)
	field.Mul(&p.x, &e, &f)
	field.Mul(&p.y, &g, &h)
	field.Mul(&p.z, &f, &g)
	field.Mul(&p.t, &e, &h)
}

// IsIdentity reports whether p stands for the identity: x = 0 or y = 0
// (RFC 9496, Section 4.3.3).
func (p Point) IsIdentity() bool { return field.IsZero(&p.x) || field.IsZero(&p.y) }

// Bytes returns the canonical encoding: RFC 9496, Section 4.3.2.
func (p Point) Bytes() [EncodingSize]byte {
	var u1, u2, t, root, den1, den2, inverse field.Elt
	field.Add(&u1, &p.z, &p.y)
	field.Sub(&t, &p.z, &p.y)
	field.Mul(&u1, &u1, &t)
	field.Mul(&u2, &p.x, &p.y)
	field.Sqr(&t, &u2)
	field.Mul(&t, &t, &u1)
	if !field.InvSqrt(&root, &one, &t) {
		root = zero // p stands for the identity
	}
	field.Mul(&den1, &root, &u1)
	field.Mul(&den2, &root, &u2)
	field.Mul(&inverse, &den1, &den2)
	field.Mul(&inverse, &inverse, &p.t)
	x, y := p.x, p.y
	field.Mul(&t, &p.t, &inverse)
	if isNegative(&t) {
		field.Mul(&x, &p.y, &rootOfMinusOne)
		field.Mul(&y, &p.x, &rootOfMinusOne)
		field.Mul(&den2, &den1, &invRootOfADiff)
	}
	field.Mul(&t, &x, &inverse)
	if isNegative(&t) {
		field.Neg(&y, &y)
	}
	field.Sub(&t, &p.z, &y)
	field.Mul(&t, &t, &den2)
	makePositive(&t)
	return t
}
