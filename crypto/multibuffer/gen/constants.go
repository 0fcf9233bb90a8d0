package main

import "math/big"

// roundConstants are K_0 … K_79 of FIPS 180-4, Section 4.2.3: the first 64 bits of
// the fractional parts of the cube roots of the first eighty primes.
func roundConstants() (k [80]uint64) {
	n := 0
	for p := int64(2); n < len(k); p++ {
		if big.NewInt(p).ProbablyPrime(0) { // certain below 2^64
			k[n] = fraction(p)
			n++
		}
	}
	return k
}

// fraction is ⌊2^64·∛p⌋ modulo 2^64: the greatest r with r^3 ≤ p·2^192.
func fraction(p int64) uint64 {
	cube := new(big.Int).Lsh(big.NewInt(p), 192)
	r := new(big.Int)
	for bit := 67; bit >= 0; bit-- { // ∛409 < 2^3
		r.SetBit(r, bit, 1)
		if new(big.Int).Exp(r, big.NewInt(3), nil).Cmp(cube) > 0 {
			r.SetBit(r, bit, 0)
		}
	}
	return new(big.Int).And(r, new(big.Int).SetUint64(1<<64-1)).Uint64()
}
