package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// limbs is eight field elements in registers or in memory: operand k holds
// limb k of all eight, and no lane of it exceeds most[k] or is below least[k],
// where that is known.
type limbs struct {
	at    [5]operand.Op
	most  [5]bound
	least [5]bound // nil is 0
}

// kernels writes the kernels. The constants are registers that a kernel loads
// at its start.
type kernels struct {
	*build.Context

	mask51   reg.VecVirtual // 2^51 - 1
	nineteen reg.VecVirtual // 2^255 = 19 modulo p
	bias0    reg.VecVirtual // 2^multiple·p has limbs bias0, bias, bias, bias, bias
	bias     reg.VecVirtual
	multiple uint
}

func newKernels() *kernels {
	k := &kernels{Context: build.NewContext()}
	k.ConstraintExpr("!purego")
	return k
}

// begin starts a kernel.
func (k *kernels) begin(name, signature string, doc ...string) {
	k.Function(name)
	k.Attributes(build.NOSPLIT)
	k.Pragma("noescape")
	k.SignatureExpr(signature)
	k.Doc(doc...)
}

// carrying loads the constants that carrying needs.
func (k *kernels) carrying() {
	k.mask51 = k.constant(maxLimb)
	k.nineteen = k.constant(num(19))
}

// end finishes a kernel. VZEROUPPER avoids the penalty of mixing with SSE code.
func (k *kernels) end() {
	k.VZEROUPPER()
	k.RET()
}

// constant fills every lane of a register with c.
func (k *kernels) constant(c bound) reg.VecVirtual {
	r, z := k.GP64(), k.ZMM()
	k.MOVQ(operand.U64(c.Uint64()), r)
	k.VPBROADCASTQ(r, z)
	return z
}

// multipleOfP is limb i of 2^n·p: 2^(51+n) - 19·2^n, or 2^(51+n) - 2^n.
func multipleOfP(n uint, i int) bound {
	if i == 0 {
		return minus(pow2(51+n), shl(num(19), n))
	}
	return minus(pow2(51+n), pow2(n))
}

// biases loads the limbs of 2^n·p, which are added before a subtraction so that
// no lane falls below zero.
func (k *kernels) biases(n uint) {
	k.multiple = n
	k.bias0 = k.constant(multipleOfP(n, 0))
	k.bias = k.constant(multipleOfP(n, 1))
}

func (k *kernels) biasAt(i int) (reg.VecVirtual, bound) {
	if i == 0 {
		return k.bias0, multipleOfP(k.multiple, 0)
	}
	return k.bias, multipleOfP(k.multiple, i)
}

func uniform(b bound) [5]bound { return [5]bound{b, b, b, b, b} }

// memory is the reduced element at p + offset.
func memory(p reg.Register, offset int) limbs {
	var x limbs
	for i := range x.at {
		x.at[i] = operand.Mem{Base: p, Disp: offset + 64*i}
	}
	x.most = uniform(maxReduced)
	return x
}

// load reads an element from memory into registers.
func (k *kernels) load(x limbs) limbs {
	r := limbs{most: x.most, least: x.least}
	for i := range x.at {
		r.at[i] = k.ZMM()
		k.VMOVDQU64(x.at[i], r.at[i])
	}
	return r
}

// store writes a reduced element to memory.
func (k *kernels) store(x limbs, p reg.Register, offset int) { k.storeAs(x, memory(p, offset)) }

// storeAs writes x to memory whose bounds it keeps.
func (k *kernels) storeAs(x, m limbs) {
	for i := range x.at {
		must("a stored limb", x.most[i], m.most[i])
		must("the least stored limb", orZero(m.least[i]), orZero(x.least[i]))
		k.VMOVDQU64(x.at[i], m.at[i])
	}
}

// note writes what is known about the limbs of x.
func (k *kernels) note(what string, x limbs) {
	rest := x.most[1]
	for _, m := range x.most[2:] {
		rest = greatest(rest, m)
	}
	k.Comment(fmt.Sprintf("%s: limb 0 ≤ %s, limbs 1 to 4 ≤ %s", what, describe(x.most[0]), describe(rest)))
}

// sum is x + y, wide.
func (k *kernels) sum(x, y limbs) limbs {
	var r limbs
	for i := range r.at {
		z := k.ZMM()
		k.VPADDQ(y.at[i], x.at[i], z)
		r.at[i], r.most[i] = z, plus(x.most[i], y.most[i])
		r.least[i] = plus(orZero(x.least[i]), orZero(y.least[i]))
		must("a sum", r.most[i], maxLane)
	}
	return r
}

// difference is x - y, wide, of an x no limb of which can be less than that of y.
func (k *kernels) difference(x, y limbs) limbs {
	var r limbs
	for i := range r.at {
		z := k.ZMM()
		must("the subtrahend", y.most[i], orZero(x.least[i]))
		k.VPSUBQ(y.at[i], x.at[i], z)
		r.at[i], r.most[i] = z, x.most[i]
	}
	return r
}

// raised is x + 2^n·p, wide, with the n of biases.
func (k *kernels) raised(x limbs) limbs {
	var r limbs
	for i := range r.at {
		z := k.ZMM()
		bias, size := k.biasAt(i)
		k.VPADDQ(bias, x.at[i], z)
		r.at[i], r.most[i], r.least[i] = z, plus(x.most[i], size), size
		must("a raised limb", r.most[i], maxLane)
	}
	return r
}

// carry reduces a wide element in place: each limb keeps its low 51 bits and
// gets what the limb below has above them; what limb 4 has above them counts
// 19-fold in limb 0. All limbs at once, so one carry is left over.
func (k *kernels) carry(x limbs) limbs { return k.carryTo(x, x.at) }

// carryTo is carry with the result in registers that may be others.
func (k *kernels) carryTo(x limbs, to [5]operand.Op) limbs {
	var above [5]reg.VecVirtual
	var most [5]bound
	for i := range x.at {
		above[i], most[i] = k.ZMM(), shr(x.most[i], 51)
		k.VPSRLQ(operand.Imm(51), x.at[i], above[i])
	}
	r := limbs{at: to}
	for i := range x.at {
		k.VPANDQ(k.mask51, x.at[i], to[i])
		r.most[i] = least(x.most[i], maxLimb)
	}
	for i := 1; i < 5; i++ {
		k.VPADDQ(above[i-1], to[i], to[i])
		r.most[i] = plus(r.most[i], most[i-1])
	}
	must("19 times the last carry", times(num(19), most[4]), maxMultiplicand) // its low 52 bits are all of it
	k.VPMADD52LUQ(k.nineteen, above[4], to[0])
	r.most[0] = plus(r.most[0], times(num(19), most[4]))
	for i := range r.most {
		must("a carried limb", r.most[i], maxReduced)
	}
	return r
}
