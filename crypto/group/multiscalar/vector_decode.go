package multiscalar

// groups is how many times eight points are decoded together: while one square
// root waits for itself, the processor works on the other.
const groups = 2

// perRound is how many points are decoded together.
const perRound = 8 * groups

// decoder is the workplace of the decoding of RFC 9496 Section 4.3.1; its
// variables have the names they have there.
type decoder struct {
	on instructions
	*curve

	*variables

	offsets [groups][8]uint32
	refused [groups]uint32 // one bit for each lane
	scratch [perRound]entry
	retry   []int // encodings whose hint is wrong
}

// variables stand apart, where there are no pointers: such memory begins at a
// multiple of a cache line.
type variables struct {
	s, ss, u1, u2, u2Squared, v, w [groups]lanes
	root                           [groups]lanes // 1/√w, w = v·u2²
	x, y, t, plus, minus           [groups]lanes
	a, b, c                        [groups]lanes // of a power
}

// read puts 16 encodings into lanes, refuses those that are not the encoding of
// a non-negative field element, and computes what does not need the root.
func (d *decoder) read(data []byte) {
	for g := range groups {
		odd, excess := d.on.unpack(&d.s[g], data, &d.offsets[g])
		d.refused[g] = odd | excess
		d.on.multiply(&d.ss[g], &d.s[g], &d.s[g])
		d.on.subtract(&d.u1[g], d.one, &d.ss[g])
		d.on.add(&d.u2[g], d.one, &d.ss[g])
		d.on.multiply(&d.u2Squared[g], &d.u2[g], &d.u2[g])
		d.on.multiply(&d.v[g], &d.u1[g], &d.u1[g])
		d.on.multiply(&d.v[g], &d.v[g], d.minusD)
		d.on.subtract(&d.v[g], &d.v[g], &d.u2Squared[g]) // v = -(d·u1²) - u2²
		d.on.multiply(&d.w[g], &d.v[g], &d.u2Squared[g])
	}
}

// square squares both groups of r, so many times.
func (d *decoder) square(r *[groups]lanes, times int) { d.on.squareTwo(r, times) }

func (d *decoder) multiply(r, x, y *[groups]lanes) {
	for g := range groups {
		d.on.multiply(&r[g], &x[g], &y[g])
	}
}

// squareThen sets r to x^(2^times) · y. r is neither x nor y.
func (d *decoder) squareThen(r, x *[groups]lanes, times int, y *[groups]lanes) {
	*r = *x
	d.square(r, times)
	d.multiply(r, r, y)
}

// power sets root to w^7 raised to (p-5)/8 = 2^252 - 3. Beside each step stands
// the exponent that it reaches.
func (d *decoder) power() {
	x := &d.t
	d.squareThen(x, &d.w, 1, &d.w) // w^3
	d.squareThen(&d.a, x, 1, &d.w) // w^7
	*x = d.a
	d.squareThen(&d.a, x, 1, x)        // 2^2 - 1
	d.squareThen(&d.b, &d.a, 2, &d.a)  // 2^4 - 1
	d.squareThen(&d.a, &d.b, 1, x)     // 2^5 - 1
	d.squareThen(&d.b, &d.a, 5, &d.a)  // 2^10 - 1
	d.squareThen(&d.c, &d.b, 10, &d.b) // 2^20 - 1
	d.squareThen(&d.a, &d.c, 20, &d.c) // 2^40 - 1
	d.squareThen(&d.c, &d.a, 10, &d.b) // 2^50 - 1
	d.squareThen(&d.a, &d.c, 50, &d.c) // 2^100 - 1
	d.squareThen(&d.b, &d.a, 100, &d.a)
	d.squareThen(&d.a, &d.b, 50, &d.c) // 2^250 - 1
	d.squareThen(&d.root, &d.a, 2, x)  // 2^252 - 3
}

// findRoots computes SQRT_RATIO_M1(1, w) of RFC 9496 Section 4.2 but for the
// sign, which the decoding does not need, and refuses the lanes where w is not a
// square or is 0.
func (d *decoder) findRoots() {
	d.power()
	d.squareThen(&d.t, &d.w, 1, &d.w)  // w^3
	d.multiply(&d.root, &d.root, &d.t) // w^3 · (w^7)^((p-5)/8)
	d.a = d.root
	d.square(&d.a, 1)
	d.multiply(&d.a, &d.a, &d.w)
	for g := range groups {
		_, _, one, minusOne := d.on.classify(&d.a[g], &d.a[g])
		d.on.multiply(&d.b[g], &d.root[g], d.sqrtMinus1)
		d.on.choose(&d.root[g], &d.root[g], &d.b[g], minusOne)
		d.refused[g] |= ^(one | minusOne)
	}
}

// readHints takes the roots from hints and reports the lanes where they are
// none: w·root² is not 1.
func (d *decoder) readHints(hints []byte) (wrong [groups]uint32) {
	for g := range groups {
		d.on.unpack(&d.root[g], hints, &d.offsets[g])
	}
	d.a = d.root
	d.square(&d.a, 1)
	d.multiply(&d.a, &d.a, &d.w)
	for g := range groups {
		_, _, one, _ := d.on.classify(&d.a[g], &d.a[g])
		wrong[g] = ^one
	}
	return wrong
}

// finish computes the points from the roots, refuses those with x·y negative or
// y zero, and writes the entries, that of the identity for the refused.
func (d *decoder) finish(to []entry) {
	for g := range groups {
		d.on.multiply(&d.a[g], &d.root[g], &d.u2[g]) // den_x
		d.on.multiply(&d.b[g], &d.root[g], &d.a[g])
		d.on.multiply(&d.b[g], &d.b[g], &d.v[g]) // den_y
		d.on.add(&d.t[g], &d.s[g], &d.s[g])
		d.on.multiply(&d.x[g], &d.t[g], &d.a[g])
		odd, _, _, _ := d.on.classify(&d.x[g], &d.x[g])
		d.on.subtract(&d.c[g], d.zero, &d.x[g])
		d.on.choose(&d.x[g], &d.x[g], &d.c[g], odd)
		d.on.multiply(&d.y[g], &d.u1[g], &d.b[g])
		d.on.multiply(&d.t[g], &d.x[g], &d.y[g])
		negative, _, _, _ := d.on.classify(&d.a[g], &d.t[g])
		_, zero, _, _ := d.on.classify(&d.a[g], &d.y[g])
		d.refused[g] |= negative | zero
		d.on.add(&d.plus[g], &d.y[g], &d.x[g])
		d.on.subtract(&d.minus[g], &d.y[g], &d.x[g])
		d.on.multiply(&d.t[g], &d.t[g], d.twiceD)
		if d.refused[g]&0xff != 0 {
			d.on.choose(&d.plus[g], &d.plus[g], d.one, d.refused[g])
			d.on.choose(&d.minus[g], &d.minus[g], d.one, d.refused[g])
			d.on.choose(&d.t[g], &d.t[g], d.zero, d.refused[g])
		}
		d.on.storeEntries(to[8*g:8*g+8], &d.plus[g], &d.minus[g], &d.t[g])
	}
}
