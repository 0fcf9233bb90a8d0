package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// ten is eight field elements for AVX2, in registers or in memory: operand k
// holds limb k of all eight, in 32 bits for each lane, and none exceeds most[k].
// Limb k weighs 2^⌈25.5·k⌉: even limbs have 26 bits, odd ones 25. An element in
// one lane stands for the sum of its limbs times their weights.
//
// Two kinds occur in memory:
//
//   - reduced: every limb ≤ 2^26 + 2^15 or 2^25 + 2^15. Every kernel may take
//     that for granted of its arguments and has to leave it so.
//   - loose: a sum or difference of two reduced ones, on its way to a product.
//
// VPMULUDQ multiplies 32 bits by 32 bits to 64, and takes the even ones of a
// register's eight lanes only. A product is therefore made in two halves, of the
// even lanes and of the odd ones; a half has 64 bits for each of its four lanes.
type ten struct {
	at   [10]operand.Op
	most [10]bound
}

const tenBytes = 320

func width(k int) uint { return 26 - uint(k%2) }

func maxTen(k int) bound     { return plus(pow2(width(k)), pow2(15)) }
func maxTenLimb(k int) bound { return minus(pow2(width(k)), num(1)) }

var maxHalf = minus(pow2(32), num(1)) // of what VPMULUDQ reads

// avx2 writes the kernels for AVX2. Its constants are in memory.
type avx2 struct {
	*build.Context

	nineteen  operand.Mem    // in 64-bit lanes
	mask      [2]operand.Mem // 2^26 - 1 and 2^25 - 1 in 64-bit lanes
	masks     [2]operand.Mem // and in 32-bit lanes
	nineteens operand.Mem
	bias      [3]operand.Mem // limbs 0, of even and of odd number of 2·p, in 32-bit lanes
	bits      operand.Mem    // 2^l in 32-bit lane l

	one, minusOne operand.Mem // limb 0 of 1 and of p - 1 = 2^255 - 20, in 32-bit lanes

	frame reg.GPVirtual // of the kernel that is being written, at a multiple of 32
	used  int           // bytes of it

	waiting []func() // see term
}

func newAVX2() *avx2 {
	k := &avx2{Context: build.NewContext()}
	k.ConstraintExpr("!purego")
	k.nineteen = k.fours("nineteen", 19)
	k.mask = [2]operand.Mem{k.fours("mask26", 1<<26-1), k.fours("mask25", 1<<25-1)}
	k.masks = [2]operand.Mem{k.eights("masks26", 1<<26-1), k.eights("masks25", 1<<25-1)}
	k.nineteens = k.eights("nineteens", 19)
	k.bias = [3]operand.Mem{k.eights("bias0", 1<<27-38), k.eights("biasEven", 1<<27-2), k.eights("biasOdd", 1<<26-2)}
	k.bits = k.table("bits", 1, 2, 4, 8, 16, 32, 64, 128)
	k.one, k.minusOne = k.eights("one", 1), k.eights("minusOne", 1<<26-20)
	return k
}

// fours is a number in four lanes of 64 bits, eights in eight of 32.
func (k *avx2) fours(name string, n uint32) operand.Mem {
	return k.table(name, n, 0, n, 0, n, 0, n, 0)
}

func (k *avx2) eights(name string, n uint32) operand.Mem {
	return k.table(name, n, n, n, n, n, n, n, n)
}

func (k *avx2) table(name string, words ...uint32) operand.Mem {
	at := k.StaticGlobal(name)
	k.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, w := range words {
		k.AddDatum(4*i, operand.U32(w))
	}
	return at
}

// begin starts a kernel that needs so many bytes of frame.
func (k *avx2) begin(name, signature string, frame int, doc ...string) {
	k.Function(name)
	k.Pragma("noescape")
	k.SignatureExpr(signature)
	k.Doc(doc...)
	k.used = 0
	if frame == 0 {
		k.Attributes(attr.NOSPLIT)
		return
	}
	k.frame = k.GP64()
	k.LEAQ(k.AllocLocal(frame+32), k.frame)
	k.ADDQ(operand.Imm(31), k.frame)
	k.ANDQ(operand.I32(-32), k.frame)
}

// room takes bytes of the frame.
func (k *avx2) room(bytes int) operand.Mem {
	m := operand.Mem{Base: k.frame, Disp: k.used}
	k.used += bytes
	return m
}

func (k *avx2) end() {
	k.VZEROUPPER()
	k.RET()
}

func (k *avx2) pointer(name string) reg.GPVirtual {
	return k.Load(k.Param(name), k.GP64()).(reg.GPVirtual)
}

