package multiscalar

// Lengths in bits, and one more for the sign of the digits.
const (
	longBits  = 253 + 1 // of a scalar
	shortBits = 128 + 1 // of a short one
)

// maxWindow is the widest window: its digits fit 16 bits.
const maxWindow = 15

// SumOfProducts returns Σ [fixed(i)]t(i) + Σ [scalars(k)]t(first+k). The fixed
// terms stand before the others: len(fixed) ≤ first. Short scalars, of at most
// 128 bits, cost half as much as long ones.
//
// It is Pippenger's method: scalars are written with signed digits of c bits;
// for every place, a window, entries with the same digit are summed in a bucket.
func (t *Table) SumOfProducts(fixed []Scalar, first int, scalars []Scalar) Point {
	if len(fixed) > first || first+len(scalars) > t.size {
		panic("multiscalar: internal error: more scalars than entries")
	}
	long := len(fixed)
	for k := range scalars {
		if !scalars[k].isShort() {
			long++
		}
	}
	c := windowFor(long, len(fixed)+len(scalars)-long)
	digits := t.digitsFor(windows(longBits, c), first+len(scalars))
	for j := range digits {
		clear(digits[j][:first])
	}
	for i := range fixed {
		writeDigits(digits, i, &fixed[i], c)
	}
	for k := range scalars {
		writeDigits(digits, first+k, &scalars[k], c)
	}
	sum := identity()
	for j := len(digits) - 1; j >= 0; j-- {
		for range c {
			sum.double()
		}
		sum = sum.Add(t.table.window(digits[j], c))
	}
	return sum
}

// digitsFor returns room for the digits of n scalars.
func (t *Table) digitsFor(windows, n int) [][]int16 {
	for len(t.digits) < windows {
		t.digits = append(t.digits, make([]int16, t.size))
	}
	t.used = t.used[:0]
	for _, d := range t.digits[:windows] {
		t.used = append(t.used, d[:n])
	}
	return t.used
}

// isShort reports whether s has at most 128 bits.
func (s *Scalar) isShort() bool { return s[2]|s[3] == 0 }

// windows is how many digits of c bits a number of so many bits has.
func windows(length, c int) int { return (length + c - 1) / c }

// windowFor returns the width at which there is least to add: every window
// costs an addition for each entry, and two for each of its 2^(c−1) buckets.
func windowFor(long, short int) int {
	best, least := 0, 0
	for c := 2; c <= maxWindow; c++ {
		cost := windows(longBits, c)*(long+1<<c) + windows(shortBits, c)*short
		if best == 0 || cost < least {
			best, least = c, cost
		}
	}
	return best
}

// writeDigits writes s as Σ digits(j)(i)·2^(c·j), −2^(c−1) < digits ≤ 2^(c−1).
// There are windows enough that the last has a bit to spare, so nothing is
// carried out of it.
func writeDigits(digits [][]int16, i int, s *Scalar, c int) {
	carry := int32(0)
	for j := range digits {
		bit := j * c
		word, shift := bit/64, uint(bit%64)
		var v uint64
		if word < len(s) {
			v = s[word] >> shift
			if int(shift)+c > 64 && word+1 < len(s) {
				v |= s[word+1] << (64 - shift)
			}
		}
		d := int32(v&(1<<c-1)) + carry
		carry = 0
		if d > 1<<(c-1) {
			d -= 1 << c
			carry = 1
		}
		digits[j][i] = int16(d)
	}
}
