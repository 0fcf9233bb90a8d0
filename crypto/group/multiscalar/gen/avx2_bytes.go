package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose turns eight rows of eight 32-bit words into the words: lane l of
// word w is word w of row l. It is its own inverse.
func (k *avx2) transpose(rows [8]operand.Op) (words [8]reg.VecVirtual) {
	var pairs, fours [8]reg.VecVirtual
	for i := 0; i < 8; i += 2 { // words 0 4, 1 5 of rows i and i+1, then 2 6, 3 7
		pairs[i], pairs[i+1] = k.YMM(), k.YMM()
		k.VPUNPCKLDQ(rows[i+1], rows[i], pairs[i])
		k.VPUNPCKHDQ(rows[i+1], rows[i], pairs[i+1])
	}
	for i := 0; i < 8; i += 4 { // word w and w+4 of rows i to i+3
		for w := range 4 {
			fours[i+w] = k.YMM()
			k.interleave(w%2, pairs[i+w/2], pairs[i+2+w/2], fours[i+w])
		}
	}
	for w := range 4 {
		words[w], words[w+4] = k.YMM(), k.YMM()
		k.VPERM2I128(operand.Imm(0x20), fours[w+4], fours[w], words[w])
		k.VPERM2I128(operand.Imm(0x31), fours[w+4], fours[w], words[w+4])
	}
	return words
}

// interleave takes the even (half 0) or odd (half 1) 64-bit words of a and b in turn.
func (k *avx2) interleave(half int, a, b, r reg.VecVirtual) {
	if half == 0 {
		k.VPUNPCKLQDQ(b, a, r)
		return
	}
	k.VPUNPCKHQDQ(b, a, r)
}

// freeze reduces x, in registers, to its canonical limbs, in place.
//
// With x < 2p, the quotient q = ⌊(x + 19) / 2^255⌋ is 1 exactly when x ≥ p, and
// x - q·p is the low 255 bits of x + 19·q. x is less than 2p since its limbs are
// at most 2^15 more than their width allows.
func (k *avx2) freeze(x ten) ten {
	quotient := k.YMM()
	k.VMOVDQU(k.nineteens, quotient)
	most := num(19)
	for i := range x.at {
		must("a limb to freeze", x.most[i], maxTen(i))
		k.VPADDD(x.at[i], quotient, quotient)
		k.VPSRLD(operand.Imm(uint64(width(i))), quotient, quotient)
		most = shr(plus(most, x.most[i]), width(i))
	}
	must("the quotient", most, num(1))
	k.VPMULLD(k.nineteens, quotient, quotient)
	k.VPADDD(quotient, x.at[0], x.at[0])
	for i := range 9 {
		above := k.YMM()
		k.VPSRLD(operand.Imm(uint64(width(i))), x.at[i], above)
		k.VPAND(k.masks[i%2], x.at[i], x.at[i])
		k.VPADDD(above, x.at[i+1], x.at[i+1])
	}
	k.VPAND(k.masks[1], x.at[9], x.at[9])
	for i := range x.most {
		x.most[i] = maxTenLimb(i)
	}
	return x
}

// report returns the top bits of the eight lanes, and others if there are any.
func (k *avx2) report(result string, lanes operand.Op) {
	bits := k.GP32()
	k.VMOVMSKPS(lanes, bits)
	k.Store(bits, k.Return(result))
}

// equal reports the lanes in which limb 0 is first, the other even limbs are
// even, and the odd ones odd. None of them is changed.
func (k *avx2) equal(result string, x ten, first, even, odd operand.Op) {
	all := k.YMM()
	k.VPCMPEQD(first, x.at[0], all)
	for i := 1; i < 10; i++ {
		same := k.YMM()
		k.VPCMPEQD([]operand.Op{even, odd}[i%2], x.at[i], same)
		k.VPAND(same, all, all)
	}
	k.report(result, all)
}

