// Package peers measures other implementations of the arithmetic of batches
// beside ours, in one run. It compares them too: all come to the same sum.
//
// A question of three options has 14 elements: 6 of ciphertexts, whose scalars
// are long, and 8 of commitments, whose scalars have 128 bits. Measured is what
// is done with the elements: decoding, the sum of products, and the sums of the
// ciphertexts. Hashes and scalars are left out; the project's own benchmarks
// (package batch) have them.
package peers

import (
	"encoding/binary"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
)

const (
	questions = 4096
	ofEach    = 14
	long      = 6
	distinct  = 1024 // elements that are repeated
)

// A work is the elements and scalars of a batch.
type work struct {
	data    []byte
	offsets []uint32
	scalars [][32]byte
}

func newWork() work {
	var w work
	for i := range distinct {
		w.data = append(w.data, group.MulBase(group.HashToScalar("peers", binary.BigEndian.AppendUint32(nil, uint32(i)))).Bytes()...)
	}
	for i := range questions * ofEach {
		w.offsets = append(w.offsets, uint32(i%distinct)*group.Size)
		s := [32]byte(group.HashToScalar("scalars", binary.BigEndian.AppendUint32(nil, uint32(i))).Bytes())
		if i%ofEach >= long {
			clear(s[16:])
		}
		w.scalars = append(w.scalars, s)
	}
	return w
}

func (w work) of(i int) []byte { return w.data[w.offsets[i]:][:group.Size] }

// ours does the work with a back end of the project.
func ours(b multiscalar.Backend, w work, hinted bool) func() [32]byte {
	t := multiscalar.NewTable(b, len(w.offsets))
	var hints []byte
	if hinted {
		hints = make([]byte, 32*len(w.offsets))
		t.SquareRoots(w.data, w.offsets, hints)
	}
	scalars := make([]multiscalar.Scalar, len(w.scalars))
	for i, s := range w.scalars {
		scalars[i], _ = multiscalar.ParseScalar(s[:])
	}
	return func() [32]byte {
		t.Decode(0, w.data, w.offsets, hints)
		for k := range long {
			t.Sum(k, ofEach, questions)
		}
		return t.SumOfProducts(nil, 0, scalars).Bytes()
	}
}

// voi does it with curve25519-voi, in batches of the size that serves it best.
func voi(w work, batch int) func() [32]byte {
	points, pointers := make([]curve.RistrettoPoint, len(w.offsets)), make([]*curve.RistrettoPoint, len(w.offsets))
	scalars, scalarPointers := make([]scalar.Scalar, len(w.scalars)), make([]*scalar.Scalar, len(w.scalars))
	for i := range points {
		pointers[i], scalarPointers[i] = &points[i], &scalars[i]
		if _, err := scalars[i].SetCanonicalBytes(w.scalars[i][:]); err != nil {
			panic(err)
		}
	}
	return func() [32]byte {
		var sums [long]curve.RistrettoPoint
		for k := range sums {
			sums[k].Identity()
		}
		var c curve.CompressedRistretto
		for i := range points {
			if _, err := c.SetBytes(w.of(i)); err != nil {
				panic(err)
			}
			if _, err := points[i].SetCompressed(&c); err != nil {
				panic(err)
			}
			if k := i % ofEach; k < long {
				sums[k].Add(&sums[k], &points[i])
			}
		}
		total := curve.NewRistrettoPoint().Identity()
		for at := 0; at < len(points); at += batch * ofEach {
			to := min(at+batch*ofEach, len(points))
			total.Add(total, curve.NewRistrettoPoint().MultiscalarMulVartime(scalarPointers[at:to], pointers[at:to]))
		}
		return [32]byte(*c.SetRistrettoPoint(total))
	}
}

// circl does it one by one, as many as there are questions.
func circl(w work, questions int) func() {
	return func() {
		sum := group.Identity()
		for i := range questions * ofEach {
			e, err := group.ParseElement(w.of(i))
			if err != nil {
				panic(err)
			}
			s, err := group.ParseScalar(w.scalars[i][:])
			if err != nil {
				panic(err)
			}
			sum = sum.Add(e.Mul(s))
		}
	}
}

// TestPeersAgree: whoever does it, the sum is the same.
func TestPeersAgree(t *testing.T) {
	w := newWork()
	want := voi(w, questions)()
	if got := voi(w, 100)(); got != want {
		t.Errorf("curve25519-voi in parts: %x instead of %x", got, want)
	}
	for _, b := range multiscalar.Backends() {
		for _, hinted := range []bool{false, true} {
			if got := ours(b, w, hinted)(); got != want {
				t.Errorf("%v: %x instead of %x", b, got, want)
			}
		}
	}
}

func BenchmarkElements(b *testing.B) {
	w := newWork()
	run := func(name string, questions int, f func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*questions), "µs/question")
			b.ReportMetric(float64(questions)*float64(b.N)/b.Elapsed().Seconds(), "questions/s")
		})
	}
	run("circl, one by one", 8, circl(w, 8))
	for _, size := range []int{64, 512, questions} {
		f := voi(w, size)
		run("curve25519-voi, batches of "+map[int]string{64: "64", 512: "512", questions: "4096"}[size], questions, func() { f() })
	}
	for _, backend := range multiscalar.Backends() {
		f, g := ours(backend, w, false), ours(backend, w, true)
		run(backend.String(), questions, func() { f() })
		run(backend.String()+" with hints", questions, func() { g() })
	}
}
