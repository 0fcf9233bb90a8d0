package multiscalar

import (
	"encoding/binary"
	"math/big"
)

// A form is how lanes hold numbers: in limbs of so many bits, the least
// significant first. A limb stands beside the same limb of the other lanes, in 64
// bits where there are five, in 32 where there are ten.
type form []uint

// forIFMA is what VPMADD52 multiplies.
var forIFMA = form{51, 51, 51, 51, 51}

// forAVX2 is what VPMULUDQ multiplies, and leaves room for sums.
var forAVX2 = form{26, 25, 26, 25, 26, 25, 26, 25, 26, 25}

// at returns the word that holds limb k of lane l, and where in it that begins.
func (f form) at(k, l int) (word int, shift uint) {
	if len(f) == 5 {
		return 8*k + l, 0
	}
	return 4*k + l/2, uint(l%2) * 32
}

func (f form) limb(x *lanes, k, l int) uint64 {
	word, shift := f.at(k, l)
	if len(f) == 5 {
		return x[word]
	}
	return x[word] >> shift & (1<<32 - 1)
}

func (f form) setLimb(x *lanes, k, l int, limb uint64) {
	word, shift := f.at(k, l)
	if len(f) == 5 {
		x[word] = limb
		return
	}
	x[word] = x[word]&^((1<<32-1)<<shift) | limb<<shift
}

// move copies lane from of x to lane to of r.
func (f form) move(r *lanes, to int, x *lanes, from int) {
	if len(f) == 5 {
		for k := range 5 {
			r[8*k+to] = x[8*k+from]
		}
		return
	}
	const all = 1<<32 - 1
	there, right := f.at(0, from)
	here, left := f.at(0, to)
	for k := 0; k < len(x); k += 4 {
		r[k+here] = r[k+here]&^(all<<left) | x[k+there]>>right&all<<left
	}
}

// everyLane is the same number, less than 2^255, in all lanes.
func (f form) everyLane(number *big.Int) *lanes {
	var r lanes
	rest := new(big.Int).Set(number)
	for k, width := range f {
		mask := new(big.Int).SetUint64(1<<width - 1)
		limb := mask.And(mask, rest).Uint64()
		rest.Rsh(rest, width)
		for l := range 8 {
			f.setLimb(&r, k, l, limb)
		}
	}
	return &r
}

// bytesOfLane writes the element in lane l of x, which is canonical, to b,
// least significant byte first.
func (f form) bytesOfLane(b []byte, x *lanes, l int) {
	var words [4]uint64
	bit := uint(0)
	for k, width := range f {
		limb, word, shift := f.limb(x, k, l), bit/64, bit%64
		words[word] |= limb << shift
		if shift+width > 64 {
			words[word+1] |= limb >> (64 - shift)
		}
		bit += width
	}
	for i, w := range words {
		binary.LittleEndian.PutUint64(b[8*i:], w)
	}
}

// curve is the constants of RFC 9496 Section 4.1 in all lanes.
type curve struct {
	zero, one  *lanes
	two        *lanes
	minusD     *lanes // -d, d = -121665/121666
	twiceD     *lanes
	fourD      *lanes
	sqrtMinus1 *lanes
}

func newCurve(f form) *curve {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	multiple := func(n int64, x *big.Int) *lanes {
		y := new(big.Int).Mul(big.NewInt(n), x)
		return f.everyLane(y.Mod(y, p))
	}
	d := new(big.Int).ModInverse(big.NewInt(121666), p)
	d.Mul(d, big.NewInt(-121665)).Mod(d, p)
	// 2 is not a square modulo p, so 2^((p-1)/4) is a square root of -1; RFC 9496
	// takes the even one.
	root := new(big.Int).Exp(big.NewInt(2), new(big.Int).Rsh(new(big.Int).Sub(p, big.NewInt(1)), 2), p)
	if root.Bit(0) == 1 {
		root.Sub(p, root)
	}
	return &curve{
		zero: multiple(0, d), one: f.everyLane(big.NewInt(1)), two: f.everyLane(big.NewInt(2)), sqrtMinus1: f.everyLane(root),
		minusD: multiple(-1, d), twiceD: multiple(2, d), fourD: multiple(4, d),
	}
}
