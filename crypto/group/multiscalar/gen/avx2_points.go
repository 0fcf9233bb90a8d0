package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Layout of a table entry for AVX2, in two cache lines of 16 words of 32 bits:
//
//	y+x (10 limbs) | t0 … t4 | 0 || y-x (10 limbs) | t5 … t9 | 0, where t = 2·d·x·y
//
// The negative of a point has the first two exchanged and t negated: the lines
// are read the other way round, and the halves of t put right.

// storeEntries writes eight entries that stand one after the other.
func (k *avx2) storeEntries() {
	k.begin("storeEntriesAVX2", "func(entries *[16]uint64, plus, minus, t *[40]uint64)", 0,
		"storeEntriesAVX2 writes lanes 0 to 7 of y+x, y-x and 2·d·x·y to eight entries in sequence.")
	entries, t := k.pointer("entries"), k.pointer("t")
	for line, side := range []string{"plus", "minus"} {
		x := k.pointer(side)
		for part := range 2 {
			words := k.rows(func(w int) operand.Mem {
				switch w += 8 * part; {
				case w < 10:
					return at(x, 32*w)
				default: // the last is not used
					return at(t, 32*(5*line+min(w-10, 4)))
				}
			})
			for lane, row := range k.transpose(words) {
				k.VMOVDQU(row, at(entries, entryBytes*lane+lineBytes*line+32*part))
			}
		}
	}
	k.end()
}

// Places in sums, in bytes, while AVX2 adds: the four coordinates, as for IFMA;
// behind them, at the same distances, what they are multiplied with and the
// products A, B, C and D, and then E, F, G, H and E again; last what product needs.
// All of it is less than 4096 bytes, or little more: a processor may take a load
// for one of what was just stored if their addresses differ by as much.
const (
	tenPlus   = 0 * tenBytes
	tenMinus  = 1 * tenBytes
	tenTwiceZ = 2 * tenBytes
	tenT      = 3 * tenBytes
	behind    = 4 * tenBytes
	atFrame   = 9 * tenBytes
)

// addEntries adds entries to eight sums, by the formulas of the other addEntries.
func (k *avx2) addEntries() {
	k.begin("addEntriesAVX2", "func(sums *[13][40]uint64, table *[16]uint64, steps *[8]uint32, count uint64)", 0,
		"addEntriesAVX2 adds in step i to lane l of sums the entry that steps[i][l] names: its number times 128,",
		"plus 64 where its negative is meant. Four more steps behind the last are read and have to name entries.",
		"sums holds Y+X, Y-X, 2·Z and T of eight points, and room for nine more elements.")
	sums, table, steps, count := k.pointer("sums"), k.pointer("table"), k.pointer("steps"), k.pointer("count")
	p, turn, end := k.GP64(), k.GP64(), k.GP64()
	k.TESTQ(count, count)
	k.JZ(operand.LabelRef("done"))
	k.LEAQ(at(sums, tenTwiceZ), turn)
	k.LEAQ(at(sums, behind), end)
	k.Label("step")
	k.prefetch(table, steps)
	t := k.gather(sums, table, steps)

	k.Comment("B, A and C, in the places of y+x, y-x and t")
	k.MOVQ(sums, p)
	k.Label("abc")
	k.product(reducedAt(at(p, 0)), tenAt(at(p, behind), t), at(p, behind), at(sums, atFrame))
	k.ADDQ(operand.I32(tenBytes), p)
	k.CMPQ(p, turn)
	k.JB(operand.LabelRef("abc"))
	k.JA(operand.LabelRef("sides"))
	k.ADDQ(operand.I32(tenBytes), p) // over 2·Z
	k.JMP(operand.LabelRef("abc"))
	k.Label("sides")
	k.factors(sums, tenTwiceZ)
	k.corners(sums, p, end)

	k.ADDQ(operand.Imm(32), steps)
	k.DECQ(count)
	k.JNZ(operand.LabelRef("step"))
	k.Label("done")
	k.end()
}

// loose bounds a difference of reduced elements: it is the greatest of what
// factors are made of.
func loose(i int) bound {
	return plus(maxTen(i), twiceP(i))
}

// factors puts E, F, G, H and E behind the coordinates, limb by limb, from A, B and
// C, which stand there, and D.
func (k *avx2) factors(sums reg.Register, d int) {
	for i := range 10 {
		a, b, c := at(sums, behind+tenMinus+32*i), at(sums, behind+tenPlus+32*i), at(sums, behind+tenT+32*i)
		e, f, g, h := k.YMM(), k.YMM(), k.YMM(), k.YMM()
		k.VMOVDQU(b, e)
		k.VMOVDQU(b, h)
		k.VMOVDQU(at(sums, d+32*i), f)
		k.VMOVDQU(at(sums, d+32*i), g)
		for _, most := range []bound{
			k.differenceOf(i, e, a, maxTen(i), maxTen(i)), k.sumOf(h, a, maxTen(i), maxTen(i)),
			k.differenceOf(i, f, c, maxTen(i), maxTen(i)), k.sumOf(g, c, maxTen(i), maxTen(i)),
		} {
			must("a factor", most, loose(i))
		}
		for n, factor := range []reg.VecVirtual{e, f, g, h, e} {
			k.VMOVDQU(factor, at(sums, behind+n*tenBytes+32*i))
		}
	}
}

