package group

import (
	field "github.com/cloudflare/circl/math/fp25519"
)

// A Walk goes from an element P in steps of D: P + D, P + 2D, … An element costs
// an addition, not a multiplication. It is for elements whose logarithms are no
// secret, as those of large records made for tests.
type Walk struct{ at, step point }

// NewWalk returns a Walk. Its time depends on its arguments.
func NewWalk(from, step Element) *Walk { return &Walk{halfOf(from), halfOf(step)} }

// halfOf returns a point of [1/2]e: encoding doubles.
func halfOf(e Element) point {
	return decode([Size]byte(e.Mul(NewScalar(2).Inv()).Bytes()))
}

// Next takes a step and returns where it led.
func (w *Walk) Next() Product {
	w.at.addPoint(&w.step)
	at := w.at
	return Product{func(p *point) { p.addPoint(&at) }}
}

// addPoint adds q to p: Section 3.1 of the paper that point names.
func (p *point) addPoint(q *point) {
	var a, b, c, d field.Elt
	field.Sub(&a, &p.y, &p.x)
	field.Sub(&c, &q.y, &q.x)
	field.Mul(&a, &a, &c)
	field.Add(&b, &p.y, &p.x)
	field.Add(&c, &q.y, &q.x)
	field.Mul(&b, &b, &c)
	field.Mul(&c, &p.t, &q.t)
	field.Mul(&c, &c, &curveD)
	field.Add(&c, &c, &c)
	field.Mul(&d, &p.z, &q.z)
	field.Add(&d, &d, &d)
	field.AddSub(&b, &a) // H, E
	field.AddSub(&d, &c) // G, F
	field.Mul(&p.x, &a, &c)
	field.Mul(&p.y, &d, &b)
	field.Mul(&p.z, &c, &d)
	field.Mul(&p.t, &a, &b)
}
