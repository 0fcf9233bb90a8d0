// Package multiscalar computes sums of products of thousands of public elements
// of ristretto255 (RFC 9496): Σ [s_i]P_i, with the elements read from their
// encodings. It is what checking the proofs of a nation's ballots costs.
//
// It is for public data only: its time and its memory accesses depend on
// everything that it is given. Secrets go through package group.
//
// There are three back ends behind one API, which give the same answers: one on
// the field arithmetic of circl for every machine, and two in assembly, which work
// on eight elements at a time, for processors with AVX2 and with AVX-512 IFMA.
package multiscalar

// EncodingSize is the length in bytes of an encoded element and of a hint.
const EncodingSize = 32

// A Backend is one implementation of the arithmetic.
type Backend struct{ kernel kernel }

// Backends lists the back ends that this processor can run, the fastest first.
func Backends() []Backend {
	var all []Backend
	for _, k := range append(vectorKernels(), portable{}) {
		all = append(all, Backend{k})
	}
	return all
}

// String returns the name: "ifma", "avx2" or "portable".
func (b Backend) String() string { return b.kernel.name() }

// A kernel is what a back end is.
type kernel interface {
	name() string
	newTable(size int) table
}

// A table holds decoded elements t[0], t[1], … as its back end wants them. See
// the methods of Table of the same names.
type table interface {
	decode(first int, data []byte, offsets []uint32, hints []byte) (bad []int)
	squareRoots(data []byte, offsets []uint32, out []byte)
	window(digits []int16, c int) Point // Σ digits[i]·t[i], |digits[i]| ≤ 2^(c−1)
	sum(first, step, count int) Point
}

// A Table holds up to a fixed number of elements. It is filled, used and filled
// again without new memory, and used by one goroutine at a time. An entry that
// was never filled is the identity.
type Table struct {
	table  table
	size   int
	digits [][]int16 // by window, one for each entry
	used   [][]int16 // those of a sum
}

// NewTable returns a table with room for size elements.
func NewTable(b Backend, size int) *Table {
	return &Table{table: b.kernel.newTable(size), size: size}
}

// Size returns how many elements the table has room for.
func (t *Table) Size() int { return t.size }

// Decode reads the encoding at data[offsets[i]:][:32] into entry first + i, for
// every i, and returns those i, in ascending order, whose 32 bytes are not the
// canonical encoding of an element (RFC 9496, Section 4.3.1). Their entries
// become the identity. The encoding of the identity is one: callers to whom it
// is no valid value refuse it.
//
// Hints, if there are any, are 32 bytes for each encoding, as SquareRoots
// writes them. They make reading faster and are not trusted: with a wrong one
// it takes longer, and comes to the same.
func (t *Table) Decode(first int, data []byte, offsets []uint32, hints []byte) (bad []int) {
	if hints != nil && len(hints) < EncodingSize*len(offsets) {
		hints = nil
	}
	return t.table.decode(first, data, offsets, hints)
}

// SquareRoots writes the hint of every encoding to out, 32 bytes each: the
// canonical, non-negative 1/√(v·u₂²) of RFC 9496, Section 4.3.1, or zeros where
// there is none. It does not change the table's entries.
func (t *Table) SquareRoots(data []byte, offsets []uint32, out []byte) {
	t.table.squareRoots(data, offsets, out)
}

// Sum returns t[first] + t[first+step] + … , count entries in all.
func (t *Table) Sum(first, step, count int) Point { return t.table.sum(first, step, count) }
