//go:build !purego

package multiscalar

// ifma carries out the instructions with ifma_amd64.s.
type ifma struct{}

func (ifma) form() form                          { return forIFMA }
func (ifma) multiply(r, x, y *lanes)             { multiplyIFMA(r, x, y) }
func (ifma) squareTwo(r *[2]lanes, times int)    { squareTwoIFMA(r, uint64(times)) }
func (ifma) add(r, x, y *lanes)                  { addIFMA(r, x, y) }
func (ifma) subtract(r, x, y *lanes)             { subtractIFMA(r, x, y) }
func (ifma) choose(r, x, y *lanes, which uint32) { chooseIFMA(r, x, y, which) }

func (ifma) classify(r, x *lanes) (odd, zero, one, minusOne uint32) { return classifyIFMA(r, x) }

func (ifma) unpack(r *lanes, data []byte, offsets *[8]uint32) (odd, excess uint32) {
	return unpackIFMA(r, &data[0], offsets)
}

func (ifma) storeEntries(to []entry, plus, minus, t *lanes) {
	_ = to[7]
	storeEntriesIFMA(&to[0], plus, minus, t)
}

func (ifma) addEntries(s *sums, table []entry, steps []uint32, count int) {
	addEntriesIFMA(s, &table[0], (*[8]uint32)(steps), uint64(count))
}

func (ifma) addSums(s *sums, other *points, fourD *lanes) { addSumsIFMA(s, other, fourD) }
