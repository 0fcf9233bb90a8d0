package group

import (
	"encoding/binary"
	"sync"

	field "github.com/cloudflare/circl/math/fp25519"
)

const (
	rows    = 64 // digits of a scalar to the base 16, from −8 to 8
	entries = 8  // of a row: the multiples 1 … 8
)

// A Table makes multiplications of one public element P by secret scalars
// cheaper. It takes 48 KiB, and about as long to make as five multiplications
// without it. The zero value is of no use: get one from NewTable. A Table may
// be used by many at once.
type Table struct {
	// Entry j of row i is [(j + 1)·16^i]H with H = [1/2]P: encoding doubles.
	// A coordinate is 4 words, little endian.
	rows [rows]row
}

// A row holds the entries of one digit, coordinate by coordinate.
type row struct{ plus, minus, product column }

type column [entries][4]uint64

// NewTable makes the table of e, in a time that depends on e.
func NewTable(e Element) *Table {
	half := e.Mul(NewScalar(2).Inv())
	bases := make([]point, rows)
	bases[0] = decode([Size]byte(half.Bytes()))
	for i := 1; i < rows; i++ {
		bases[i] = bases[i-1]
		for range 4 {
			q := bases[i].double()
			bases[i].set(&q)
		}
	}
	points := make([]point, 0, rows*entries)
	for i, m := range affine(bases) {
		p := bases[i]
		points = append(points, p)
		for range entries - 1 {
			p.add(&m)
			points = append(points, p)
		}
	}
	t := new(Table)
	for i, m := range affine(points) {
		r, j := &t.rows[i/entries], i%entries
		r.plus[j], r.minus[j], r.product[j] = words(&m.plus), words(&m.minus), words(&m.product)
	}
	return t
}

// affine returns points as entries of a table.
func affine(points []point) []multiple {
	inverses := make([]field.Elt, len(points))
	for i := range points {
		inverses[i] = points[i].z
	}
	invertAll(inverses)
	ms := make([]multiple, len(points))
	for i := range points {
		var x, y field.Elt
		field.Mul(&x, &points[i].x, &inverses[i])
		field.Mul(&y, &points[i].y, &inverses[i])
		m := &ms[i]
		field.Add(&m.plus, &y, &x)
		field.Sub(&m.minus, &y, &x)
		field.Mul(&m.product, &x, &y)
		field.Mul(&m.product, &m.product, &curveD)
		field.Add(&m.product, &m.product, &m.product)
	}
	return ms
}

func words(x *field.Elt) (w [4]uint64) {
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(x[8*i:])
	}
	return w
}

// baseTable is the table of B, made when it is first asked for.
var baseTable = sync.OnceValue(func() *Table { return NewTable(Generator()) })

// BaseTable returns the table of B.
func BaseTable() *Table { return baseTable() }

// A Product is a sum of multiples of fixed elements by secret scalars, still to
// be computed: see Evaluate. It holds a closure, so that it cannot be printed.
type Product struct{ addTo func(*point) }

// Mul returns [s]P.
func (t *Table) Mul(s Scalar) Product { return Product{func(p *point) { t.addMul(p, s) }} }

// Times returns P if bit is 1, and the identity if bit is 0. Any other bit
// panics.
func (t *Table) Times(bit int) Product {
	if uint(bit) > 1 {
		panic("group: internal error: multiplying by something that is not a bit")
	}
	return Product{func(p *point) { t.addDigit(p, 0, int8(bit)) }}
}

// Plus returns a + b.
func (a Product) Plus(b Product) Product {
	return Product{func(p *point) {
		a.addTo(p)
		b.addTo(p)
	}}
}

// Evaluate computes products. Its time, instructions and memory accesses depend
// on their number and kind, not on scalars or bits. What they share is cheaper
// the more there are.
func Evaluate(products ...Product) []Element {
	points := make([]point, len(products))
	for i := range products {
		points[i] = neutral()
		products[i].addTo(&points[i])
	}
	elements := make([]Element, len(products))
	encoded := encodeDoubles(points)
	for i := range elements {
		elements[i] = Element{encoded: &encoded[i]}
	}
	return elements
}

func (t *Table) addMul(p *point, s Scalar) {
	for i, d := range digits([Size]byte(s.Bytes())) {
		t.addDigit(p, i, d)
	}
}

// digits writes a scalar as Σ digits(i)·16^i, each from −8 to 7. The last, which
// is not reduced, is 0 or 1: s < ℓ < 2^252 + 2^125.
func digits(s [Size]byte) (ds [rows]int8) {
	for i, b := range s {
		ds[2*i], ds[2*i+1] = int8(b&15), int8(b>>4)
	}
	for i := range rows - 1 {
		carry := (ds[i] + 8) >> 4
		ds[i] -= carry << 4
		ds[i+1] += carry
	}
	return ds
}

// addDigit adds [d·16^i]H to p: d is from −8 to 8.
func (t *Table) addDigit(p *point, i int, d int8) {
	var m multiple
	negative := uint64(int64(d) >> 63) // all ones or zero
	t.rows[i].look(&m, (uint64(int64(d))^negative)-negative)
	m.negate(uint(negative & 1))
	p.add(&m)
}

// look sets m to entry number d, from 1, or to the neutral element if d is 0.
// It reads all entries and keeps one by masks.
func (r *row) look(m *multiple, d uint64) {
	var masks [entries]uint64
	for j := range masks {
		masks[j] = equal(d, uint64(j+1))
	}
	none := equal(d, 0) & 1
	r.plus.look(&m.plus, &masks, none)
	r.minus.look(&m.minus, &masks, none)
	r.product.look(&m.product, &masks, 0)
}

// look sets x to the entry whose mask is all ones, or to otherwise if none is.
func (c *column) look(x *field.Elt, masks *[entries]uint64, otherwise uint64) {
	w0, w1, w2, w3 := otherwise, uint64(0), uint64(0), uint64(0)
	for j := range c {
		mask := masks[j]
		w0 |= c[j][0] & mask
		w1 |= c[j][1] & mask
		w2 |= c[j][2] & mask
		w3 |= c[j][3] & mask
	}
	binary.LittleEndian.PutUint64(x[0:], w0)
	binary.LittleEndian.PutUint64(x[8:], w1)
	binary.LittleEndian.PutUint64(x[16:], w2)
	binary.LittleEndian.PutUint64(x[24:], w3)
}

// equal returns all ones if a = b, both below 2^63, and 0 otherwise.
func equal(a, b uint64) uint64 {
	return uint64(int64((a^b)-1) >> 63)
}
