// Package batch verifies many ballots at once: Algorithm 4.11 of
// docs/spec/crypto.md. It accepts exactly the ballots that proof.ParseBallot and
// proof.Verify accept, but for a chance of 2^−128, and takes a tenth of their
// time or less.
//
// All equations of all ballots are put into one sum with fresh random
// multipliers. If it is 0, all hold. If not, it is split until every ballot that
// does not hold is named, and package proof has the last word on each.
package batch

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/proof"
)

// A Bad ballot is one that package proof does not accept.
type Bad struct {
	Index    int  // among the ballots given, from 0
	Encoding bool // proof.ParseBallot refuses it, else proof.Verify
	Err      error
}

// A Result says what was found of some ballots.
type Result struct {
	Bad []Bad // in ascending order

	// Unsearched is set if as many ballots whose proofs do not hold were named as
	// were to be, and there are more. These were not looked for.
	Unsearched bool

	// Sums are those of the ciphertexts of every ballot that is well formed, by
	// question and option.
	Sums [][]elgamal.Ciphertext
}

// A Verifier verifies the ballots of one election, many at a time, in memory
// that it keeps. One goroutine uses it at a time.
type Verifier struct {
	ctx    proof.Context // but for the station
	layout layout
	rand   io.Reader
	most   int

	table *multiscalar.Table
	hash  *hasher

	offsets  []uint32 // of a ballot's elements in it
	places   []uint32 // of the elements of all ballots
	encoding []error  // of each ballot: why it is none
	scalars  []multiscalar.Scalar
	terms    []fixedTerms // of each ballot
	bytes    []byte       // of multipliers

	challenges perBallot   // of the ballots hashed last
	weights    []perBallot // of theirs, option by option
}

// fixedTerms are what a ballot adds to the multiples of B and K.
type fixedTerms struct{ base, key multiscalar.Scalar }

// The first entries of the table are B and K.
const (
	baseEntry = iota
	keyEntry
	fixedEntries
)

// elementsAtATime is how many elements are best verified together: those of a
// thousand ballots of four questions. More are hardly faster.
const elementsAtATime = 1 << 16

// AtATime returns how many ballots of a shape are best verified at once.
func AtATime(shape proof.Shape) int {
	l := newLayout(shape)
	return max(1, elementsAtATime/l.elements)
}

// New returns a Verifier for at most so many ballots at once. The multipliers'
// keys are read from rand, which must not be foreseen by whoever makes ballots:
// crypto/rand.Reader. The context's station is not used.
func New(b multiscalar.Backend, rand io.Reader, ctx proof.Context, most int) (*Verifier, error) {
	if err := ctx.Check(); err != nil {
		return nil, err
	}
	l := newLayout(ctx.Shape)
	v := &Verifier{
		ctx: ctx, layout: l, rand: rand, most: most, hash: newHasher(),
		table:    multiscalar.NewTable(b, fixedEntries+most*l.elements),
		offsets:  l.elementOffsets(),
		places:   make([]uint32, most*l.elements),
		encoding: make([]error, most),
		scalars:  make([]multiscalar.Scalar, most*l.elements),
		terms:    make([]fixedTerms, most),
		bytes:    make([]byte, 16*l.commitments),
	}
	fixed := append(group.Generator().Bytes(), ctx.Key.Element().Bytes()...)
	if bad := v.table.Decode(baseEntry, fixed, []uint32{0, group.Size}, nil); bad != nil {
		return nil, errors.New("ballots: the public key is no element")
	}
	return v, nil
}

// Most returns how many ballots the Verifier takes at once.
func (v *Verifier) Most() int { return v.most }

// HintsSize returns the length in bytes of the hints of one ballot.
func (v *Verifier) HintsSize() int { return v.layout.elements * multiscalar.EncodingSize }

// Verify verifies ballots of a station, whole encodings laid end to end. It
// names at most limit ballots whose proof does not hold. Hints are nil, or those
// of all the ballots. It fails only if no randomness can be read.
func (v *Verifier) Verify(station string, ballots, hints []byte, limit int) (Result, error) {
	n := v.count(ballots)
	stream, err := v.multipliers()
	if err != nil {
		return Result{}, err
	}
	v.decode(ballots, hints, n)
	ctx := v.ctx
	ctx.Station = station
	v.allEquations(n, ctx.Station, ballots, stream)
	search := &search{Verifier: v, ctx: ctx, ballots: ballots, left: limit}
	search.split(0, n, v.sum(0, n))
	return Result{Bad: v.withEncoding(n, search.named), Unsearched: search.more, Sums: v.sums(n)}, nil
}

