//go:build !purego

package multiscalar

// avx2 carries out the instructions with avx2_amd64.s.
type avx2 struct{}

func (avx2) form() form                          { return forAVX2 }
func (avx2) multiply(r, x, y *lanes)             { multiplyAVX2(r, x, y) }
func (avx2) squareTwo(r *[2]lanes, times int)    { squareTwoAVX2(r, uint64(times)) }
func (avx2) add(r, x, y *lanes)                  { addAVX2(r, x, y) }
func (avx2) subtract(r, x, y *lanes)             { subtractAVX2(r, x, y) }
func (avx2) choose(r, x, y *lanes, which uint32) { chooseAVX2(r, x, y, which) }

func (avx2) classify(r, x *lanes) (odd, zero, one, minusOne uint32) { return classifyAVX2(r, x) }

func (avx2) unpack(r *lanes, data []byte, offsets *[8]uint32) (odd, excess uint32) {
	return unpackAVX2(r, &data[0], offsets)
}

func (avx2) storeEntries(to []entry, plus, minus, t *lanes) {
	_ = to[7]
	storeEntriesAVX2(&to[0], plus, minus, t)
}

func (avx2) addEntries(s *sums, table []entry, steps []uint32, count int) {
	addEntriesAVX2(s, &table[0], (*[8]uint32)(steps), uint64(count))
}

func (avx2) addSums(s *sums, other *points, fourD *lanes) { addSumsAVX2(s, other, fourD) }
