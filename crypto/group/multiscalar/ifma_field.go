package multiscalar

import (
	"encoding/binary"
	"math/big"
)

const limbBits, limbMask = 51, 1<<51 - 1

// everyLane is the same number, less than 2^255, in all lanes.
func everyLane(number *big.Int) *lanes {
	var r lanes
	rest := new(big.Int).Set(number)
	for k := range r {
		limb := new(big.Int).And(rest, big.NewInt(limbMask)).Uint64()
		rest.Rsh(rest, limbBits)
		for l := range r[k] {
			r[k][l] = limb
		}
	}
	return &r
}

// curve is the constants of RFC 9496 Section 4.1 in all lanes.
type curve struct {
	zero, one  *lanes
	minusD     *lanes // -d, d = -121665/121666
	twiceD     *lanes
	fourD      *lanes
	sqrtMinus1 *lanes
}

func newCurve() *curve {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	multiple := func(n int64, x *big.Int) *lanes {
		y := new(big.Int).Mul(big.NewInt(n), x)
		return everyLane(y.Mod(y, p))
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
		zero: multiple(0, d), one: everyLane(big.NewInt(1)), sqrtMinus1: everyLane(root),
		minusD: multiple(-1, d), twiceD: multiple(2, d), fourD: multiple(4, d),
	}
}

// bytesOfLane writes the element in lane l of x, which is canonical, to b,
// least significant byte first.
func bytesOfLane(b []byte, x *lanes, l int) {
	x0, x1, x2, x3, x4 := x[0][l], x[1][l], x[2][l], x[3][l], x[4][l]
	binary.LittleEndian.PutUint64(b[0:], x0|x1<<51)
	binary.LittleEndian.PutUint64(b[8:], x1>>13|x2<<38)
	binary.LittleEndian.PutUint64(b[16:], x2>>26|x3<<25)
	binary.LittleEndian.PutUint64(b[24:], x3>>39|x4<<12)
}
