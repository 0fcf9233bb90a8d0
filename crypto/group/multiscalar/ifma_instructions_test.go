package multiscalar

import "testing"

// interpreted carries out the instructions of the back end by interpreting its
// assembly, on every machine.
type interpreted struct{ *machine }

func newInterpreted(t testing.TB) interpreted { return interpreted{newMachine(t)} }

func (interpreted) form() form { return forIFMA }

// Arguments stand far from each other, at addresses that no processor uses.
func argument(n int) uint64 { return uint64(n+1) << 40 }

func argElement(n int, x *lanes) region {
	return region{base: argument(n), size: 320, word: func(w uint64) *uint64 { return &x[w] }}
}

func argTwo(n int, x *[2]lanes) region {
	return region{base: argument(n), size: 640, word: func(w uint64) *uint64 { return &x[w/40][w%40] }}
}

func argPoints(n int, x []lanes) region {
	return region{base: argument(n), size: 320 * uint64(len(x)), word: func(w uint64) *uint64 { return &x[w/40][w%40] }}
}

func argEntries(n int, x []entry) region {
	return region{base: argument(n), size: 128 * uint64(len(x)), word: func(w uint64) *uint64 { return &x[w/16][w%16] }}
}

// words32 is read only.
func argWords32(n int, x []uint32) region {
	return region{base: argument(n), size: 4 * uint64(len(x)), word: func(w uint64) *uint64 {
		two := uint64(x[2*w])
		if int(2*w+1) < len(x) {
			two |= uint64(x[2*w+1]) << 32
		}
		return &two
	}}
}

func (m interpreted) three(name string, r, x, y *lanes) {
	m.t.Helper()
	m.run(name, []region{argElement(0, r), argElement(1, x), argElement(2, y)},
		map[uint64]uint64{0: argument(0), 8: argument(1), 16: argument(2)})
}

func (m interpreted) multiply(r, x, y *lanes) { m.three("multiplyIFMA", r, x, y) }
func (m interpreted) add(r, x, y *lanes)      { m.three("addIFMA", r, x, y) }
func (m interpreted) subtract(r, x, y *lanes) { m.three("subtractIFMA", r, x, y) }

func (m interpreted) choose(r, x, y *lanes, which uint32) {
	m.run("chooseIFMA", []region{argElement(0, r), argElement(1, x), argElement(2, y)},
		map[uint64]uint64{0: argument(0), 8: argument(1), 16: argument(2), 24: uint64(which)})
}

func (m interpreted) squareTwo(r *[2]lanes, times int) {
	m.run("squareTwoIFMA", []region{argTwo(0, r)},
		map[uint64]uint64{0: argument(0), 8: uint64(times)})
}

func (m interpreted) classify(r, x *lanes) (odd, zero, one, minusOne uint32) {
	frame := map[uint64]uint64{0: argument(0), 8: argument(1)}
	m.run("classifyIFMA", []region{argElement(0, r), argElement(1, x)}, frame)
	return uint32(frame[16]), uint32(frame[20]), uint32(frame[24]), uint32(frame[28])
}

func (m interpreted) unpack(r *lanes, data []byte, offsets *[8]uint32) (odd, excess uint32) {
	frame := map[uint64]uint64{0: argument(0), 8: argument(1), 16: argument(2)}
	m.run("unpackIFMA", []region{argElement(0, r),
		{base: argument(1), size: uint64(len(data)), bytes: data}, argWords32(2, offsets[:])}, frame)
	return uint32(frame[24]), uint32(frame[28])
}

func (m interpreted) storeEntries(to []entry, plus, minus, t *lanes) {
	m.run("storeEntriesIFMA", []region{argEntries(0, to), argElement(1, plus), argElement(2, minus), argElement(3, t)},
		map[uint64]uint64{0: argument(0), 8: argument(1), 16: argument(2), 24: argument(3)})
}

func (m interpreted) addEntries(s *sums, table []entry, steps []uint32, count int) {
	m.run("addEntriesIFMA", []region{argPoints(0, s[:]), argEntries(1, table), argWords32(2, steps[:8*(count+lookahead)])},
		map[uint64]uint64{0: argument(0), 8: argument(1), 16: argument(2), 24: uint64(count)})
}

func (m interpreted) addSums(s *sums, other *points, fourD *lanes) {
	m.run("addSumsIFMA", []region{argPoints(0, s[:]), argPoints(1, other[:]), argElement(2, fourD)},
		map[uint64]uint64{0: argument(0), 8: argument(1), 16: argument(2)})
}
