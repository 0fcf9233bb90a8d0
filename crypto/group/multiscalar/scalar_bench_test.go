package multiscalar

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkScalar(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 10))
	s, w := randomScalar(r), Weight{r.Uint64(), r.Uint64()}
	var hash [64]byte
	for i := range hash {
		hash[i] = byte(r.Uint32())
	}
	var sum Accumulator
	for name, f := range map[string]func(){
		"Mul":        func() { s = s.Mul(s) },
		"Add":        func() { s = s.Add(s) },
		"Sub":        func() { s = s.Sub(order) },
		"MulAdd":     func() { sum.MulAdd(w, s) },
		"Reduce":     func() { s = sum.Reduce() },
		"ReduceWide": func() { s = ReduceWide(&hash) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
}

// BenchmarkDigits writes those of 1,024 questions of three options.
func BenchmarkDigits(b *testing.B) {
	r := rand.New(rand.NewPCG(11, 12))
	scalars := make([]Scalar, benchElements)
	for i := range scalars {
		if scalars[i] = randomScalar(r); i%14 >= 6 {
			scalars[i] = Scalar{r.Uint64(), r.Uint64()}
		}
	}
	const c = 12
	table := NewTable(Backends()[0], len(scalars))
	for b.Loop() {
		digits := table.digitsFor(windows(longBits, c), len(scalars))
		writeDigits(digits, 0, scalars, c)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*1024), "ns/question")
}
