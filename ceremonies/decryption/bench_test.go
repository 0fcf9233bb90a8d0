package decryption_test

import (
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/openreferendum/referendum/ceremonies/ceremonytest"
	"github.com/openreferendum/referendum/ceremonies/decryption"
)

// A trustee's answer for one aggregate of 4 questions (12 ciphertexts) and of
// 10 (30 ciphertexts): partial decryptions and their proof, and what is done
// once for all aggregates (opening the shares of a 3-of-5 ceremony, signing).
func BenchmarkAnswer(b *testing.B) {
	for _, questions := range []int{4, 10} {
		for _, stations := range []int{1, 11} {
			b.Run(fmt.Sprintf("ciphertexts=%d/aggregates=%d", 3*questions, stations), func(b *testing.B) {
				r := requestOf(questions, stations)
				for b.Loop() {
					must(r.Answer(rand.Reader, ceremonytest.Secret(1), nil))
				}
			})
		}
	}
}

func requestOf(questions, stations int) *decryption.Request {
	var ids []string
	votes := map[string][][]int{}
	for i := range stations {
		id := fmt.Sprintf("a-%02d", i)
		ids = append(ids, id)
		for range 3 {
			votes[id] = append(votes[id], make([]int, questions))
		}
	}
	keys := ceremonytest.NewKeys(ids...)
	m := must(keys.Manifest(3, 5, questions, ids...))
	files := must(ceremonytest.Day(must(ceremonytest.Ceremony(m)), keys, votes))
	return must(decryption.Check(files.FS(), decryption.Options{Workers: 2}))
}
