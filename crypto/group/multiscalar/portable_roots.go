package multiscalar

import (
	field "github.com/cloudflare/circl/math/fp25519"
)

var minusOne = negative(&one) // canonical, as p is

// A pair is two field elements of which the same is computed. A square root is a
// chain of squarings, each of which waits for the one before; two chains side by
// side keep the processor's multipliers busy and take a quarter less time.
type pair [2]field.Elt

// square squares both, so many times.
func (r *pair) square(times int) {
	for range times {
		field.Sqr(&r[0], &r[0])
		field.Sqr(&r[1], &r[1])
	}
}

// mul sets r to x·y.
func (r *pair) mul(x, y *pair) {
	field.Mul(&r[0], &x[0], &y[0])
	field.Mul(&r[1], &x[1], &y[1])
}

// append sets r to x^(2^n)·y: of exponents written in binary, that of y, of n
// digits, behind that of x.
func (r *pair) append(x, y *pair, n int) {
	z := *x
	z.square(n)
	r.mul(&z, y)
}

// power sets r to x^((p−5)/8) = x^(2^252−3).
func (r *pair) power(x *pair) {
	var two, nine, eleven pair
	two.append(x, &pair{one, one}, 1)
	nine.append(&two, x, 2)
	eleven.mul(&nine, &two)
	var ones5, ones10, ones20, ones50, z pair // x^(2^5−1) and so on
	ones5.append(&eleven, &nine, 1)
	ones10.append(&ones5, &ones5, 5)
	ones20.append(&ones10, &ones10, 10)
	z.append(&ones20, &ones20, 20)
	ones50.append(&z, &ones10, 10)
	z.append(&ones50, &ones50, 50) // 100
	z.append(&z, &z, 100)          // 200
	z.append(&z, &ones50, 50)      // 250
	r.append(&z, x, 2)             // (2^250−1)·4 + 1
}

// inverseRoots sets r to 1/√w, of either sign, and reports where there is one:
// SQRT_RATIO_M1(1, w) of RFC 9496, Section 4.2, without the last step, the sign.
func (r *pair) inverseRoots(w *pair) (has [2]bool) {
	var cube, seventh, check pair
	cube.append(w, w, 1)
	seventh.append(&cube, w, 1)
	r.power(&seventh)
	r.mul(r, &cube)
	check = *r
	check.square(1)
	check.mul(&check, w)
	for i := range has {
		field.Modp(&check[i])
		switch check[i] {
		case one:
			has[i] = true
		case minusOne:
			field.Mul(&r[i], &r[i], &rootOfMinusOne)
			has[i] = true
		}
	}
	return has
}
