package main

import "github.com/mmcloughlin/avo/operand"

// productFrame is what product needs of the frame: the columns of both halves.
const productFrame = 2 * tenBytes

// product sets r to x·y, reduced. All are in memory, and r may be x or y.
//
// A product of limbs x_i·y_j has the weight of limb i+j, twice if both are odd.
// Limb n+10 counts 19-fold in limb n, as 2^255 = 19 modulo p. So there are ten
// columns of ten products.
func (k *avx2) product(x, y ten, r, frame operand.Mem) {
	var halves [2]ten
	for half := range halves {
		c := &halves[half]
		for parity := range 2 { // as many columns as there are registers for
			for px := range 2 { // two odd limbs count twice
				k.terms(c, half, parity, px, px == 1 && parity == 0, x, y)
			}
			k.putColumns(c, frame.Offset(half*tenBytes), parity, 2)
		}
		k.note("the columns", *c)
	}
	k.carryHalves(halves, k.together(r))
}

// putColumns moves every step-th column from the first on to memory.
func (k *avx2) putColumns(c *ten, m operand.Mem, first, step int) {
	k.addWaiting(0)
	for n := first; n < 10; n += step {
		k.VMOVDQU(c.at[n], m.Offset(32*n))
		c.at[n] = m.Offset(32 * n)
	}
}

// terms adds the products of the limbs of x of one parity with those of y of one,
// which make the columns of a parity, or twice those products.
func (k *avx2) terms(c *ten, half, parity, px int, twice bool, x, y ten) {
	var factors ten
	for i := px; i < 10; i += 2 {
		must("a limb of a factor", x.most[i], maxHalf)
		factors.at[i], factors.most[i] = k.limbOf(half, x.at[i]), x.most[i]
		if twice {
			k.VPADDD(factors.at[i], factors.at[i], factors.at[i])
			factors.most[i] = shl(x.most[i], 1)
			must("twice a limb", factors.most[i], maxHalf)
		}
	}
	for j := (parity + px) % 2; j < 10; j += 2 {
		plain, wrapped := k.limbOf(half, y.at[j]), k.YMM()
		mostWrapped := times(num(19), y.most[j])
		must("19 times a limb", mostWrapped, maxHalf)
		for i := px; i < 10; i += 2 {
			if i+j < 10 {
				k.term(c, i+j, factors.at[i], plain, times(factors.most[i], y.most[j]))
				continue
			}
			if i+j < 12 { // the first
				k.VPMULUDQ(k.nineteen, plain, wrapped)
			}
			k.term(c, i+j-10, factors.at[i], wrapped, times(factors.most[i], mostWrapped))
		}
	}
}

// limbOf loads the even or the odd lanes of a limb. What stands in the other
// half of a lane does not matter.
func (k *avx2) limbOf(half int, x operand.Op) operand.Op {
	r := k.YMM()
	if half == 0 {
		k.VMOVDQU(x, r)
	} else {
		k.VMOVSHDUP(x, r)
	}
	return r
}

// term adds a product of two limbs to column n, a few products later: by then it
// is there.
func (k *avx2) term(c *ten, n int, x, y operand.Op, most bound) {
	z := k.YMM()
	k.VPMULUDQ(y, x, z)
	if c.at[n] == nil {
		c.at[n], c.most[n] = z, most
		return
	}
	c.most[n] = plus(c.most[n], most)
	must("a column", c.most[n], maxLane)
	k.waiting = append(k.waiting, func() { k.VPADDQ(z, c.at[n], c.at[n]) })
	k.addWaiting(2)
}

// addWaiting adds products to their columns until so many wait.
func (k *avx2) addWaiting(most int) {
	for len(k.waiting) > most {
		k.waiting[0]()
		k.waiting = k.waiting[1:]
	}
}

