package multiscalar

import (
	"fmt"
	"math/bits"
	"os"
	"strconv"
	"strings"
	"testing"
)

// A machine carries out ifma_amd64.s on any processor: registers, flags and
// memory are variables, and each instruction does what the Intel 64 and IA-32
// Architectures Software Developer's Manual, Volume 2, says of it. Operands stand
// in the order of Go's assembler: the destination last.
//
// It is stricter than a processor. It stops the test when a multiplicand has 52
// bits or more, a sum or a shifted number 64, a difference is negative, or
// memory is touched outside the arguments: the limbs' bounds, watched.
type machine struct {
	t        testing.TB
	routines map[string]*routine
	arch     processorState
}

type processorState struct {
	z       [32][8]uint64
	k       [8]uint64
	gp      map[string]uint64
	zero    bool              // the flag ZF
	frame   map[uint64]uint64 // arguments and results, by their offsets
	regions []region
}

// A region is an argument in memory. Words are 64 bits, least significant byte
// first.
type region struct {
	base, size uint64
	word       func(n uint64) *uint64 // nil where it is bytes, which are only read
	bytes      []byte
}

type routine struct {
	name   string
	body   []instruction
	labels map[string]int
}

type instruction struct {
	line string
	op   string
	args []operand
}

type operandKind int

const (
	immediate operandKind = iota
	general
	vectorRegister
	mask
	inMemory
	inFrame
	label
)

type operand struct {
	kind        operandKind
	name        string // of a general register or a label
	number      uint64 // value of an immediate, number of a vectorRegister or mask
	base, index string
	scale, disp uint64
}

const wordsOfHalf = 4 // in a register Y, the lower half of a Z

// newMachine reads the assembly.
func newMachine(t testing.TB) *machine {
	t.Helper()
	text, err := os.ReadFile("ifma_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, routines: map[string]*routine{}}
	var r *routine
	for n, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "//")
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#include"):
		case strings.HasPrefix(line, "TEXT ·"):
			name, _, _ := strings.Cut(strings.TrimPrefix(line, "TEXT ·"), "(SB)")
			r = &routine{name: name, labels: map[string]int{}}
			m.routines[name] = r
		case strings.HasSuffix(line, ":"):
			r.labels[strings.TrimSuffix(line, ":")] = len(r.body)
		default:
			op, rest, _ := strings.Cut(line, " ")
			i := instruction{line: fmt.Sprintf("line %d: %s", n+1, line), op: op}
			for _, arg := range strings.Split(rest, ",") {
				if arg = strings.TrimSpace(arg); arg != "" {
					i.args = append(i.args, parseOperand(t, arg))
				}
			}
			r.body = append(r.body, i)
		}
	}
	return m
}

func parseOperand(t testing.TB, s string) operand {
	number := func(s string) uint64 {
		n, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			t.Fatalf("operand %q: %v", s, err)
		}
		return n
	}
	switch {
	case s[0] == '$':
		return operand{kind: immediate, number: number(s[1:])}
	case strings.HasSuffix(s, "(FP)"):
		_, offset, _ := strings.Cut(strings.TrimSuffix(s, "(FP)"), "+")
		return operand{kind: inFrame, disp: number(offset)}
	case strings.HasSuffix(s, ")"):
		disp, places, _ := strings.Cut(strings.TrimSuffix(s, ")"), "(")
		o := operand{kind: inMemory}
		if disp != "" {
			o.disp = number(disp)
		}
		o.base = places
		if base, index, indexed := strings.Cut(places, ")("); indexed {
			index, scale, _ := strings.Cut(index, "*")
			o.base, o.index, o.scale = base, index, number(scale)
		}
		return o
	case s[0] == 'Z' || s[0] == 'Y':
		return operand{kind: vectorRegister, number: number(s[1:]), name: s[:1]}
	case s[0] == 'K':
		return operand{kind: mask, number: number(s[1:])}
	case s == strings.ToLower(s):
		return operand{kind: label, name: s}
	}
	return operand{kind: general, name: s}
}

