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
	nineteen := k.YMM()
	k.VMOVDQU(k.nineteen, nineteen)
	var halves [2]ten
	for half := range halves {
		c := &halves[half]
		for parity := range 2 { // as many columns as there are registers for
			for px := range 2 {
				k.terms(c, half, parity, px, x, y, nineteen)
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
// which make the columns of a parity.
func (k *avx2) terms(c *ten, half, parity, px int, x, y ten, nineteen operand.Op) {
	var factors ten
	for i := px; i < 10; i += 2 {
		must("a limb of a factor", x.most[i], maxHalf)
		factors.at[i], factors.most[i] = k.limbOf(half, x.at[i]), x.most[i]
		if px == 1 && parity == 0 { // two odd ones count twice
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
				k.VPMULUDQ(plain, nineteen, wrapped)
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

// squareColumns are the columns of the square of the half at m, put there.
// extra is room for five limbs.
func (k *avx2) squareColumns(m, extra operand.Mem) ten {
	x := reducedAt(m)
	// wrapped is 19 times limbs 6 and 8, and 38 times 5, 7 and 9.
	var wrapped ten
	nineteen := k.YMM()
	k.VMOVDQU(k.nineteen, nineteen)
	for i := 5; i < 10; i++ {
		z := k.YMM()
		k.VPMULUDQ(x.at[i], nineteen, z)
		wrapped.most[i] = times(num(19), x.most[i])
		if i%2 == 1 {
			k.VPADDQ(z, z, z)
			wrapped.most[i] = shl(wrapped.most[i], 1)
		}
		must("19 or 38 times a limb", wrapped.most[i], maxHalf)
		wrapped.at[i] = extra.Offset(32 * (i - 5))
		k.VMOVDQU(z, wrapped.at[i])
	}
	var c ten
	for i := range 10 {
		one := k.YMM()
		k.VMOVDQU(x.at[i], one)
		multiples := []operand.Op{one} // by powers of two
		multiple := func(shift uint) operand.Op {
			for n := uint(len(multiples)); n <= shift; n++ {
				t := k.YMM()
				k.VPADDQ(multiples[n-1], multiples[n-1], t)
				must("a multiple of a limb", shl(x.most[i], n), maxHalf)
				multiples = append(multiples, t)
			}
			return multiples[shift]
		}
		for j := i; j < 10; j++ {
			// x_i·x_j counts twice if i < j, and twice if both are odd.
			shift, with := uint(0), x
			if i < j {
				shift++
			}
			if i%2 == 1 && j%2 == 1 {
				shift++
			}
			if i+j >= 10 {
				with = wrapped
				if j%2 == 1 { // 38-fold
					shift--
				}
			}
			k.term(&c, (i+j)%10, multiple(shift), with.at[j], times(shl(x.most[i], shift), with.most[j]))
		}
	}
	k.note("the columns", c)
	k.putColumns(&c, m, 0, 1)
	return c
}

// squareTwo squares two times eight elements again and again, in halves.
func (k *avx2) squareTwo() {
	k.begin("squareTwoAVX2", "func(r *[2][40]uint64, times uint64)", 4*tenBytes+5*32,
		"squareTwoAVX2 squares both of r in every lane, so many times. times is at least 1.")
	r, times := k.pointer("r"), k.pointer("times")
	halves, extra := k.room(4*tenBytes), k.room(5*32)
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
		columns[half] = k.squareColumns(at(p, half*tenBytes), extra)
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