// carryHalves reduces both halves of a result, which are in memory, and puts
// each limb when it is final. Two chains of carries in either half, from limbs 0
// and 4, meet, and go once around; what one waits for is done in the others.
func (k *avx2) carryHalves(halves [2]ten, put func(limb int, even, odd operand.Op)) {
	var x [2]ten // what is in registers
	most := halves[0].most
	final := map[int][]int{2: {2}, 6: {6}, 3: {3}, 7: {7}, 8: {8}, 9: {9}} // by the carry that is the last
	for n, i := range []int{0, 4, 1, 5, 2, 6, 3, 7, 4, 8, 9, 0} {
		next, over := (i+1)%10, shr(most[i], width(i))
		for half := range halves {
			k.carryOne(&x[half], &halves[half], i, next)
		}
		if i == 9 {
			over = times(num(19), over)
		}
		most[i], most[next] = least(most[i], maxTenLimb(i)), plus(most[next], over)
		must("a column with its carry", most[next], maxLane)
		limbs := final[i]
		if n == 8 || n == 11 { // the second from 4 and from 0
			limbs = []int{i, next}
		}
		for _, limb := range limbs {
			must("a carried limb", most[limb], maxTen(limb))
			put(limb, x[0].at[limb], x[1].at[limb])
		}
	}
}

// carryOne carries from limb i to the next. Limbs are in x if they were needed
// before, and in memory if not.
func (k *avx2) carryOne(x, memory *ten, i, next int) {
	if x.at[i] == nil {
		x.at[i] = k.YMM()
		k.VMOVDQU(memory.at[i], x.at[i])
	}
	over := k.YMM()
	k.VPSRLQ(operand.Imm(uint64(width(i))), x.at[i], over)
	k.VPAND(k.mask[i%2], x.at[i], x.at[i])
	if i == 9 { // 19 = 1 + 2 + 16
		for _, shift := range []uint64{1, 4} {
			times := k.YMM()
			k.VPSLLQ(operand.Imm(shift), over, times)
			k.VPADDQ(times, x.at[next], x.at[next])
		}
	}
	if x.at[next] == nil {
		k.VPADDQ(memory.at[next], over, over)
		x.at[next] = over
		return
	}
	k.VPADDQ(over, x.at[next], x.at[next])
}

// together puts limbs of both halves as one, at r.
func (k *avx2) together(r operand.Mem) func(limb int, even, odd operand.Op) {
	return func(limb int, even, odd operand.Op) {
		k.VPSLLQ(operand.Imm(32), odd, odd)
		k.VPOR(even, odd, odd)
		k.VMOVDQU(odd, r.Offset(32*limb))
	}
}

func (k *avx2) multiply() {
	k.begin("multiplyAVX2", "func(r, x, y *[40]uint64)", productFrame, "multiplyAVX2 sets r to x·y in every lane.")
	r, x, y := k.pointer("r"), k.pointer("x"), k.pointer("y")
	k.product(reducedAt(at(x, 0)), reducedAt(at(y, 0)), at(r, 0), k.room(productFrame))
	k.end()
}

// squareColumns are the columns of the square of the half at m: the odd ones put
// there, the even ones elsewhere.
func (k *avx2) squareColumns(m, evens operand.Mem) (c ten) {
	x := reducedAt(m)
	for parity := range 2 {
		k.squareTerms(&c, parity, x)
	}
	k.putColumns(&c, evens, 0, 2)
	k.terms(&c, 0, 1, 0, true, x, x)
	k.putColumns(&c, m, 1, 2)
	k.note("the columns", c)
	return c
}