// run carries out a routine with arguments in its frame.
func (m *machine) run(name string, regions []region, frame map[uint64]uint64) {
	m.t.Helper()
	r := m.routines[name]
	if r == nil {
		m.t.Fatalf("the assembly has no routine %s", name)
	}
	s := &m.arch
	s.gp, s.frame, s.regions = map[string]uint64{}, frame, regions
	for i := range s.z { // whatever stood there before must not matter
		for l := range s.z[i] {
			s.z[i][l] = 0xbad0000000000000 + uint64(i)
		}
	}
	for pc, steps := 0, 0; ; steps++ {
		i := &r.body[pc]
		if i.op == "RET" {
			return
		}
		to, err := s.step(i)
		if err != nil {
			m.t.Fatalf("%s, %s: %v", name, i.line, err)
		}
		pc++
		if to != "" {
			pc = r.labels[to]
		}
	}
}

// address is the place of a memory operand.
func (s *processorState) address(o operand) uint64 {
	a := s.gp[o.base] + o.disp
	if o.index != "" {
		a += s.gp[o.index] * o.scale
	}
	return a
}

func (s *processorState) region(a, size uint64) (*region, uint64, error) {
	for i := range s.regions {
		if r := &s.regions[i]; r.base <= a && a+size <= r.base+r.size {
			return r, a - r.base, nil
		}
	}
	return nil, 0, fmt.Errorf("%d bytes at %#x are outside of the arguments", size, a)
}

// load reads n words of 64 bits.
func (s *processorState) load(a uint64, n int) (w [8]uint64, err error) {
	r, at, err := s.region(a, 8*uint64(n))
	if err != nil {
		return w, err
	}
	for i := range n {
		if r.word == nil {
			for j := range 8 {
				w[i] |= uint64(r.bytes[at+uint64(8*i+j)]) << (8 * j)
			}
			continue
		}
		if at%8 != 0 {
			return w, fmt.Errorf("words at %#x are not aligned", a)
		}
		w[i] = *r.word(at/8 + uint64(i))
	}
	return w, nil
}

// load32 reads 32 bits.
func (s *processorState) load32(a uint64) (uint64, error) {
	r, at, err := s.region(a, 4)
	if err != nil {
		return 0, err
	}
	if r.word == nil || at%4 != 0 {
		return 0, fmt.Errorf("32 bits at %#x", a)
	}
	return *r.word(at / 8) >> (8 * (at % 8)) & 0xffffffff, nil
}

// vectorOf is the value of a register or of memory.
func (s *processorState) vectorOf(o operand) ([8]uint64, error) {
	switch o.kind {
	case vectorRegister:
		return s.z[o.number], nil
	case inMemory:
		return s.load(s.address(o), 8)
	}
	return [8]uint64{}, fmt.Errorf("an operand of the wrong kind")
}

// step carries out one instruction and says where to go on, if not behind it.
func (s *processorState) step(i *instruction) (to string, err error) {
	if i.op[0] == 'V' && i.op != "VZEROUPPER" {
		return "", s.vectorStep(i)
	}
	last := operand{}
	if len(i.args) > 0 {
		last = i.args[len(i.args)-1]
	}
	switch i.op {
	case "VZEROUPPER":
	case "MOVQ", "MOVL":
		return "", s.move(i.op == "MOVL", i.args[0], last)
	case "ADDQ":
		s.gp[last.name] += i.args[0].number
	case "XORQ":
		s.gp[last.name] ^= i.args[0].number
	case "DECQ":
		s.gp[last.name]--
		s.zero = s.gp[last.name] == 0
	case "TESTQ":
		s.zero = s.gp[i.args[0].name]&s.gp[last.name] == 0
	case "JZ", "JNZ":
		if s.zero == (i.op == "JZ") {
			return last.name, nil
		}
	case "PREFETCHT0":
		_, _, err = s.region(s.address(last), 64)
	case "KMOVW":
		if last.kind == mask {
			s.k[last.number] = s.gp[i.args[0].name] & 0xffff
			break
		}
		s.gp[last.name] = s.k[i.args[0].number] & 0xffff
	case "KORW":
		s.k[last.number] = s.k[i.args[0].number] | s.k[i.args[1].number]
	default:
		return "", fmt.Errorf("this machine does not know it")
	}
	return "", err
}

