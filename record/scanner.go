package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/proof/batch"
	"github.com/openreferendum/referendum/record/ballotlog"
)

// MaxFalseProofs is how many ballots of a station are named whose proofs do not
// hold. That there are more is said, and they are not looked for: however wrong a
// record is, it takes at most some eleven times as long as a right one.
const MaxFalseProofs = 100

// A Scanner scans the ballots of one station after the other, as ScanBallots
// and SumBallots do, and keeps its memory, but nothing of what it found. One
// goroutine uses it at a time.
type Scanner struct {
	// Hints, if not nil, is a folder of hints (docs/spec/record.md, Section 6.5),
	// which make it faster. They are not trusted.
	Hints fs.FS

	e     *Election
	rand  io.Reader
	most  int // ballots at a time
	batch *batch.Verifier
	block []byte
	hints []byte
}

// NewScanner returns a Scanner that verifies many ballots at a time, with
// multipliers that follow from rand: crypto/rand.Reader. With nil it verifies
// them one by one.
func NewScanner(e *Election, rand io.Reader) *Scanner {
	return &Scanner{e: e, rand: rand, most: batch.AtATime(e.Manifest.Shape())}
}

// What a scan does with each ballot.
type purpose int

const (
	verifyAll purpose = iota
	addOnly
	readOnly
)

// Scan scans a station.
func (s *Scanner) Scan(dir fs.FS, station string, progress func()) *Scan {
	return s.scan(dir, station, progress, verifyAll)
}

// Add is Scan without the proofs, for who has verified them before and kept the
// root: the root says that these are the same ballots.
func (s *Scanner) Add(dir fs.FS, station string) *Scan {
	return s.scan(dir, station, nil, addOnly)
}

func (s *Scanner) scan(dir fs.FS, station string, progress func(), what purpose) *Scan {
	found := &Scan{Sum: s.e.Manifest.NewSum()}
	ballots, err := OpenBallots(s.e, dir, station)
	if err != nil {
		found.flaw(FlawFile, 0, Hash{}, err)
		return found
	}
	defer ballots.Close()
	p := &pass{
		Scanner: s, Scan: found, what: what, ctx: s.e.Context(station), ballots: ballots,
		left: s.e.mostBallots(station), seen: map[[group.Size]byte]bool{}, unnamed: MaxFalseProofs, tick: func() {},
	}
	if progress != nil {
		p.tick = progress
	}
	if s.Hints != nil && what == verifyAll && s.rand != nil {
		defer p.openHints(station)()
	}
	p.engine()
	for p.readBlock() {
		p.judge()
	}
	found.Root = Hash(p.tree.Root())
	return found
}

// A pass goes over the ballots of one station.
type pass struct {
	*Scanner
	*Scan
	what    purpose
	ctx     proof.Context
	ballots *Ballots
	left    int64 // ballots that the station can still have
	hintsOf io.Reader
	tick    func() // after every ballot

	tree    ballotlog.Tree
	seen    map[[group.Size]byte]bool // every α of the station
	unnamed int                       // false proofs that may still be named
	silent  bool                      // it was said that there are more

	// Of the block.
	n      int
	first  int64 // number of its first ballot
	orders []error
	atEnd  bool
}

// engine prepares the engine for as many ballots as the station can have at a
// time, and no more memory.
func (p *pass) engine() {
	n := int(min(int64(p.most), max(1, p.left)))
	if size := n * p.e.BallotSize(); cap(p.block) < size {
		p.block = make([]byte, size)
	}
	p.block = p.block[:cap(p.block)]
	needed := p.what == addOnly || p.what == verifyAll && p.rand != nil
	if !needed || p.batch != nil && p.batch.Most() >= n {
		return
	}
	v, err := batch.New(multiscalar.Backends()[0], p.rand, p.ctx, n)
	if err != nil {
		panic("record: internal error: " + err.Error()) // an election's key and shape were checked
	}
	p.batch = v
}

// readBlock reads the next ballots, and says whether there are any.
func (p *pass) readBlock() bool {
	size := p.e.BallotSize()
	most := len(p.block) / size
	if p.batch != nil {
		most = min(most, p.batch.Most())
	}
	p.n, p.first, p.orders = 0, p.Count+1, p.orders[:0]
	for p.n < most && !p.atEnd {
		code, err := p.ballots.next(p.block[p.n*size:][:size])
		switch {
		case err == io.EOF:
			p.atEnd = true
		case err != nil:
			p.atEnd = true
			p.flawAtEnd(p.Count+1, Hash{}, err)
		case p.left == 0:
			p.atEnd = true
			p.flawAtEnd(p.Count+1, code, fmt.Errorf("reading %s: more ballots than the station's %d voters", BallotsFile, p.Count))
		default:
			p.take(p.block[p.n*size:][:size], code)
		}
	}
	return p.n > 0
}

// flawAtEnd notes what ends the file, after what is wrong with its ballots.
func (p *pass) flawAtEnd(ballot int64, code Hash, err error) {
	if p.n > 0 {
		p.judge()
		p.n = 0
	}
	p.flaw(FlawFile, ballot, code, err)
}