// Add sums the ciphertexts of ballots without looking at their proofs, for who
// has verified them before.
func (v *Verifier) Add(ballots []byte) Result {
	n := v.count(ballots)
	v.decode(ballots, nil, n)
	return Result{Sums: v.sums(n), Bad: v.withEncoding(n, nil)}
}

// Hints appends the hints of ballots to b.
func (v *Verifier) Hints(b, ballots []byte) []byte {
	n := v.count(ballots)
	at := len(b)
	b = append(b, make([]byte, n*v.HintsSize())...)
	v.table.SquareRoots(ballots, v.placesOf(n), b[at:])
	return b
}

// count panics if these are not whole ballots, or too many: callers read them in
// that size.
func (v *Verifier) count(ballots []byte) int {
	n := len(ballots) / v.layout.size
	if len(ballots)%v.layout.size != 0 || n > v.most {
		panic(fmt.Sprintf("batch: internal error: %d bytes of ballots of %d, at most %d", len(ballots), v.layout.size, v.most))
	}
	return n
}

func (v *Verifier) ballot(ballots []byte, i int) []byte {
	return ballots[i*v.layout.size:][:v.layout.size]
}

// placesOf returns where the elements of n ballots stand.
func (v *Verifier) placesOf(n int) []uint32 {
	places := v.places[:0]
	for i := range n {
		for _, o := range v.offsets {
			places = append(places, uint32(i*v.layout.size)+o)
		}
	}
	return places
}

// multipliers returns a stream of random bytes: AES-256 in counter mode under a
// fresh key.
func (v *Verifier) multipliers() (cipher.Stream, error) {
	var seed [32 + aes.BlockSize]byte
	if _, err := io.ReadFull(v.rand, seed[:]); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	block, err := aes.NewCipher(seed[:32])
	if err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	return cipher.NewCTR(block, seed[32:]), nil
}

// decode reads the elements of n ballots into the table and notes which ballots
// have one that is none, or the identity.
func (v *Verifier) decode(ballots, hints []byte, n int) {
	clear(v.encoding[:n])
	for _, k := range v.table.Decode(fixedEntries, ballots, v.placesOf(n), hints) {
		v.refuse(ballots, k/v.layout.elements)
	}
	for i := range n {
		b := v.ballot(ballots, i)
		for _, o := range v.offsets {
			if [group.Size]byte(b[o:]) == ([group.Size]byte{}) {
				v.refuse(ballots, i)
				break
			}
		}
		if v.encoding[i] == nil && !v.layout.scalarsCanonical(b) {
			v.refuse(ballots, i)
		}
	}
}

// refuse notes that ballot i is none, in the words of package proof.
func (v *Verifier) refuse(ballots []byte, i int) {
	if v.encoding[i] != nil {
		return
	}
	_, err := proof.ParseBallot(v.ctx.Shape, v.ballot(ballots, i))
	if err == nil {
		panic("batch: internal error: the engine refuses what package proof reads")
	}
	v.encoding[i] = err
}

// withEncoding merges the ballots that are none into the named ones.
func (v *Verifier) withEncoding(n int, named []Bad) []Bad {
	var all []Bad
	for i, err := range v.encoding[:n] {
		for len(named) > 0 && named[0].Index < i {
			all, named = append(all, named[0]), named[1:]
		}
		if err != nil {
			all = append(all, Bad{Index: i, Encoding: true, Err: err})
		}
	}
	return append(all, named...)
}

// sums adds the ciphertexts of all ballots that are well formed.
func (v *Verifier) sums(n int) [][]elgamal.Ciphertext {
	points := make([]*multiscalar.Point, v.layout.elements)
	for from := 0; from < n; {
		to := from
		for to < n && v.encoding[to] == nil {
			to++
		}
		if to > from {
			v.addRun(points, from, to)
		}
		from = to + 1
	}
	var sums [][]elgamal.Ciphertext
	k := 0
	for _, options := range v.ctx.Shape {
		var row []elgamal.Ciphertext
		for range options {
			row = append(row, elgamal.Ciphertext{Alpha: element(points[k]), Beta: element(points[k+1])})
			k += 2
		}
		sums = append(sums, row)
		k += 2 * (options + 1)
	}
	return sums
}

// addRun adds the ciphertexts of ballots from … to−1 to the sums.
func (v *Verifier) addRun(points []*multiscalar.Point, from, to int) {
	for _, k := range v.layout.ciphertexts {
		p := v.table.Sum(fixedEntries+from*v.layout.elements+k, v.layout.elements, to-from)
		if points[k] != nil {
			p = p.Add(*points[k])
		}
		points[k] = &p
	}
}

func element(p *multiscalar.Point) group.Element {
	if p == nil {
		return group.Identity()
	}
	b := p.Bytes()
	e, err := group.ParseElement(b[:])
	if err != nil {
		panic("batch: internal error: a sum is no element")
	}
	return e
}