func (s *processorState) move(narrow bool, from, to operand) (err error) {
	var v uint64
	switch {
	case from.kind == immediate:
		v = from.number
	case from.kind == inFrame:
		var ok bool
		if v, ok = s.frame[from.disp]; !ok {
			return fmt.Errorf("no argument at %d", from.disp)
		}
	case from.kind == inMemory && narrow:
		v, err = s.load32(s.address(from))
	case from.kind == general:
		v = s.gp[from.name]
	default:
		return fmt.Errorf("an operand of the wrong kind")
	}
	if narrow {
		v &= 0xffffffff
	}
	if to.kind == inFrame {
		s.frame[to.disp] = v
		return err
	}
	s.gp[to.name] = v
	return err
}

// vectorStep carries out an instruction on vectors. A mask in the place before
// the destination keeps the old value of the lanes whose bit is not set.
func (s *processorState) vectorStep(i *instruction) error {
	args := i.args
	to := args[len(args)-1]
	args = args[:len(args)-1]
	lanesSet := uint64(0xff)
	if len(args) > 0 && args[len(args)-1].kind == mask {
		lanesSet = s.k[args[len(args)-1].number]
		args = args[:len(args)-1]
	}
	if to.kind == inMemory {
		return s.storeVector(i.op, args, to)
	}
	if strings.HasPrefix(i.op, "VPCMP") || i.op == "VPTESTMQ" {
		return s.compare(i.op, args, lanesSet, to)
	}
	if i.op == "VPBLENDMQ" { // its mask chooses and keeps nothing
		return s.blend(args, lanesSet, to)
	}
	r, err := s.result(i.op, args, to)
	if err != nil {
		return err
	}
	for l := range r {
		if lanesSet>>l&1 == 1 {
			s.z[to.number][l] = r[l]
		}
	}
	return nil
}

func (s *processorState) storeVector(op string, args []operand, to operand) error {
	a := s.address(to)
	r, at, err := s.region(a, 64)
	if err != nil {
		return err
	}
	if op != "VMOVDQU64" || r.word == nil || at%8 != 0 {
		return fmt.Errorf("no such way to write")
	}
	for l, v := range s.z[args[0].number] {
		*r.word(at/8 + uint64(l)) = v
	}
	return nil
}

func (s *processorState) blend(args []operand, lanesSet uint64, to operand) error {
	set, err := s.vectorOf(args[0])
	if err != nil {
		return err
	}
	for l, other := range s.z[args[1].number] {
		if lanesSet>>l&1 == 0 {
			set[l] = other
		}
	}
	s.z[to.number] = set
	return nil
}

// compare writes one bit for each lane, 0 where the mask has none.
func (s *processorState) compare(op string, args []operand, lanesSet uint64, to operand) error {
	predicate := func(a, b uint64) bool { return a == b }
	switch {
	case op == "VPTESTMQ":
		predicate = func(a, b uint64) bool { return a&b != 0 }
	case op == "VPCMPUQ" && args[0].number == 5: // not less
		predicate = func(a, b uint64) bool { return a >= b }
		args = args[1:]
	case op != "VPCMPEQQ":
		return fmt.Errorf("this machine does not know the comparison")
	}
	second, err := s.vectorOf(args[0])
	if err != nil {
		return err
	}
	bitsSet := uint64(0)
	for l, first := range s.z[args[1].number] {
		if lanesSet>>l&1 == 1 && predicate(first, second[l]) {
			bitsSet |= 1 << l
		}
	}
	s.k[to.number] = bitsSet
	return nil
}

