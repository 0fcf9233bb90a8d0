// Package ballotlog implements the tree over a station's ballots and the
// checkpoint that a station signs over it, as specified in
// docs/spec/ballotlog.md: the Merkle tree of RFC 6962 (leaves are 32-byte
// confirmation codes in strictly ascending order) and the checkpoint format of
// C2SP tlog-checkpoint.
//
// It does not know what a ballot is, and proves nothing about the order in
// which ballots were cast: there is none.
package ballotlog

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"
)

// HashSize is the length in bytes of leaves' contents, nodes and roots.
const HashSize = sha256.Size

// A Tree computes the root over leaves given one after the other, with memory
// for one hash per level. The zero value is the empty tree.
type Tree struct {
	size  int64
	last  [HashSize]byte
	stack [][HashSize]byte // roots of the complete subtrees, largest first
}

// Append adds a leaf. A code that is not greater than the one before is an
// error, and still enters the tree, so that Root says what is there.
func (t *Tree) Append(code [HashSize]byte) error {
	var err error
	if t.size > 0 {
		switch bytes.Compare(code[:], t.last[:]) {
		case 0:
			err = errors.New("confirmation code stands twice")
		case -1:
			err = errors.New("not in ascending order of the confirmation codes")
		}
	}
	t.last = code
	t.stack = append(t.stack, leafHash(code))
	t.size++
	for n := t.size; n&1 == 0; n >>= 1 {
		k := len(t.stack)
		t.stack = append(t.stack[:k-2], nodeHash(t.stack[k-2], t.stack[k-1]))
	}
	return err
}

// Size returns the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Root returns the Merkle tree hash of RFC 6962, Section 2.1.
func (t *Tree) Root() [HashSize]byte {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	root := t.stack[len(t.stack)-1]
	for i := len(t.stack) - 2; i >= 0; i-- {
		root = nodeHash(t.stack[i], root)
	}
	return root
}

// RootOf returns the root over codes, which must ascend strictly.
func RootOf(codes [][HashSize]byte) ([HashSize]byte, error) {
	var t Tree
	for i, c := range codes {
		if err := t.Append(c); err != nil {
			return [HashSize]byte{}, fmt.Errorf("leaf %d: %w", i, err)
		}
	}
	return t.Root(), nil
}

func leafHash(code [HashSize]byte) [HashSize]byte {
	return sha256.Sum256(append([]byte{0}, code[:]...))
}

func nodeHash(left, right [HashSize]byte) [HashSize]byte {
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// Prove returns the inclusion proof (RFC 6962, Section 2.1.1) of the leaf at
// index, counted from 0: sibling hashes from the leaf up.
func Prove(codes [][HashSize]byte, index int) ([][HashSize]byte, error) {
	if index < 0 || index >= len(codes) {
		return nil, fmt.Errorf("inclusion proof: no leaf %d in a tree of %d", index, len(codes))
	}
	return path(codes, index), nil
}

func path(codes [][HashSize]byte, m int) [][HashSize]byte {
	n := len(codes)
	if n == 1 {
		return nil
	}
	k := split(n)
	if m < k {
		return append(path(codes[:k], m), rootOf(codes[k:]))
	}
	return append(path(codes[k:], m-k), rootOf(codes[:k]))
}

// split returns the largest power of two below n.
func split(n int) int { return 1 << (bits.Len(uint(n-1)) - 1) }

// rootOf is RootOf for any order.
func rootOf(codes [][HashSize]byte) [HashSize]byte {
	var t Tree
	for _, c := range codes {
		_ = t.Append(c) // the order is the caller's business here
	}
	return t.Root()
}

// VerifyInclusion reports whether the proof shows that code is the leaf at
// index of the tree of the given size and root (RFC 9162, Section 2.1.3.2).
func VerifyInclusion(proof [][HashSize]byte, root [HashSize]byte, size, index int64, code [HashSize]byte) bool {
	if index < 0 || index >= size {
		return false
	}
	fn, sn, r := index, size-1, leafHash(code)
	for _, p := range proof {
		if sn == 0 {
			return false
		}
		if fn&1 == 1 || fn == sn {
			r = nodeHash(p, r)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			r = nodeHash(r, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	return sn == 0 && r == root
}