// tenAt is the element at m, of limbs with these bounds.
func tenAt(m operand.Mem, most func(k int) bound) (x ten) {
	for i := range x.at {
		x.at[i], x.most[i] = m.Offset(32*i), most(i)
	}
	return x
}

// reducedAt is the reduced element at m.
func reducedAt(m operand.Mem) ten { return tenAt(m, maxTen) }

func at(p reg.Register, offset int) operand.Mem { return operand.Mem{Base: p, Disp: offset} }

func (k *avx2) load(x ten) ten {
	for i := range x.at {
		r := k.YMM()
		k.VMOVDQU(x.at[i], r)
		x.at[i] = r
	}
	return x
}

// clear makes r zero. The exclusive or of a register with itself does not read
// it: the allocation of registers has to be told.
func (k *avx2) clear(r reg.VecVirtual) {
	clear, err := x86.VPXOR(r, r, r)
	if err != nil {
		panic(err)
	}
	clear.CancellingInputs = true
	k.Instruction(clear)
}

// store writes a reduced element to memory.
func (k *avx2) store(x ten, m operand.Mem) {
	for i := range x.at {
		must("a stored limb", x.most[i], maxTen(i))
		k.VMOVDQU(x.at[i], m.Offset(32*i))
	}
}

// note writes what is known about the limbs of x.
func (k *avx2) note(what string, x ten) {
	even, odd := num(0), num(0)
	for i := 0; i < 10; i += 2 {
		even, odd = greatest(even, x.most[i]), greatest(odd, x.most[i+1])
	}
	k.Comment(fmt.Sprintf("%s: even limbs ≤ %s, odd ones ≤ %s", what, describe(even), describe(odd)))
}

// sum is x + y, of which x is in registers, in its place.
func (k *avx2) sum(x, y ten) ten {
	for i := range x.at {
		x.most[i] = k.sumOf(x.at[i], y.at[i], x.most[i], y.most[i])
	}
	return x
}

func (k *avx2) sumOf(x, y operand.Op, mostX, mostY bound) bound {
	k.VPADDD(y, x, x)
	most := plus(mostX, mostY)
	must("a sum", most, maxHalf)
	return most
}

// difference is x - y + 2·p, of which x is in registers, in its place. 2·p is
// added first and its limbs are greater than those of y, so that no lane falls
// below zero.
func (k *avx2) difference(x, y ten) ten {
	for i := range x.at {
		x.most[i] = k.differenceOf(i, x.at[i], y.at[i], x.most[i], y.most[i])
	}
	return x
}

func (k *avx2) differenceOf(limb int, x, y operand.Op, mostX, mostY bound) bound {
	bias, size := k.biasAt(limb)
	must("the subtrahend", mostY, size)
	k.VPADDD(bias, x, x)
	k.VPSUBD(y, x, x)
	most := plus(mostX, size)
	must("a difference", most, maxHalf)
	return most
}

// twiceP is limb i of 2·p: 2^27 - 38, 2^26 - 2, 2^27 - 2, …
func twiceP(i int) bound {
	if i == 0 {
		return num(1<<27 - 38)
	}
	return minus(pow2(width(i)+1), num(2))
}

func (k *avx2) biasAt(i int) (operand.Mem, bound) {
	if i == 0 {
		return k.bias[0], twiceP(0)
	}
	return k.bias[1+i%2], twiceP(i)
}

// carry reduces a loose element in registers, in place: each limb keeps its low
// bits and gets what the limb below has above them; what limb 9 has above them
// counts 19-fold in limb 0. All limbs at once, so one carry is left over.
func (k *avx2) carry(x ten) ten {
	above := k.YMM()
	var most [10]bound
	for i := 9; i >= 0; i-- {
		over := above
		if i < 9 {
			over = k.YMM()
		}
		k.VPSRLD(operand.Imm(uint64(width(i))), x.at[i], over)
		k.VPAND(k.masks[i%2], x.at[i], x.at[i])
		most[i] = shr(x.most[i], width(i))
		x.most[i] = least(x.most[i], maxTenLimb(i))
		if i < 9 {
			x.most[i+1] = plus(x.most[i+1], most[i])
			k.VPADDD(over, x.at[i+1], x.at[i+1])
		}
	}
	k.VPMULLD(k.nineteens, above, above)
	x.most[0] = plus(x.most[0], times(num(19), most[9]))
	k.VPADDD(above, x.at[0], x.at[0])
	for i := range x.most {
		must("a carried limb", x.most[i], maxTen(i))
	}
	return x
}
