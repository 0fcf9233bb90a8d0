package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// columns holds the sums of one product by weight: column c counts 2^(51·c).
//
// A product of limbs x_i·y_j is low + 2^52·high. Its weight is 2^(51·(i+j)), so
// low belongs to column i+j, and high, of weight 2^(51·(i+j+1) + 1), counts
// twice in column i+j+1. As 2^255 = 19 modulo p, column c+5 counts 19-fold in
// column c.
type columns struct {
	at   [10]reg.VecVirtual
	most [10]bound
}

// clear sets columns from to to (inclusive) to zero.
func (k *kernels) clear(c *columns, from, to int) {
	for i := from; i <= to; i++ {
		c.at[i], c.most[i] = k.zero(), num(0)
	}
}

// zero is a register of zeros. The exclusive or of a register with itself does
// not read it: the allocation of registers has to be told.
func (k *kernels) zero() reg.VecVirtual {
	z := k.ZMM()
	clear, err := x86.VPXORQ(z, z, z)
	if err != nil {
		panic(err)
	}
	clear.CancellingInputs = true
	k.Instruction(clear)
	return z
}

// a term is one product x_i·y_j; pairs lists those that a kernel needs.
type term struct{ i, j int }

// products are all 25 terms; their order keeps two that add to one column apart.
func products() (t []term) {
	for d := range 5 {
		for i := range 5 {
			t = append(t, term{i, (i + d) % 5})
		}
	}
	return t
}

// crosses are the ten terms x_i·x_j with i < j; each counts twice in a square.
func crosses() (t []term) {
	for d := 1; d < 5; d++ {
		for i := 0; i+d < 5; i++ {
			t = append(t, term{i, i + d})
		}
	}
	return t
}

// squares are the five terms x_i·x_i.
func squares() []term { return []term{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}} }

// high adds the high halves of the terms to columns i+j+1 within from to to.
func (k *kernels) high(c *columns, terms []term, x, y limbs, from, to int) {
	for _, t := range terms {
		if n := t.i + t.j + 1; from <= n && n <= to {
			k.multiplicands(x.most[t.i], y.most[t.j])
			k.VPMADD52HUQ(y.at[t.j], x.at[t.i], c.at[n])
			k.grow(c, n, shr(times(x.most[t.i], y.most[t.j]), 52))
		}
	}
}

// low adds the low halves of the terms to columns i+j within from to to.
func (k *kernels) low(c *columns, terms []term, x, y limbs, from, to int) {
	for _, t := range terms {
		if n := t.i + t.j; from <= n && n <= to {
			k.multiplicands(x.most[t.i], y.most[t.j])
			k.VPMADD52LUQ(y.at[t.j], x.at[t.i], c.at[n])
			k.grow(c, n, least(times(x.most[t.i], y.most[t.j]), maxMultiplicand))
		}
	}
}

func (k *kernels) multiplicands(x, y bound) {
	must("a multiplicand", x, maxMultiplicand)
	must("a multiplicand", y, maxMultiplicand)
}

func (k *kernels) grow(c *columns, n int, by bound) {
	c.most[n] = plus(c.most[n], by)
	must("a column", c.most[n], maxLane)
}

// double doubles columns from to to.
func (k *kernels) double(c *columns, from, to int) {
	for i := from; i <= to; i++ {
		k.VPADDQ(c.at[i], c.at[i], c.at[i])
		k.grow(c, i, c.most[i])
	}
}

// product is x·y, wide. y may be in memory.
//
// With H and L the sums of high and low halves, limb n of the result is
//
//	L_n + 2·H_n + 19·Y_n, where Y_n = L_(n+5) + 2·H_(n+5),
//
// taken as 2·(9·Y_n + H_n) + (Y_n + L_n): nine Y are a shift and an addition, and
// the doubling that H_n needs in any case makes eighteen of them.
func (k *kernels) product(x, y limbs) limbs {
	var upper columns
	k.clear(&upper, 5, 9)
	return k.productOnto(&upper, x, y)
}

