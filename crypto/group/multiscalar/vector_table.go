package multiscalar

import (
	"math/bits"
	"slices"
)

// vectorTable is a table whose points stand as entries, read and added eight at a
// time. Behind the last stands the identity, which lanes without work add.
type vectorTable struct {
	decoder
	entries []entry
	steps   []uint32
	sorted  bucketSort
	running *sums
	total   *sums
	grid    []points // the buckets of a window
}

func newVectorTable(on instructions, constants *curve, size int) *vectorTable {
	if size < 0 || size >= maxEntries {
		panic("multiscalar: no room for a table of this size")
	}
	t := &vectorTable{entries: make([]entry, size+1), running: new(sums), total: new(sums)}
	t.on, t.curve, t.variables = on, constants, new(variables)
	for i := range t.entries {
		t.entries[i] = identityEntry
	}
	return t
}

var identityEntry = entry{0: 1, 8: 1} // y+x = y-x = 1, 2·d·x·y = 0

// decode implements table.
func (t *vectorTable) decode(first int, data []byte, offsets []uint32, hints []byte) (bad []int) {
	to := t.entries[first : first+len(offsets)]
	t.retry = t.retry[:0]
	for at := 0; at < len(offsets); at += perRound {
		n := min(perRound, len(offsets)-at)
		t.place(n, data, func(i int) uint32 { return offsets[at+i] })
		t.read(data)
		before := len(t.retry)
		if hints == nil {
			t.findRoots()
		} else {
			t.useHints(hints[32*at:], at, n)
		}
		t.write(to[at : at+n])
		for i := range n {
			if t.isRefused(i) && !slices.Contains(t.retry[before:], at+i) {
				bad = append(bad, at+i)
			}
		}
	}
	for at := 0; at < len(t.retry); at += perRound {
		bad = t.decodeAgain(to, data, offsets, t.retry[at:min(at+perRound, len(t.retry))], bad)
	}
	slices.Sort(bad)
	return bad
}

// decodeAgain decodes up to 16 encodings without hints.
func (t *vectorTable) decodeAgain(to []entry, data []byte, offsets []uint32, which, bad []int) []int {
	t.place(len(which), data, func(i int) uint32 { return offsets[which[i]] })
	t.read(data)
	t.findRoots()
	t.finish(t.scratch[:])
	for i, e := range which {
		to[e] = t.scratch[i]
		if t.isRefused(i) {
			bad = append(bad, e)
		}
	}
	return bad
}

// place tells where the encodings of a round stand; lanes without work repeat
// the last.
func (d *decoder) place(n int, data []byte, offset func(i int) uint32) {
	for i := range perRound {
		o := offset(min(i, n-1))
		_ = data[int(o) : int(o)+32] // the kernel does not ask
		d.offsets[i/8][i%8] = o
	}
}

// useHints takes the first n hints for the encodings from at on. Those that are
// wrong are tried again later, without; what is refused already is not.
func (d *decoder) useHints(hints []byte, at, n int) {
	_ = hints[:32*n]
	for i := range perRound {
		d.offsets[i/8][i%8] = 32 * uint32(min(i, n-1))
	}
	for g, wrong := range d.readHints(hints) {
		for again := wrong &^ d.refused[g] & 0xff; again != 0; again &= again - 1 {
			if i := 8*g + bits.TrailingZeros32(again); i < n {
				d.retry = append(d.retry, at+i)
			}
		}
		d.refused[g] |= wrong
	}
}

func (d *decoder) isRefused(i int) bool { return d.refused[i/8]>>(i%8)&1 == 1 }

// write finishes a round and writes the entries of its first encodings.
func (d *decoder) write(to []entry) {
	if len(to) == perRound {
		d.finish(to)
		return
	}
	d.finish(d.scratch[:])
	copy(to, d.scratch[:])
}

// squareRoots implements table.
func (t *vectorTable) squareRoots(data []byte, offsets []uint32, out []byte) {
	for at := 0; at < len(offsets); at += perRound {
		n := min(perRound, len(offsets)-at)
		t.place(n, data, func(i int) uint32 { return offsets[at+i] })
		t.read(data)
		t.findRoots()
		for g := range groups {
			odd, _, _, _ := t.on.classify(&t.root[g], &t.root[g])
			t.on.subtract(&t.a[g], t.zero, &t.root[g])
			t.on.choose(&t.root[g], &t.root[g], &t.a[g], odd)
			t.on.classify(&t.root[g], &t.root[g])
			t.on.choose(&t.root[g], &t.root[g], t.zero, t.refused[g])
		}
		for i := range n {
			t.on.form().bytesOfLane(out[32*(at+i):][:32], &t.root[i/8], i%8)
		}
	}
}

// sum implements table.
func (t *vectorTable) sum(first, step, count int) Point {
	t.steps = slices.Grow(t.steps[:0], 8*(lookahead+(count+7)/8))
	for k := range count {
		t.steps = append(t.steps, uint32(first+k*step)*entryStep)
	}
	steps := (count + 7) / 8
	t.steps = t.restWith(t.steps, 8*steps-count+8*lookahead)
	t.setIdentities(t.running)
	t.on.addEntries(t.running, t.entries, t.steps, steps)
	var points [8]Point
	t.pointsOf(t.running, &points)
	r := points[0]
	for _, p := range points[1:] {
		r = r.Add(p)
	}
	return r
}

// restWith appends n steps that add nothing.
func (t *vectorTable) restWith(steps []uint32, n int) []uint32 {
	for range n {
		steps = append(steps, uint32(len(t.entries)-1)*entryStep)
	}
	return steps
}

// setIdentities sets all eight points to the identity (0 : 1 : 1 : 0).
func (c *curve) setIdentities(s *sums) {
	s[plusXY], s[minusXY], s[twiceZ], s[productT] = *c.one, *c.one, *c.two, *c.zero
}

// pointsOf converts the eight points. All four coordinates come out twice what
// they were, which represents the same point.
func (t *vectorTable) pointsOf(s *sums, points *[8]Point) {
	x, y, z, product := &t.a[0], &t.b[0], &t.c[0], &t.t[0]
	t.on.subtract(x, &s[plusXY], &s[minusXY])
	t.on.add(y, &s[plusXY], &s[minusXY])
	t.on.add(product, &s[productT], &s[productT])
	for _, e := range []struct{ to, from *lanes }{{x, x}, {y, y}, {z, &s[twiceZ]}, {product, product}} {
		t.on.classify(e.to, e.from)
	}
	for l := range points {
		p := &points[l]
		t.on.form().bytesOfLane(p.x[:], x, l)
		t.on.form().bytesOfLane(p.y[:], y, l)
		t.on.form().bytesOfLane(p.z[:], z, l)
		t.on.form().bytesOfLane(p.t[:], product, l)
	}
}