// squareTerms adds the products of limbs of one parity. x_i·x_j counts twice if i
// and j differ, twice if both are odd, and 19-fold if i+j ≥ 10.
func (k *avx2) squareTerms(c *ten, parity int, x ten) {
	var one, wrapped ten
	for i := parity; i < 10; i += 2 {
		one.at[i] = k.limbOf(0, x.at[i])
	}
	for i := parity; i < 10; i += 2 {
		multiples := []operand.Op{one.at[i]} // by powers of two
		for j := i; j < 10; j += 2 {
			shift, with, most := uint(parity), one.at[j], x.most[j]
			if i < j {
				shift++
			}
			if i+j >= 10 { // 19 times it, or 38 times
				most = shl(times(num(19), most), uint(parity))
				shift -= uint(parity)
				if wrapped.at[j] == nil {
					wrapped.at[j] = k.wrappedLimb(one.at[j], parity, most)
				}
				with = wrapped.at[j]
			}
			for uint(len(multiples)) <= shift {
				t, last := k.YMM(), multiples[len(multiples)-1]
				k.VPADDQ(last, last, t)
				multiples = append(multiples, t)
			}
			must("a multiple of a limb", shl(x.most[i], shift), maxHalf)
			k.term(c, (i+j)%10, multiples[shift], with, times(shl(x.most[i], shift), most))
		}
	}
}

// wrappedLimb is 19 times a limb, or 38 times an odd one.
func (k *avx2) wrappedLimb(x operand.Op, parity int, most bound) operand.Op {
	must("19 or 38 times a limb", most, maxHalf)
	w := k.YMM()
	k.VPMULUDQ(k.nineteen, x, w)
	if parity == 1 {
		k.VPADDQ(w, w, w)
	}
	return w
}

// squareTwo squares two times eight elements again and again, in halves.
func (k *avx2) squareTwo() {
	k.begin("squareTwoAVX2", "func(r *[2][40]uint64, times uint64)", 6*tenBytes,
		"squareTwoAVX2 squares both of r in every lane, so many times. times is at least 1.")
	r, times := k.pointer("r"), k.pointer("times")
	halves, evens := k.room(4*tenBytes), k.room(2*tenBytes)
	k.Comment("the halves")
	for n := range 2 {
		for i := range 10 {
			for half := range 2 {
				k.VMOVDQU(k.limbOf(half, at(r, n*tenBytes+32*i)), halves.Offset((2*n+half)*tenBytes+32*i))
			}
		}
	}
	end, p := k.GP64(), k.GP64()
	k.LEAQ(halves.Offset(4*tenBytes), end)
	k.Label("round")
	k.MOVQ(k.frame, p)
	k.Label("square")
	var columns [2]ten
	for half := range columns {
		columns[half] = k.squareColumns(at(p, half*tenBytes), evens.Offset(half*tenBytes))
	}
	k.carryHalves(columns, func(limb int, even, odd operand.Op) {
		k.VMOVDQU(even, at(p, 32*limb))
		k.VMOVDQU(odd, at(p, tenBytes+32*limb))
	})
	k.ADDQ(operand.I32(2*tenBytes), p)
	k.CMPQ(p, end)
	k.JB(operand.LabelRef("square"))
	k.DECQ(times)
	k.JNZ(operand.LabelRef("round"))
	k.Comment("together again")
	for n := range 2 {
		put := k.together(at(r, n*tenBytes))
		for i := range 10 {
			var both [2]operand.Op
			for half := range both {
				both[half] = k.limbOf(0, halves.Offset((2*n+half)*tenBytes+32*i))
			}
			put(i, both[0], both[1])
		}
	}
	k.end()
}

func (k *avx2) add() {
	k.begin("addAVX2", "func(r, x, y *[40]uint64)", 0, "addAVX2 sets r to x + y in every lane.")
	r, x, y := k.pointer("r"), k.pointer("x"), k.pointer("y")
	k.store(k.carry(k.sum(k.load(reducedAt(at(x, 0))), reducedAt(at(y, 0)))), at(r, 0))
	k.end()
}

func (k *avx2) subtract() {
	k.begin("subtractAVX2", "func(r, x, y *[40]uint64)", 0, "subtractAVX2 sets r to x - y in every lane.")
	r, x, y := k.pointer("r"), k.pointer("x"), k.pointer("y")
	k.store(k.carry(k.difference(k.load(reducedAt(at(x, 0))), reducedAt(at(y, 0)))), at(r, 0))
	k.end()
}
