package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Layout of a table entry, an affine point (x, y) in Niels form, in 16 words:
//
//	y+x (5 limbs) | t0 t1 t2 || y-x (5 limbs) | t3 t4 t2, where t = 2·d·x·y
//
// Each half is one cache line. The negative of a point has the first two
// exchanged and t negated: with the halves read the other way round and t2 in
// both, only t0, t1, t3 and t4 have to be put right.
const (
	entryBytes = 128
	lineBytes  = 64
)

// transposeEight turns eight rows of eight words into the eight words, each with
// lane l from row l, of which it makes only the first count.
func (k *kernels) transposeEight(rows [8]reg.VecVirtual, count int) (words [8]reg.VecVirtual) {
	for half := range 2 {
		var pairs [4]reg.VecVirtual // of rows 0 1, 2 3, 4 5, 6 7: words half, half+2, half+4, half+6
		for i := range pairs {
			pairs[i] = k.ZMM()
			k.interleave(half, rows[2*i], rows[2*i+1], pairs[i])
		}
		for upper, blocks := range []uint64{0x44, 0xee} { // words 0 to 3, then 4 to 7
			front, back := k.ZMM(), k.ZMM()
			k.VSHUFI64X2(operand.Imm(blocks), pairs[1], pairs[0], front)
			k.VSHUFI64X2(operand.Imm(blocks), pairs[3], pairs[2], back)
			for i, pick := range []uint64{0x88, 0xdd} {
				if w := half + 4*upper + 2*i; w < count {
					words[w] = k.ZMM()
					k.VSHUFI64X2(operand.Imm(pick), back, front, words[w])
				}
			}
		}
	}
	return words
}

// storeEntries writes eight entries that stand one after the other.
func (k *kernels) storeEntries() {
	k.begin("storeEntriesIFMA", "func(entries *[16]uint64, plus, minus, t *[40]uint64)",
		"storeEntriesIFMA writes lanes 0 to 7 of y+x, y-x and 2·d·x·y to eight entries in sequence.")
	entries := k.pointer("entries")
	t := k.load(memory(k.pointer("t"), 0))
	for line, side := range []string{"plus", "minus"} {
		x := k.load(memory(k.pointer(side), 0))
		var words [8]reg.VecVirtual
		for i := range x.at {
			words[i] = x.at[i].(reg.VecVirtual)
		}
		for i, limb := range [][]int{{0, 1, 2}, {3, 4, 2}}[line] {
			words[5+i] = t.at[limb].(reg.VecVirtual)
		}
		for lane, row := range k.transposeEight(words, 8) {
			k.VMOVDQU64(row, operand.Mem{Base: entries, Disp: entryBytes*lane + lineBytes*line})
		}
	}
	k.end()
}

// Places in the accumulator of addEntries, in bytes. A point (X : Y : Z : T) with
// X·Y = Z·T is held as Y+X, Y-X, 2·Z and T.
const (
	atPlus       = 0 * 320
	atMinus      = 1 * 320
	atTwiceZ     = 2 * 320
	atT          = 3 * 320
	atE          = 4 * 320 // this and the next, between the steps of one addition
	atH          = 5 * 320
	atEntryMinus = 6 * 320
	atEntryT     = 7 * 320
)

// ahead is how many additions before its use an entry is fetched.
const ahead = 4