// take takes one more ballot into the block.
func (p *pass) take(ballot []byte, code Hash) {
	p.n++
	p.Count++
	p.left--
	p.Codes, p.Fingerprints = append(p.Codes, code), append(p.Fingerprints, fingerprint(ballot))
	p.orders = append(p.orders, p.tree.Append(code))
}

// judge finds the flaws of the block's ballots and adds them up.
func (p *pass) judge() {
	size := p.e.BallotSize()
	bad := p.judged()
	for i := range p.n {
		p.tick()
		number, ballot := p.first+int64(i), p.block[i*size:][:size]
		code := p.Codes[number-1]
		if err := p.orders[i]; err != nil {
			p.flaw(FlawOrder, number, code, err)
		}
		if b, is := bad[i]; is {
			kind := FlawProof
			if b.Encoding {
				kind = FlawEncoding
			}
			p.flaw(kind, number, code, b.Err)
			if b.Encoding {
				continue
			}
		}
		if p.repeats(ballot) {
			p.flaw(FlawCiphertext, number, code, errors.New("a ciphertext of this ballot stands in the file twice"))
		}
	}
}

// judged says which of the block's ballots are bad, and adds up the others.
func (p *pass) judged() map[int]batch.Bad {
	block := p.block[:p.n*p.e.BallotSize()]
	var r batch.Result
	switch {
	case p.what == readOnly:
		return nil
	case p.what == addOnly:
		r = p.batch.Add(block)
	case p.rand == nil:
		r = p.oneByOne(block)
	default:
		var err error
		if r, err = p.batch.Verify(p.ctx.Station, block, p.nextHints(), p.unnamed); err != nil {
			p.flaw(FlawFile, 0, Hash{}, err)
			return nil
		}
	}
	bad := map[int]batch.Bad{}
	for _, b := range r.Bad {
		bad[b.Index] = b
		if !b.Encoding {
			p.unnamed--
		}
	}
	if r.Unsearched && !p.silent {
		p.silent = true
		p.flaw(FlawProof, 0, Hash{}, fmt.Errorf("there are more than %d ballots whose proofs do not hold; the others were not looked for", MaxFalseProofs))
	}
	p.Sum.Add(r.Sums)
	return bad
}

// oneByOne is what batch.Verifier.Verify does, with package proof alone.
func (p *pass) oneByOne(block []byte) batch.Result {
	sum := p.e.Manifest.NewSum()
	var r batch.Result
	named := 0
	for i := range p.n {
		b, err := proof.ParseBallot(p.ctx.Shape, block[i*p.e.BallotSize():][:p.e.BallotSize()])
		if err != nil {
			r.Bad = append(r.Bad, batch.Bad{Index: i, Encoding: true, Err: err})
			continue
		}
		sum.Add(b.Ciphertexts())
		if r.Unsearched {
			continue
		}
		switch err := proof.Verify(p.ctx, b); {
		case err == nil:
		case named == p.unnamed:
			r.Unsearched = true
		default:
			named++
			r.Bad = append(r.Bad, batch.Bad{Index: i, Err: err})
		}
	}
	r.Sums = sum.Ciphertexts()
	return r
}

// repeats reports whether an α of the ballot stood in the file before.
func (p *pass) repeats(ballot []byte) bool {
	again := false
	for _, n := range p.ctx.Shape {
		for i := range n {
			alpha := [group.Size]byte(ballot[i*elgamal.CiphertextSize:])
			again = again || p.seen[alpha]
			p.seen[alpha] = true
		}
		ballot = ballot[proof.Shape{n}.Size():]
	}
	return again
}

// openHints opens the hints of a station, if there are any, and returns what
// closes them.
func (p *pass) openHints(station string) func() {
	f, err := p.Hints.Open(HintsFile(station))
	if err != nil {
		return func() {}
	}
	p.hintsOf = f
	return func() { f.Close() }
}

// nextHints reads the hints of the block's ballots, nil if there are none.
func (p *pass) nextHints() []byte {
	if p.hintsOf == nil {
		return nil
	}
	size := p.n * p.batch.HintsSize()
	if cap(p.hints) < size {
		p.hints = make([]byte, size)
	}
	if _, err := io.ReadFull(p.hintsOf, p.hints[:size]); err != nil {
		p.hintsOf = nil
		return nil
	}
	return p.hints[:size]
}

// HintsFile is the name of a station's hints in a folder of hints.
func HintsFile(station string) string { return station + ".hints" }

// WriteHints writes the hints of a station's ballots, which need not be right.
func (s *Scanner) WriteHints(w io.Writer, dir fs.FS, station string, progress func()) error {
	ballots, err := OpenBallots(s.e, dir, station)
	if err != nil {
		return err
	}
	defer ballots.Close()
	p := &pass{Scanner: s, Scan: new(Scan), what: addOnly, ctx: s.e.Context(station), ballots: ballots, left: s.e.mostBallots(station)}
	p.engine()
	for {
		p.block = p.block[:cap(p.block)]
		if !p.readBlock() {
			break
		}
		if _, err := w.Write(s.batch.Hints(nil, p.block[:p.n*s.e.BallotSize()])); err != nil {
			return err
		}
		for range p.n {
			progress()
		}
	}
	return nil
}