// classify reduces to canonical limbs and says what the decoding asks of them.
func (k *avx2) classify() {
	k.begin("classifyAVX2", "func(r, x *[40]uint64) (odd, zero, one, minusOne uint32)", 0,
		"classifyAVX2 sets r to the canonical limbs of x and reports, one bit for each lane,",
		"which are odd (negative in RFC 9496), which are 0, which 1 and which -1.")
	r, x := k.pointer("r"), k.pointer("x")
	frozen := k.freeze(k.load(reducedAt(at(x, 0))))
	k.note("the canonical limbs", frozen)
	k.store(frozen, at(r, 0))
	odd, zero := k.YMM(), k.YMM()
	k.VPSLLD(operand.Imm(31), frozen.at[0], odd)
	k.report("odd", odd)
	k.clear(zero)
	k.equal("zero", frozen, zero, zero, zero)
	k.equal("one", frozen, k.one, zero, zero)
	k.equal("minusOne", frozen, k.minusOne, k.masks[0], k.masks[1])
	k.end()
}

// unpack reads eight encodings of 32 bytes and transposes them into lanes.
func (k *avx2) unpack() {
	k.begin("unpackAVX2", "func(r *[40]uint64, data *byte, offsets *[8]uint32) (odd, excess uint32)", 0,
		"unpackAVX2 reads the 32 bytes at data + offsets[l] into lane l, least significant byte first,",
		"leaving bit 255 out. It reports, one bit for each lane, which numbers are odd and which are not",
		"the canonical encoding of a field element: bit 255 is set or the number is at least p.")
	r, data, offsets := k.pointer("r"), k.pointer("data"), k.pointer("offsets")
	words := k.transpose(k.rows(func(lane int) operand.Mem {
		offset := k.GP64()
		k.MOVL(operand.Mem{Base: offsets, Disp: 4 * lane}, offset.As32())
		return operand.Mem{Base: data, Index: offset, Scale: 1}
	}))
	k.Comment("the limbs")
	excess := k.YMM()
	for i := range 10 {
		limb := k.cut(words, i)
		k.VMOVDQU(limb, at(r, 32*i))
		if i == 0 {
			odd := k.YMM()
			k.VPSLLD(operand.Imm(31), limb, odd)
			k.report("odd", odd)
			k.VPCMPGTD(k.minusOne, limb, excess)
			continue
		}
		k.VPCMPEQD(k.masks[i%2], limb, limb)
		k.VPAND(limb, excess, excess)
	}
	k.VPOR(words[7], excess, excess) // bit 255
	k.report("excess", excess)
	k.end()
}

// rows loads eight rows.
func (k *avx2) rows(row func(lane int) operand.Mem) (rows [8]operand.Op) {
	for lane := range rows {
		rows[lane] = k.YMM()
		k.VMOVDQU(row(lane), rows[lane])
	}
	return rows
}

// cut is limb i of 255 bits in eight words. Limb i begins at bit ⌈25.5·i⌉.
func (k *avx2) cut(words [8]reg.VecVirtual, i int) reg.VecVirtual {
	bit := (51*i + 1) / 2
	word, shift := bit/32, uint64(bit%32)
	z := k.YMM()
	k.VPSRLD(operand.Imm(shift), words[word], z)
	if shift+uint64(width(i)) > 32 {
		next := k.YMM()
		k.VPSLLD(operand.Imm(32-shift), words[word+1], next)
		k.VPOR(next, z, z)
	}
	k.VPAND(k.masks[i%2], z, z)
	return z
}

// choose copies x or y lane by lane.
func (k *avx2) choose() {
	k.begin("chooseAVX2", "func(r, x, y *[40]uint64, lanes uint32)", 0,
		"chooseAVX2 sets r to y in the lanes whose bit is set, and to x in the others.")
	r, x, y := k.pointer("r"), k.pointer("x"), k.pointer("y")
	lanes, mask := k.XMM(), k.YMM()
	k.VMOVD(k.Load(k.Param("lanes"), k.GP32()), lanes)
	k.VPBROADCASTD(lanes, mask)
	k.VPAND(k.bits, mask, mask)
	k.VPCMPEQD(k.bits, mask, mask)
	for i := range 10 {
		limb := k.YMM()
		k.VMOVDQU(at(x, 32*i), limb)
		k.VPBLENDVB(mask, at(y, 32*i), limb, limb)
		k.VMOVDQU(limb, at(r, 32*i))
	}
	k.end()
}
