package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// kernel writes the compression of FIPS 180-4, Section 6.4.2, for four messages:
// every register of 256 bits holds the same 64-bit word of each.
//
// All arithmetic of SHA-512 is modulo 2^64, and so is that of a lane: no sum can
// be too great, and nothing moves from one lane to another but in transpose.
type kernel struct {
	*build.Context

	constants operand.Mem // K_0 … K_79
	swap      operand.Mem // VPSHUFB: the bytes of every word in reverse
	rotate8   operand.Mem // VPSHUFB: every word rotated right by 8 bits

	schedule reg.GPVirtual // W_t in place t mod 16, at a multiple of 32
}

const (
	lanes     = 4
	wordBytes = 8 * lanes // of one word of all messages
	inABlock  = 16        // words
	blockSize = 8 * inABlock
)

func newKernel() *kernel {
	k := &kernel{Context: build.NewContext()}
	k.ConstraintExpr("!purego")
	constants := roundConstants()
	k.constants = k.table("constants", constants[:]...)
	const reverse, rotated, eight = 0x0001020304050607, 0x0007060504030201, 0x0808080808080808
	k.swap = k.table("swap", reverse, reverse+eight, reverse, reverse+eight)
	k.rotate8 = k.table("rotate8", rotated, rotated+eight, rotated, rotated+eight)
	return k
}

func (k *kernel) table(name string, words ...uint64) operand.Mem {
	m := k.StaticGlobal(name)
	k.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, w := range words {
		k.AddDatum(8*i, operand.U64(w))
	}
	return m
}

func at(p reg.Register, offset int) operand.Mem { return operand.Mem{Base: p, Disp: offset} }

// blocks goes through the blocks of the messages.
func (k *kernel) blocks() {
	k.Function("blocksAVX2")
	k.Pragma("noescape")
	k.SignatureExpr("func(state *[8][4]uint64, m0, m1, m2, m3 *byte, count uint64)")
	k.Doc("blocksAVX2 hashes count blocks of 128 bytes of each of four messages. count is at least 1.",
		"Word w of the state of message l is state[w][l].")
	k.schedule = k.GP64()
	k.LEAQ(k.AllocLocal(inABlock*wordBytes+32), k.schedule)
	k.ADDQ(operand.Imm(31), k.schedule)
	k.ANDQ(operand.I32(-32), k.schedule)
	state, count := k.pointer("state"), k.pointer("count")
	var messages [lanes]reg.GPVirtual
	for l, name := range [lanes]string{"m0", "m1", "m2", "m3"} {
		messages[l] = k.pointer(name)
	}
	var s [8]reg.VecVirtual // a … h
	for w := range s {
		s[w] = k.YMM()
		k.VMOVDQU(at(state, w*wordBytes), s[w])
	}
	k.Label("block")
	k.read(messages)
	k.compress(s)
	k.Comment("the new state is the sum of both")
	for w := range s {
		k.VPADDQ(at(state, w*wordBytes), s[w], s[w])
		k.VMOVDQU(s[w], at(state, w*wordBytes))
	}
	k.DECQ(count)
	k.JNZ(operand.LabelRef("block"))
	k.VZEROUPPER()
	k.RET()
}

func (k *kernel) pointer(name string) reg.GPVirtual {
	return k.Load(k.Param(name), k.GP64()).(reg.GPVirtual)
}

// read puts W_0 … W_15 into the schedule, and the messages on by a block.
func (k *kernel) read(messages [lanes]reg.GPVirtual) {
	k.Comment("the words of the messages, most significant byte first")
	for t := 0; t < inABlock; t += lanes {
		var rows [lanes]reg.VecVirtual
		for l := range rows {
			rows[l] = k.YMM()
			k.VMOVDQU(at(messages[l], 8*t), rows[l])
			k.VPSHUFB(k.swap, rows[l], rows[l])
		}
		for w, word := range k.transpose(rows) {
			k.VMOVDQA(word, k.scheduled(t+w))
		}
	}
	for _, m := range messages {
		k.ADDQ(operand.I32(blockSize), m)
	}
}

// transpose turns four words of each message into four of all messages: lane l of
// word w is word w of row l.
func (k *kernel) transpose(rows [lanes]reg.VecVirtual) (words [lanes]reg.VecVirtual) {
	var pairs [lanes]reg.VecVirtual // of rows 0 1 and 2 3: words 0 2, then 1 3
	for i := 0; i < lanes; i += 2 {
		pairs[i], pairs[i+1] = k.YMM(), k.YMM()
		k.VPUNPCKLQDQ(rows[i+1], rows[i], pairs[i])
		k.VPUNPCKHQDQ(rows[i+1], rows[i], pairs[i+1])
	}
	for w := range 2 {
		words[w], words[w+2] = k.YMM(), k.YMM()
		k.VPERM2I128(operand.Imm(0x20), pairs[w+2], pairs[w], words[w])
		k.VPERM2I128(operand.Imm(0x31), pairs[w+2], pairs[w], words[w+2])
	}
	return words
}