// result is what an instruction computes in all lanes.
func (s *processorState) result(op string, args []operand, to operand) (r [8]uint64, err error) {
	switch op {
	case "VPBROADCASTQ":
		for l := range r {
			r[l] = s.gp[args[0].name]
		}
		return r, nil
	case "VMOVDQU": // 32 bytes, and zeros above
		return s.load(s.address(args[0]), wordsOfHalf)
	case "VMOVDQU64", "VMOVDQA64":
		return s.vectorOf(args[0])
	case "VPMOVZXDQ":
		for l := range r {
			if r[l], err = s.load32(s.address(args[0]) + 4*uint64(l)); err != nil {
				return r, err
			}
		}
		return r, nil
	case "VINSERTI64X4":
		upper, err := s.load(s.address(args[1]), wordsOfHalf)
		r = s.z[args[2].number]
		copy(r[wordsOfHalf:], upper[:wordsOfHalf])
		return r, err
	case "VPSRLQ", "VPSLLQ":
		return shifted(op, args[0].number, s.z[args[1].number])
	case "VSHUFI64X2":
		second, first := s.z[args[1].number], s.z[args[2].number]
		for block := range 4 {
			from, pick := &first, args[0].number>>(2*block)&3
			if block >= 2 {
				from = &second
			}
			copy(r[2*block:2*block+2], from[2*pick:2*pick+2])
		}
		return r, nil
	}
	second, err := s.vectorOf(args[0])
	if err != nil {
		return r, err
	}
	first := s.z[args[1].number]
	switch op {
	case "VPUNPCKLQDQ", "VPUNPCKHQDQ":
		odd := 0
		if op == "VPUNPCKHQDQ" {
			odd = 1
		}
		for pair := 0; pair < 8; pair += 2 {
			r[pair], r[pair+1] = first[pair+odd], second[pair+odd]
		}
		return r, nil
	}
	for l := range r {
		if r[l], err = lane(op, first[l], second[l], s.z[to.number][l]); err != nil {
			return r, fmt.Errorf("lane %d: %w", l, err)
		}
	}
	return r, nil
}

// shifted shifts by n. Only the cutting of bytes into limbs, by 13 bits and more,
// shifts bits out to the left.
func shifted(op string, n uint64, v [8]uint64) (r [8]uint64, err error) {
	for l := range v {
		if op == "VPSRLQ" {
			r[l] = v[l] >> n
			continue
		}
		if r[l] = v[l] << n; n < 13 && r[l]>>n != v[l] {
			return r, fmt.Errorf("lane %d: %#x shifted left by %d", l, v[l], n)
		}
	}
	return r, nil
}

// lane is an operation on one lane; old is what stood in the destination.
func lane(op string, first, second, old uint64) (uint64, error) {
	switch op {
	case "VPANDQ":
		return first & second, nil
	case "VPORQ":
		return first | second, nil
	case "VPXORQ":
		return first ^ second, nil
	case "VPSUBQ":
		if first < second {
			return 0, fmt.Errorf("%#x less %#x is negative", first, second)
		}
		return first - second, nil
	case "VPADDQ":
		return sum64(first, second)
	case "VPMADD52LUQ", "VPMADD52HUQ":
		if first>>52 != 0 || second>>52 != 0 {
			return 0, fmt.Errorf("%#x or %#x has more than 52 bits", first, second)
		}
		high, low := bits.Mul64(first, second)
		if op == "VPMADD52HUQ" {
			return sum64(old, high<<12|low>>52)
		}
		return sum64(old, low&(1<<52-1))
	}
	return 0, fmt.Errorf("this machine does not know it")
}

func sum64(x, y uint64) (uint64, error) {
	sum, carry := bits.Add64(x, y, 0)
	if carry != 0 {
		return 0, fmt.Errorf("%#x and %#x are more than 64 bits", x, y)
	}
	return sum, nil
}