// corners finishes an addition: X' = E·F, Z' = F·G, Y' = G·H and T' = H·E, each of
// two factors that stand in sequence. Of Y' and X' the sum and the difference are
// kept, and 2·Z'. end is behind the coordinates.
func (k *avx2) corners(sums, p, end reg.GPVirtual) {
	k.Comment("X', Z', Y' and T'")
	k.MOVQ(sums, p)
	k.Label("corner")
	k.product(tenAt(at(p, behind), loose), tenAt(at(p, behind+tenBytes), loose), at(p, 0), at(sums, atFrame))
	k.ADDQ(operand.I32(tenBytes), p)
	k.CMPQ(p, end)
	k.JB(operand.LabelRef("corner"))
	k.Comment("Y'-X', Y'+X' and 2·Z'")
	x, z, y := reducedAt(at(sums, 0)), reducedAt(at(sums, tenBytes)), reducedAt(at(sums, 2*tenBytes))
	aside := reducedAt(at(sums, behind))
	k.store(k.carry(k.difference(k.load(y), x)), at(sums, behind))
	k.store(k.carry(k.sum(k.load(y), x)), at(sums, tenPlus))
	k.store(k.carry(k.sum(k.load(z), z)), at(sums, tenTwiceZ))
	k.store(k.load(aside), at(sums, tenMinus))
}

// addSums adds one extended point to another, by the formulas of the other
// addSums: A, B, C and D are taken twice.
func (k *avx2) addSums() {
	k.begin("addSumsAVX2", "func(sums *[13][40]uint64, other *[4][40]uint64, fourD *[40]uint64)", 0,
		"addSumsAVX2 adds the eight points of other to those of sums. fourD is 4·d in every lane.")
	sums, other, fourD := k.pointer("sums"), k.pointer("other"), k.pointer("fourD")
	p, q, end := k.GP64(), k.GP64(), k.GP64()
	k.Comment("B, A, 2·D and T·T")
	k.MOVQ(sums, p)
	k.MOVQ(other, q)
	k.LEAQ(at(sums, behind), end)
	k.Label("abd")
	k.product(reducedAt(at(p, 0)), reducedAt(at(q, 0)), at(p, behind), at(sums, atFrame))
	k.ADDQ(operand.I32(tenBytes), p)
	k.ADDQ(operand.I32(tenBytes), q)
	k.CMPQ(p, end)
	k.JB(operand.LabelRef("abd"))
	k.Comment("2·C")
	c := reducedAt(at(sums, behind+tenT))
	k.product(c, reducedAt(at(fourD, 0)), at(sums, behind+tenT), at(sums, atFrame))
	k.Comment("2·A and 2·B")
	for _, side := range []int{tenPlus, tenMinus} {
		x := reducedAt(at(sums, behind+side))
		k.store(k.carry(k.sum(k.load(x), x)), at(sums, behind+side))
	}
	k.factors(sums, behind+tenTwiceZ)
	k.corners(sums, p, end)
	k.end()
}

// prefetch asks for both lines of the entries of a later step.
func (k *avx2) prefetch(table, steps reg.GPVirtual) {
	for lane := range 8 {
		entry := k.GP64()
		k.MOVL(operand.Mem{Base: steps, Disp: 32*ahead + 4*lane}, entry.As32())
		k.PREFETCHT0(operand.Mem{Base: table, Index: entry, Scale: 1})
		k.XORQ(operand.Imm(lineBytes), entry)
		k.PREFETCHT0(operand.Mem{Base: table, Index: entry, Scale: 1})
	}
}

// gather reads the entries of one step: it puts y+x, y-x and 2·d·x·y of each or
// of its negative behind the coordinates they are multiplied with, and returns
// their bounds.
func (k *avx2) gather(sums, table, steps reg.GPVirtual) (most func(int) bound) {
	for line, place := range []int{tenPlus, tenMinus} {
		for part := range 2 {
			words := k.transpose(k.rows(func(lane int) operand.Mem {
				entry := k.GP64()
				k.MOVL(operand.Mem{Base: steps, Disp: 4 * lane}, entry.As32())
				if line == 1 {
					k.XORQ(operand.Imm(lineBytes), entry)
				}
				return operand.Mem{Base: table, Index: entry, Scale: 1, Disp: 32 * part}
			}))
			for i, word := range words {
				switch w := 8*part + i; {
				case w < 10:
					k.VMOVDQU(word, at(sums, behind+place+32*w))
				case w < 15:
					k.VMOVDQU(word, at(sums, behind+tenT+32*(5*line+w-10)))
				}
			}
		}
	}
	k.Comment("2·d·x·y, of the negative 2·p less the halves exchanged")
	negative := k.YMM()
	k.VMOVDQU(at(steps, 0), negative)
	k.VPSLLD(operand.Imm(25), negative, negative) // bit 6 is 64
	k.VPSRAD(operand.Imm(31), negative, negative)
	t := reducedAt(at(sums, behind+tenT))
	for i := range 5 {
		low, high := k.YMM(), k.YMM()
		k.VMOVDQU(t.at[i], low)
		k.VMOVDQU(t.at[i+5], high)
		k.storeSigned(i, low, high, negative, t)
		k.storeSigned(i+5, high, low, negative, t)
	}
	return func(i int) bound { return greatest(maxTen(i), twiceP(i)) }
}

// storeSigned stores limb i of t: that of a point, or 2·p less that of a negative.
func (k *avx2) storeSigned(i int, positive, negated, negative reg.VecVirtual, t ten) {
	bias, size := k.biasAt(i)
	must("the negated limb", maxTen(i), size)
	z := k.YMM()
	k.VMOVDQU(bias, z)
	k.VPSUBD(negated, z, z)
	k.VPBLENDVB(negative, z, positive, z)
	k.VMOVDQU(z, t.at[i])
}