// addEntries adds entries to eight sums. It is the addition of an affine point
// in Niels form to an extended one (Hisil, Wong, Carter, Dawson 2008, Section 3.1,
// with a = -1), complete on this curve:
//
//	A = (Y-X)·(y-x)  B = (Y+X)·(y+x)  C = T·2dxy  D = 2·Z
//	E = B-A  F = D-C  G = D+C  H = B+A
//	X' = E·F  Y' = G·H  T' = E·H  Z' = F·G
func (k *kernels) addEntries() {
	k.begin("addEntriesIFMA", "func(sums *[13][40]uint64, table *[16]uint64, steps *[8]uint32, count uint64)",
		"addEntriesIFMA adds in step i to lane l of sums the entry that steps[i][l] names: its number times 128,",
		"plus 64 where its negative is meant. Four more steps behind the last are read and have to name entries.",
		"sums holds Y+X, Y-X, 2·Z and T of eight points, and room for nine more elements.")
	sums, table, steps, count := k.pointer("sums"), k.pointer("table"), k.pointer("steps"), k.pointer("count")
	k.carrying()
	k.TESTQ(count, count)
	k.JZ(operand.LabelRef("done"))
	k.Comment("2·Z is not reduced between the steps, as only sums are made of it")
	twiceZ := twiceZOfSteps(sums)
	k.biases(9)
	k.storeAs(k.raised(k.load(memory(sums, atTwiceZ))), twiceZ)
	k.biases(3)
	negativeBit := k.constant(num(lineBytes))
	k.Label("step")
	k.prefetch(table, steps)
	plus, minus, t := k.gather(sums, table, steps, negativeBit)

	k.Comment("A and B")
	b := k.productAbove(k.load(memory(sums, atPlus)), plus)
	a := k.product(k.load(memory(sums, atMinus)), minus)
	k.sidesOf(sums, a, b)
	k.Comment("C, F and G")
	c := k.product(k.load(memory(sums, atT)), t)
	k.note("C", c)
	d := k.load(twiceZ)
	f, g := k.carry(k.difference(d, c)), k.carry(k.sum(c, d))
	k.storeAs(k.twiceZ(f, g), twiceZ)
	k.corners(sums, f, g)

	k.ADDQ(operand.Imm(32), steps)
	k.DECQ(count)
	k.JNZ(operand.LabelRef("step"))
	k.store(k.carry(k.load(twiceZ)), sums, atTwiceZ)
	k.Label("done")
	k.end()
}

// twiceZOfSteps is 2·Z between the steps of addEntries, wide: not below 2^9·p, so
// that C can be subtracted.
func twiceZOfSteps(sums reg.Register) limbs {
	x := memory(sums, atTwiceZ)
	for i := range x.at {
		x.least[i], x.most[i] = multipleOfP(9, i), times(num(9), pow2(58))
	}
	return x
}

// sidesOf puts E and H, of A and B, into their places.
func (k *kernels) sidesOf(sums reg.Register, a, b limbs) {
	k.note("A", a)
	k.note("B", b)
	k.Comment("E and H")
	k.store(k.carry(k.difference(b, a)), sums, atE)
	k.store(k.carry(k.sum(b, a)), sums, atH)
}

// twiceZ is 2·Z' of F and G, wide.
func (k *kernels) twiceZ(f, g limbs) limbs {
	k.note("F", f)
	k.note("G", g)
	z := k.productAbove(f, g)
	z = k.sum(z, z)
	k.note("2·Z'", z)
	return z
}

// corners finishes an addition: it puts Y'+X', Y'-X' and T', of F, G and E and H,
// which stand in their places, into sums.
func (k *kernels) corners(sums reg.Register, f, g limbs) {
	k.Comment("Y' and X', of which the sum and the difference are kept")
	y := k.productAbove(g, memory(sums, atH))
	x := k.product(f, memory(sums, atE))
	k.store(k.carry(k.difference(y, x)), sums, atMinus)
	k.store(k.carry(k.sum(y, x)), sums, atPlus)
	k.Comment("T'")
	k.store(k.carry(k.product(k.load(memory(sums, atE)), memory(sums, atH))), sums, atT)
}

// addSums adds one extended point to another, by the same formulas with
//
//	A = (Y1-X1)·(Y2-X2)  B = (Y1+X1)·(Y2+X2)  C = 2d·T1·T2  D = 2·Z1·Z2,
//
// each taken twice, since 2·Z1·2·Z2 is at hand: that multiplies all four
// coordinates of the sum by 4 and changes nothing.
func (k *kernels) addSums() {
	k.begin("addSumsIFMA", "func(sums *[13][40]uint64, other *[4][40]uint64, fourD *[40]uint64)",
		"addSumsIFMA adds the eight points of other to those of sums. fourD is 4·d in every lane.")
	sums, other, fourD := k.pointer("sums"), k.pointer("other"), k.pointer("fourD")
	k.carrying()
	k.biases(3)
	k.Comment("2·A and 2·B")
	b := k.productAbove(k.load(memory(sums, atPlus)), memory(other, atPlus))
	b = k.sum(b, b)
	a := k.product(k.load(memory(sums, atMinus)), memory(other, atMinus))
	a = k.sum(a, a)
	k.sidesOf(sums, a, b)
	k.Comment("2·C, 2·D, 2·F and 2·G")
	d := k.productAbove(k.load(memory(sums, atTwiceZ)), memory(other, atTwiceZ))
	c := k.product(k.carry(k.product(k.load(memory(sums, atT)), memory(other, atT))), memory(fourD, 0))
	k.note("2·C", c)
	f, g := k.carry(k.difference(d, c)), k.carry(k.sum(d, c))
	k.store(k.carry(k.twiceZ(f, g)), sums, atTwiceZ)
	k.corners(sums, f, g)
	k.end()
}

