package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pointer loads an argument of the kernel.
func (k *kernels) pointer(name string) reg.GPVirtual {
	return k.Load(k.Param(name), k.GP64()).(reg.GPVirtual)
}

func (k *kernels) multiply() {
	k.begin("multiplyIFMA", "func(r, x, y *[40]uint64)", "multiplyIFMA sets r to x·y in every lane.")
	r, x, y := k.pointer("r"), k.pointer("x"), k.pointer("y")
	k.carrying()
	wide := k.product(k.load(memory(x, 0)), memory(y, 0))
	k.note("the product before carrying", wide)
	reduced := k.carry(wide)
	k.note("the product", reduced)
	k.store(reduced, r, 0)
	k.end()
}

// squareTwo squares two times eight elements again and again. One squaring
// waits for itself; the processor fills the gaps with the other.
func (k *kernels) squareTwo() {
	k.begin("squareTwoIFMA", "func(r *[2][40]uint64, times uint64)",
		"squareTwoIFMA squares both of r in every lane, so many times. times is at least 1.")
	r, times := k.pointer("r"), k.pointer("times")
	k.carrying()
	var x [2]limbs
	for n := range x {
		x[n] = k.load(memory(r, 320*n))
	}
	k.Label("square")
	for n := range x {
		wide := k.square(x[n])
		k.note("the square before carrying", wide)
		reduced := k.carryTo(wide, x[n].at)
		k.note("the square", reduced)
		for i := range reduced.most {
			must("a limb of the next round", reduced.most[i], x[n].most[i])
		}
	}
	k.DECQ(times)
	k.JNZ(operand.LabelRef("square"))
	for n := range x {
		k.store(x[n], r, 320*n)
	}
	k.end()
}

func (k *kernels) add() {
	k.begin("addIFMA", "func(r, x, y *[40]uint64)", "addIFMA sets r to x + y in every lane.")
	r, x, y := k.pointer("r"), k.pointer("x"), k.pointer("y")
	k.carrying()
	reduced := k.carry(k.sum(k.load(memory(x, 0)), memory(y, 0)))
	k.note("the sum", reduced)
	k.store(reduced, r, 0)
	k.end()
}

func (k *kernels) subtract() {
	k.begin("subtractIFMA", "func(r, x, y *[40]uint64)", "subtractIFMA sets r to x - y in every lane.")
	r, x, y := k.pointer("r"), k.pointer("x"), k.pointer("y")
	k.carrying()
	k.biases(9)
	reduced := k.carry(k.difference(k.raised(k.load(memory(x, 0))), memory(y, 0)))
	k.note("the difference", reduced)
	k.store(reduced, r, 0)
	k.end()
}

// choose copies x or y lane by lane.
func (k *kernels) choose() {
	k.begin("chooseIFMA", "func(r, x, y *[40]uint64, lanes uint32)",
		"chooseIFMA sets r to y in the lanes whose bit is set, and to x in the others.")
	r, x, y := k.pointer("r"), k.pointer("x"), k.pointer("y")
	lanes := k.Load(k.Param("lanes"), k.GP32())
	mask := k.K()
	k.KMOVW(lanes, mask)
	chosen := k.load(memory(x, 0))
	for i, limb := range memory(y, 0).at {
		k.VMOVDQU64(limb, mask, chosen.at[i])
	}
	k.store(chosen, r, 0)
	k.end()
}
