package multiscalar

import (
	"encoding/binary"
	"math/bits"
)

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
	writeDigits(digits, 0, fixed, c)
	writeDigits(digits, first, scalars, c)
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
// costs an addition for each entry, and two for each of its 2^(c−1) buckets, which
// take as long as three, being of two sums.
func windowFor(long, short int) int {
	best, least := 0, 0
	for c := 2; c <= maxWindow; c++ {
		cost := windows(longBits, c)*(long+3<<(c-1)) + windows(shortBits, c)*short
		if best == 0 || cost < least {
			best, least = c, cost
		}
	}
	return best
}

// scalarsAtATime is how many scalars have their digits written together: whole
// lines of the cache in every window.
const scalarsAtATime = 64

// writeDigits writes scalar k as Σ digits(j)(first+k)·2^(c·j), with
// −2^(c−1) < digits ≤ 2^(c−1).
//
// With d = 2^(c−1) − 1, such a digit and d are together what c bits hold without
// a sign. So the digits of s are those of s + Σ d·2^(c·j), less d each, and
// nothing is carried from one to the next. The sum is d·(2^(c·n) − 1)/(2^c − 1),
// less than 2^(c·n−1); and so is s, as n windows have a bit more than it. Both fit.
func writeDigits(digits [][]int16, first int, scalars []Scalar, c int) {
	d := uint64(1)<<(c-1) - 1
	var sum [5]uint64 // c·n ≤ 254 + c − 1 < 320
	for j := range digits {
		word, shift := j*c/64, j*c%64
		sum[word] |= d << shift
		if shift+c > 64 {
			sum[word+1] |= d >> (64 - shift)
		}
	}
	var rows [scalarsAtATime][8 * len(sum)]byte
	for len(scalars) > 0 {
		n := min(len(scalars), len(rows))
		for k := range n {
			addTo(&rows[k], &scalars[k], &sum)
		}
		for j := range digits {
			writeWindow(digits[j][first:][:n], &rows, uint(j*c), uint(c), int16(d))
		}
		first, scalars = first+n, scalars[n:]
	}
}

// writeWindow writes the c bits of every row from a bit on, less d each. It is
// below 254, so that its byte is below 32, and with up to 7 bits before them they
// are in four bytes.
//
//go:noinline // for all it needs in the loop to stay in registers
func writeWindow(out []int16, rows *[scalarsAtATime][40]byte, bit, c uint, d int16) {
	at, shift, mask := bit/8%32, bit%8, uint32(1)<<c-1
	for k := range out {
		v := binary.LittleEndian.Uint32(rows[uint(k)%scalarsAtATime][at : at+4])
		out[k] = int16(v>>shift&mask) - d
	}
}

// addTo writes s + sum, little endian.
func addTo(b *[40]byte, s *Scalar, sum *[5]uint64) {
	v, carry := bits.Add64(s[0], sum[0], 0)
	binary.LittleEndian.PutUint64(b[:], v)
	v, carry = bits.Add64(s[1], sum[1], carry)
	binary.LittleEndian.PutUint64(b[8:], v)
	v, carry = bits.Add64(s[2], sum[2], carry)
	binary.LittleEndian.PutUint64(b[16:], v)
	v, carry = bits.Add64(s[3], sum[3], carry)
	binary.LittleEndian.PutUint64(b[24:], v)
	binary.LittleEndian.PutUint64(b[32:], sum[4]+carry)
}
