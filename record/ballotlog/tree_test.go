package ballotlog_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/openreferendum/referendum/record/ballotlog"
)

type hash = [ballotlog.HashSize]byte

// leaves are n ascending codes: 32 bytes of 1, of 2, …
func leaves(n int) []hash {
	var codes []hash
	for i := range n {
		codes = append(codes, hash(bytes.Repeat([]byte{byte(i + 1)}, 32)))
	}
	return codes
}

// TestVectors are those of docs/spec/ballotlog.md, Section 2.
func TestVectors(t *testing.T) {
	for n, want := range map[int]string{
		0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		1: "dcffe786ded16d283c663846ad0c4ff26558fccde36ca9d30b2ea19eade9fc0e", 2: "3a066e0f40c6a1981ebfa60d2411625d0517ae22c2fc8c7c1784ff8a75c78565", 3: "df896896c799531f1fd1e556cea26a6989ab06853bcbfdd3e4f5097a611f658f", 5: "c51042bb8b9d81dfc115ef99d0e2cecf1954cfc078d70032d187b46615f01b90", 8: "9a577296efeb0d25599dc9f9adae21a2295e78752ba8d55f85fece7528ef1e81",
	} {
		root, err := ballotlog.RootOf(leaves(n))
		if got := fmt.Sprintf("%x", root); got != want || err != nil {
			t.Errorf("%d leaves: %s, %v", n, got, err)
		}
	}
}

// byDefinition is the Merkle tree hash as RFC 6962, Section 2.1 defines it.
func byDefinition(codes []hash) hash {
	switch n := len(codes); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, codes[0][:]...))
	default:
		k := 1
		for 2*k < n {
			k *= 2
		}
		left, right := byDefinition(codes[:k]), byDefinition(codes[k:])
		return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
	}
}

// byTlog is the same root by golang.org/x/mod/sumdb/tlog.
func byTlog(t fataler, codes []hash) (hash, tlog.HashReaderFunc) {
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hs []tlog.Hash
		for _, i := range indexes {
			hs = append(hs, stored[i])
		}
		return hs, nil
	})
	for i, c := range codes {
		hs, err := tlog.StoredHashes(int64(i), c[:], read)
		if err != nil {
			t.Fatalf("%v", err)
		}
		stored = append(stored, hs...)
	}
	root, err := tlog.TreeHash(int64(len(codes)), read)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return hash(root), read
}

type fataler interface{ Fatalf(string, ...any) }

func TestTreeAgainstDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "leaves")
		salt := rapid.Byte().Draw(t, "salt")
		var codes []hash
		for i := range n {
			codes = append(codes, sha256.Sum256([]byte{byte(i), salt}))
		}
		slices.SortFunc(codes, func(a, b hash) int { return bytes.Compare(a[:], b[:]) })
		root, err := ballotlog.RootOf(codes)
		if err != nil || root != byDefinition(codes) {
			t.Fatalf("%d leaves: %x, by definition %x, %v", n, root, byDefinition(codes), err)
		}
		if n > 0 {
			if other, _ := byTlog(t, codes); other != root {
				t.Fatalf("%d leaves: %x, tlog says %x", n, root, other)
			}
		}
		var tree ballotlog.Tree
		for i, c := range codes {
			if err := tree.Append(c); err != nil || tree.Size() != int64(i+1) || tree.Root() != byDefinition(codes[:i+1]) {
				t.Fatalf("after leaf %d of %d: %v", i, n, err)
			}
		}
	})
}

func TestAppendRefusesOrderAndStillHashes(t *testing.T) {
	c := leaves(3)
	for _, tt := range []struct {
		codes []hash
		err   string
	}{
		{[]hash{c[0], c[0]}, "confirmation code stands twice"},
		{[]hash{c[1], c[0]}, "not in ascending order of the confirmation codes"},
	} {
		var tree ballotlog.Tree
		if err := tree.Append(tt.codes[0]); err != nil {
			t.Fatal(err)
		}
		if err := tree.Append(tt.codes[1]); err == nil || err.Error() != tt.err {
			t.Errorf("error %v, want %q", err, tt.err)
		}
		if tree.Root() != byDefinition(tt.codes) || tree.Size() != 2 {
			t.Error("the root does not say what is there")
		}
		if root, err := ballotlog.RootOf(tt.codes); err == nil || err.Error() != "leaf 1: "+tt.err || root != (hash{}) {
			t.Errorf("error %v", err)
		}
	}
}