// productAbove is x·y + 38·2^n·p, wide, with the n of biases: none of its limbs is
// less than that of 38·2^n·p. It takes as long as x·y, since columns 5 to 9 begin
// with 2^n·p instead of zeros, and count twice as what is high, and 19-fold.
func (k *kernels) productAbove(x, y limbs) limbs {
	var upper columns
	var above [5]bound
	for n := range above {
		bias, size := k.biasAt(n)
		upper.at[n+5], upper.most[n+5] = k.ZMM(), size
		k.VMOVDQA64(bias, upper.at[n+5])
		above[n] = times(num(38), size)
	}
	r := k.productOnto(&upper, x, y)
	r.least = above
	return r
}

// productOnto is product with what stands in columns 5 to 9, as what is high.
func (k *kernels) productOnto(start *columns, x, y limbs) limbs {
	upper := *start
	k.high(&upper, products(), x, y, 5, 9)
	k.double(&upper, 5, 9)
	k.low(&upper, products(), x, y, 5, 9)

	half, single := k.nineFold(&upper), shiftDown(&upper)
	k.high(&half, products(), x, y, 0, 4)
	k.low(&single, products(), x, y, 0, 4)
	return k.twiceAnd(&half, &single)
}

// square is x·x, wide.
//
// With H and L the sums of the halves of the crosses and h and l those of the
// squares, limb n is
//
//	2·L_n + l_n + 4·H_n + 2·h_n + 19·Y_n, where Y_n is the same of column n+5,
//
// taken as 2·(9·Y_n + 2·H_n + L_n + h_n) + (Y_n + l_n).
func (k *kernels) square(x limbs) limbs {
	var upper columns
	k.clear(&upper, 5, 9)
	k.high(&upper, crosses(), x, x, 5, 9)
	k.double(&upper, 5, 8) // no cross has its high half in column 9
	k.high(&upper, squares(), x, x, 5, 9)
	k.low(&upper, crosses(), x, x, 5, 9)
	k.double(&upper, 5, 9)
	k.low(&upper, squares(), x, x, 5, 9)

	// No cross has its high half in columns 0 and 1. In the others 9·Y + 2·H is
	// 2·(4·Y + H) + Y.
	var half columns
	for n := range 5 {
		half.at[n] = k.ZMM()
		if n < 2 {
			k.VPSLLQ(operand.Imm(3), upper.at[n+5], half.at[n])
			half.most[n] = shl(upper.most[n+5], 3)
			continue
		}
		k.VPSLLQ(operand.Imm(2), upper.at[n+5], half.at[n])
		half.most[n] = shl(upper.most[n+5], 2)
	}
	k.high(&half, crosses(), x, x, 2, 4)
	k.double(&half, 2, 4)
	for n := range 5 {
		k.VPADDQ(upper.at[n+5], half.at[n], half.at[n])
		k.grow(&half, n, upper.most[n+5])
	}
	single := shiftDown(&upper)
	k.high(&half, squares(), x, x, 0, 4)
	k.low(&half, crosses(), x, x, 0, 4)
	k.low(&single, squares(), x, x, 0, 4)
	return k.twiceAnd(&half, &single)
}

// nineFold is 9·Y_n in columns 0 to 4, with Y_n in column n+5 of upper.
func (k *kernels) nineFold(upper *columns) (half columns) {
	for n := range 5 {
		half.at[n] = k.ZMM()
		k.VPSLLQ(operand.Imm(3), upper.at[n+5], half.at[n])
		half.most[n] = shl(upper.most[n+5], 3)
		k.VPADDQ(upper.at[n+5], half.at[n], half.at[n])
		k.grow(&half, n, upper.most[n+5])
	}
	return half
}

// shiftDown takes columns 5 to 9 as columns 0 to 4, in the same registers.
func shiftDown(upper *columns) (lower columns) {
	copy(lower.at[:5], upper.at[5:])
	copy(lower.most[:5], upper.most[5:])
	return lower
}

// twiceAnd is 2·half + single in columns 0 to 4.
func (k *kernels) twiceAnd(half, single *columns) (r limbs) {
	k.double(half, 0, 4)
	for n := range 5 {
		k.VPADDQ(single.at[n], half.at[n], half.at[n])
		k.grow(half, n, single.most[n])
		r.at[n], r.most[n] = half.at[n], half.most[n]
	}
	return r
}
