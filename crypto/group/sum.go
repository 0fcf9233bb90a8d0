package group

import (
	"math/bits"

	"github.com/cloudflare/circl/group"
)

// SumOfProducts returns Σ [scalars(i)] elements(i) + [base]B. Its time depends
// on all its arguments: it is for public data only. Both lists have the same
// length.
//
// It is Straus' interleaving with signed digits of width 5: the doublings are
// shared by all terms, and a term costs about 16 additions for its table and 43
// for its digits, fewer where the scalar is short.
func SumOfProducts(base Scalar, scalars []Scalar, elements []Element) Element {
	if len(scalars) != len(elements) {
		panic("group: internal error: as many scalars as elements are needed")
	}
	terms := make([]term, len(scalars))
	longest := 0
	for i := range terms {
		terms[i] = newTerm(scalars[i], elements[i])
		longest = max(longest, len(terms[i].digits))
	}
	sum := curve.Identity()
	for bit := longest - 1; bit >= 0; bit-- {
		sum.Dbl(sum)
		for i := range terms {
			terms[i].addDigit(sum, bit)
		}
	}
	return Element{p: sum.Add(sum, curve.NewElement().MulGen(base.s))}
}

// width is that of the digits: odd numbers from −15 to 15, or zero.
const width = 5

// A term is one product: the digits of its scalar, lowest first, and the odd
// multiples 1, 3, … 15 of its element.
type term struct {
	digits []int8
	odd    [1 << (width - 2)]group.Element
}

func newTerm(s Scalar, e Element) term {
	t := term{digits: nonAdjacentForm(s)}
	if len(t.digits) == 0 {
		return t
	}
	t.odd[0] = e.point()
	twice := curve.NewElement().Dbl(t.odd[0])
	for i := 1; i < len(t.odd); i++ {
		t.odd[i] = curve.NewElement().Add(t.odd[i-1], twice)
	}
	return t
}

func (t *term) addDigit(sum group.Element, bit int) {
	if bit >= len(t.digits) {
		return
	}
	switch d := t.digits[bit]; {
	case d > 0:
		sum.Add(sum, t.odd[d/2])
	case d < 0:
		sum.Add(sum, curve.NewElement().Neg(t.odd[-d/2]))
	}
}

// nonAdjacentForm returns the digits of s: Σ digits(i)·2^i = s, of any five
// neighbours at most one is not zero.
func nonAdjacentForm(s Scalar) []int8 {
	var words [5]uint64 // one more than the scalar has, for the carry
	for i, b := range s.Bytes() {
		words[i/8] |= uint64(b) << (8 * (i % 8))
	}
	var digits []int8
	for position := 0; position < 256; {
		window := words[position/64] >> (position % 64)
		if position%64 != 0 {
			window |= words[position/64+1] << (64 - position%64)
		}
		if window&1 == 0 {
			position++
			continue
		}
		d := int64(window & (1<<width - 1))
		if d >= 1<<(width-1) {
			d -= 1 << width
			carry(&words, position+width)
		}
		for len(digits) < position {
			digits = append(digits, 0)
		}
		digits = append(digits, int8(d))
		position += width
	}
	return digits
}

// carry adds 2^position.
func carry(words *[5]uint64, position int) {
	c := uint64(1) << (position % 64)
	for i := position / 64; c != 0 && i < len(words); i++ {
		words[i], c = bits.Add64(words[i], c, 0)
	}
}