// prefetch asks for both lines of the entries of a later step.
func (k *kernels) prefetch(table, steps reg.GPVirtual) {
	for lane := range 8 {
		at := k.GP64()
		k.MOVL(operand.Mem{Base: steps, Disp: 32*ahead + 4*lane}, at.As32())
		k.PREFETCHT0(operand.Mem{Base: table, Index: at, Scale: 1})
		k.XORQ(operand.Imm(lineBytes), at)
		k.PREFETCHT0(operand.Mem{Base: table, Index: at, Scale: 1})
	}
}

// gather reads the entries of one step: y+x, y-x and 2·d·x·y of each or of its
// negative; the last two into memory, since the registers are needed.
func (k *kernels) gather(sums, table, steps, negativeBit reg.Register) (plus, minus, t limbs) {
	second := k.transposeEight(k.lines(table, steps, lineBytes), 7)
	minus = element(second)
	k.store(minus, sums, atEntryMinus)
	first := k.transposeEight(k.lines(table, steps, 0), 8)

	numbers, negative := k.ZMM(), k.K()
	k.VPMOVZXDQ(operand.Mem{Base: steps}, numbers)
	k.VPTESTMQ(negativeBit, numbers, negative)
	t = k.negate(k.exchange(first, second, negative), negative)
	k.note("2·d·x·y", t)
	inMemory := memory(sums, atEntryT)
	for i := range t.at {
		k.VMOVDQU64(t.at[i], inMemory.at[i])
	}
	inMemory.most = t.most
	return element(first), memory(sums, atEntryMinus), inMemory
}

// lines loads one line of each entry of a step: the first of a point and the
// second of a negative one where other is 0, the reverse where it is lineBytes.
func (k *kernels) lines(table, steps reg.Register, other uint64) (rows [8]reg.VecVirtual) {
	for lane := range rows {
		at := k.GP64()
		k.MOVL(operand.Mem{Base: steps, Disp: 4 * lane}, at.As32())
		if other != 0 {
			k.XORQ(operand.Imm(other), at)
		}
		rows[lane] = k.ZMM()
		k.VMOVDQU64(operand.Mem{Base: table, Index: at, Scale: 1}, rows[lane])
	}
	return rows
}

// element is the coordinate in the first five words of an entry's line.
func element(words [8]reg.VecVirtual) limbs {
	x := limbs{most: uniform(maxReduced)}
	for i := range x.at {
		x.at[i] = words[i]
	}
	return x
}

// exchange takes t from both lines, read the other way round in some lanes.
func (k *kernels) exchange(first, second [8]reg.VecVirtual, exchanged reg.OpmaskVirtual) limbs {
	t := limbs{most: uniform(maxReduced)}
	for i := range 2 {
		low, high := first[5+i], second[5+i]
		t.at[i], t.at[3+i] = k.ZMM(), k.ZMM()
		k.VPBLENDMQ(high, low, exchanged, t.at[i])
		k.VPBLENDMQ(low, high, exchanged, t.at[3+i])
	}
	t.at[2] = first[7]
	return t
}

// negate replaces t by 2p - t in the lanes of negative. The limbs of 2p are
// 2^52 - 38 and 2^52 - 2, greater than those of t, so no lane falls below zero
// and the result is a multiplicand.
func (k *kernels) negate(t limbs, negative reg.OpmaskVirtual) limbs {
	twiceP := [2]reg.VecVirtual{k.constant(multipleOfP(1, 0)), k.constant(multipleOfP(1, 1))}
	for i := range t.at {
		size := multipleOfP(1, i)
		must("the negated limb", t.most[i], size)
		k.VPSUBQ(t.at[i], twiceP[min(i, 1)], negative, t.at[i])
		t.most[i] = greatest(t.most[i], size)
	}
	return t
}
