package group

import (
	"encoding/binary"

	field "github.com/cloudflare/circl/math/fp25519"
)

// The constants of RFC 9496, Section 4.1, little endian.
var (
	one = field.Elt{1}

	// d of the curve −x² + y² = 1 + dx²y²: −121665/121666.
	curveD = field.Elt{
		0xa3, 0x78, 0x59, 0x13, 0xca, 0x4d, 0xeb, 0x75, 0xab, 0xd8, 0x41, 0x41, 0x4d, 0x0a, 0x70, 0x00,
		0x98, 0xe8, 0x79, 0x77, 0x79, 0x40, 0xc7, 0x8c, 0x73, 0xfe, 0x6f, 0x2b, 0xee, 0x6c, 0x03, 0x52,
	}

	// A square root of −1: SQRT_M1.
	rootOfMinusOne = field.Elt{
		0xb0, 0xa0, 0x0e, 0x4a, 0x27, 0x1b, 0xee, 0xc4, 0x78, 0xe4, 0x2f, 0xad, 0x06, 0x18, 0x43, 0x2f,
		0xa7, 0xd7, 0xfb, 0x3d, 0x99, 0x00, 0x4d, 0x2b, 0x0b, 0xdf, 0xc1, 0x4f, 0x80, 0x24, 0x83, 0x2b,
	}

	// 1/√(−1 − d): INVSQRT_A_MINUS_D.
	invRootOfADiff = field.Elt{
		0xea, 0x40, 0x5d, 0x80, 0xaa, 0xfd, 0xc8, 0x99, 0xbe, 0x72, 0x41, 0x5a, 0x17, 0x16, 0x2f, 0x9d,
		0x40, 0xd8, 0x01, 0xfe, 0x91, 0x7b, 0xc2, 0x16, 0xa2, 0xfc, 0xaf, 0xcf, 0x05, 0x89, 0x6c, 0x78,
	}
)

// isNegative returns 1 if x is negative (RFC 9496, Section 3.1: odd), else 0.
// It reduces x.
func isNegative(x *field.Elt) uint {
	field.Modp(x)
	return uint(x[0] & 1)
}

// negate replaces x by −x if condition is 1, without a branch.
func negate(x *field.Elt, condition uint) {
	var minus field.Elt
	field.Neg(&minus, x)
	field.Cmov(x, &minus, condition)
}

// isZero returns 1 if x is 0, else 0, without a branch. It reduces x.
// (The library's IsZero compares arrays, which may stop at the first
// difference.)
func isZero(x *field.Elt) uint {
	field.Modp(x)
	any := uint64(0)
	for i := 0; i < len(x); i += 8 {
		any |= binary.LittleEndian.Uint64(x[i:])
	}
	return uint((any|-any)>>63) ^ 1
}

// invertAll replaces every x by 1/x, and 0 by 0, with one inversion for all
// (Montgomery's trick), in a time that depends on their number only.
func invertAll(xs []field.Elt) {
	before := make([]field.Elt, len(xs)) // the product of all xs before this one
	zero := make([]uint, len(xs))
	product := one
	for i := range xs {
		zero[i] = isZero(&xs[i])
		field.Cmov(&xs[i], &one, zero[i]) // a 0 would spoil the others
		before[i] = product
		field.Mul(&product, &product, &xs[i])
	}
	field.Inv(&product, &product)
	for i := len(xs) - 1; i >= 0; i-- {
		x := xs[i]
		field.Mul(&xs[i], &product, &before[i])
		field.Cmov(&xs[i], &field.Elt{}, zero[i])
		field.Mul(&product, &product, &x)
	}
}