// TestInclusionProofs proves every leaf of every tree up to 40, against tlog's
// proofs, and finds no other place or leaf that the proof serves for.
func TestInclusionProofs(t *testing.T) {
	for n := 1; n <= 40; n++ {
		codes := leaves(n)
		root := byDefinition(codes)
		_, read := byTlog(t, codes)
		for i := range codes {
			proof, err := ballotlog.Prove(codes, i)
			if err != nil {
				t.Fatal(err)
			}
			want, err := tlog.ProveRecord(int64(n), int64(i), read)
			if err != nil || fmt.Sprint(proof) != fmt.Sprint(raw(want)) {
				t.Fatalf("leaf %d of %d: %x, tlog says %x, %v", i, n, proof, want, err)
			}
			for j, c := range codes {
				for _, other := range []bool{
					ballotlog.VerifyInclusion(proof, root, int64(n), int64(j), codes[i]), // at another place
					ballotlog.VerifyInclusion(proof, root, int64(n), int64(i), c),        // of another leaf
				} {
					if other != (j == i) {
						t.Fatalf("proof of leaf %d of %d serves for %d: %v", i, n, j, other)
					}
				}
			}
		}
	}
}

func raw(p tlog.RecordProof) []hash {
	var hs []hash
	for _, h := range p {
		hs = append(hs, hash(h))
	}
	return hs
}

func TestWrongProofs(t *testing.T) {
	const n, i = 13, 6
	codes := leaves(n)
	root := byDefinition(codes)
	good, err := ballotlog.Prove(codes, i)
	if err != nil || !ballotlog.VerifyInclusion(good, root, n, i, codes[i]) {
		t.Fatal(err)
	}
	for bit := range len(good) * 256 {
		bad := slices.Clone(good)
		bad[bit/256][bit/8%32] ^= 1 << (bit % 8)
		if ballotlog.VerifyInclusion(bad, root, n, i, codes[i]) {
			t.Fatalf("bit %d does not matter", bit)
		}
	}
	otherRoot, otherCode := root, codes[i]
	otherRoot[0] ^= 1
	otherCode[31] ^= 1
	for _, tt := range []struct {
		name        string
		proof       []hash
		root        hash
		size, index int64
		code        hash
	}{
		{"empty", nil, root, n, i, codes[i]},
		{"one short", good[:len(good)-1], root, n, i, codes[i]},
		{"one more", append(slices.Clone(good), root), root, n, i, codes[i]},
		{"exchanged", []hash{good[1], good[0], good[2], good[3]}, root, n, i, codes[i]},
		{"other root", good, otherRoot, n, i, codes[i]},
		{"other leaf", good, root, n, i, otherCode},
		{"negative index", good, root, n, -1, codes[i]},
		{"index at the size", good, root, n, n, codes[i]},
		{"empty tree", nil, root, 0, 0, codes[i]},
		{"negative size", good, root, -1, 0, codes[i]},
		{"tree of one", nil, root, 1, 0, codes[i]},
		{"larger tree", good, root, 1 << 40, i, codes[i]},
		{"an inner node as leaf", good[1:], root, 7, 3, good[0]},
	} {
		if ballotlog.VerifyInclusion(tt.proof, tt.root, tt.size, tt.index, tt.code) {
			t.Errorf("%s: passes", tt.name)
		}
	}
	for _, i := range []int{-1, n} {
		if _, err := ballotlog.Prove(codes, i); err == nil || err.Error() != fmt.Sprintf("inclusion proof: no leaf %d in a tree of 13", i) {
			t.Errorf("error %v", err)
		}
	}
}

func BenchmarkTree(b *testing.B) {
	codes := make([]hash, 720)
	for i := range codes {
		codes[i] = hash{byte(i >> 8), byte(i)}
	}
	for b.Loop() {
		if _, err := ballotlog.RootOf(codes); err != nil {
			b.Fatal(err)
		}
	}
}
