package multiscalar

// lanes is eight elements of GF(2^255-19), one in each lane l: limb k of it is
// [k][l] and weighs 2^(51·k). Every limb is at most 2^51 + 2^15 ("reduced", see
// gen/bounds.go): every instruction below takes that and leaves it so.
type lanes = [5][8]uint64

// sums is eight points, one in each lane, and room for the instructions to work
// in. A point (X : Y : Z : T) with X·Y = Z·T is held as Y+X, Y-X, 2·Z and T.
type sums = [8]lanes

// Places in sums.
const (
	plusXY   = 0
	minusXY  = 1
	twiceZ   = 2
	productT = 3
)

// entry is an affine point (x, y) as gen/points.go lays it out: y+x, y-x and
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
// ifma_stubs_amd64.go. The processor carries them out, or, in tests on every
// machine, an interpreter of the same assembly.
type instructions interface {
	multiply(r, x, y *lanes)
	squareTwo(r *[2]lanes, times int)
	add(r, x, y *lanes)
	subtract(r, x, y *lanes)
	choose(r, x, y *lanes, which uint32)
	classify(r, x *lanes) (odd, zero, one, minusOne uint32)
	unpack(r *lanes, data []byte, offsets *[8]uint32) (odd, excess uint32)
	storeEntries(to []entry, plus, minus, t *lanes)
	addEntries(s *sums, table []entry, steps []uint32, count int)
	addSums(s, other *sums, fourD *lanes)
}

// ifma is the back end for AVX-512 IFMA, on instructions carried out by a
// processor or by an interpreter.
type ifma struct {
	on        instructions
	constants *curve
}

func newIFMA(on instructions) kernel { return &ifma{on: on, constants: newCurve()} }

func (*ifma) name() string { return "ifma" }

func (b *ifma) newTable(size int) table { return newIFMATable(b.on, b.constants, size) }
