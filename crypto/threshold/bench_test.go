package threshold

import (
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
)

var counts = []uint64{1_000, 100_000, 20_000_000}

// The largest count is the slowest to find.
func BenchmarkDiscreteLogarithm(b *testing.B) {
	for _, max := range counts {
		table, err := NewLogTable(max)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("count=%d", max), func(b *testing.B) {
			e := group.MulBase(group.NewScalar(max))
			for b.Loop() {
				if _, ok := table.Find(e); !ok {
					b.Fatal("not found")
				}
			}
		})
	}
}

func BenchmarkLogTable(b *testing.B) {
	for _, max := range counts {
		b.Run(fmt.Sprintf("bound=%d", max), func(b *testing.B) {
			for b.Loop() {
				if _, err := NewLogTable(max); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPartialDecrypt(b *testing.B) {
	z := group.NewSecret(group.HashToScalar("bench", nil))
	c := elgamal.Ciphertext{Alpha: group.MulBase(group.NewScalar(5)), Beta: group.Generator()}
	for b.Loop() {
		PartialDecrypt(z, c)
	}
}

// An aggregate of four questions with three options is 12 ciphertexts, of ten
// questions 30.
func BenchmarkEquality(b *testing.B) {
	z := group.NewSecret(group.HashToScalar("bench", nil))
	public := group.MulBase(z.Reveal())
	for _, n := range []int{12, 30} {
		var bases, answers []group.Element
		for i := range n {
			c := elgamal.Ciphertext{Alpha: group.MulBase(group.NewScalar(uint64(i + 2))), Beta: group.Generator()}
			bases, answers = append(bases, c.Alpha), append(answers, PartialDecrypt(z, c))
		}
		proof, err := group.ProveEquality(rand.Reader, "bench", z, public, bases, answers)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("prove/ciphertexts=%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := group.ProveEquality(rand.Reader, "bench", z, public, bases, answers); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("verify/ciphertexts=%d", n), func(b *testing.B) {
			for b.Loop() {
				if !group.VerifyEquality("bench", public, bases, answers, proof) {
					b.Fatal("does not hold")
				}
			}
		})
	}
}
