package main

import (
	"fmt"
	"math/big"
)

// A bound is the greatest value that a 64-bit lane can have: the argument
// about limb bounds, done by the generator for every instruction it writes.
//
// An element of GF(2^255-19) in one lane is five limbs x0 … x4, and stands for
// x0 + 2^51·x1 + 2^102·x2 + 2^153·x3 + 2^204·x4. Three kinds occur:
//
//   - reduced: every limb ≤ 2^51 + 2^15. All elements in memory are reduced:
//     every kernel may take that for granted and has to leave it so.
//   - multiplicand: every limb < 2^52. VPMADD52LUQ and VPMADD52HUQ read the low
//     52 bits of their operands only, so anything greater would be wrong.
//   - wide: every limb < 2^64, the sums before carrying.
type bound = *big.Int

var (
	maxReduced      = plus(pow2(51), pow2(15))
	maxMultiplicand = minus(pow2(52), num(1))
	maxLane         = minus(pow2(64), num(1))
	maxLimb         = minus(pow2(51), num(1)) // of a canonical element
)

func num(n uint64) bound        { return new(big.Int).SetUint64(n) }
func pow2(n uint) bound         { return new(big.Int).Lsh(big.NewInt(1), n) }
func plus(a, b bound) bound     { return new(big.Int).Add(a, b) }
func minus(a, b bound) bound    { return new(big.Int).Sub(a, b) }
func times(a, b bound) bound    { return new(big.Int).Mul(a, b) }
func shl(a bound, n uint) bound { return new(big.Int).Lsh(a, n) }
func shr(a bound, n uint) bound { return new(big.Int).Rsh(a, n) }

func least(a, b bound) bound {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func greatest(a, b bound) bound {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

func orZero(b bound) bound {
	if b == nil {
		return num(0)
	}
	return b
}

// must stops the generator when a value could exceed what its use allows.
func must(what string, value, most bound) {
	if value.Cmp(most) > 0 {
		panic(fmt.Sprintf("gen: %s can be %v, more than %v", what, describe(value), describe(most)))
	}
}

// describe writes a bound in powers of two, as the comments do.
func describe(b bound) string {
	n := uint(b.BitLen())
	if n < 10 {
		return b.String()
	}
	rest := minus(b, pow2(n-1))
	switch {
	case rest.Sign() == 0:
		return fmt.Sprintf("2^%d", n-1)
	case rest.BitLen() < 20 && n > 40:
		return fmt.Sprintf("2^%d + %v", n-1, rest)
	case minus(pow2(n), b).BitLen() < 20:
		return fmt.Sprintf("2^%d - %v", n, minus(pow2(n), b))
	}
	bits := new(big.Float).SetInt(b)
	mantissa, _ := new(big.Float).Quo(bits, new(big.Float).SetInt(pow2(n-1))).Float64()
	return fmt.Sprintf("%.3f·2^%d", mantissa, n-1)
}
