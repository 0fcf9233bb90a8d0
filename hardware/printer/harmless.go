package printer

// A printer looks for real-time commands in every byte that comes in, in a
// picture's dots too: DLE EOT n makes it answer what nobody asked, DLE ENQ n makes
// it clear its buffer after an error, DLE DC4 can switch it off. The manual's
// remedy, GS ( D, is sent where the make has it, but it covers functions 1 and 2
// of DLE DC4 only. So the driver never lets such bytes arise: no 10 is followed by
// 04, 05 or 14 within a picture, whatever comes after. No dot is changed for it.
//
//   - Where the two bytes stand at the end of a row and the beginning of the next,
//     the band is split between the rows: a band's end is followed by 1D.
//   - Where they stand within a row, the band gets a left margin of 1 to 7 dots
//     (GS L, whose unit is a dot unless GS P changed it), and its rows are moved to
//     the left by as many: the dots stay where they were and fall into other bytes.
//
// A row that has a dot in the columns that would be cut off cannot be moved. It is
// refused before a byte is sent. Pages with seven white columns at their left are
// never refused for having nowhere to go; see harmlessMargin for the rest.

// harmful reports whether real-time commands could begin within a row.
func harmful(row []byte) bool {
	for i := 1; i < len(row); i++ {
		if realTimePair(row[i-1], row[i]) {
			return true
		}
	}
	return false
}

func realTimePair(a, b byte) bool {
	return a == 0x10 && (b == 0x04 || b == 0x05 || b == 0x14)
}

// harmlessMargin returns the left margin, in dots, with which a row is harmless:
// the one in force if it will do, or the smallest. Rows exist that no margin helps,
// since moving can make a new pair of two old bytes; with a pattern for each of the
// eight positions they are never the drawing of anything.
func harmlessMargin(row []byte, inForce int) (int, bool) {
	if moved, ok := shifted(row, inForce); ok && !harmful(moved) {
		return inForce, true
	}
	for margin := range 8 {
		if moved, ok := shifted(row, margin); ok && !harmful(moved) {
			return margin, true
		}
	}
	return 0, false
}

// shifted moves a row to the left by 0 to 7 dots, and trims it. It reports false
// if a dot would fall off.
func shifted(row []byte, dots int) ([]byte, bool) {
	if dots == 0 || len(row) == 0 {
		return row, true
	}
	if row[0]>>(8-dots) != 0 {
		return nil, false
	}
	moved := make([]byte, len(row))
	for i := range row {
		moved[i] = row[i] << dots
		if i+1 < len(row) {
			moved[i] |= row[i+1] >> (8 - dots)
		}
	}
	return trim(moved), true
}

// harmlessRows puts harmless rows one after the other, each padded to the width, as
// long as no pair arises between two of them. There is at least one row.
func harmlessRows(rows [][]byte, width int) []byte {
	data := make([]byte, 0, len(rows)*width)
	for i, row := range rows {
		padded := make([]byte, width)
		copy(padded, row)
		if i > 0 && realTimePair(data[len(data)-1], padded[0]) {
			break
		}
		data = append(data, padded...)
	}
	return data
}
