package multiscalar

import (
	"math/rand/v2"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
)

const benchElements = 14 * 1024 // those of 1,024 questions of three options

func BenchmarkDecode(b *testing.B) {
	data, offsets, _ := elements(rand.New(rand.NewPCG(1, 1)), 1024)
	for _, backend := range Backends() {
		table := NewTable(backend, len(offsets))
		hints := make([]byte, EncodingSize*len(offsets))
		table.SquareRoots(data, offsets, hints)
		for name, h := range map[string][]byte{"roots": nil, "hints": hints} {
			b.Run(backend.String()+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					table.Decode(0, data, offsets, h)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(offsets)), "ns/element")
			})
		}
	}
	b.Run("circl", func(b *testing.B) {
		for b.Loop() {
			for _, at := range offsets {
				if _, err := group.ParseElement(data[at:][:32]); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(offsets)), "ns/element")
	})
}

// BenchmarkSumOfProducts is that of 1,024 questions of three options.
func BenchmarkSumOfProducts(b *testing.B) {
	r := rand.New(rand.NewPCG(2, 1))
	data, some, _ := elements(r, 1024)
	offsets := make([]uint32, benchElements)
	for i := range offsets {
		offsets[i] = some[i%len(some)]
	}
	scalars := make([]Scalar, benchElements)
	for i := range scalars {
		if scalars[i] = randomScalar(r); i%14 >= 6 {
			scalars[i] = Scalar{r.Uint64(), r.Uint64()}
		}
	}
	for _, backend := range Backends() {
		table := filled(b, backend, data, offsets)
		b.Run(backend.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				table.SumOfProducts(nil, 0, scalars)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*benchElements), "ns/element")
		})
	}
}
