package main

import "github.com/mmcloughlin/avo/operand"

// productFrame is what product needs of the frame: the even half of the result,
// the odd lanes of y, and 19·y.
const productFrame = 3 * tenBytes

// product sets r to x·y, reduced. All are in memory, and r may be x or y.
//
// A product of limbs x_i·y_j has the weight of limb i+j, twice if both are odd.
// Limb n+10 counts 19-fold in limb n, as 2^255 = 19 modulo p.
func (k *avx2) product(x, y ten, r, frame operand.Mem) {
	even, odd, nineteenth := frame, frame.Offset(tenBytes), frame.Offset(2*tenBytes)
	for half := range 2 {
		plain := y
		if half == 1 {
			for i := range plain.at {
				lane := k.YMM()
				k.VMOVSHDUP(y.at[i], lane)
				plain.at[i] = odd.Offset(32 * i)
				k.VMOVDQU(lane, plain.at[i])
			}
		}
		k.Comment("19·y")
		wrapped := tenAt(nineteenth, func(i int) bound { return times(num(19), y.most[i]) })
		nineteen := k.YMM()
		k.VMOVDQU(k.nineteen, nineteen)
		for i := 1; i < 10; i++ {
			must("19 times a limb", wrapped.most[i], maxHalf)
			z := k.YMM()
			k.VPMULUDQ(plain.at[i], nineteen, z)
			k.VMOVDQU(z, wrapped.at[i])
		}
		var c ten
		for i := range 10 {
			one, two := k.limbOf(half, x.at[i]), operand.Op(nil)
			must("a limb of a factor", x.most[i], maxHalf)
			mostTwo := shl(x.most[i], 1)
			if i%2 == 1 {
				t := k.YMM()
				must("twice a limb", mostTwo, maxHalf)
				k.VPADDD(one, one, t)
				two = t
			}
			for d := range 10 { // two products for one column stand apart
				j := (d + 10 - i) % 10
				factor, most, with := one, x.most[i], plain
				if i%2 == 1 && j%2 == 1 {
					factor, most = two, mostTwo
				}
				if i+j >= 10 {
					with = wrapped
				}
				k.term(&c, d, factor, with.at[j], times(most, with.most[j]))
			}
		}
		k.note("the columns", c)
		c = k.carryColumns(c)
		k.note("the product", c)
		k.putHalf(half, c, even, r)
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

// term adds a product of two limbs to column n.
func (k *avx2) term(c *ten, n int, x, y operand.Op, most bound) {
	z := k.YMM()
	k.VPMULUDQ(y, x, z)
	if c.at[n] == nil {
		c.at[n], c.most[n] = z, most
		return
	}
	k.VPADDQ(z, c.at[n], c.at[n])
	c.most[n] = plus(c.most[n], most)
	must("a column", c.most[n], maxLane)
}

// carryColumns reduces a half in place: two chains of carries, from limbs 0 and
// 4, that meet, then once around.
func (k *avx2) carryColumns(c ten) ten {
	for _, i := range []int{0, 4, 1, 5, 2, 6, 3, 7, 4, 8, 9, 0} {
		over := k.YMM()
		k.VPSRLQ(operand.Imm(uint64(width(i))), c.at[i], over)
		k.VPAND(k.mask[i%2], c.at[i], c.at[i])
		most, next := shr(c.most[i], width(i)), (i+1)%10
		c.most[i] = least(c.most[i], maxTenLimb(i))
		if i == 9 { // 19 = 1 + 2 + 16
			for _, shift := range []uint64{1, 4} {
				times := k.YMM()
				k.VPSLLQ(operand.Imm(shift), over, times)
				k.VPADDQ(times, c.at[next], c.at[next])
			}
			most = times(num(19), most)
			k.VPADDQ(over, c.at[next], c.at[next])
		} else {
			k.VPADDQ(over, c.at[next], c.at[next])
		}
		c.most[next] = plus(c.most[next], most)
		must("a column with its carry", c.most[next], maxLane)
	}
	for i := range c.most {
		must("a carried limb", c.most[i], maxTen(i))
	}
	return c
}

// putHalf puts a half of a result aside, and the second together with it.
func (k *avx2) putHalf(half int, c ten, even, r operand.Mem) {
	for i := range c.at {
		if half == 0 {
			k.VMOVDQU(c.at[i], even.Offset(32*i))
			continue
		}
		k.VPSLLQ(operand.Imm(32), c.at[i], c.at[i])
		k.VPOR(even.Offset(32*i), c.at[i], c.at[i])
		k.VMOVDQU(c.at[i], r.Offset(32*i))
	}
}

func (k *avx2) multiply() {
	k.begin("multiplyAVX2", "func(r, x, y *[40]uint64)", productFrame, "multiplyAVX2 sets r to x·y in every lane.")
	r, x, y := k.pointer("r"), k.pointer("x"), k.pointer("y")
	k.product(reducedAt(at(x, 0)), reducedAt(at(y, 0)), at(r, 0), k.room(productFrame))
	k.end()
}

// squareHalf squares the half at m, in place. extra is room for five limbs.
func (k *avx2) squareHalf(m, extra operand.Mem) {
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
	c = k.carryColumns(c)
	k.note("the square", c)
	for i := range c.at {
		k.VMOVDQU(c.at[i], m.Offset(32*i))
	}
}

// squareTwo squares two times eight elements again and again, as four halves in
// turn: a squaring waits for itself, and the processor fills the gaps with the
// others.
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
	k.Label("half")
	k.squareHalf(at(p, 0), extra)
	k.ADDQ(operand.I32(tenBytes), p)
	k.CMPQ(p, end)
	k.JB(operand.LabelRef("half"))
	k.DECQ(times)
	k.JNZ(operand.LabelRef("round"))
	k.Comment("together again")
	for n := range 2 {
		for i := range 10 {
			odd := k.YMM()
			k.VMOVDQU(halves.Offset((2*n+1)*tenBytes+32*i), odd)
			k.VPSLLQ(operand.Imm(32), odd, odd)
			k.VPOR(halves.Offset(2*n*tenBytes+32*i), odd, odd)
			k.VMOVDQU(odd, at(r, n*tenBytes+32*i))
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
