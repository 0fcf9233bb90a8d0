package multiscalar

import (
	"bytes"
	"slices"

	field "github.com/cloudflare/circl/math/fp25519"
)

// portable is the back end for every machine, one element at a time.
type portable struct{}

func (portable) name() string { return "portable" }

func (portable) newTable(size int) table {
	t := &portableTable{entries: make([]affine, size)}
	for i := range t.entries {
		t.entries[i] = neutral
	}
	return t
}

// An affine point (x, y) is held as y + x, y − x and 2dxy.
type affine struct{ plus, minus, product field.Elt }

var neutral = affine{plus: one, minus: one}

type portableTable struct {
	entries []affine
	buckets []Point // of a window
}

// decode implements table. Roots are found two at a time.
func (t *portableTable) decode(first int, data []byte, offsets []uint32, hints []byte) (bad []int) {
	var waiting [2]decoding
	var entries [2]int
	n := 0
	finish := func(i int, d *decoding, ok bool) {
		if !ok || !d.finish(&t.entries[first+i]) {
			t.entries[first+i] = neutral
			bad = append(bad, i)
		}
	}
	for i, at := range offsets {
		d := &waiting[n]
		if !d.read(data[at:][:EncodingSize]) {
			finish(i, d, false)
			continue
		}
		if hints != nil && d.useHint(hints[EncodingSize*i:][:EncodingSize]) {
			finish(i, d, true)
			continue
		}
		entries[n] = i
		if n++; n == len(waiting) {
			ok := findRoots(&waiting)
			finish(entries[0], &waiting[0], ok[0])
			finish(entries[1], &waiting[1], ok[1])
			n = 0
		}
	}
	if n > 0 { // the other root is of what was there before
		finish(entries[0], &waiting[0], findRoots(&waiting)[0])
	}
	slices.Sort(bad) // one may have waited for another
	return bad
}

// squareRoots implements table.
func (t *portableTable) squareRoots(data []byte, offsets []uint32, out []byte) {
	for from := 0; from < len(offsets); from += 2 {
		var some [2]decoding // what is not read keeps w = 0, which has no root
		two := offsets[from:min(from+2, len(offsets))]
		for i, at := range two {
			some[i].read(data[at:][:EncodingSize])
		}
		has := findRoots(&some)
		for i := range two {
			hint := out[EncodingSize*(from+i):][:EncodingSize]
			clear(hint)
			if has[i] {
				makePositive(&some[i].root)
				copy(hint, some[i].root[:])
			}
		}
	}
}

// A decoding is that of one element; the names are those of RFC 9496, Section
// 4.3.1, and w = v·u₂².
type decoding struct{ s, u1, u2, v, w, root field.Elt }

// read takes s and computes what does not need the root. It reports whether s is
// the encoding of a non-negative field element.
func (d *decoding) read(b []byte) bool {
	d.s = field.Elt(b)
	canonical := d.s
	if field.Modp(&canonical); !bytes.Equal(canonical[:], b) || b[0]&1 == 1 {
		return false
	}
	var ss, u2Squared field.Elt
	field.Sqr(&ss, &d.s)
	field.Sub(&d.u1, &one, &ss)
	field.Add(&d.u2, &one, &ss)
	field.Sqr(&u2Squared, &d.u2)
	field.Sqr(&d.v, &d.u1)
	field.Mul(&d.v, &d.v, &curveD)
	field.Add(&d.v, &d.v, &u2Squared)
	field.Neg(&d.v, &d.v)
	field.Mul(&d.w, &d.v, &u2Squared)
	return true
}

// findRoots computes 1/√w of two, of either sign, and reports which have one.
func findRoots(d *[2]decoding) [2]bool {
	var roots pair
	has := roots.inverseRoots(&pair{d[0].w, d[1].w})
	d[0].root, d[1].root = roots[0], roots[1]
	return has
}

// useHint takes the root from a hint, and reports whether it is one: w·root² = 1.
func (d *decoding) useHint(hint []byte) bool {
	d.root = field.Elt(hint)
	var square field.Elt
	field.Sqr(&square, &d.root)
	field.Mul(&square, &square, &d.w)
	field.Modp(&square)
	return square == one
}

// finish computes the point from the root. It reports whether there is one.
func (d *decoding) finish(e *affine) bool {
	var x, y, t field.Elt
	field.Mul(&x, &d.root, &d.u2) // den_x
	field.Mul(&y, &d.root, &x)
	field.Mul(&y, &y, &d.v) // den_y
	field.Mul(&y, &y, &d.u1)
	field.Add(&t, &d.s, &d.s)
	field.Mul(&x, &x, &t)
	makePositive(&x)
	field.Mul(&t, &x, &y)
	if isNegative(&t) || field.IsZero(&y) {
		return false
	}
	field.Add(&e.plus, &y, &x)
	field.Sub(&e.minus, &y, &x)
	field.Mul(&e.product, &t, &twiceD)
	return true
}

// sum implements table.
func (t *portableTable) sum(first, step, count int) Point {
	sum := identity()
	for k := range count {
		sum.add(&t.entries[first+k*step])
	}
	return sum
}

// window implements table: entries are added into the bucket of their digit's
// magnitude, and Σ m·bucket(m) is taken with two additions for each bucket.
func (t *portableTable) window(digits []int16, c int) Point {
	for len(t.buckets) <= 1<<(c-1) {
		t.buckets = append(t.buckets, Point{})
	}
	buckets := t.buckets[:1<<(c-1)+1]
	for m := range buckets {
		buckets[m] = identity()
	}
	for i, d := range digits {
		switch {
		case d > 0:
			buckets[d].add(&t.entries[i])
		case d < 0:
			buckets[-d].subtract(&t.entries[i])
		}
	}
	above, sum := identity(), identity()
	for m := len(buckets) - 1; m > 0; m-- {
		above = above.Add(buckets[m])
		sum = sum.Add(above)
	}
	return sum
}

// add adds e: Section 3.1 of the paper, with Z = 1 in e.
func (p *Point) add(e *affine) {
	var a, b, c, d field.Elt
	field.Sub(&a, &p.y, &p.x)
	field.Mul(&a, &a, &e.minus)
	field.Add(&b, &p.y, &p.x)
	field.Mul(&b, &b, &e.plus)
	field.Mul(&c, &p.t, &e.product)
	field.Add(&d, &p.z, &p.z)
	p.set(&a, &b, &c, &d)
}

// subtract subtracts e: −(x, y) is (−x, y).
func (p *Point) subtract(e *affine) {
	p.add(&affine{plus: e.minus, minus: e.plus, product: negative(&e.product)})
}

func negative(x *field.Elt) (y field.Elt) {
	field.Neg(&y, x)
	return y
}