func (k *kernel) scheduled(t int) operand.Mem {
	return at(k.schedule, t%inABlock*wordBytes)
}

// compress does the eighty rounds on s, sixteen at a time: four times with the
// words of the next sixteen made in passing, then without. After sixteen rounds
// every variable is in its first register again.
func (k *kernel) compress(s [8]reg.VecVirtual) {
	constants, end := k.GP64(), k.GP64()
	k.LEAQ(k.constants, constants)
	k.LEAQ(at(constants, 64*8), end)
	differs := [2]reg.VecVirtual{k.YMM(), k.YMM()}
	k.VPXOR(s[2], s[1], differs[0])
	k.Label("rounds")
	for t := range inABlock {
		k.round(t, turned(s, t), constants, differs[t%2], differs[(t+1)%2])
		k.extend(t)
	}
	k.ADDQ(operand.I32(inABlock*8), constants)
	k.CMPQ(constants, end)
	k.JB(operand.LabelRef("rounds"))
	k.Comment("the last sixteen rounds")
	for t := range inABlock {
		k.round(t, turned(s, t), constants, differs[t%2], differs[(t+1)%2])
	}
}

// turned are a … h before round t.
func turned(s [8]reg.VecVirtual, t int) (r [8]reg.VecVirtual) {
	for i := range r {
		r[i] = s[(i-t%8+8)%8]
	}
	return r
}

// round is step 3 of FIPS 180-4, Section 6.4.2, but that the variables stay where
// they are: d becomes d + T1 and h becomes T1 + T2. bc is b ⊕ c and is lost; ab
// becomes a ⊕ b, which is b ⊕ c of the next round.
func (k *kernel) round(t int, s [8]reg.VecVirtual, constants reg.Register, bc, ab reg.VecVirtual) {
	a, b, d, e, f, g, h := s[0], s[1], s[3], s[4], s[5], s[6], s[7]
	x, constant := k.YMM(), k.YMM()
	k.VPBROADCASTQ(at(constants, 8*t), constant)
	k.VPADDQ(k.scheduled(t), constant, constant)
	k.VPADDQ(constant, h, h)
	k.VPXOR(g, f, x) // Ch(e, f, g) = ((f ⊕ g) ∧ e) ⊕ g
	k.VPAND(e, x, x)
	k.VPXOR(g, x, x)
	k.VPADDQ(x, h, h)
	k.VPADDQ(k.rotations(e, 14, 18, 41), h, h) // Σ1
	k.VPADDQ(h, d, d)
	k.VPXOR(b, a, ab) // Maj(a, b, c) = ((a ⊕ b) ∧ (b ⊕ c)) ⊕ b
	k.VPAND(ab, bc, bc)
	k.VPXOR(b, bc, bc)
	k.VPADDQ(bc, h, h)
	k.VPADDQ(k.rotations(a, 28, 34, 39), h, h) // Σ0
}

// extend puts W_(t+16) = σ1(W_(t+14)) + W_(t+9) + σ0(W_(t+1)) + W_t in the place of W_t.
func (k *kernel) extend(t int) {
	w, next, late := k.YMM(), k.YMM(), k.YMM()
	k.VMOVDQA(k.scheduled(t), w)
	k.VPADDQ(k.scheduled(t+9), w, w)
	k.VMOVDQA(k.scheduled(t+1), next)
	x, y := k.rotated(next, 1), k.YMM() // σ0: rotated by 1 and 8, shifted by 7
	k.VPSHUFB(k.rotate8, next, y)
	k.VPXOR(y, x, x)
	k.VPSRLQ(operand.Imm(7), next, next)
	k.VPXOR(next, x, x)
	k.VPADDQ(x, w, w)
	k.VMOVDQA(k.scheduled(t+14), late)
	x = k.rotated(late, 19) // σ1: rotated by 19 and 61, shifted by 6
	y = k.rotated(late, 61)
	k.VPXOR(y, x, x)
	k.VPSRLQ(operand.Imm(6), late, late)
	k.VPXOR(late, x, x)
	k.VPADDQ(x, w, w)
	k.VMOVDQA(w, k.scheduled(t))
}

// rotations is the exclusive or of x rotated right by three numbers of bits.
func (k *kernel) rotations(x reg.VecVirtual, one, two, three uint64) reg.VecVirtual {
	r := k.rotated(x, one)
	for _, n := range []uint64{two, three} {
		k.VPXOR(k.rotated(x, n), r, r)
	}
	return r
}

// rotated is x rotated right by n bits.
func (k *kernel) rotated(x reg.VecVirtual, n uint64) reg.VecVirtual {
	right, left := k.YMM(), k.YMM()
	k.VPSRLQ(operand.Imm(n), x, right)
	k.VPSLLQ(operand.Imm(64-n), x, left)
	k.VPXOR(left, right, right)
	return right
}
