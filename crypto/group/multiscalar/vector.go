package multiscalar

// lanes is eight elements of GF(2^255-19) in their form. Every limb is reduced:
// little greater than its width allows (see gen/bounds.go). Every instruction
// below takes that and leaves it so.
type lanes = [40]uint64

// points is eight points, one in each lane. A point (X : Y : Z : T) with X·Y = Z·T
// is held as Y+X, Y-X, 2·Z and T.
type points = [4]lanes

// sums is points and room for the instructions to work in.
type sums = [13]lanes

// Places in points and sums.
const (
	plusXY   = 0
	minusXY  = 1
	twiceZ   = 2
	productT = 3
)

// entry is an affine point (x, y) as the instructions lay it out: y+x, y-x and
// 2·d·x·y in two cache lines.
type entry = [16]uint64

// Steps of addEntries name an entry by its number times entryStep, plus
// negativeStep for its negative, and lookahead more of them follow the last.
const (
	entryStep    = 128
	negativeStep = 64
	lookahead    = 4
)

// maxEntries is how many entries 32 bits of a step can name.
const maxEntries = 1<<32/entryStep - 1

// instructions are the operations on eight lanes, specified in
// ifma_stubs_amd64.go and, the same in another form, in avx2_stubs_amd64.go. A
// processor carries them out, or, in tests on every machine, an interpreter of the
// assembly for IFMA.
type instructions interface {
	form() form
	multiply(r, x, y *lanes)
	squareTwo(r *[2]lanes, times int)
	add(r, x, y *lanes)
	subtract(r, x, y *lanes)
	choose(r, x, y *lanes, which uint32)
	classify(r, x *lanes) (odd, zero, one, minusOne uint32)
	unpack(r *lanes, data []byte, offsets *[8]uint32) (odd, excess uint32)
	storeEntries(to []entry, plus, minus, t *lanes)
	addEntries(s *sums, table []entry, steps []uint32, count int)
	addSums(s *sums, other *points, fourD *lanes)
}

// vector is a back end that works on eight elements at a time.
type vector struct {
	called    string
	on        instructions
	constants *curve
}

func newVector(called string, on instructions) kernel {
	return &vector{called: called, on: on, constants: newCurve(on.form())}
}

func (b *vector) name() string { return b.called }

func (b *vector) newTable(size int) table { return newVectorTable(b.on, b.constants, size) }
