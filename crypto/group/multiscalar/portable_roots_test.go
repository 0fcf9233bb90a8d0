package multiscalar

import (
	"math/big"
	"math/rand/v2"
	"testing"

	field "github.com/cloudflare/circl/math/fp25519"
)

var bigPrime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

// fieldElement is x, of at most 256 bits, as it stands.
func fieldElement(x *big.Int) (e field.Elt) {
	for i, c := range x.FillBytes(make([]byte, 32)) {
		e[31-i] = c
	}
	return e
}

// rootEdges are 0, ±1, ±√−1, d and their neighbours, p and 2p, 2^256 − 1, and
// what else 256 bits spell twice.
func rootEdges() []*big.Int {
	var all []*big.Int
	root := toBig(rootOfMinusOne[:])
	for _, x := range []*big.Int{new(big.Int), root, new(big.Int).Sub(bigPrime, root), toBig(curveD[:]), toBig(invRootOfADiff[:])} {
		for d := int64(-2); d <= 2; d++ {
			y := new(big.Int).Add(x, big.NewInt(d))
			y.Mod(y, bigPrime)
			all = append(all, y, new(big.Int).Add(y, bigPrime))
		}
	}
	top := new(big.Int).Lsh(big.NewInt(1), 256)
	for d := int64(1); d <= 40; d++ { // 2p = 2^256 − 38
		all = append(all, new(big.Int).Sub(top, big.NewInt(d)))
	}
	return all
}

// checkRoots compares with Euler's criterion, in both places of a pair.
func checkRoots(t *testing.T, a, b *big.Int) {
	t.Helper()
	var r pair
	has := r.inverseRoots(&pair{fieldElement(a), fieldElement(b)})
	for i, w := range []*big.Int{a, b} {
		if want := big.Jacobi(new(big.Int).Mod(w, bigPrime), bigPrime) == 1; has[i] != want {
			t.Fatalf("%x and %x: place %d has a root: %v", a, b, i, has[i])
		}
		if !has[i] {
			continue
		}
		x := toBig(r[i][:])
		x.Mul(x, x).Mul(x, w)
		if x.Mod(x, bigPrime).Cmp(big.NewInt(1)) != 0 {
			t.Fatalf("%x and %x: place %d: %x is no root", a, b, i, r[i])
		}
	}
}

func TestInverseRoots(t *testing.T) {
	all := rootEdges()
	for _, a := range all {
		checkRoots(t, a, all[0])
		checkRoots(t, all[2], a)
		checkRoots(t, a, a)
	}
	r := rand.New(rand.NewPCG(15, 1))
	for range 300 {
		var a, b field.Elt
		for i := range a {
			a[i], b[i] = byte(r.Uint32()), byte(r.Uint32())
		}
		checkRoots(t, toBig(a[:]), toBig(b[:]))
	}
}

func FuzzInverseRoots(f *testing.F) {
	all := rootEdges()
	for i, x := range all {
		a, b := fieldElement(x), fieldElement(all[len(all)-1-i])
		f.Add(a[:], b[:])
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a) == EncodingSize && len(b) == EncodingSize {
			checkRoots(t, toBig(a), toBig(b))
		}
	})
}
