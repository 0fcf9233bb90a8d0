package multiscalar

import "math/bits"

// bucketSort is the order in which the buckets of a window are filled: eight at
// a time, each in a lane, and those of like size together, so that few lanes
// wait for the fullest of their eight.
type bucketSort struct {
	size  []uint32 // of bucket b
	next  []uint32 // where the next entry of bucket b goes among the steps
	order []uint32 // the buckets, fullest first
	start []uint32 // where the steps of each eight begin
	many  []uint32 // how many buckets come before those of a size
}

// resized is s with length n and zeros, in the same memory if it has room.
func resized(s []uint32, n int) []uint32 {
	if cap(s) < n {
		return make([]uint32, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// magnitude is |d| and whether d is negative.
func magnitude(d int16) (size, negative uint32) {
	sign := int32(d) >> 31
	return uint32(int32(d) ^ sign - sign), uint32(sign & 1)
}

// arrange orders buckets 1 to count, a multiple of 8, by the digits' magnitudes.
// Digits of 0 belong nowhere.
func (b *bucketSort) arrange(digits []int16, count int) {
	b.size, b.next = resized(b.size, count+1), resized(b.next, count+1)
	b.order, b.start = resized(b.order, count), resized(b.start, count/8+1)
	for _, d := range digits {
		m, _ := magnitude(d)
		b.size[m]++
	}
	most := uint32(0)
	for _, n := range b.size[1:] {
		most = max(most, n)
	}
	b.many = resized(b.many, int(most)+2)
	for _, n := range b.size[1:] {
		b.many[most-n+1]++
	}
	for i := 1; i < len(b.many); i++ {
		b.many[i] += b.many[i-1]
	}
	for bucket := 1; bucket <= count; bucket++ {
		place := &b.many[most-b.size[bucket]]
		b.order[*place] = uint32(bucket)
		*place++
	}
	at := uint32(0)
	for g := range count / 8 {
		b.start[g] = at
		for l, bucket := range b.order[8*g : 8*g+8] {
			b.next[bucket] = at + uint32(l)
		}
		at += 8 * b.size[b.order[8*g]]
	}
	b.start[count/8] = at
}

// window implements table. It is one window of Pippenger's method: entries are
// added into the bucket of their digit's magnitude, and the sum of value times
// bucket is taken with two additions for each bucket.
func (t *vectorTable) window(digits []int16, c int) Point {
	count := max(8, 1<<(c-1))
	t.sorted.arrange(digits, count)
	t.fillSteps(digits, count)
	rows := count / 8
	if len(t.grid) < rows {
		t.grid = make([]points, rows)
	}
	for g := range rows {
		t.setIdentities(t.running)
		if n := t.sorted.start[g+1] - t.sorted.start[g]; n > 0 {
			t.on.addEntries(t.running, t.entries, t.steps[t.sorted.start[g]:], int(n/8))
		}
		t.scatter(t.sorted.order[8*g:8*g+8], rows)
	}
	return t.weigh(rows)
}

// fillSteps writes the steps in the order of the buckets.
func (t *vectorTable) fillSteps(digits []int16, count int) {
	b := &t.sorted
	end := int(b.start[count/8])
	t.steps = resized(t.steps, end+8*lookahead)
	identity := uint32(len(t.entries)-1) * entryStep
	for i, d := range digits {
		if d == 0 {
			continue
		}
		m, negative := magnitude(d)
		t.steps[b.next[m]] = uint32(i)*entryStep + negative*negativeStep
		b.next[m] += 8
	}
	for g := range count / 8 {
		for l, bucket := range b.order[8*g : 8*g+8] {
			for at := b.next[bucket]; at < b.start[g+1]+uint32(l); at += 8 {
				t.steps[at] = identity
			}
		}
	}
	for i := end; i < len(t.steps); i++ {
		t.steps[i] = identity
	}
}

// scatter moves the eight sums to their buckets' places in the grid: bucket b
// stands in row (b-1) mod rows and lane (b-1) / rows.
func (t *vectorTable) scatter(buckets []uint32, rows int) {
	f := t.on.form()
	for l, bucket := range buckets {
		to, lane := &t.grid[(int(bucket)-1)%rows], (int(bucket)-1)/rows
		for part := plusXY; part <= productT; part++ {
			f.move(&to[part], lane, &t.running[part], l)
		}
	}
}

// weigh is the sum of value times bucket. With S_l the sum of the buckets of
// lane l and T_l the sum of (row + 1) times them, it is
//
//	Σ_l T_l + rows · Σ_l l·S_l.
func (t *vectorTable) weigh(rows int) Point {
	t.setIdentities(t.running)
	t.setIdentities(t.total)
	for i := rows - 1; i >= 0; i-- {
		t.on.addSums(t.running, &t.grid[i], t.fourD)
		t.on.addSums(t.total, (*points)(t.running[:]), t.fourD)
	}
	var s, sum [8]Point
	t.pointsOf(t.running, &s)
	t.pointsOf(t.total, &sum)
	above, weighted := s[7], s[7] // Σ of S_l from a lane up, and the sum of those
	for l := 6; l > 0; l-- {
		above = above.Add(s[l])
		weighted = weighted.Add(above)
	}
	for range bits.TrailingZeros(uint(rows)) {
		weighted = weighted.Add(weighted)
	}
	for _, p := range sum {
		weighted = weighted.Add(p)
	}
	return weighted
}
