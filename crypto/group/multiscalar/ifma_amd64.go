//go:build !purego

package multiscalar

import "golang.org/x/sys/cpu"

// ifmaKernels are the back ends of this file that the processor can run: one
// where it and the operating system know AVX-512 F and IFMA, none elsewhere.
func ifmaKernels() []kernel {
	if !cpu.X86.HasAVX512F || !cpu.X86.HasAVX512IFMA {
		return nil
	}
	return []kernel{newIFMA(processor{})}
}

// processor carries out the instructions with ifma_amd64.s.
type processor struct{}

func (processor) multiply(r, x, y *lanes)             { multiplyLanes(r, x, y) }
func (processor) squareTwo(r *[2]lanes, times int)    { squareTwoLanes(r, uint64(times)) }
func (processor) add(r, x, y *lanes)                  { addLanes(r, x, y) }
func (processor) subtract(r, x, y *lanes)             { subtractLanes(r, x, y) }
func (processor) choose(r, x, y *lanes, which uint32) { chooseLanes(r, x, y, which) }

func (processor) classify(r, x *lanes) (odd, zero, one, minusOne uint32) {
	return classifyLanes(r, x)
}

func (processor) unpack(r *lanes, data []byte, offsets *[8]uint32) (odd, excess uint32) {
	return unpackLanes(r, &data[0], offsets)
}

func (processor) storeEntries(to []entry, plus, minus, t *lanes) {
	_ = to[7]
	storeEntries(&to[0], plus, minus, t)
}

func (processor) addEntries(s *sums, table []entry, steps []uint32, count int) {
	addEntries(s, &table[0], (*[8]uint32)(steps), uint64(count))
}

func (processor) addSums(s, other *sums, fourD *lanes) { addSums(s, other, fourD) }
