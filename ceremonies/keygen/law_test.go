package keygen

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/threshold"
)

// Every quorum of every ceremony, from 1 of 1 on, decrypts the same.
func TestAnyQuorumDecryptsTheSame(t *testing.T) {
	log, err := threshold.NewLogTable(1000)
	if err != nil {
		t.Fatal(err)
	}
	type outcome struct {
		key    group.Element
		shares []group.Secret
	}
	outcomes := map[[2]int]outcome{} // by t and n
	hold := func(t, n int) outcome {
		p := finished(t, n)
		o := outcome{key: must(JointKey(p.manifest, p.c)).Key}
		for _, seat := range p.seats {
			o.shares = append(o.shares, must(seat.Share(p.c)))
		}
		return o
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "n")
		quorum := rapid.IntRange(n/2+1, n).Draw(t, "t")
		if _, ok := outcomes[[2]int{quorum, n}]; !ok {
			outcomes[[2]int{quorum, n}] = hold(quorum, n)
		}
		o := outcomes[[2]int{quorum, n}]
		count := rapid.Uint64Range(0, 1000).Draw(t, "count")
		nonce := group.HashToScalar("test", []byte(rapid.String().Draw(t, "nonce")))
		c := elgamal.Ciphertext{Alpha: group.MulBase(nonce), Beta: group.MulBase(group.NewScalar(count)).Add(o.key.Mul(nonce))}
		var everybody []int
		for i := range n {
			everybody = append(everybody, i+1)
		}
		some := rapid.Permutation(everybody).Draw(t, "trustees")[:quorum]
		if got, ok := log.Find(decrypt(o.shares, some, c)); !ok || got != count {
			t.Fatalf("%d of %d, trustees %v: %d, %v; want %d", quorum, n, some, got, ok, count)
		}
		if quorum == 1 {
			return
		}
		if got, ok := log.Find(decrypt(o.shares, some[1:], c)); ok {
			t.Fatalf("%d of %d, trustees %v: one too few decrypted %d", quorum, n, some[1:], got)
		}
	})
}

func decrypt(shares []group.Secret, trustees []int, c elgamal.Ciphertext) group.Element {
	var answers []group.Element
	for _, i := range trustees {
		answers = append(answers, threshold.PartialDecrypt(shares[i-1], c))
	}
	return must(must(threshold.NewCombiner(trustees)).Combine(c, answers))
}
