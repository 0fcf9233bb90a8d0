package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// freeze reduces x to its canonical limbs, in place.
//
// With x < 2p, the quotient q = ⌊(x + 19) / 2^255⌋ is 1 exactly when x ≥ p, and
// x - q·p is the low 255 bits of x + 19·q. x is less than 2p since its limbs are
// at most 2^51 + 2^15.
func (k *kernels) freeze(x limbs) limbs {
	quotient, above := k.ZMM(), k.ZMM()
	most := plus(x.most[0], num(19))
	k.VPADDQ(k.nineteen, x.at[0], quotient)
	for i := range x.at {
		must("a limb to freeze", x.most[i], maxReduced)
		if i > 0 {
			k.VPADDQ(x.at[i], quotient, quotient)
			most = plus(most, x.most[i])
		}
		k.VPSRLQ(operand.Imm(51), quotient, quotient)
		most = shr(most, 51)
	}
	must("the quotient", most, num(1))
	k.VPMADD52LUQ(k.nineteen, quotient, x.at[0])
	for i := range 4 {
		k.VPSRLQ(operand.Imm(51), x.at[i], above)
		k.VPANDQ(k.mask51, x.at[i], x.at[i])
		k.VPADDQ(above, x.at[i+1], x.at[i+1])
	}
	k.VPANDQ(k.mask51, x.at[4], x.at[4])
	return limbs{at: x.at, most: uniform(maxLimb)}
}

// all reports the lanes in which limb 0 equals first and limbs 1 to 4 equal rest.
func (k *kernels) all(x limbs, first, rest reg.VecVirtual) reg.OpmaskVirtual {
	lanes := k.K()
	k.VPCMPEQQ(first, x.at[0], lanes)
	for _, limb := range x.at[1:] {
		k.VPCMPEQQ(rest, limb, lanes, lanes)
	}
	return lanes
}

// classify reduces to canonical limbs and says what the decoding asks of them.
func (k *kernels) classify() {
	k.begin("classifyIFMA", "func(r, x *[40]uint64) (odd, zero, one, minusOne uint32)",
		"classifyIFMA sets r to the canonical limbs of x and reports, one bit for each lane,",
		"which are odd (negative in RFC 9496), which are 0, which 1 and which -1.")
	r, x := k.pointer("r"), k.pointer("x")
	k.carrying()
	zeros, ones, minusOne0 := k.constant(num(0)), k.constant(num(1)), k.constant(minus(maxLimb, num(19)))
	frozen := k.freeze(k.load(memory(x, 0)))
	k.note("the canonical limbs", frozen)
	k.store(frozen, r, 0)
	odd := k.K()
	k.VPTESTMQ(ones, frozen.at[0], odd)
	k.report("odd", odd)
	k.report("zero", k.all(frozen, zeros, zeros))
	k.report("one", k.all(frozen, ones, zeros))
	k.report("minusOne", k.all(frozen, minusOne0, k.mask51)) // p - 1 = 2^255 - 20
	k.end()
}

// report returns the eight bits of lanes.
func (k *kernels) report(result string, lanes reg.OpmaskVirtual) {
	bits := k.GP32()
	k.KMOVW(lanes, bits)
	k.Store(bits, k.Return(result))
}

// unpack reads eight encodings of 32 bytes and transposes them into lanes.
func (k *kernels) unpack() {
	k.begin("unpackIFMA", "func(r *[40]uint64, data *byte, offsets *[8]uint32) (odd, excess uint32)",
		"unpackIFMA reads the 32 bytes at data + offsets[l] into lane l, least significant byte first,",
		"leaving bit 255 out. It reports, one bit for each lane, which numbers are odd and which are not",
		"the canonical encoding of a field element: bit 255 is set or the number is at least p.")
	r, data, offsets := k.pointer("r"), k.pointer("data"), k.pointer("offsets")
	k.mask51 = k.constant(maxLimb)
	words := k.transposeFour(func(lane int) operand.Op {
		offset := k.GP64()
		k.MOVL(operand.Mem{Base: offsets, Disp: 4 * lane}, offset.As32())
		return operand.Mem{Base: data, Index: offset, Scale: 1}
	})
	x := k.split(words)
	k.note("the number without bit 255", x)
	k.store(x, r, 0)

	odd, excess, least0 := k.K(), k.K(), k.constant(minus(maxLimb, num(18))) // p = 2^255 - 19
	k.VPTESTMQ(k.constant(num(1)), x.at[0], odd)
	k.report("odd", odd)
	k.VPCMPUQ(operand.Imm(5), least0, x.at[0], excess) // not less
	for _, limb := range x.at[1:] {
		k.VPCMPEQQ(k.mask51, limb, excess, excess)
	}
	top, either := k.K(), k.K()
	k.VPTESTMQ(k.constant(pow2(63)), words[3], top)
	k.KORW(top, excess, either)
	k.report("excess", either)
	k.end()
}

// transposeFour reads four words from each of eight places; word w of place l
// comes to lane l of the result w. Registers hold the rows 0|2, 1|3, 4|6 and
// 5|7, so that pairs of words stand in the order of the lanes afterwards.
func (k *kernels) transposeFour(row func(lane int) operand.Op) (words [4]reg.VecVirtual) {
	var rows [4]reg.VecVirtual
	for i, lane := range []int{0, 1, 4, 5} {
		rows[i] = k.ZMM()
		k.VMOVDQU(row(lane), rows[i].AsY())
		k.VINSERTI64X4(operand.Imm(1), row(lane+2), rows[i], rows[i])
	}
	for half := range 2 { // words 0 and 2, then 1 and 3
		front, back := k.ZMM(), k.ZMM()
		k.interleave(half, rows[0], rows[1], front)
		k.interleave(half, rows[2], rows[3], back)
		words[half], words[half+2] = k.ZMM(), k.ZMM()
		k.VSHUFI64X2(operand.Imm(0x88), back, front, words[half])
		k.VSHUFI64X2(operand.Imm(0xdd), back, front, words[half+2])
	}
	return words
}

// interleave takes the even (half 0) or odd (half 1) words of a and b in turn.
func (k *kernels) interleave(half int, a, b, r reg.VecVirtual) {
	if half == 0 {
		k.VPUNPCKLQDQ(b, a, r)
		return
	}
	k.VPUNPCKHQDQ(b, a, r)
}

// split cuts 255 bits in four words into five limbs of 51 bits. Limb i begins
// at bit 51·i, in word 51·i/64, and limbs 1 to 3 go on in the next word.
func (k *kernels) split(words [4]reg.VecVirtual) (x limbs) {
	for i := range 5 {
		z, word, shift := k.ZMM(), 51*i/64, uint64(51*i%64)
		k.VPSRLQ(operand.Imm(shift), words[word], z)
		if shift > 13 && word < 3 {
			next := k.ZMM()
			k.VPSLLQ(operand.Imm(64-shift), words[word+1], next)
			k.VPORQ(next, z, z)
		}
		k.VPANDQ(k.mask51, z, z)
		x.at[i], x.most[i] = z, maxLimb
	}
	return x
}
